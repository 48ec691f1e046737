// Package event has the stream of what happens in a run. The run writes it;
// every output format, the journal and resuming read it and nothing else.
//
// It imports engine/value only.
package event

import (
	"sync"

	"github.com/goplay-engine/goplay/engine/value"
)

// Censored stands for a result that no_log hides.
const Censored = "the output has been hidden due to the fact that 'no_log: true' was specified for this result"

// Event is one of the types below.
type Event any

// Sink takes events in order. It is called from one goroutine at a time.
type Sink interface{ Event(e Event) }

// SinkFunc makes a function a Sink.
type SinkFunc func(Event)

// Event calls f.
func (f SinkFunc) Event(e Event) { f(e) }

// Locked returns a sink that passes events on one at a time, whatever goroutines
// they come from.
func Locked(to Sink) Sink { return &locked{to: to} }

type locked struct {
	mu sync.Mutex
	to Sink
}

// Event implements Sink.
func (l *locked) Event(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.to.Event(e)
}

// PlaybookStart opens a playbook.
type PlaybookStart struct {
	File  string
	Plays int
}

// PlayStart opens a play.
type PlayStart struct {
	ID       string
	Name     string
	Pos      value.Pos
	Hosts    []string
	Check    bool
	Strategy string
}

// Task says which task a result belongs to.
type Task struct {
	ID       string
	Name     string // as shown: "role : name" where it is in a role
	Own      string // the name without the role
	Action   string // as written
	Resolved string // full name of the module
	Pos      value.Pos
	Handler  bool
	NoLog    bool
	Check    bool        // runs in check mode, for the [CHECK MODE] marker
	Args     *value.Dict // for display_args_to_stdout, unrendered
	Play     *PlayStart
	Free     bool // no lockstep: banners are printed when the task under a result changes
}

// TaskStart opens a task (or handler) for the first of its hosts.
type TaskStart struct{ Task *Task }

// HostStart says that a host begins a task.
type HostStart struct {
	Task *Task
	Host string
}

// Status is how a task ended on a host.
type Status int

// The five outcomes.
const (
	OK Status = iota
	Changed
	Skipped
	Failed
	Unreachable
)

// String gives the word used in journals and JSON.
func (s Status) String() string {
	return [...]string{"ok", "changed", "skipped", "failed", "unreachable"}[s]
}

// Result is the outcome of a task, or of one item of its loop, on a host.
type Result struct {
	Task     *Task
	Host     string
	Delegate []string // hosts delegated to, as shown behind "->"
	Status   Status
	Ignored  bool        // ignore_errors or ignore_unreachable applies
	Item     bool        // one item of a loop
	Label    value.Value // what to show for the item
	Loop     bool        // the whole of a looped task
	Dict     *value.Dict // what is registered; no_log not yet applied
	NoLog    bool
	ShowDiff bool // diff mode holds for this task
	Verbose  bool // always shown in full (debug, assert)
	Seconds  float64
}

// Included says that hosts took in a file of tasks or a role.
type Included struct {
	File     string
	Hosts    []string
	Label    value.Value // item of the loop; HasLabel tells whether there is one
	HasLabel bool
	Task     *Task
}

// IncludeDone is the result of an include on a host, before anything is loaded;
// no report shows it.
type IncludeDone struct {
	Task *Task
	Host string
	Dict *value.Dict
	Loop bool
}

// VarsPrompt says that a play asks for a variable.
type VarsPrompt struct {
	Name, Prompt     string
	Private, Confirm bool
	Default          value.Value
}

// Retry is one failed attempt of an `until` loop.
type Retry struct {
	Task     *Task
	Host     string
	Name     string // of the task as this host renders it
	Dict     *value.Dict
	Left     int
	Delegate []string
	NoLog    bool
}

// AsyncPoll reports on a waiting job; Done with Failed tells how it ended.
type AsyncPoll struct {
	Task              *Task
	Host              string
	JobID             string
	Started, Finished int
	Done, Failed      bool
	NoLog             bool
}

// NoHosts: a play matched nothing, or nobody is left.
type NoHosts struct{ Remaining bool }

// Notified is shown at -vv.
type Notified struct{ Handler, Host string }

// Warning is shown once, and wrapped unless Verbatim.
type Warning struct {
	Msg      string
	Verbatim bool
}

// Deprecation warns of what will go away.
type Deprecation struct {
	Msg, Version, Date, Collection string
	Removed                        bool
}

// Message is text for the person at a verbosity level (0: always).
type Message struct {
	Text   string
	Level  int
	Host   string // shown as <host> before the text
	Stderr bool
	Wrap   bool // with Stderr: folded at the terminal's width
	Banner bool // followed by stars to the end of the line
	Color  string
}

// Meta reports what a meta task did, for -vv.
type Meta struct{ Text, Host string }

// Counts of one host in the recap.
type Counts struct {
	OK, Changed, Unreachable, Failed, Skipped, Rescued, Ignored int
}

// Stats closes the run.
type Stats struct {
	Hosts      []string // sorted
	Counts     map[string]*Counts
	Custom     map[string]*value.Dict // set_stats: host or "_run"
	ShowCustom bool
}
