package report

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/value"
)

// Settings are the display_* settings and their like.
type Settings struct {
	HideSkipped, HideOK bool
	FailedToStderr      bool
	TaskPathOnFailure   bool
	CheckMarkers        bool
	Check               bool // --check, for the DRY RUN banners
	ArgsToStdout        bool
	PerHostStart        bool
	CustomStats         bool
	DiffContext         int
	ResultYAML          bool // callback_result_format = yaml
	Lossless            bool // callback_format_pretty = no: JSON on one line, YAML shows values exactly
	PrettyJSON          bool // callback_format_pretty, or -vvv
	Streams             bool // output of programs behind the result, as it is (debug)
	ShowDeprecations    bool
	ActionWarnings      bool
}

// Default writes what Ansible's default callback writes.
type Default struct {
	talk
	play   *event.PlayStart
	banner string // id of the task whose banner was printed last
	last   *event.Task
}

// NewDefault returns the default report.
func NewDefault(s *Screen, set Settings) *Default {
	if set.DiffContext == 0 {
		set.DiffContext = 3
	}
	return &Default{talk: talk{s, set}}
}

// Event implements event.Sink.
func (d *Default) Event(e event.Event) {
	switch x := e.(type) {
	case event.PlaybookStart:
		d.playbook(x)
		d.dryRun()
	case event.PlayStart:
		d.play = &x
		name := x.Name
		head := "PLAY"
		if name != "" {
			head = "PLAY [" + name + "]"
		}
		if x.Check && d.set.CheckMarkers {
			head += " [CHECK MODE]"
		}
		d.s.Banner(head, "")
	case event.TaskStart:
		d.last = x.Task
		if !x.Task.Free && !d.set.HideSkipped && !d.set.HideOK {
			d.taskBanner(x.Task)
		}
	case event.HostStart:
		if d.set.PerHostStart {
			d.s.Print(" [started "+title(x.Task)+" on "+x.Host+"]", "")
		}
	case event.Result:
		d.result(&x)
	case event.Included:
		d.ensureBanner(x.Task)
		msg := fmt.Sprintf("included: %s for %s", x.File, strings.Join(x.Hosts, ", "))
		switch {
		case x.HasLabel && x.Task.NoLog:
			msg += " => (item=(censored due to no_log))"
		case x.HasLabel:
			msg += " => (item=" + labelText(x.Label) + ")"
		}
		d.s.Print(msg, "included")
	case event.Retry:
		name := x.Name
		if name == x.Task.Action { // without a name the role is shown
			name = x.Task.Name
		}
		msg := fmt.Sprintf("FAILED - RETRYING: [%s]: %s (%d retries left).", hostLabel(x.Host, x.Delegate), name, x.Left)
		if full := value.Truth(x.Dict.At("_ansible_verbose_always")); d.s.Verbosity >= 2 || full {
			text, _ := value.DumpJSON(Visible(x.Dict, x.NoLog, d.s.Verbosity), value.JSONOptions{Indent: 4, SortKeys: true, Redact: true})
			msg += "Result was: " + text
		}
		d.ensureBanner(x.Task)
		d.s.Print(msg, "debug")
	case event.AsyncPoll:
		d.async(x)
	case event.NoHosts:
		if x.Remaining {
			d.s.Banner("NO MORE HOSTS LEFT", "")
		} else {
			d.s.Print("skipping: no hosts matched", "skip")
		}
	case event.Notified:
		d.s.Verbose(2, "", fmt.Sprintf("NOTIFIED HANDLER %s for %s", x.Handler, x.Host))
	case event.Stats:
		d.recap(x)
		d.dryRun()
	}
}

func (d *Default) dryRun() {
	if d.set.Check && d.set.CheckMarkers {
		d.s.Banner("DRY RUN", "")
	}
}

func (d *Default) playbook(x event.PlaybookStart) {
	if d.s.Verbosity > 1 {
		base := x.File[strings.LastIndex(x.File, "/")+1:]
		d.s.Banner("PLAYBOOK: "+base, "")
		d.s.Print(fmt.Sprintf("%d plays in %s", x.Plays, x.File), "")
	}
}

func (d *Default) ensureBanner(t *event.Task) {
	if t != nil && d.banner != t.ID {
		d.taskBanner(t)
	}
}

