// Package run executes plays: batches, strategies, blocks, handlers, loops,
// includes and delegation, host by host and task by task.
//
// Only this package knows play logic. It reads the tree of engine/playbook,
// looks variables up in engine/vars, renders with engine/jinja/templar, calls
// engine/action and, through engine/connect, the modules on the targets; it
// tells what happens as a stream of engine/event.
package run

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"sync"
	"time"

	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/connect"
	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/vars"
)

// Exit codes of ansible-playbook.
const (
	ExitOK          = 0
	ExitError       = 1
	ExitFailed      = 2
	ExitUnreachable = 4
	ExitInterrupted = 99
	ExitUnexpected  = 250
)

// Inventory is what a run asks of the inventory.
type Inventory interface {
	vars.Inventory
	// Match returns the hosts of a pattern, cut by --limit, in inventory order.
	Match(pattern string) (hosts []string, err error)
	// AddHost adds a host (or finds it), with variables and groups; changed tells
	// whether anything was new.
	AddHost(name string, hostvars *value.Dict, groups []string) (changed bool, err error)
	// AddGroup puts a host into a group below parents, as group_by does.
	AddGroup(group string, parents []string, host string) (changed bool, err error)
	// Refresh reads all sources again.
	Refresh() error
	// Playbook tells in which folders group_vars and host_vars count besides the
	// inventory's, the weakest first.
	Playbook(dirs ...string)
	// Err is the first error of a file in group_vars or host_vars; they are read
	// when a host's variables are asked for.
	Err() error
}

// Options are everything a run needs. Fields without a comment have the meaning
// of the command-line option or setting of that name.
type Options struct {
	Inventory Inventory
	Loader    *playbook.Loader
	Store     *vars.Store
	Engine    *templar.Engine
	Opener    connect.Opener
	Sink      event.Sink
	Input     action.Input
	ReadFile  func(path string) ([]byte, error) // decrypts vaults
	OpenVault func(cipher string) (string, error)
	// Foreign runs modules that goplay does not have natively; nil: none.
	Foreign Foreign
	// PyAction runs the Python action plugin of that resolved name; ok is false
	// where there is none. Nil: there are none.
	PyAction func(c *action.Context, name string) (d *value.Dict, ok bool, err error)
	// FactCache keeps facts between runs; nil: none.
	FactCache FactCache

	Forks          int // hosts worked on at once
	Check, Diff    bool
	Verbosity      int
	Tags, SkipTags []string
	StartAt        string
	Step           bool
	ForceHandlers  bool

	Connection            connect.Target // defaults from options and configuration
	Become                bool
	BecomeDefaults        connect.Become
	Native                bool   // jinja2_native
	Gathering             string // implicit, explicit, smart
	GatherSubset          value.Value
	GatherTimeout         int
	FactPath              string
	ErrorOnMissingHandler bool
	AnyErrorsFatal        bool
	MaxFail               *float64
	Strategy              string
	TaskTimeout           int
	NoLog                 bool
	Debugger              bool // ENABLE_TASK_DEBUGGER
	DebuggerIgnoresErrors bool // TASK_DEBUGGER_IGNORE_ERRORS
	PollInterval          int
	AsyncDir              string
	Facility              string // of the targets' system logs, which note module calls
	NoTargetSyslog        bool   // they do not
	LogInfo               string // text before each such line
	Environment           []string
	DefaultModuleArgs     map[string]string
	HostStarts            bool     // tell of each host that begins a task
	FactsModules          []string // modules that gather facts; nil: setup alone
	VarsRoot              string   // playbook_vars_root: top, bottom or all
	PrivateRoleVars       bool     // what roles define is seen inside them only
}

// Foreign runs a module that is not native: Python, a script, a binary.
type Foreign interface {
	// Has tells whether such a module can be found.
	Has(name string, collections []string) bool
	// Own tells whether a library folder of the user's has it; such a module
	// outranks a native one of the same short name.
	Own(name string) bool
	// Run runs it with rendered arguments.
	Run(ctx context.Context, c *action.Context, name string, args *value.Dict) (*value.Dict, error)
}

// FactCache is a fact cache plugin.
type FactCache interface {
	Get(host string) (*value.Dict, bool)
	Set(host string, facts *value.Dict) error
	Delete(host string) error
}

// Summary is how a run ended.
type Summary struct {
	Exit   int
	Counts map[string]*event.Counts
}

// FatalError ends a run at once: no play goes on after it. Error() is printed
// behind "ERROR! ".
type FatalError struct {
	Msg  string
	Exit int
}

func (e *FatalError) Error() string { return e.Msg }

// Runner is one run over one or more playbooks.
type Runner struct {
	o        Options
	mu       sync.Mutex // one task at a time changes the inventory
	stats    map[string]*event.Counts
	custom   map[string]*value.Dict
	failed   hostSet       // out of later plays
	dead     hostSet       // unreachable
	slots    chan struct{} // forks
	ids      int
	started  bool // --start-at-task has been met
	gathered map[string]bool
	reserved reserved
}

