package playbook

import (
	"os"
	"sync"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// Options are what loading needs from outside. Known and Render may be nil:
// then every module is known and templates in names are errors.
type Options struct {
	// RolesPath and CollectionsPath are the configured search paths, absolute.
	RolesPath       []string
	CollectionsPath []string
	// Known resolves a module or action name, looking through the given
	// collections; ok is false where there is none.
	Known func(name string, collections []string) (resolved string, ok bool)
	// KnownLookup tells whether there is a lookup of that name, for with_x; nil:
	// all are known.
	KnownLookup func(name string) bool
	// Suggest returns the module name nearest to one that is not known, or "".
	Suggest func(name string) string
	// Render renders what must be known while loading (names of imported files
	// and roles): extra vars, play vars and at is the chain of levels.
	Render func(v value.Value, pos value.Pos, at Node) (value.Value, error)
	// Decrypt turns the content of a file that is a vault into clear text.
	Decrypt func(path string, data []byte) ([]byte, error)
	// Open decrypts inline !vault values.
	Open func(cipher string) (string, error)
	// IgnoreUnknown makes unknown keywords of includes warnings, not errors.
	IgnoreUnknown bool
	// DuplicateKeys is "warn" (default), "error" or "ignore".
	DuplicateKeys string
	// Found is told of the folder of every playbook and role before its tasks
	// are read: modules and plugins may lie beside them. Nil: nobody asks.
	Found func(dir string)
	// Warn prints one warning; deprecations as well.
	Warn func(msg string)
	// ReadFile reads a file, os.ReadFile by default.
	ReadFile func(path string) ([]byte, error)
}

// Loader reads playbooks and, at run time, what they include. It keeps parsed
// files. It is safe for concurrent use.
type Loader struct {
	opts Options

	mu      sync.Mutex
	nodes   map[string]*yaml.Node
	hidden  map[string]bool     // files that were encrypted
	groups  map[string][]string // action groups by full name
	loading []string            // playbooks being imported, outermost first
	// ownCollection is the collection that the playbook given is in, "" for none:
	// short names in roles mean it too.
	ownCollection string
	// bookDirs are the folders of the playbooks given: collections may lie beside.
	bookDirs []string
	shownDir string    // basedir as imports wrote it, for messages
	basedir  string    // folder of the playbook being read
	sink     *Included // gathers handlers and roles of import_role
	adHoc    bool      // the one task of an ad hoc command is being read
}

// From names the files of a role to use instead of main: tasks_from, vars_from,
// defaults_from, handlers_from. "" means main.
type From struct{ Tasks, Vars, Defaults, Handlers string }

// NewLoader returns a loader.
func NewLoader(o Options) *Loader {
	if o.ReadFile == nil {
		o.ReadFile = os.ReadFile
	}
	if o.Found == nil {
		o.Found = func(string) {}
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	return &Loader{opts: o, nodes: map[string]*yaml.Node{}, hidden: map[string]bool{}}
}

// Load reads a playbook: a path, or the full name of a collection's playbook
// (ns.col.book). All static imports and roles are read. Errors a user can cause
// are *Error.
func (l *Loader) Load(path string) (*Playbook, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.load(path)
}

// TasksUse says how include_tasks uses a file, all rendered.
type TasksUse struct {
	Name  string      // the file
	Apply *value.Dict // keywords for what it brings in; nil: none
	Vars  *value.Dict // vars besides the task's own: the loop's item; nil: none
}

// Resolve gives the name of the action that a task at n means by name: for
// `action: "{{ name }}"`, which is known only when the task runs.
func (l *Loader) Resolve(name string, n Node) (resolved string, ok bool) {
	if l.opts.Known == nil {
		return name, true
	}
	return l.opts.Known(name, Collections(n))
}

// Included is what a dynamic include brings in.
type Included struct {
	File    string  // absolute path of the tasks file; "" for a role
	Entries []Entry // to run in place of the include
	Empty   bool    // there is nothing in the file, not even an empty list
	// Handlers are to be added to the play's: of the role, and of roles that are
	// imported inside.
	Handlers []Entry
	// Role is what include_role brought in.
	Role *Role
	// Imported are roles brought in by import_role inside: their defaults and vars
	// are visible to the play from now on.
	Imported []*Role
}

// LoadTasks reads the file an include_tasks task names. The entries have a copy
// of at as parent. In handlers they are handlers.
func (l *Loader) LoadTasks(use TasksUse, at *Task) (*Included, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.includeTasks(use, at)
}

// RoleUse says how include_role uses a role, all rendered.
type RoleUse struct {
	Name     string
	From     From
	Apply    *value.Dict
	Vars     *value.Dict // as in TasksUse
	AllowDup *bool       // nil: as the role's meta says
	Public   bool
	// SkipValidation leaves the task out that validates arguments
	// (rolespec_validate: false).
	SkipValidation bool
}

// LoadRole reads the role an include_role task names. Its Parent is a copy of
// at.
func (l *Loader) LoadRole(use RoleUse, at *Task) (*Included, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.includeRole(use, at)
}

// ReadVars reads a file of vars_files: a dictionary, a list of them, or empty.
func (l *Loader) ReadVars(path string) (*value.Dict, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, err := l.node(path)
	if err != nil {
		return nil, err
	}
	bad := func() error {
		v, _ := l.decode(n)
		return plainError(value.Pos{}, "variable files must contain either a dictionary of variables, or a list of dictionaries. Got: %s (%s)", value.Str(v), l.class(n))
	}
	if n.Kind != yaml.Sequence {
		return l.varsOf(n, bad)
	}
	out := value.NewDict()
	for _, it := range n.Items {
		d, err := l.varsOf(it, bad)
		if err != nil {
			return nil, err
		}
		out.Update(d)
	}
	return out, nil
}

// collect has imported roles and their handlers go to inc until done is called.
func (l *Loader) collect(inc *Included) (done func()) {
	old := l.sink
	l.sink = inc
	return func() { l.sink = old }
}
