package pyplug

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/value"
)

// Terminal is where callback plugins show what they have to say.
type Terminal interface {
	Print(text, color string)
	PrintErr(text, color string)
	Verbose(level int, host, text string)
	Warn(msg string, verbatim bool)
}

// Callbacks are the callback plugins of a run; they are told every event. They
// live in one process.
type Callbacks struct {
	p    *Plugins
	out  Terminal
	mu   sync.Mutex
	proc *process
	dead bool
	play *value.Dict
	// context is what plugins see of how hosts are reached.
	context *value.Dict
	// Hide replaces a result that no_log keeps secret.
	Hide func(*value.Dict) *value.Dict
}

// Callbacks returns the callbacks of a run, none loaded yet; connection is the kind
// that hosts have by default.
func (p *Plugins) Callbacks(out Terminal, connection string, hide func(*value.Dict) *value.Dict) *Callbacks {
	return &Callbacks{p: p, out: out, Hide: hide, context: value.DictOf("check_mode", false, "verbosity", int64(p.opts.Verbosity), "connection", connection)}
}

// Load loads the plugin of that name; found is false where there is none. It may
// be found and not run, when it disables itself.
func (c *Callbacks) Load(name string) (found bool, err error) {
	c.p.mu.Lock()
	file, modname := c.p.locate("callback", c.p.opts.Callback, name)
	c.p.mu.Unlock()
	if file == "" {
		return false, nil
	}
	return true, c.load(name, file, modname, true)
}

