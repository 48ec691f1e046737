package run

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/vars"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// hostRun is one host's part in a play.
type hostRun struct {
	name     string
	cur      cursor
	notified map[*playbook.Task]bool
	failed   bool
	late     bool // failed with an always section still to run: never counted by max_fail_percentage
	dead     bool
	ended    bool // end_host, end_play
	seeks    bool // the task of --start-at-task, which it has not come to
	// What a rescue section may look at.
	failedTask   value.Value
	failedResult value.Value
	files        atomic.Pointer[hostFiles] // vars_files as this host sees them
}

func (h *hostRun) active() bool { return !h.dead && !h.ended && !h.cur.done() }

// playState is a play being run.
type playState struct {
	r    *Runner
	book *playbook.Playbook
	play *playbook.Play
	ev   *event.PlayStart
	vars *vars.Play

	all       []string                 // every host of the play
	made      atomic.Pointer[[]string] // by add_host, since the play began
	ended     hostSet                  // by end_host
	batch     []*hostRun               // those of the batch at work
	batchSize int                      // of the batch at work, hosts that failed before included
	byName    map[string]*hostRun

	// Replaced whole, so that tasks under way may look.
	handlers      atomic.Pointer[[]*playbook.Task]
	exported      atomic.Pointer[[]*playbook.Role]
	matched       []string                         // the play's hosts as the inventory has them
	taken         atomic.Pointer[[]*playbook.Role] // those that import_role and include_role brought in
	dialogue      sync.Mutex                       // one host at a time is debugged
	ownHandlers   sync.Map                         // *playbook.Task -> rendered name
	roleRan       map[string]map[string]bool       // hash -> host
	roleTasks     map[string]map[string]bool       // hash -> host: a task of the role was not skipped
	tagCache      map[*playbook.Task]bool
	strategy      string
	entries       []playbook.Entry // what the batch under way runs through
	step          stepState        // what was answered with --step
	maxFail       float64          // percent; negative: none
	forceHandlers bool
	stopped       bool // end_play
	evTasks       map[*playbook.Task]*event.Task
	filesByPath   sync.Map // path -> *value.Dict, of vars_files
}

// newPlay renders what holds for the whole play.
func (r *Runner) newPlay(ctx context.Context, b *playbook.Playbook, p *playbook.Play) (*playState, error) {
	ps := &playState{r: r, book: b, play: p, vars: &vars.Play{Vars: p.Vars}, roleRan: map[string]map[string]bool{}, roleTasks: map[string]map[string]bool{},
		tagCache: map[*playbook.Task]bool{}, evTasks: map[*playbook.Task]*event.Task{}, byName: map[string]*hostRun{}}
	ps.ownRoles()
	ps.vars.Private = r.o.PrivateRoleVars
	ps.vars.Exported = func() []*playbook.Role { return *ps.exported.Load() }
	ps.vars.Files = ps.varsFiles
	if err := ps.askPrompts(ctx); err != nil {
		return nil, err
	}
	t := ps.playTemplar("")
	pattern, err := ps.pattern(t)
	if err != nil {
		return nil, err
	}
	name := p.Name
	if name == "" {
		name = pattern
	} else if v, err := t.Render(name, p.Pos); err == nil {
		name = value.Str(v)
	}
	hosts, err := r.o.Inventory.Match(pattern)
	if err != nil {
		return nil, &FatalError{Msg: err.Error(), Exit: ExitError}
	}
	ps.matched = hosts
	ps.all, err = ps.order(t, hosts)
	if err != nil {
		return nil, err
	}
	ps.ev = &event.PlayStart{ID: r.newID(), Name: strings.TrimSpace(name), Pos: p.Pos, Hosts: ps.all}
	if err := ps.settings(t); err != nil {
		return nil, err
	}
	if _, err := ps.readVarsFiles("localhost", false); err != nil && !errors.As(err, new(*missingVars)) {
		return nil, err // what is missing may be there for the play's hosts
	}
	ps.ev.Strategy = ps.strategy
	ps.ev.Check = r.checkPlay(t, p)
	for _, h := range p.Handlers() {
		if h.Short == "meta" && value.Str(h.Args.At("_raw_params")) == "flush_handlers" {
			return nil, &FatalError{Msg: "flush_handlers cannot be used as a handler", Exit: ExitError}
		}
	}
	ps.loadFacts()
	ps.warnPlayNames()
	return ps, nil
}

// ownRoles goes back to the roles and handlers that the play itself names.
func (ps *playState) ownRoles() {
	handlers := ps.play.Handlers()
	ps.handlers.Store(&handlers)
	ps.exported.Store(nil)
	ps.export(ps.play.AllRoles()...)
	ps.taken.Store(nil)
	ps.take(ps.play.ImportedRoles...)
}

// export makes the vars and defaults of roles visible to the whole play; the last
// one counts most.
func (ps *playState) export(roles ...*playbook.Role) {
	var now []*playbook.Role
	for _, r := range roles {
		now = append([]*playbook.Role{r}, now...)
	}
	if old := ps.exported.Load(); old != nil {
		now = append(now, *old...)
	}
	ps.exported.Store(&now)
}

