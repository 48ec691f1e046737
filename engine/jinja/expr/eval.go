package expr

import (
	"fmt"
	"strings"

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
	if _, ok := v.(value.Unsafe); ok {
		st.Unsafe = true
	}
	return v, true, nil
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
	return &value.List{Items: items}, err
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
		if err := hashable(kv); err != nil {
			return nil, st.Fail(k.Off(), err)
		}
		d.Set(kv, v)
	}
	return d, nil
}

func hashable(v Value) error {
	switch x := v.(type) {
	case *value.List, *value.Dict:
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

// Eval negates a number.
func (n *Unary) Eval(st *State) (Value, error) {
	v, err := n.X.Eval(st)
	if err != nil {
		return nil, err
	}
	if err = Strict(v); err == nil {
		if n.Op == '-' {
			v, err = py.Neg(v)
		} else {
			v, err = py.Pos(v)
		}
	}
	if err != nil {
		return nil, st.Fail(n.Off(), err)
	}
	return v, nil
}

var operators = map[string]func(a, b Value) (Value, error){
	"+": py.Add, "-": py.Sub, "*": py.Mul, "/": py.Div, "//": py.FloorDiv, "%": py.Mod, "**": py.Pow,
}

// Eval computes.
func (n *Binary) Eval(st *State) (Value, error) {
	l, err := n.L.Eval(st)
	if err != nil {
		return nil, err
	}
	r, err := n.R.Eval(st)
	if err != nil {
		return nil, err
	}
	if a, ok := l.(int64); ok {
		if b, ok := r.(int64); ok {
			switch n.Op {
			case "+":
				if c := a + b; (c > a) == (b > 0) {
					return c, nil
				}
			case "-":
				if c := a - b; (c < a) == (b > 0) {
					return c, nil
				}
			}
		}
	}
	if err = Strict(l); err == nil {
		if err = Strict(r); err != nil && n.Op == "%" {
			if s, ok := value.Text(l); ok && !strings.Contains(s, "%") {
				return l, nil // nothing asks for the value
			}
		}
	}
	var v Value
	switch {
	case err == nil && n.Op == "+":
		err = fits(l, r)
	case n.Op == "%":
		st.Taint(r)
	}
	if err == nil {
		v, err = operators[n.Op](l, r)
	}
	if err != nil {
		return nil, st.Fail(n.Off(), err)
	}
	if s, ok := v.(string); ok {
		_, a := l.(value.Unsafe)
		if _, b := r.(value.Unsafe); a || b {
			return value.Unsafe(s), nil
		}
		if n.Op == "%" && st.Unsafe {
			if left := maxNodes; hasUnsafe(r, 0, &left) {
				return value.Unsafe(s), nil
			}
		}
	}
	return v, nil
}

// fits refuses sums that would exhaust the memory.
func fits(l, r Value) error {
	if a, ok := l.(*value.List); ok {
		if b, ok := r.(*value.List); ok && len(a.Items)+len(b.Items) > MaxItems {
			return fmt.Errorf("a list of %d items is too large", len(a.Items)+len(b.Items))
		}
		return nil
	}
	if a, ok := value.Text(l); ok && len(a) > 1<<16 {
		if b, ok := value.Text(r); ok && len(a)+len(b) > MaxOutput {
			return fmt.Errorf("a text of %d bytes is too large", len(a)+len(b))
		}
	}
	return nil
}

// Eval joins the printed parts.
func (n *Concat) Eval(st *State) (Value, error) {
	if st.Escape {
		return n.markup(st)
	}
	var b strings.Builder
	unsafe := false
	for _, e := range n.Items {
		v, err := e.Eval(st)
		if err != nil {
			return nil, err
		}
		s, err := st.Print(v)
		if err != nil {
			return nil, st.Fail(e.Off(), err)
		}
		_, u := v.(value.Unsafe)
		unsafe = unsafe || u
		if b.Len()+len(s) > MaxOutput {
			return nil, st.Fail(e.Off(), fmt.Errorf("the text is too large"))
		}
		b.WriteString(s)
	}
	if unsafe {
		return value.Unsafe(b.String()), nil
	}
	return b.String(), nil
}

// markup joins where escaping is on: next to Markup, text is escaped.
func (n *Concat) markup(st *State) (Value, error) {
	vals, err := evalAll(st, n.Items)
	if err != nil {
		return nil, err
	}
	safe := false
	for i, v := range vals {
		if err := Strict(v); err != nil {
			return nil, st.Fail(n.Items[i].Off(), err)
		}
		if _, ok := v.(py.Markup); ok {
			safe = true
		}
	}
	var b strings.Builder
	for _, v := range vals {
		if safe {
			b.WriteString(string(py.Escape(v)))
		} else {
			b.WriteString(value.Str(v))
		}
	}
	if safe {
		return py.Markup(b.String()), nil
	}
	return b.String(), nil
}

// Print is str(v), an error where v is undefined. Unsafe text in it is noted.
func (st *State) Print(v Value) (string, error) {
	switch x := v.(type) {
	case string:
		return x, nil
	case *value.Undefined:
		return "", Strict(x)
	case *value.Secret:
		return x.Reveal()
	}
	st.Taint(v)
	if err := printable(v, 0); err != nil {
		return "", err
	}
	return value.Str(v), nil
}

// Eval compares left to right and stops at the first that fails.
func (n *Compare) Eval(st *State) (Value, error) {
	l, err := n.First.Eval(st)
	if err != nil {
		return nil, err
	}
	for i, op := range n.Ops {
		r, err := n.Rest[i].Eval(st)
		if err != nil {
			return nil, err
		}
		ok, err := st.compare(op, l, r)
		if err != nil {
			return nil, st.Fail(n.Off(), err)
		}
		if !ok {
			return false, nil
		}
		l = r
	}
	return true, nil
}

func (st *State) compare(op string, l, r Value) (bool, error) {
	if err := Strict(r); err != nil && op != "in" && op != "not in" {
		if e := Strict(l); e != nil {
			return false, e
		}
		return false, err
	} else if err != nil {
		return false, err
	}
	if op != "in" && op != "not in" {
		if err := Strict(l); err != nil {
			return false, err
		}
	}
	switch op {
	case "==":
		return value.Equal(l, r), nil
	case "!=":
		return !value.Equal(l, r), nil
	case "in":
		return st.Contains(r, l)
	case "not in":
		ok, err := st.Contains(r, l)
		return !ok, err
	}
	return py.Compare(op, l, r)
}

// Eval is a slice object, which only brackets give a meaning to.
func (n *Slice) Eval(st *State) (Value, error) {
	return nil, st.Fail(n.Off(), fmt.Errorf("a slice stands outside brackets"))
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

// Finalize turns what walks once or lazily (ranges, views) into a list, as
// Ansible does with the value of every {{ }}.
func Finalize(st *State, v Value) (Value, error) {
	switch x := v.(type) {
	case *py.Range:
		if x.Len() > MaxItems {
			return nil, fmt.Errorf("the range has %d items, too many to print", x.Len())
		}
		return py.ListOf(x)
	case *py.View:
		return x.List(), nil
	case *value.Dict, *value.List, value.Tuple:
		return v, deepStrict(v, 0)
	}
	return v, nil
}

// maxNodes bounds the walk through one value: a list that holds another twice,
// which holds another twice ..., has no end.
const maxNodes = 20_000_000

// deepStrict is the error of the first undefined value inside a container.
func deepStrict(v Value, depth int) error {
	n := maxNodes
	return strictNodes(v, depth, &n)
}

func strictNodes(v Value, depth int, left *int) error {
	if depth > 900 {
		return nil
	}
	if *left--; *left < 0 {
		return fmt.Errorf("the value is too large")
	}
	switch x := v.(type) {
	case *value.Undefined:
		return Strict(x)
	case *value.List:
		for _, e := range x.Items {
			if err := strictNodes(e, depth+1, left); err != nil {
				return err
			}
		}
	case value.Tuple:
		for _, e := range x {
			if err := strictNodes(e, depth+1, left); err != nil {
				return err
			}
		}
	case *value.Dict:
		for _, e := range x.All() {
			if err := strictNodes(e, depth+1, left); err != nil {
				return err
			}
		}
	}
	return nil
}