// LoadFolders loads the plugins of the folders given that run without being
// named, besides those that are.
func (c *Callbacks) LoadFolders(named []string) error {
	c.p.mu.Lock()
	dirs := slices.Clone(c.p.opts.Callback)
	c.p.mu.Unlock()
	for _, d := range dirs {
		files, _ := filepath.Glob(filepath.Join(d, "*.py"))
		for _, f := range files {
			name := strings.TrimSuffix(filepath.Base(f), ".py")
			if strings.HasPrefix(name, "_") || slices.Contains(named, name) {
				continue
			}
			if err := c.load(name, f, "ansible.plugins.callback."+name, false); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

func (c *Callbacks) load(name, file, modname string, named bool) error {
	answer, err := c.tell(value.DictOf("op", "callback", "name", name, "file", file, "modname", modname, "named", named))
	if err != nil {
		return err
	}
	if msg, failed := answer.GetStr("error"); failed {
		return fmt.Errorf("%s", value.Str(msg))
	}
	return nil
}

// tell sends a message to the process, which is started for the first.
func (c *Callbacks) tell(message *value.Dict) (*value.Dict, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead {
		return value.NewDict(), nil
	}
	var err error
	if c.proc == nil {
		if c.proc, err = c.p.pool.take(true); err != nil {
			c.dead = true
			return nil, err
		}
	}
	answer, err := c.p.converse(c.proc, message, c.serve)
	if err != nil {
		c.dead = true
		c.p.pool.give(c.proc, true, true)
	}
	return answer, err
}

func (c *Callbacks) serve(what string, q *value.Dict) (value.Value, bool, error) {
	text := value.Str(q.At("text"))
	switch what {
	case "display":
		if value.Truth(q.At("stderr")) {
			c.out.PrintErr(text, "")
		} else {
			c.out.Print(text, "")
		}
	case "warning":
		c.out.Warn(text, false)
	case "verbose":
		n, _ := q.At("level").(int64)
		host := ""
		if h := q.At("host"); h != nil {
			host = value.Str(h)
		}
		c.out.Verbose(int(n), host, text)
	case "deprecated":
	default:
		return nil, false, nil
	}
	return nil, true, nil
}

// Event implements event.Sink.
func (c *Callbacks) Event(e event.Event) {
	d := c.message(e)
	if d == nil {
		return
	}
	d.Set("op", "callback")
	if _, err := c.tell(d); err != nil {
		c.out.Warn("callback plugins are not told of anything more: "+err.Error(), false)
	}
	if _, last := e.(event.Stats); last {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.proc != nil && !c.dead {
			c.p.pool.give(c.proc, true, true)
		}
		c.dead = true
	}
}

// message is the call that an event means; nil where it means none.
func (c *Callbacks) message(e event.Event) *value.Dict {
	switch x := e.(type) {
	case event.PlaybookStart:
		dir, _ := filepath.Abs(filepath.Dir(x.File))
		return value.DictOf("method", "v2_playbook_on_start", "file", x.File, "basedir", dir)
	case event.PlayStart:
		c.play = playOf(&x)
		c.context.Set("check_mode", x.Check)
		return value.DictOf("method", "v2_playbook_on_play_start", "play", c.play, "play_context", c.context)
	case *event.PlayStart:
		return c.message(*x)
	case event.TaskStart:
		method := "v2_playbook_on_task_start"
		if x.Task.Handler {
			method = "v2_playbook_on_handler_task_start"
		}
		return value.DictOf("method", method, "task", taskOf(x.Task, false))
	case event.HostStart:
		return value.DictOf("method", "v2_runner_on_start", "host", x.Host, "task", taskOf(x.Task, false))
	case event.Result:
		return c.result(x)
	case event.Retry:
		d := x.Dict.Clone()
		if n, ok := d.At("retries").(int64); ok {
			d.Set("attempts", n-int64(x.Left))
		}
		return c.outcome("v2_runner_retry", x.Task, x.Host, d, false, x.NoLog, x.Delegate, false)
	case event.AsyncPoll:
		d := value.DictOf("ansible_job_id", x.JobID, "started", int64(x.Started), "finished", int64(x.Finished))
		method := "v2_runner_on_async_poll"
		if x.Done && x.Failed {
			method = "v2_runner_on_async_failed"
		} else if x.Done {
			method = "v2_runner_on_async_ok"
		}
		return c.outcome(method, x.Task, x.Host, d, false, x.NoLog, nil, false)
	case event.IncludeDone:
		return c.outcome("v2_runner_on_ok", x.Task, x.Host, x.Dict, x.Loop, false, nil, false)
	case event.VarsPrompt:
		return value.DictOf("method", "v2_playbook_on_vars_prompt", "varname", x.Name, "private", x.Private, "prompt", x.Prompt, "confirm", x.Confirm, "default", x.Default)
	case event.Included:
		return value.DictOf("method", "v2_playbook_on_include", "file", x.File, "hosts", value.From(x.Hosts), "task", taskOf(x.Task, false))
	case event.NoHosts:
		if x.Remaining {
			return value.DictOf("method", "v2_playbook_on_no_hosts_remaining")
		}
		return value.DictOf("method", "v2_playbook_on_no_hosts_matched")
	case event.Notified:
		return value.DictOf("method", "v2_playbook_on_notify", "handler", x.Handler, "host", x.Host)
	case event.Stats:
		hosts, custom := value.NewDict(), value.NewDict()
		for _, h := range x.Hosts {
			n := x.Counts[h]
			hosts.Set(h, value.DictOf("ok", int64(n.OK), "failures", int64(n.Failed), "dark", int64(n.Unreachable), "changed", int64(n.Changed),
				"skipped", int64(n.Skipped), "rescued", int64(n.Rescued), "ignored", int64(n.Ignored)))
		}
		for k, v := range x.Custom {
			custom.Set(k, v)
		}
		return value.DictOf("method", "v2_playbook_on_stats", "hosts", hosts, "custom", custom)
	}
	return nil
}

// result tells of a task's outcome; a diff is told of before.
func (c *Callbacks) result(x event.Result) *value.Dict {
	kind, method := "v2_runner_on_", map[event.Status]string{event.OK: "ok", event.Changed: "ok", event.Skipped: "skipped", event.Failed: "failed",
		event.Unreachable: "unreachable"}[x.Status]
	if x.Item {
		kind = "v2_runner_item_on_"
	}
	if x.ShowDiff && method == "ok" && x.Dict != nil && (x.Dict.Has("diff") || x.Item) {
		d := c.outcome("v2_on_file_diff", x.Task, x.Host, x.Dict, x.Loop, x.NoLog, x.Delegate, x.Ignored)
		d.Set("op", "callback")
		_, _ = c.tell(d)
	}
	return c.outcome(kind+method, x.Task, x.Host, x.Dict, x.Loop, x.NoLog, x.Delegate, x.Ignored)
}

func (c *Callbacks) outcome(method string, t *event.Task, host string, d *value.Dict, loop, noLog bool, delegate []string, ignored bool) *value.Dict {
	if d == nil {
		d = value.NewDict()
	}
	if noLog {
		d = c.Hide(d)
	}
	to := value.Value(nil)
	if len(delegate) > 0 {
		to = strings.Join(delegate, ", ")
	}
	return value.DictOf("method", method, "task", taskOf(t, loop), "host", host, "result", d, "delegate", to, "ignored", ignored)
}

func playOf(p *event.PlayStart) *value.Dict {
	return value.DictOf("_uuid", p.ID, "name", p.Name, "hosts", value.From(p.Hosts), "strategy", p.Strategy, "check_mode", p.Check)
}

func taskOf(t *event.Task, loop bool) *value.Dict {
	args := t.Args
	if args == nil {
		args = value.NewDict()
	}
	d := value.DictOf("_uuid", t.ID, "name", t.Name, "action", t.Action, "resolved_action", t.Resolved, "args", args, "no_log", t.NoLog,
		"check_mode", t.Check, "loop", nil, "path", fmt.Sprintf("%s:%d", t.Pos.File, t.Pos.Line))
	if loop {
		d.Set("loop", value.NewList("items"))
	}
	return d
}

// HasCallbacks tells whether there are callback plugins in the folders known, or
// could be in collections.
func (p *Plugins) HasCallbacks() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range p.opts.Callback {
		if m, _ := filepath.Glob(filepath.Join(d, "*.py")); len(m) > 0 {
			return true
		}
	}
	return false
}
