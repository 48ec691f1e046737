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

// Filter finds a filter by name; part of builtin.Env.
func (st *State) Filter(name string) (builtin.Func, bool) {
	if f, ok := builtin.Filters[name]; ok {
		return f, true
	}
	return st.Host.Filter(name)
}

// Test finds a test by name; part of builtin.Env.
func (st *State) Test(name string) (builtin.Func, bool) {
	if f, ok := builtin.Tests[name]; ok {
		return f, true
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