// New returns a runner.
func New(o Options) *Runner {
	if o.Forks <= 0 {
		o.Forks = 5
	}
	if o.Strategy == "" {
		o.Strategy = "linear"
	}
	if o.PollInterval <= 0 {
		o.PollInterval = 15
	}
	return &Runner{o: o, stats: map[string]*event.Counts{}, custom: map[string]*value.Dict{},
		slots:   make(chan struct{}, o.Forks),
		started: o.StartAt == "", gathered: map[string]bool{}}
}

// Playbooks runs the playbooks in order. The error is what ended the run
// early: a *FatalError, a *playbook.Error or the context's.
func (r *Runner) Playbooks(ctx context.Context, books []*playbook.Playbook) (*Summary, error) {
	exit := ExitOK
	var err error
	for _, b := range books {
		r.o.Sink.Event(event.PlaybookStart{File: b.File, Plays: len(b.Plays)})
		var stop bool
		exit, stop, err = r.playbook(ctx, b)
		if err != nil || stop {
			break
		}
	}
	if err == nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	if errors.Is(err, ErrQuit) {
		return &Summary{Exit: ExitInterrupted, Counts: r.stats}, nil
	}
	if !r.started {
		r.o.Sink.Event(event.Message{Text: fmt.Sprintf(" [ERROR]: No matching task %q found. Note: --start-at-task can only follow static includes.", r.o.StartAt), Stderr: true, Wrap: true, Color: "error"})
	}
	if err == nil {
		r.finish()
	}
	var fatal *FatalError
	switch {
	case errors.As(err, &fatal) && fatal.Exit != 0:
		exit = fatal.Exit
	case ctx.Err() != nil:
		exit = ExitInterrupted
	case err != nil:
		exit = ExitError
		var pe *playbook.Error
		if errors.As(err, &pe) {
			exit = ExitUnreachable // the reference's code for what cannot be parsed
			if pe.Exit != 0 {
				exit = pe.Exit
			}
		}
	}
	return &Summary{Exit: exit, Counts: r.stats}, err
}

// playbook runs the plays of one playbook. stop says that nothing may follow.
func (r *Runner) playbook(ctx context.Context, b *playbook.Playbook) (exit int, stop bool, err error) {
	for _, p := range b.Plays {
		r.o.Inventory.Playbook(r.varsDirs(p)...)
		ps, err := r.newPlay(ctx, b, p)
		if err != nil {
			return ExitError, true, err
		}
		ok, err := ps.run(ctx)
		if err != nil {
			return ExitError, true, err
		}
		if !ok || ctx.Err() != nil {
			stop = true
			break
		}
	}
	return r.exit(), stop, nil
}

// varsDirs are the folders whose group_vars and host_vars a play sees
// (playbook_vars_root).
func (r *Runner) varsDirs(p *playbook.Play) []string {
	switch {
	case r.o.VarsRoot == "bottom":
		return []string{p.Dir}
	case r.o.VarsRoot == "all" && p.Dir != p.BookDir:
		return []string{p.BookDir, p.Dir}
	}
	return []string{p.BookDir}
}

// exit is the code that the hosts' fates give.
func (r *Runner) exit() int {
	switch {
	case r.dead.len() > 0:
		return ExitUnreachable
	case r.failed.len() > 0:
		return ExitFailed
	}
	return ExitOK
}

func (r *Runner) finish() {
	hosts := make([]string, 0, len(r.stats))
	for h := range r.stats {
		hosts = append(hosts, h)
	}
	sort.Strings(hosts)
	r.o.Sink.Event(event.Stats{Hosts: hosts, Counts: r.stats, Custom: r.custom})
}

// count changes a host's figures in the recap.
func (r *Runner) count(host string, f func(c *event.Counts)) {
	c := r.stats[host]
	if c == nil {
		c = &event.Counts{}
		r.stats[host] = c
	}
	f(c)
}

func (r *Runner) newID() string {
	r.ids++
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", time.Now().Unix()&0xffffffff, r.ids)
}

// hostStarts tells that hosts begin a task, where somebody wants to know.
func (r *Runner) hostStarts(t *event.Task, hosts ...*hostRun) {
	if !r.o.HostStarts {
		return
	}
	for _, h := range hosts {
		r.o.Sink.Event(event.HostStart{Task: t, Host: h.name})
	}
}

// inventoryErr is what is wrong with the variables of hosts looked at so far.
func (r *Runner) inventoryErr() error {
	if err := r.o.Inventory.Err(); err != nil {
		return &FatalError{Msg: err.Error(), Exit: ExitUnreachable} // the reference's code for what cannot be parsed
	}
	return nil
}

func (r *Runner) warn(format string, a ...any) {
	r.o.Sink.Event(event.Warning{Msg: fmt.Sprintf(format, a...)})
}