// take notes roles that tasks brought in, for the names of the play's roles.
func (ps *playState) take(roles ...*playbook.Role) {
	var now []*playbook.Role
	if old := ps.taken.Load(); old != nil {
		now = slices.Clone(*old)
	}
	now = append(now, roles...)
	ps.taken.Store(&now)
}

// settings renders the play's own keywords.
func (ps *playState) settings(t *templar.Templar) error {
	kw := keywords{t: t, node: ps.play}
	ps.strategy = ps.r.o.Strategy
	if s, ok := kw.text(playbook.KeyStrategy); ok {
		ps.strategy = s
	}
	switch ps.strategy = strings.TrimPrefix(ps.strategy, "ansible.builtin."); ps.strategy {
	case "linear", "free", "host_pinned", "debug":
	default:
		return &FatalError{Msg: fmt.Sprintf("Invalid play strategy specified: %s\n\n%s", ps.strategy, strings.TrimRight(yaml.Where(ps.play.Pos, false), "\n")), Exit: ExitError}
	}
	ps.forceHandlers = kw.boolean(playbook.KeyForceHandlers, ps.r.o.ForceHandlers)
	ps.maxFail = -1
	if ps.r.o.MaxFail != nil {
		ps.maxFail = *ps.r.o.MaxFail
	}
	ps.maxFail = kw.number(playbook.KeyMaxFailPercentage, ps.maxFail)
	return kw.err
}

// pattern renders hosts: to one pattern.
func (ps *playState) pattern(t *templar.Templar) (string, error) {
	v, err := t.Render(ps.play.Hosts.Val, ps.play.Hosts.Pos)
	if err != nil {
		return "", &FatalError{Msg: err.Error(), Exit: ExitUnreachable}
	}
	switch x := v.(type) {
	case *value.List:
		parts := make([]string, len(x.Items))
		for i, e := range x.Items {
			parts[i] = value.Str(e)
		}
		return strings.Join(parts, ","), nil
	case value.Tuple:
		parts := make([]string, len(x))
		for i, e := range x {
			parts[i] = value.Str(e)
		}
		return strings.Join(parts, ","), nil
	}
	return value.Str(v), nil
}

// run runs the play; false means that no later play may run.
func (ps *playState) run(ctx context.Context) (bool, error) {
	r := ps.r
	if len(ps.all) == 0 {
		r.o.Sink.Event(*ps.ev)
		r.o.Sink.Event(event.NoHosts{})
		return true, nil
	}
	batches, err := ps.batches(ps.playTemplar(""))
	if err != nil {
		return false, err
	}
	r.o.Sink.Event(*ps.ev)
	for i, names := range batches {
		if i > 0 {
			r.o.Sink.Event(*ps.ev)
		}
		before := r.failed.len() + r.dead.len()
		if err := ps.runBatch(ctx, names); err != nil {
			return false, err
		}
		if ctx.Err() != nil {
			return false, nil
		}
		if r.failed.len()+r.dead.len()-before >= len(names) && len(names) > 0 {
			return false, nil // the whole batch failed: the run ends here
		}
		if ps.stopped {
			break
		}
	}
	return true, nil
}

// compile lays out what every host of a batch runs: facts, the sections and
// the flushing of handlers between them.
func (ps *playState) compile() []playbook.Entry {
	var out []playbook.Entry
	if t := ps.gatherTask(); t != nil {
		out = append(out, t)
	}
	var tasks []playbook.Entry
	flush := func(section []playbook.Entry) {
		f := ps.flushTask()
		if ps.forceHandlers {
			// Failed hosts must come by the handlers, too.
			b := &playbook.Block{Base: playbook.Base{Parent: ps.play, Pos: ps.play.Pos}, Implicit: true, Block: section, Always: []playbook.Entry{f}}
			out = append(out, b)
			return
		}
		out = append(out, section...)
		out = append(out, f)
	}
	for _, s := range ps.play.Sections() {
		switch s.Name {
		case "roles":
			tasks = append(tasks, s.Entries...)
		case "tasks":
			flush(append(tasks, s.Entries...))
		default:
			flush(s.Entries)
		}
	}
	return out
}

func (ps *playState) implicit(name, action string, args *value.Dict) *playbook.Task {
	if args == nil {
		args = value.NewDict()
	}
	return &playbook.Task{Base: playbook.Base{Name: name, Pos: ps.play.Pos, Parent: ps.play}, Action: action,
		Resolved: "ansible.builtin." + action, Short: action, Args: args, Implicit: true, ArgsPos: ps.play.Pos}
}

func (ps *playState) flushTask() *playbook.Task {
	return ps.implicit("", "meta", value.DictOf("_raw_params", "flush_handlers"))
}

// playTemplar renders for the play as a whole, or for one of its hosts.
func (ps *playState) playTemplar(host string) *templar.Templar {
	name := host
	if name == "" {
		name = "localhost"
	}
	view := ps.r.o.Store.TaskView(name, ps.vars, nil, ps.magic(nil, nil))
	return ps.r.o.Engine.New(view, templar.Scope{Basedir: ps.play.Dir, Find: ps.finder(nil)})
}

func (ps *playState) baseDir() string {
	if ps.play.BookDir != "" {
		return ps.play.BookDir
	}
	return filepath.Dir(ps.book.File)
}
