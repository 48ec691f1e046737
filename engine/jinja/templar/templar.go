// Package templar renders what playbooks hold: values with templates in them,
// conditions and template files, against lazily looked-up variables.
//
// It imports engine/value and the rest of engine/jinja; never run, playbook,
// inventory or vars.
package templar

import (
	"errors"

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
	Lookups      map[string]LookupFunc // by short and full name
	Extensions   []string              // jinja2_extensions: jinja2.ext.do, jinja2.ext.loopcontrols
	Native       bool                  // jinja2_native
	ErrorOnUndef bool                  // DEFAULT_UNDEFINED_VAR_BEHAVIOR, normally true
}

// Engine holds what all templates share: filters, tests, lookups, the cache of
// compiled templates. It is safe for concurrent use.
type Engine struct{ opts Options }

// NewEngine returns an engine.
func NewEngine(o Options) *Engine { return &Engine{opts: o} }

// Scope says where a templar looks for files.
type Scope struct {
	// Find resolves a relative path for lookups and includes: kind is
	// "files", "templates", "vars" or "". The error names the paths tried.
	Find func(kind, name string) (string, error)
	// Basedir is the folder that relative paths start from at last.
	Basedir string
	// FilterLoader etc. find plugins that a playbook brings, by name; nil: none.
	Plugin func(kind, name string) (any, bool)
}

// Templar renders for one host and task. It is cheap to make, not safe for
// concurrent use.
type Templar struct {
	eng   *Engine
	vars  Vars
	scope Scope
}

// New returns a templar over vars.
func (e *Engine) New(vars Vars, scope Scope) *Templar {
	return &Templar{eng: e, vars: vars, scope: scope}
}

// Vars returns the view the templar was made with.
func (t *Templar) Vars() Vars { return t.vars }

// With returns a templar that sees over before its own variables.
func (t *Templar) With(over Vars) *Templar { panic("see the jinja package") }

// Render renders every template in v, recursively, with native results: exactly
// {{ x }} keeps x's type. pos is where v was written. Undefined variables are
// an *Error whose IsUndefined is true.
func (t *Templar) Render(v value.Value, pos value.Pos) (value.Value, error) {
	return nil, errors.New("see the jinja package")
}

// Var returns a variable by name, rendered; ok is false where it is not
// defined.
func (t *Templar) Var(name string) (v value.Value, ok bool, err error) {
	return nil, false, errors.New("see the jinja package")
}

// Eval evaluates a bare expression (no delimiters).
func (t *Templar) Eval(expr string, pos value.Pos) (value.Value, error) {
	return nil, errors.New("see the jinja package")
}

// Cond evaluates a condition as `when:` holds it: a bool, or text with a bare
// expression; delimiters in it are rendered first, as Ansible does.
func (t *Templar) Cond(cond value.Value, pos value.Pos) (bool, error) {
	return false, errors.New("see the jinja package")
}

// RenderLenient is Render that leaves text as it is where a variable in it is
// undefined (task names).
func (t *Templar) RenderLenient(v value.Value, pos value.Pos) (value.Value, error) {
	return nil, errors.New("see the jinja package")
}

// Lookup calls a lookup plugin as query() does, with rendered terms; with_*
// loops use it.
func (t *Templar) Lookup(name string, terms []value.Value, kwargs *value.Dict) ([]value.Value, error) {
	return nil, errors.New("see the jinja package")
}

// Error is a mistake in a template, or an undefined variable in one.
type Error struct {
	Msg         string // in Ansible's words
	Pos         value.Pos
	IsUndefined bool
	Hint        string // "did you mean ..."
	Err         error
}

// Error returns the message alone; reports add place and hint.
func (e *Error) Error() string { return e.Msg }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

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

// RenderFile renders the content of a template file to text.
func (t *Templar) RenderFile(src string, o FileOptions) (string, error) {
	return "", errors.New("see the jinja package")
}

// IsTemplate tells whether s holds delimiters, so that rendering may change it.
func IsTemplate(s string) bool { return false }
