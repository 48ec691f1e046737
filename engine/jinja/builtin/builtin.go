// Package builtin has the filters, tests and global functions of Jinja2 and
// Ansible as plain functions over values.
//
// It imports engine/value, engine/yaml, engine/pyre and engine/jinja/py; the evaluator
// imports it, never the other way round.
package builtin

import "github.com/goplay-engine/goplay/engine/value"

// Func is a filter, test or global. For filters and tests Args[0] is what
// stands before the bar or `is`.
type Func func(c *Call) (value.Value, error)

// Call is one call with its arguments and the evaluator's services.
type Call struct {
	Name   string
	Args   []value.Value
	Kwargs *value.Dict
	Env    Env
}

// Env is what filters may ask of the evaluator.
type Env interface {
	// Attr is Jinja2's environment.getattr, Item its getitem; a missing one is
	// *value.Undefined.
	Attr(obj value.Value, name string) value.Value
	Item(obj, key value.Value) value.Value
	// Invoke calls a macro, bound method or function value.
	Invoke(fn value.Value, args []value.Value, kwargs *value.Dict) (value.Value, error)
	// Filter and Test find by short or full name (map, select, reject, sort ... need them).
	Filter(name string) (Func, bool)
	Test(name string) (Func, bool)
	// Iterate walks any iterable (text by character, dictionaries by key); an
	// error for what cannot be walked, in Python's words.
	Iterate(v value.Value, yield func(value.Value) bool) error
	// Autoescape is false in Ansible unless a template turns it on.
	Autoescape() bool
	// Var looks up a rendered variable (for filters that see the context).
	Var(name string) (value.Value, bool)
	// Lookup calls a lookup plugin.
	Lookup(name string, terms []value.Value, kwargs *value.Dict) ([]value.Value, error)
}
