// Package action holds the controller-side part of tasks: one file each.
// An action without a part on the controller needs none: the run then
// executes the module of that name on the target.
//
// It imports engine/value, engine/remote, engine/module (names, helpers) and
// engine/jinja/templar; never run, playbook or inventory: what it needs of
// them is in Context.
package action

import (
	"context"
	"time"

	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
)

// Func runs one action for one host (and loop item) and returns the result to
// be registered. A failure is a result with failed: true, or an error, whose
// text becomes msg. Errors that remote.IsUnreachable accepts make the host
// unreachable.
type Func func(c *Context) (*value.Dict, error)

// Def describes an action.
type Def struct {
	Run Func
	// RawArgs: arguments are handed over unrendered in Context.Args, because
	// the action renders them itself (assert, debug's var).
	RawArgs bool
	// Bypass: run once, for the first host, whatever the number of hosts.
	Bypass bool
	// NoHost actions never touch the target (debug, set_fact, ...).
	NoHost bool
	// BareErrors: errors give a result without changed, as those of the reference's action do.
	BareErrors bool
	// NoCheck actions cannot predict; in check mode the task is skipped.
	NoCheck bool
	// Async tells whether the action supports async (normally false: the
	// module part does).
	Async bool
}

// Context is one execution of an action.
type Context struct {
	context.Context
	Action  string      // as written in the task
	Name    string      // resolved full name, e.g. ansible.builtin.copy
	Args    *value.Dict // rendered, omitted ones removed; free-form text as _raw_params
	ArgsPos value.Pos   // where the arguments were written
	Task    Task
	Host    Host
	Templar *templar.Templar

	// Module runs a module on the target (native or Python), with the task's
	// check mode, diff, environment and identity. blob travels with the request
	// (at most remote.BlobMax).
	Module func(name string, args *value.Dict, blob []byte) (*value.Dict, error)
	// ModuleBlob is Module that also returns the bulk data of the answer.
	ModuleBlob func(name string, args *value.Dict, blob []byte) (*value.Dict, []byte, error)
	// Session is the open channel under the task's identity, for streaming.
	Session func() (remote.Session, error)
	// Raw runs a command line through the login shell, without helper.
	Raw func(cmdline string, stdin []byte) (*remote.ExecResult, error)
	// Reset closes the connection, so that the next use opens a new one.
	Reset func() error
	// Origin says how the task's own host is reached; with delegate_to that is
	// not the host the modules run on.
	Origin func() (Reach, error)
	// Find resolves a relative path as Ansible does (role's folder of that
	// kind, role, play's folder ...): kind is "files", "templates", "vars" or
	// "tasks". The error names the paths tried.
	Find func(kind, name string) (string, error)
	// SearchPath lists the folders that Find looks in, in order.
	SearchPath func(kind string) []string
	// ReadFile reads a controller file and decrypts it when it is a vault.
	ReadFile func(path string) ([]byte, error)
	// Run is what the few actions that change the run itself may use.
	Run Run
	// OpenVault decrypts inline !vault values.
	OpenVault func(cipher string) (string, error)
	// TaskName is the name as shown in the banner.
	TaskName string
	// FactsModules are the modules that gather facts, nil for setup alone.
	FactsModules []string
	// Say shows text to the person at the terminal at once.
	Say func(text string)
	// Native: templates give native types (jinja2_native).
	Native bool
	// AsyncDir is where detached jobs leave their results; may hold ~.
	AsyncDir string
	// Warn shows a warning.
	Warn func(msg string)
	// Defaults gives the module_defaults of other modules than the task's own.
	Defaults Defaults
	// Input asks the person at the terminal (pause); see run.
	Input Input
}

// Task is what actions know of the task.
type Task struct {
	Check      bool
	Diff       bool
	NoLog      bool
	Verbosity  int
	Async      int // seconds, 0 none
	Poll       int
	Env        []string // NAME=value
	Become     bool
	BecomeUser string
	// BecomeMethod is sudo, su ...; "" without become.
	BecomeMethod string
	RemoteUser   string
	RemoteTmp    string
	Delegate     string // name of the host delegated to, "" none
	Attempt      int
	// Syslog is the facility under which targets log module calls, "" not at all;
	// LogInfo is put before each such line.
	Syslog, LogInfo string
}

// Host is what actions know of the host the task acts on.
type Host struct {
	Name       string // inventory name
	Address    string
	Connection string // "ssh", "local" ...
	Local      bool   // the target is the controller itself
}

// Reach is what another program needs to connect to a host.
type Reach struct {
	Connection string // "ssh", "local"
	Address    string
	Port       int    // 0: the default
	User       string // "": the default
	Password   string
	KeyFile    string
	Args       string // further arguments of ssh
}

// Run is the run as actions may change it. Changes take effect when the result
// is processed, in host order.
type Run interface {
	// Facts returns the facts known of the host (ansible_facts), for actions
	// that choose by them (package, service); none is an empty dictionary.
	Facts() *value.Dict
	// HostVar returns a variable of another host, rendered.
	HostVar(host, name string) (value.Value, bool)
}

// Defaults are the module_defaults that reach a task.
type Defaults interface {
	// Any tells whether there are some, for whatever module.
	Any() bool
	// For returns those of the modules named, rendered, later names first.
	For(modules ...string) (*value.Dict, error)
}

// Input reads from the person running goplay.
type Input interface {
	// Prompt writes the text and reads a line; hidden does not echo. ok is
	// false when there is no terminal.
	Prompt(ctx context.Context, text string, hidden bool) (line string, ok bool, err error)
	// Pause writes the text and waits for Enter, or for the time when limit is
	// not 0. Ctrl-C asks whether to go on or to abort.
	Pause(ctx context.Context, text string, hidden bool, limit time.Duration) (Pause, error)
}

// Pause is how a pause ended.
type Pause struct {
	Line  string // what was typed before Enter
	NoTTY bool   // there is nobody to ask; only a limit was waited for
	Abort bool   // the person wants the play to end
}

// Fail returns a failed result with a message.
func Fail(msg string) *value.Dict {
	return value.DictOf("failed", true, "msg", msg)
}

// Lookup returns the action of that full name.
func Lookup(name string) (*Def, bool) { d, ok := registry[name]; return d, ok }