func (d *Default) taskBanner(t *event.Task) {
	args := ""
	if d.set.ArgsToStdout && !t.NoLog {
		var parts []string
		for k, v := range t.Args.All() {
			parts = append(parts, value.Str(k)+"="+value.Str(v))
		}
		if len(parts) > 0 {
			args = " " + strings.Join(parts, ", ")
		}
	}
	check := ""
	if t.Check && d.set.CheckMarkers {
		check = " [CHECK MODE]"
	}
	d.s.Banner(fmt.Sprintf("%s [%s%s]%s", kind(t), t.Name, args, check), "")
	if d.s.Verbosity >= 2 && t.Pos.File != "" {
		d.s.Print(fmt.Sprintf("task path: %s:%d", t.Pos.File, t.Pos.Line), "debug")
	}
	d.banner = t.ID
}

func kind(t *event.Task) string {
	if t.Handler {
		return "RUNNING HANDLER"
	}
	return "TASK"
}

// title is a task on one line.
func title(t *event.Task) string { return kind(t) + ": " + t.Name }

func hostLabel(host string, delegate []string) string {
	for _, x := range delegate {
		host += " -> " + x
	}
	return host
}

// labelText shows an item as a variable that holds it would be shown: sequences
// as lists.
func labelText(v value.Value) string {
	if t, ok := v.(value.Tuple); ok {
		v = &value.List{Items: t}
	}
	return value.Str(v)
}

// result prints one outcome.
func (d *Default) result(x *event.Result) {
	host := hostLabel(x.Host, x.Delegate)
	if x.Item {
		d.item(x, host)
		return
	}
	switch x.Status {
	case event.OK, event.Changed:
		changed := value.Truth(x.Dict.At("changed"))
		if !changed && d.set.HideOK {
			return
		}
		d.ensureBanner(x.Task)
		if !x.Loop {
			d.diff(x)
		}
		d.warnings(x)
		if x.Loop {
			return // each item has been shown
		}
		word, color := "ok", "ok"
		if changed {
			word, color = "changed", "changed"
		}
		msg := word + ": [" + host + "]"
		if d.full(x) {
			msg += " => " + d.shown(x)
		}
		d.s.Print(msg, color)
	case event.Skipped:
		d.warnings(x)
		if d.set.HideSkipped {
			return
		}
		d.ensureBanner(x.Task)
		msg := "skipping: [" + x.Host + "]" // without the host delegated to: nobody went there
		if d.full(x) && !x.Verbose || d.s.Verbosity > 0 {
			msg += " => " + d.dump(skipped(x), x.NoLog, x.Verbose, 0)
		}
		d.s.Print(msg, "skip")
	case event.Failed:
		d.ensureBanner(x.Task)
		d.exception(x)
		d.warnings(x)
		// Each item of a loop has been shown; of debug's the sum is shown as well.
		debug := x.Task.Resolved == "ansible.builtin.debug"
		if debug {
			x.Dict = x.Dict.Clone()
			x.Dict.Delete("changed")
			if x.Loop {
				x.Dict.Delete("results")
			}
		}
		if !x.Loop || debug {
			d.failed(fmt.Sprintf("fatal: [%s]: FAILED! => %s", host, d.shown(x)), x)
		}
		if x.Ignored {
			d.s.Print("...ignoring", "skip")
		}
	case event.Unreachable:
		d.warnings(x)
		d.ensureBanner(x.Task)
		d.failedText(fmt.Sprintf("fatal: [%s]: UNREACHABLE! => %s", host, d.dump(x.Dict, x.NoLog, false, 0)), "unreachable")
		if x.Ignored {
			d.s.Print("...ignoring", "skip")
		}
	}
}

// shown writes a result as it stands behind "=>". What debug hides says nothing
// of changes either.
func (d *Default) shown(x *event.Result) string {
	r := x.Dict
	if x.NoLog && x.Task.Resolved == "ansible.builtin.debug" && r.Has("changed") {
		r = r.Clone()
		r.Delete("changed")
	}
	v := Visible(r, x.NoLog, d.s.Verbosity)
	if x.Item && x.Status != event.Failed && !x.NoLog { // not told of yet
		for _, k := range []string{"warnings", "deprecations"} {
			if w, ok := r.GetStr(k); ok {
				v.Set(k, w)
			}
		}
	}
	return d.lay(r, v, x.Verbose, 0)
}

