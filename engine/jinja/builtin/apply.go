package builtin

import (
	"unicode"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// Names gives the registered names nearest to one that is missing; the
// evaluator sets it for its messages.
func unknown(kind, name string) error {
	why := name
	for i, r := range name {
		if r != '_' && r != '.' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			why = "invalid plugin name: ansible.builtin." + name
			break
		}
	}
	return py.Raise("TemplateSyntaxError", "Could not load %s: '%s'%s", `"`+name+`"`, why, DidYouMean(kind, name))
}

func mapFilter(c *Call) (Value, error) {
	if len(c.Args) == 0 {
		return nil, py.Raise("TypeError", "map() missing the value to work on")
	}
	if empty, err := c.nothing(); empty || err != nil {
		return listValue(nil), err
	}
	var f func(Value) (Value, error)
	if len(c.Args) == 1 && c.Kwargs.Has("attribute") {
		for k := range c.Kwargs.All() {
			if n := value.Str(k); n != "attribute" && n != "default" {
				return nil, fail("Unexpected keyword argument %s", value.Repr(k))
			}
		}
		f = c.getter(c.Kwargs.At("attribute"), c.Kwargs.At("default"))
	} else {
		if len(c.Args) < 2 {
			return nil, fail("map requires a filter argument")
		}
		name, err := Str(c.Args[1])
		if err != nil {
			return nil, err
		}
		fn, ok := c.Env.Filter(name)
		if !ok {
			return nil, unknown("filter", name)
		}
		rest := c.Args[2:]
		f = func(v Value) (Value, error) {
			return c.with(name, false, fn, v, rest)
		}
	}
	return c.each(func(v Value, out *value.List) error {
		r, err := f(v)
		if err == nil {
			out.Append(r)
		}
		return err
	})
}

// with calls the filter or test fn on v.
func (c *Call) with(name string, test bool, fn Func, v Value, rest []Value) (Value, error) {
	inner := &Call{Name: name, Args: append([]Value{v}, rest...), Kwargs: c.Kwargs, Env: c.Env}
	if err := inner.Open(test); err != nil {
		return nil, err
	}
	return fn(inner)
}

// nothing tells whether there is nothing to walk: Jinja2 passes none, 0 and
// empty text over as it does an empty list.
func (c *Call) nothing() (bool, error) {
	if err := Defined(c.in()); err != nil {
		return false, err
	}
	return !value.Truth(c.in()), nil
}

// each walks the value a filter works on.
func (c *Call) each(f func(v Value, out *value.List) error) (Value, error) {
	out := listValue(nil)
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	if !value.Truth(c.in()) {
		return out, nil // None among others
	}
	var bad error
	err := c.Env.Iterate(c.in(), func(v Value) bool {
		if len(out.Items) >= py.MaxItems {
			bad = py.Raise("MemoryError", "%s: more than %d items are too many", c.Name, py.MaxItems)
		} else {
			bad = f(v, out)
		}
		return bad == nil
	})
	if bad != nil {
		err = bad
	}
	return out, err
}

// choose makes select, reject, selectattr and rejectattr.
func choose(want, byAttr bool) Func {
	return func(c *Call) (Value, error) {
		if len(c.Args) == 0 {
			return nil, py.Raise("TypeError", "%s() missing the value to work on", c.Name)
		}
		if empty, err := c.nothing(); empty || err != nil {
			return listValue(nil), err
		}
		args := c.Args
		get := func(v Value) (Value, error) { return v, nil }
		if byAttr {
			if len(args) < 2 {
				return nil, fail("Missing parameter for attribute name")
			}
			get = c.getter(args[1], nil)
			args = args[1:]
		}
		test := func(v Value) (Value, error) { return value.Truth(v), Defined(v) }
		if len(args) > 1 {
			name, err := Str(args[1])
			if err != nil {
				return nil, err
			}
			fn, ok := c.Env.Test(name)
			if !ok {
				return nil, unknown("test", name)
			}
			rest := args[2:]
			test = func(v Value) (Value, error) {
				return c.with(name, true, fn, v, rest)
			}
		}
		return c.each(func(v Value, out *value.List) error {
			k, err := get(v)
			if err != nil {
				return err
			}
			r, err := test(k)
			if err != nil {
				return err
			}
			if value.Truth(r) == want {
				out.Append(v)
			}
			return nil
		})
	}
}
