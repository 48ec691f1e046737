package expr

import (
	"fmt"

	"github.com/goplay-engine/goplay/engine/value"
)

// NoPlugin is the error of an unknown filter or test.
type NoPlugin struct {
	Kind string // filter or test
	Name string
}

func (e *NoPlugin) Error() string {
	return fmt.Sprintf("Could not load \"%s\": '%s'", e.Name, e.Name)
}

// Apply runs the filter on a value already computed.
func (n *Filter) Apply(st *State, v Value) (Value, error) {
	fn := st.own("filter", n.Name, n.fn)
	if fn == nil {
		var ok bool
		if fn, ok = st.Filter(n.Name); !ok {
			return nil, st.Fail(n.Off(), &NoPlugin{"filter", n.Name})
		}
	}
	c, err := n.collect(st, n.Name, &v)
	if err != nil {
		return nil, err
	}
	if err := c.Open(false); err != nil {
		return nil, st.Fail(n.Off(), err)
	}
	if err := st.charge(v); err != nil {
		return nil, st.Fail(n.Off(), err)
	}
	args := c.Args // which the filter may cut
	out, err := fn(c)
	if err != nil {
		return nil, st.Fail(n.Off(), err)
	}
	st.taintFrom(out, args, c.Kwargs)
	return st.seen(out), nil
}

// taintFrom: what was made of unsafe text is unsafe, whatever made it.
func (st *State) taintFrom(out Value, args []Value, kwargs *value.Dict) {
	switch out.(type) {
	case nil, bool, int64, float64:
		return
	}
	if st.Unsafe {
		return
	}
	for _, a := range args {
		st.Taint(a)
	}
	if kwargs.Len() > 0 {
		st.Taint(kwargs)
	}
}

// isDefault: `default(x)` in its plain form, which needs no call.
func (n *Filter) isDefault() bool {
	return (n.Name == "default" || n.Name == "d") && len(n.Pos) == 1 && n.Names == nil && n.Star == nil && n.DStar == nil
}

// orDefault evaluates X | default(Y). Y is evaluated in any case, as a filter's
// arguments are.
func (n *Filter) orDefault(st *State) (Value, error) {
	var v Value
	var err error
	ok := true
	if x, name := n.X.(*Name); name {
		v, ok, err = x.Find(st)
	} else {
		v, err = n.X.Eval(st)
	}
	if err != nil {
		return nil, err
	}
	if ok {
		_, undef := v.(*value.Undefined)
		ok = !undef
	}
	d, err := n.Pos[0].Eval(st)
	if err != nil {
		return nil, err
	}
	if !ok {
		return d, nil
	}
	return st.seen(v), nil
}

// Eval runs the filter.
func (n *Filter) Eval(st *State) (Value, error) {
	if n.isDefault() {
		return n.orDefault(st)
	}
	if n.Name == "type_debug" && n.written(st) {
		return "AnsibleUnicode", nil
	}
	v, err := n.X.Eval(st)
	if err != nil {
		return nil, err
	}
	return n.Apply(st, v)
}

// Eval runs the test.
func (n *Test) Eval(st *State) (Value, error) {
	if n.Name == "defined" || n.Name == "undefined" {
		if x, ok := n.X.(*Name); ok {
			v, ok, err := x.Find(st)
			if _, undef := v.(*value.Undefined); undef {
				ok = false
			}
			return ok == (n.Name == "defined"), err
		}
	}
	v, err := n.X.Eval(st)
	if err != nil {
		return nil, err
	}
	if _, undef := v.(*value.Undefined); n.Name == "defined" || n.Name == "undefined" {
		return undef == (n.Name == "undefined"), nil
	}
	if n.Name == "in" && len(n.Pos) == 1 {
		box, err := n.Pos[0].Eval(st)
		if err != nil {
			return nil, err
		}
		ok, err := st.compare("in", v, box)
		if err != nil {
			return nil, st.Fail(n.Off(), err)
		}
		return ok, nil
	}
	fn := st.own("test", n.Name, n.fn)
	if fn == nil {
		var ok bool
		if fn, ok = st.Test(n.Name); !ok {
			return nil, st.Fail(n.Off(), &NoPlugin{"test", n.Name})
		}
	}
	c, err := n.collect(st, n.Name, &v)
	if err != nil {
		return nil, err
	}
	if err := c.Open(true); err != nil {
		return nil, st.Fail(n.Off(), err)
	}
	out, err := fn(c)
	if err != nil {
		return nil, st.Fail(n.Off(), err)
	}
	return out, nil
}

// fileText is implemented by hosts that know which variables are text as
// written in a file; Python's reference has a type of its own for it.
type fileText interface {
	WrittenText(name string) (value.Pos, bool)
	Native() bool
}

// written tells whether the filter's input is text as written in a file.
func (n *Filter) written(st *State) bool {
	h, ok := st.Host.(fileText)
	if !ok {
		return false
	}
	switch x := n.X.(type) {
	case *Name:
		if v, ok, err := x.Find(st); err != nil || !ok || value.TypeName(v) != "str" {
			return false
		}
		_, ok := h.WrittenText(x.Name)
		return ok
	case *Item:
		l, err := x.X.Eval(st)
		if list, ok := l.(*value.List); ok && err == nil {
			k, err := x.Key.Eval(st)
			if i, ok := index(k, len(list.Items)); ok && err == nil {
				_, text := list.Items[i].(string)
				return text && list.PosAt(i).File != ""
			}
		}
	}
	return false
}
