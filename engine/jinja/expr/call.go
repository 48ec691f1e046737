package expr

import (
	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// Callable is a value that can be called.
type Callable interface {
	Call(c *builtin.Call) (Value, error)
}

// Function is a global function as a value.
type Function struct {
	Name string
	Fn   builtin.Func
}

// TypeName is Python's name of the type.
func (*Function) TypeName() string { return "function" }

// Str prints as str() does.
func (f *Function) Str() string { return "<function " + f.Name + ">" }

// Repr prints as repr() does.
func (f *Function) Repr() string { return f.Str() }

// Truth is always true.
func (*Function) Truth() bool { return true }

// Call calls the function.
func (f *Function) Call(c *builtin.Call) (Value, error) {
	c.Name = f.Name
	return f.Fn(c)
}

// BoundMethod is a method of a Python type, bound to its object.
type BoundMethod struct {
	Recv Value
	Name string
}

// TypeName is Python's name of the type.
func (*BoundMethod) TypeName() string { return "builtin_function_or_method" }

// Str prints as str() does.
func (m *BoundMethod) Str() string {
	return "<built-in method " + m.Name + " of " + value.TypeName(m.Recv) + " object>"
}

// Repr prints as repr() does.
func (m *BoundMethod) Repr() string { return m.Str() }

// Truth is always true.
func (*BoundMethod) Truth() bool { return true }

func (st *State) method(obj Value, name string) (Value, bool) {
	if py.HasMethod(obj, name) {
		return &BoundMethod{obj, name}, true
	}
	if m, ok := obj.(value.Mapping); ok {
		switch name {
		case "keys", "values", "items", "get":
			return &BoundMethod{asDict(m, name == "keys"), name}, true
		}
	}
	return nil, false
}

// asDict is a computed mapping as a dictionary, for dict's methods; keysOnly
// spares the work of the values.
func asDict(m value.Mapping, keysOnly bool) *value.Dict {
	d := value.NewDict()
	for _, k := range m.Keys() {
		if keysOnly {
			d.Set(k, nil)
			continue
		}
		if v, ok, err := m.GetItem(k); ok && err == nil {
			d.Set(k, v)
		}
	}
	return d
}

// call is one call with room for a few arguments, to allocate once.
type call struct {
	builtin.Call
	buf [4]Value
}

// collect evaluates arguments. first, if not nil, becomes argument 0.
func (a *Args) collect(st *State, name string, first *Value) (*builtin.Call, error) {
	c := &call{}
	c.Name, c.Env = name, st
	args := c.buf[:0]
	if first != nil {
		args = append(args, *first)
	}
	for _, n := range a.Pos {
		v, err := n.Eval(st)
		if err != nil {
			return nil, err
		}
		args = append(args, v)
	}
	if a.Star != nil {
		v, err := a.Star.Eval(st)
		if err != nil {
			return nil, err
		}
		if err := st.Iterate(v, func(e Value) bool {
			args = append(args, e)
			return len(args) < MaxItems
		}); err != nil {
			return nil, st.Fail(a.Star.Off(), err)
		}
	}
	c.Args = args
	if len(a.Names) > 0 || a.DStar != nil {
		kw := value.NewDictCap(len(a.Names))
		for i, n := range a.Names {
			v, err := a.Vals[i].Eval(st)
			if err != nil {
				return nil, err
			}
			kw.Set(n, v)
		}
		if a.DStar != nil {
			v, err := a.DStar.Eval(st)
			if err != nil {
				return nil, err
			}
			d, ok := v.(*value.Dict)
			if !ok {
				return nil, st.Fail(a.DStar.Off(), py.Raise("TypeError", "argument after ** must be a mapping, not %s", value.TypeName(v)))
			}
			for k, e := range d.All() {
				s, ok := value.Text(k)
				if !ok {
					return nil, st.Fail(a.DStar.Off(), py.Raise("TypeError", "keywords must be strings"))
				}
				if kw.Has(s) {
					return nil, st.Fail(a.DStar.Off(), py.Raise("TypeError", "got multiple values for keyword argument '%s'", s))
				}
				kw.Set(s, e)
			}
		}
		c.Kwargs = kw
	}
	return &c.Call, nil
}

// Eval calls.
func (n *Call) Eval(st *State) (Value, error) {
	if err := st.Step(); err != nil {
		return nil, st.Fail(n.Off(), err)
	}
	if a, ok := n.Fn.(*Attr); ok {
		recv, err := a.X.Eval(st)
		if err != nil {
			return nil, err
		}
		if py.HasMethod(recv, a.Name) {
			c, err := n.collect(st, a.Name, nil)
			if err != nil {
				return nil, err
			}
			v, err := st.callMethod(recv, c)
			if err != nil {
				return nil, st.Fail(n.Off(), err)
			}
			return v, nil
		}
		fn, err := st.getAttr(recv, a.Name)
		if err != nil {
			return nil, st.Fail(a.Off(), err)
		}
		return n.invoke(st, fn)
	}
	fn, err := n.Fn.Eval(st)
	if err != nil {
		return nil, err
	}
	return n.invoke(st, fn)
}

func (n *Call) invoke(st *State, fn Value) (Value, error) {
	c, err := n.collect(st, "", nil)
	if err != nil {
		return nil, err
	}
	if err := Strict(fn); err != nil {
		return nil, st.Fail(n.Off(), err)
	}
	v, err := st.invoke(fn, c)
	if err != nil {
		return nil, st.Fail(n.Off(), err)
	}
	return v, nil
}

func (st *State) invoke(fn Value, c *builtin.Call) (Value, error) {
	switch f := fn.(type) {
	case Callable:
		v, err := f.Call(c)
		if err == nil {
			st.seen(v)
		}
		return v, err
	case *BoundMethod:
		c.Name = f.Name
		return st.callMethod(f.Recv, c)
	}
	return nil, py.Raise("TypeError", "'%s' object is not callable", value.TypeName(fn))
}

func (st *State) callMethod(recv Value, c *builtin.Call) (Value, error) {
	for _, a := range c.Args {
		if err := Strict(a); err != nil && c.Name != "get" && c.Name != "append" && c.Name != "setdefault" && c.Name != "insert" {
			return nil, err
		}
	}
	recv, err := st.reveal(recv)
	if err != nil {
		return nil, err
	}
	if _, text := value.Text(recv); text { // a list or dictionary keeps secrets as they are
		for i, a := range c.Args {
			if c.Args[i], err = st.reveal(a); err != nil {
				return nil, err
			}
		}
	}
	v, err := py.Call(recv, c.Name, c.Args, c.Kwargs)
	if err != nil {
		return nil, err
	}
	switch v.(type) {
	case string, *value.List:
		st.Taint(recv)
		st.taintFrom(v, c.Args, c.Kwargs)
	}
	return st.seen(v), nil
}

// EvalWith calls with one more keyword argument, as call blocks do.
func (n *Call) EvalWith(st *State, key string, v Value) (Value, error) {
	fn, err := n.Fn.Eval(st)
	if err != nil {
		return nil, err
	}
	c, err := n.collect(st, "", nil)
	if err != nil {
		return nil, err
	}
	if err := Strict(fn); err != nil {
		return nil, st.Fail(n.Off(), err)
	}
	if c.Kwargs == nil {
		c.Kwargs = value.NewDict()
	}
	c.Kwargs.Set(key, v)
	if v, err = st.invoke(fn, c); err != nil {
		return nil, st.Fail(n.Off(), err)
	}
	return v, nil
}
