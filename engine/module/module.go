// Package module holds the target-side modules: one file each, run by the
// remote helper or, with a local connection, in the controller's process.
//
// It is linked into the helper, so it imports only engine/value, engine/pyre,
// engine/facts and small libraries; never run, jinja, playbook or inventory.
//
// Adding a module: one file with an args struct and a Run function, one test,
// one line in list.go.
package module

import (
	"context"

	"github.com/goplay-engine/goplay/engine/value"
)

// Support says how a module behaves in check mode.
type Support int

const (
	// CheckFull: Run honours Context.Check and predicts the same result.
	CheckFull Support = iota
	// CheckNone: the engine skips the task in check mode ("remote module does
	// not support check mode").
	CheckNone
)

// Def describes one module. Its argument struct is the single source for
// validation, error texts, `goplay doc` and docs/modules.md.
type Def struct {
	Name    string   // full name: "ansible.builtin.copy"
	Aliases []string // further full names: "ansible.builtin.systemd" for systemd_service
	Short   string   // one line, as ansible-doc's short description
	Check   Support
	// Args returns a pointer to a new argument struct. Fields carry a tag
	//   arg:"name,alias=dest,alias=path,type=path,required,default=x,choices=a|b,elements=str,no_log,raw"
	// and a `doc:"..."` text. The Go type gives the Ansible type: string str,
	// bool / *bool bool, int / *int int, float64 float, []string list of str,
	// *value.Dict dict, value.Value raw, Path path, Mode raw file mode.
	// Pointers tell "not given" from a zero value.
	Args func() any
	Run  func(c *Context, args any) *Result
	// Rules over several parameters, in Ansible's words.
	MutuallyExclusive [][]string
	RequiredOneOf     [][]string
	RequiredTogether  [][]string
	RequiredIf        []RequiredIf
	RequiredBy        [][]string // the first needs the others
	// NullIsMissing: a parameter given as null does not fulfil those rules. Ansible's rules count it as given, and what
	// its module does then differs from one to the next; this is for those that fail.
	NullIsMissing bool
	// FileArgs adds owner, group, mode, seuser, serole, setype, selevel,
	// attributes (attr) and unsafe_writes, as add_file_common_args does; the
	// args struct embeds FileArgs.
	FileArgs bool
	// Raw replaces Run for what is no module of its own: arguments and result
	// are taken as they are.
	Raw func(c *Context, args *value.Dict) *value.Dict
	// FreeForm modules take text (command, shell, raw, script) as _raw_params.
	FreeForm bool
	// Forward, for modules that only choose another one (package), names that
	// module and the arguments it gets; Run is not used then.
	Forward func(c *Context, args *value.Dict) (name string, to *value.Dict, err error)
	// ShownAs is the name error texts give where it is not the task's own: actions
	// with a part on the controller call their module by its ansible.legacy name.
	ShownAs string
}

// RequiredIf: when parameter Key has Value, the Required ones must be there
// (any one of them with AnyOf).
type RequiredIf struct {
	Key      string
	Value    value.Value
	Required []string
	AnyOf    bool
}

// Context is what a module knows about its run besides its arguments.
type Context struct {
	context.Context
	Check     bool     // dry run: compute, do not apply
	Diff      bool     // return the difference
	Verbosity int      // number of -v
	Env       []string // task environment as NAME=value, added to the process's own
	Dir       string   // relative paths are relative to it, programs start in it; "" is the process's own
	Tmpdir    string   // where temporary files may be put when not beside the destination
	Blob      []byte   // file content that came with the request, see remote.Request
	NoLog     bool
	// RemoteUser is the login user; become has happened already.
	RemoteUser string
	// Settings from the controller that a few modules need, all optional.
	SELinuxSpecialFS []string
	TargetLogInfo    string // text before each line in the system log
	Syslog           string // facility (LOG_USER) under which calls are logged; "": they are not
	// Name is the module as the caller named it, set by Execute.
	Name     string
	params   *value.Dict // validated, as the invocation shows them
	warnings []string
	secrets  []string          // values of no_log parameters
	given    map[string]string // absolute paths as they were given
}

// Result is what a module returns. Dict gives the form that is registered.
type Result struct {
	Changed      bool
	Failed       bool
	Skipped      bool
	Msg          string      // left out when empty, unless HasMsg
	HasMsg       bool        // write msg even when empty
	Fields       *value.Dict // everything else, in order
	Diff         []Diff      // one is returned as a dictionary, several as a list
	DiffPresent  bool        // return an empty diff as [] / {} would be
	NoPathInfo   bool        // do not add owner, mode, size of the file the result names
	DiffList     bool        // return diff as a list even for one or none
	Warnings     []string
	Deprecations []Deprecation
	Facts        *value.Dict // ansible_facts
	Blob         []byte      // bulk data for the controller (slurp, fetch)
}

// Deprecation is one notice that something will go away.
type Deprecation struct{ Msg, Version, Date, Collection string }

// Diff is a difference shown with --diff: texts before and after, or one
// prepared text. Before and After are text or dictionaries (file state).
type Diff struct {
	Before, After             value.Value
	BeforeHeader, AfterHeader string
	Prepared                  string
	// SrcBinary, DstBinary and the larger flags replace content that is not shown.
	SrcBinary, DstBinary bool
	SrcLarger, DstLarger int
}

// OK returns a result that changed nothing.
func OK() *Result { return &Result{Fields: value.NewDict()} }

// Changed returns a result that reports a change when c is true.
func Changed(c bool) *Result { return &Result{Changed: c, Fields: value.NewDict()} }

// Set adds a return value and returns r for chaining. v goes through value.From.
func (r *Result) Set(key string, v any) *Result {
	if r.Fields == nil {
		r.Fields = value.NewDict()
	}
	r.Fields.Set(key, value.From(v))
	return r
}

// WithMsg sets msg and returns r.
func (r *Result) WithMsg(msg string) *Result { r.Msg = msg; return r }
