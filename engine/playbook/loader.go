package playbook

import "github.com/goplay-engine/goplay/engine/value"

// Options are what loading needs from outside. Known and Render may be nil:
// then every module is known and templates in names are errors.
type Options struct {
	// RolesPath and CollectionsPath are the configured search paths, absolute.
	RolesPath       []string
	CollectionsPath []string
	// Known resolves a module or action name, looking through the given
	// collections; ok is false where there is none.
	Known func(name string, collections []string) (resolved string, ok bool)
	// Suggest returns the module name nearest to one that is not known, or "".
	Suggest func(name string) string
	// Render renders what must be known while loading (names of imported files
	// and roles): extra vars, play vars and at is the chain of levels.
	Render func(v value.Value, pos value.Pos, at Node) (value.Value, error)
	// Decrypt turns the content of a file that is a vault into clear text.
	Decrypt func(path string, data []byte) ([]byte, error)
	// Open decrypts inline !vault values.
	Open func(cipher string) (string, error)
	// Warn prints one warning; deprecations as well.
	Warn func(msg string)
	// ReadFile reads a file, os.ReadFile by default.
	ReadFile func(path string) ([]byte, error)
}

// Loader reads playbooks and, at run time, what they include. It caches parsed
// files and is safe for concurrent use.
type Loader struct {
	opts Options
}

// From names the files of a role to use instead of main: tasks_from, vars_from,
// defaults_from, handlers_from. "" means main.
type From struct{ Tasks, Vars, Defaults, Handlers string }

// NewLoader returns a loader.
func NewLoader(o Options) *Loader { return &Loader{opts: o} }

// Load reads a playbook: a path, or the full name of a collection's playbook
// (ns.col.book). All static imports and roles are read. Errors a user can cause
// are *Error.
func (l *Loader) Load(path string) (*Playbook, error) { return l.load(path) }

// LoadTasks reads the file an include_tasks task names, its name rendered
// already, with apply as rendered (nil: none). The entries have at as parent.
// In handlers they are handlers.
func (l *Loader) LoadTasks(name string, apply *value.Dict, at *Task) ([]Entry, error) {
	return l.includeTasks(name, apply, at)
}

// RoleUse says how include_role uses a role, all rendered.
type RoleUse struct {
	Name     string
	From     From
	Apply    *value.Dict
	AllowDup *bool // nil: as the role's meta says
	Public   bool
	// SkipValidation leaves the task out that validates arguments
	// (rolespec_validate: false).
	SkipValidation bool
}

// LoadRole reads the role an include_role task names. Its Parent is at.
func (l *Loader) LoadRole(use RoleUse, at *Task) (*Role, error) { return l.includeRole(use, at) }

// ReadVars reads a file of variables: a dictionary, or empty.
func (l *Loader) ReadVars(path string) (*value.Dict, error) { return l.readVars(path) }
