package builtin

import (
	"errors"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// getter reads an attribute as `attribute=` names it: a dotted path, numbers
// being indices.
func (c *Call) getter(attr Value, def Value) func(Value) (Value, error) {
	if attr == nil {
		return func(v Value) (Value, error) { return v, nil }
	}
	var parts []Value
	if t, ok := value.Text(attr); ok {
		for _, p := range strings.Split(t, ".") {
			if n, err := strconv.ParseInt(p, 10, 64); err == nil && p[0] != '-' && p[0] != '+' {
				parts = append(parts, n)
			} else {
				parts = append(parts, p)
			}
		}
	} else {
		parts = []Value{attr}
	}
	return func(v Value) (Value, error) {
		for _, p := range parts {
			v = c.Env.Item(v, p)
			if _, bad := v.(*value.Undefined); bad && def != nil {
				v = def
			}
		}
		return v, nil
	}
}

// fold lowers text unless upper and lower case are to differ.
func fold(v Value, sensitive bool) Value {
	if t, ok := value.Text(v); ok && !sensitive {
		return py.Lower(t)
	}
	return v
}

// key makes the sort key for an attribute, several of them split by commas
// where multi.
func (c *Call) key(attr Value, sensitive, multi bool) func(Value) (Value, error) {
	if t, ok := value.Text(attr); ok && multi && strings.Contains(t, ",") {
		var gets []func(Value) (Value, error)
		for _, p := range strings.Split(t, ",") {
			gets = append(gets, c.getter(p, nil))
		}
		return func(v Value) (Value, error) {
			l := value.NewList()
			for _, g := range gets {
				k, err := g(v)
				if err == nil {
					err = Defined(k)
				}
				if err != nil {
					return nil, err
				}
				l.Append(fold(k, sensitive))
			}
			return l, nil
		}
	}
	get := c.getter(attr, nil)
	return func(v Value) (Value, error) {
		k, err := get(v)
		return fold(k, sensitive), err
	}
}

func sortFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "reverse", "case_sensitive", "attribute")
	if err != nil {
		return nil, err
	}
	items, err := c.list()
	if err != nil {
		return nil, err
	}
	sensitive := value.Truth(a.v[1])
	err = py.Sort(items, c.key(a.v[2], sensitive, true), value.Truth(a.v[0]))
	return listValue(items), err
}

func uniqueFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "case_sensitive", "attribute")
	if err != nil {
		return nil, err
	}
	items, err := c.list()
	if err != nil {
		return nil, err
	}
	key := c.key(a.v[1], value.Truth(a.v[0]), false)
	seen := newSet()
	out := []Value{}
	for _, v := range items {
		k, err := key(v)
		if err != nil {
			return nil, err
		}
		if err := Defined(k); err != nil {
			return nil, err
		}
		if py.Hashable(k) != nil && (a.Has(0) && !value.Truth(a.v[0]) || a.Has(1)) {
			return nil, fail("Jinja2's unique filter failed and we cannot fall back to Ansible's version as it does not support the parameters supplied: %v", py.Hashable(k))
		}
		if seen.add(k) {
			out = append(out, v)
		}
	}
	return listValue(out), nil
}

// set is a set of values by Python's equality, unhashable ones included.
type set struct {
	d     *value.Dict
	other []Value
}

func newSet() *set { return &set{d: value.NewDict()} }

func (s *set) has(v Value) bool {
	if py.Hashable(v) == nil {
		_, ok := s.d.Get(v)
		return ok
	}
	for _, e := range s.other {
		if value.Equal(e, v) {
			return true
		}
	}
	return false
}

// add tells whether v is new.
func (s *set) add(v Value) bool {
	if s.has(v) {
		return false
	}
	if py.Hashable(v) == nil {
		s.d.Set(v, nil)
	} else {
		s.other = append(s.other, v)
	}
	return true
}

func listFilter(c *Call) (Value, error) {
	if _, err := c.Bind(0); err != nil {
		return nil, err
	}
	items, err := c.list()
	return listValue(items), err
}

func reverseFilter(c *Call) (Value, error) {
	if _, err := c.Bind(0); err != nil {
		return nil, err
	}
	if t, ok := value.Text(c.in()); ok {
		rs := []rune(t)
		for i, j := 0, len(rs)-1; i < j; i, j = i+1, j-1 {
			rs[i], rs[j] = rs[j], rs[i]
		}
		return c.like(string(rs)), nil
	}
	items, err := c.list()
	if err != nil {
		if py.IsKind(err, "TypeError") {
			err = errors.New("argument must be iterable")
		}
		return nil, err
	}
	for i, j := 0, len(items)-1; i < j; i, j = i+1, j-1 {
		items[i], items[j] = items[j], items[i]
	}
	return listValue(items), nil
}
