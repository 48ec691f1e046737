// Package templar renders what playbooks hold: values with templates in them,
// conditions and template files, against lazily looked-up variables.
//
// It imports engine/value and the rest of engine/jinja; never run, playbook,
// inventory or vars.
package templar

import (
	"github.com/goplay-engine/goplay/engine/value"
)

// Vars is a view of variables, consulted by name and never copied. Values are
// as written: strings in them may be templates.
type Vars interface {
	// Lookup returns the value of a name and where it was written.
	Lookup(name string) (v value.Value, pos value.Pos, ok bool)
	// Names returns every name, for `vars`, the varnames lookup and hints.
	Names() []string
}

// LookupFunc is a lookup plugin. It returns the list of results, as
// `query` gives them.
type LookupFunc func(t *Templar, terms []value.Value, kwargs *value.Dict) ([]value.Value, error)

// Options are process-wide settings of the template engine.
type Options struct {
	Lookups map[string]LookupFunc // by short and full name
	// Plugin finds what scopes do not bring; see Scope.Plugin. Nil: nothing.
	Plugin func(kind, name string) (any, bool)
	// Override finds plugins that stand in for built-in ones of that short name. Nil: none.
	Override     func(kind, name string) (any, bool)
	Extensions   []string         // jinja2_extensions: jinja2.ext.do, jinja2.ext.loopcontrols
	Native       bool             // jinja2_native
	AllowUnsafe  bool             // allow_unsafe_lookups: lookups return text that may be rendered again
	Warn         func(msg string) // shows a warning; nil: nowhere
	ErrorOnUndef bool             // DEFAULT_UNDEFINED_VAR_BEHAVIOR, normally true
}

// Engine holds what all templates share: filters, tests, lookups, the cache of
// compiled templates. It is safe for concurrent use.
type Engine struct {
	opts  Options
	exts  map[string]bool
	text  cache[*compiled]  // strings of YAML values
	exprs cache[*condition] // bare expressions
	files cache[*compiled]  // template files
}

// NewEngine returns an engine.
func NewEngine(o Options) *Engine {
	e := &Engine{opts: o, exts: map[string]bool{}}
	for _, x := range o.Extensions {
		switch x {
		case "jinja2.ext.do":
			e.exts["do"] = true
		case "jinja2.ext.loopcontrols":
			e.exts["loopcontrols"] = true
		}
	}
	return e
}

// Scope says where a templar looks for files.
type Scope struct {
	// Find resolves a relative path for lookups and includes: kind is
	// "files", "templates", "vars" or "". The error names the paths tried.
	Find func(kind, name string) (string, error)
	// Basedir is the folder that relative paths start from at last.
	Basedir string
	// FilterLoader etc. find plugins that a playbook brings, by name; nil: none.
	// The result is a builtin.Func for kind "filter" or "test", a LookupFunc for
	// "lookup".
	Plugin func(kind, name string) (any, bool)
}

// Templar renders for one host and task. It is cheap to make, not safe for
// concurrent use.
type Templar struct {
	eng   *Engine
	vars  Vars
	scope Scope
	// stack has the variables being rendered, to find the ones that hold
	// themselves.
	stack []string
}

// New returns a templar over vars.
func (e *Engine) New(vars Vars, scope Scope) *Templar {
	return &Templar{eng: e, vars: vars, scope: scope}
}

// Engine returns the engine the templar belongs to.
func (t *Templar) Engine() *Engine { return t.eng }

// Vars returns the view the templar was made with.
func (t *Templar) Vars() Vars { return t.vars }

// Scope says where the templar looks for files.
func (t *Templar) Scope() Scope { return t.scope }

// With returns a templar that sees over before its own variables.
func (t *Templar) With(over Vars) *Templar {
	return &Templar{eng: t.eng, vars: layers{over, t.vars}, scope: t.scope, stack: t.stack[:len(t.stack):len(t.stack)]}
}

// layers is one view on top of another.
type layers struct{ top, base Vars }

func (l layers) Lookup(name string) (value.Value, value.Pos, bool) {
	if v, pos, ok := l.top.Lookup(name); ok {
		return v, pos, true
	}
	if l.base == nil {
		return nil, value.Pos{}, false
	}
	return l.base.Lookup(name)
}

func (l layers) Names() []string {
	seen := map[string]bool{}
	var out []string
	for _, v := range []Vars{l.top, l.base} {
		if v == nil {
			continue
		}
		for _, n := range v.Names() {
			if !seen[n] {
				seen[n] = true
				out = append(out, n)
			}
		}
	}
	return out
}

// DictVars makes a view of a dictionary.
type DictVars struct{ Dict *value.Dict }

// Lookup returns an entry.
func (d DictVars) Lookup(name string) (value.Value, value.Pos, bool) {
	v, ok := d.Dict.GetStr(name)
	return v, d.Dict.PosOf(name), ok
}

// Names returns the keys.
func (d DictVars) Names() []string {
	var out []string
	for _, k := range d.Dict.Keys() {
		out = append(out, value.Str(k))
	}
	return out
}

// FileOptions are the template module's parameters. The zero value means
// Ansible's defaults (trim_blocks on).
type FileOptions struct {
	Path                                   string // for messages and relative includes
	NoTrimBlocks, LstripBlocks             bool
	NewlineSequence                        string
	BlockStart, BlockEnd, VarStart, VarEnd string
	CommentStart, CommentEnd               string
	Vars                                   Vars // template_path, ansible_managed ... on top
}
