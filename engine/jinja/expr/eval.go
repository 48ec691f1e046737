package expr

import (
	"fmt"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// Eval returns the literal.
func (n *Const) Eval(*State) (Value, error) { return n.V, nil }

// Find looks the variable up without making an Undefined of it.
func (n *Name) Find(st *State) (Value, bool, error) {
	if n.Slot < 0 {
		v, ok, err := st.ByName(n.Name)
		if err != nil {
			return nil, false, st.Fail(n.Off(), err)
		}
		return v, ok, nil
	}
	f := st.Frame
	for i := n.Hops; i > 0; i-- {
		f = f.Parent
	}
	v := f.Vals[n.Slot]
	switch v {
	case Unresolved:
		v, ok, err := st.ByName(n.Name)
		if err != nil {
			return nil, false, st.Fail(n.Off(), err)
		}
		if !ok {
			v = Missing
		}
		f.Vals[n.Slot] = v
		return v, ok, nil
	case Missing:
		return nil, false, nil
	}
	return st.seen(v), true, nil
}

// Eval returns the variable's value.
func (n *Name) Eval(st *State) (Value, error) {
	v, ok, err := n.Find(st)
	if err != nil || ok {
		return v, err
	}
	return &value.Undefined{Name: n.Name, Pos: here(n.at)}, nil
}

func evalAll(st *State, ns []Node) ([]Value, error) {
	out := make([]Value, len(ns))
	for i, e := range ns {
		v, err := e.Eval(st)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// Eval builds the tuple.
func (n *Tuple) Eval(st *State) (Value, error) {
	items, err := evalAll(st, n.Items)
	return value.Tuple(items), err
}

// Eval builds the list.
func (n *List) Eval(st *State) (Value, error) {
	items, err := evalAll(st, n.Items)
	l := &value.List{Items: items}
	if h, ok := st.Host.(fileText); ok && err == nil && h.Native() {
		// With native results the items keep where they were written.
		for i, e := range n.Items {
			if x, ok := e.(*Name); ok {
				if p, ok := h.WrittenText(x.Name); ok {
					if l.Pos == nil {
						l.Pos = make([]value.Pos, len(items))
					}
					l.Pos[i] = p
				}
			}
		}
	}
	return l, err
}

// Eval builds the dictionary.
func (n *Dict) Eval(st *State) (Value, error) {
	d := value.NewDictCap(len(n.Keys))
	for i, k := range n.Keys {
		kv, err := k.Eval(st)
		if err != nil {
			return nil, err
		}
		v, err := n.Vals[i].Eval(st)
		if err != nil {
			return nil, err
		}
		if err = hashable(kv); err == nil {
			kv, err = st.reveal(kv)
		}
		if err != nil {
			return nil, st.Fail(k.Off(), err)
		}
		d.Set(kv, v)
	}
	return d, nil
}

func hashable(v Value) error {
	switch x := v.(type) {
	case *value.List, *value.Dict, *py.View, *py.Set:
		return py.Raise("TypeError", "unhashable type: '%s'", value.TypeName(v))
	case value.Tuple:
		for _, e := range x {
			if err := hashable(e); err != nil {
				return err
			}
		}
	case *value.Undefined:
		return Strict(v)
	}
	return nil
}

// Truth is the truth of v; an undefined value is an error.
func (st *State) Truth(n Node, v Value) (bool, error) {
	switch x := v.(type) {
	case bool:
		return x, nil
	case *value.Undefined:
		if !x.Lenient {
			return false, st.Fail(n.Off(), x)
		}
	case *value.Secret:
		s, err := x.Reveal()
		if err != nil {
			return false, st.Fail(n.Off(), err)
		}
		return s != "", nil
	}
	return value.Truth(v), nil
}

// EvalTruth evaluates n as a condition.
func (st *State) EvalTruth(n Node) (bool, error) {
	v, err := n.Eval(st)
	if err != nil {
		return false, err
	}
	return st.Truth(n, v)
}

// Eval picks a branch. Without else it gives an undefined value that prints as
// nothing.
func (n *Cond) Eval(st *State) (Value, error) {
	ok, err := st.EvalTruth(n.Test)
	if err != nil {
		return nil, err
	}
	if ok {
		return n.Then.Eval(st)
	}
	if n.Else == nil {
		return &value.Undefined{Lenient: true, Hint: fmt.Sprintf("the inline if-expression on line %d evaluated to false and no else section was defined.", st.Src.At(n.Off()).Line), Pos: here(n.at)}, nil
	}
	return n.Else.Eval(st)
}

// Eval gives the left side where it is false, else the right.
func (n *And) Eval(st *State) (Value, error) {
	v, err := n.L.Eval(st)
	if err != nil {
		return nil, err
	}
	if ok, err := st.Truth(n.L, v); err != nil || !ok {
		return v, err
	}
	return n.R.Eval(st)
}

// Eval gives the left side where it is true, else the right.
func (n *Or) Eval(st *State) (Value, error) {
	v, err := n.L.Eval(st)
	if err != nil {
		return nil, err
	}
	if ok, err := st.Truth(n.L, v); err != nil || ok {
		return v, err
	}
	return n.R.Eval(st)
}

// Eval negates.
func (n *Not) Eval(st *State) (Value, error) {
	ok, err := st.EvalTruth(n.X)
	return !ok, err
}

// Set stores a local variable.
func (n *Name) Set(st *State, v Value) {
	if n.Slot < 0 {
		return
	}
	f := st.Frame
	for i := n.Hops; i > 0; i-- {
		f = f.Parent
	}
	f.Vals[n.Slot] = v
}
