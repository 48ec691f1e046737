package expr

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

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
	if l, err = st.reveal(l); err != nil {
		return nil, st.Fail(n.Off(), err)
	}
	if r, err = st.reveal(r); err != nil {
		return nil, st.Fail(n.Off(), err)
	}
	if err = Strict(l); err == nil {
		if _, text := value.Text(l); !text || n.Op != "%" { // formatting may not ask for the value
			err = Strict(r)
		}
	}
	var v Value
	switch {
	case err == nil && n.Op == "+":
		err = fits(l, r)
	case n.Op == "%":
		if st.Taint(r); st.Unsafe && err == nil {
			err = opens(r)
		}
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
		if bytes, ok := v.(py.Bytes); ok {
			v = bytes.Repr()
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
	if op != "in" && op != "not in" {
		if err := opens(l, r); err != nil {
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