// full tells whether the result itself is shown.
func (d *Default) full(x *event.Result) bool {
	if value.Truth(x.Dict.At("_ansible_verbose_override")) {
		return false
	}
	return d.s.Verbosity > 0 || x.Verbose
}

// skipped is what is shown of a skipped task: no list of items, and of debug not
// that nothing changed.
func skipped(x *event.Result) *value.Dict {
	r := x.Dict.Clone()
	r.Delete("results")
	if x.Task.Resolved == "ansible.builtin.debug" {
		r.Delete("changed")
		r.Delete("skip_reason")
	}
	return r
}

func (d *Default) failed(text string, x *event.Result) {
	if d.set.TaskPathOnFailure && d.s.Verbosity < 2 && x.Task.Pos.File != "" {
		d.failedText(fmt.Sprintf("task path: %s:%d", x.Task.Pos.File, x.Task.Pos.Line), "debug")
	}
	d.failedText(text, "error")
}

func (d *Default) failedText(text, color string) {
	if d.set.FailedToStderr {
		d.s.PrintErr(text, color)
		return
	}
	d.s.Print(text, color)
}

// item prints the outcome of one item of a loop.
func (d *Default) item(x *event.Result, host string) {
	label := labelText(x.Label)
	if x.NoLog {
		label = "None"
	}
	switch x.Status {
	case event.OK, event.Changed: // its warnings come with the loop's result
		changed := value.Truth(x.Dict.At("changed"))
		if !changed && d.set.HideOK {
			return
		}
		d.ensureBanner(x.Task)
		d.diff(x)
		word, color := "ok", "ok"
		if changed {
			word, color = "changed", "changed"
		}
		msg := fmt.Sprintf("%s: [%s] => (item=%s)", word, host, label)
		if d.full(x) {
			msg += " => " + d.shown(x)
		}
		d.s.Print(msg, color)
	case event.Skipped:
		if d.set.HideSkipped {
			return
		}
		d.ensureBanner(x.Task)
		msg := fmt.Sprintf("skipping: [%s] => (item=%s) ", x.Host, label)
		if d.s.Verbosity > 0 {
			msg += " => " + d.dump(skipped(x), x.NoLog, x.Verbose, 0)
		}
		d.s.Print(msg, "skip")
	default:
		d.ensureBanner(x.Task)
		d.exception(x)
		d.warnings(x)
		d.failedText(fmt.Sprintf("failed: [%s] (item=%s) => %s", host, label, d.shown(x)), "error")
	}
}

// diff prints what a task changed, before its line.
func (d *Default) diff(x *event.Result) {
	if !x.ShowDiff || x.NoLog || !value.Truth(x.Dict.At("changed")) {
		return
	}
	v := x.Dict.At("diff")
	if !value.Truth(v) {
		return
	}
	if text := d.s.Diff(v, d.set.DiffContext); text != "" {
		d.s.Print(text, "")
	}
}

// exception shows a module's traceback: whole at -vvv, else its last line.
func (d *Default) exception(x *event.Result) {
	e, ok := x.Dict.GetStr("exception")
	if !ok || x.NoLog {
		return
	}
	text := value.Str(e)
	msg := "An exception occurred during task execution. "
	if d.s.Verbosity < 3 {
		lines := strings.Split(strings.TrimSpace(text), "\n")
		msg += "To see the full traceback, use -vvv. The error was: " + lines[len(lines)-1]
	} else {
		msg = "The full traceback is:\n" + text
	}
	x.Dict = x.Dict.Clone()
	x.Dict.Delete("exception")
	d.failedText(msg, "error")
}

func (d *Default) async(x event.AsyncPoll) {
	switch {
	case !x.Done:
		d.s.Print(fmt.Sprintf("ASYNC POLL on %s: jid=%s started=%d finished=%d", x.Host, x.JobID, x.Started, x.Finished), "debug")
	case x.Failed:
		d.s.Print(fmt.Sprintf("ASYNC FAILED on %s: jid=%s", x.Host, x.JobID), "debug")
	default:
		d.s.Print(fmt.Sprintf("ASYNC OK on %s: jid=%s", x.Host, x.JobID), "debug")
	}
}
