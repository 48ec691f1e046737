package expr

import (
	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/value"
)

// Invoke calls a macro, method or function value; part of builtin.Env.
func (st *State) Invoke(fn Value, args []Value, kwargs *value.Dict) (Value, error) {
	if err := Strict(fn); err != nil {
		return nil, err
	}
	return st.invoke(fn, &builtin.Call{Args: args, Kwargs: kwargs, Env: st})
}

// overrider is implemented by hosts whose playbooks may bring filters and tests
// with the short names of built-in ones.
type overrider interface {
	Override(kind, name string) (builtin.Func, bool)
}

// own returns the playbook's own filter or test of that name, else the one given.
func (st *State) own(kind, name string, f builtin.Func) builtin.Func {
	if h, ok := st.Host.(overrider); ok && f != nil {
		if g, ok := h.Override(kind, name); ok {
			return g
		}
	}
	return f
}

// Filter finds a filter by name; part of builtin.Env.
func (st *State) Filter(name string) (builtin.Func, bool) {
	if f, ok := builtin.Filters[name]; ok {
		return st.own("filter", name, f), true
	}
	return st.Host.Filter(name)
}

// Test finds a test by name; part of builtin.Env.
func (st *State) Test(name string) (builtin.Func, bool) {
	if f, ok := builtin.Tests[name]; ok {
		return st.own("test", name, f), true
	}
	return st.Host.Test(name)
}

// Autoescape tells whether output is escaped for HTML; part of builtin.Env.
func (st *State) Autoescape() bool { return st.Escape }

// Var returns a variable as the context sees it; part of builtin.Env.
func (st *State) Var(name string) (Value, bool) {
	v, ok, err := st.ByName(name)
	if err != nil {
		return nil, false
	}
	return v, ok
}

// Lookup calls a lookup plugin; part of builtin.Env.
func (st *State) Lookup(name string, terms []Value, kwargs *value.Dict) ([]Value, error) {
	st.Volatile = true
	return st.Host.Lookup(name, terms, kwargs)
}
