package jmespath

import (
	"math/big"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// Search evaluates a query.
func (q *Query) Search(v Value) (Value, error) { return q.eval(q.root, v) }

func isNumber(v Value) bool {
	switch v.(type) {
	case int64, float64, *big.Int:
		return true
	}
	return false
}

// list returns the items of a list.
func list(v Value) ([]Value, bool) {
	switch x := v.(type) {
	case *value.List:
		return x.Items, true
	case value.Tuple:
		return x, true
	}
	return nil, false
}

// falsy: false, null and what is empty; zero is true.
func falsy(v Value) bool {
	switch x := v.(type) {
	case nil:
		return true
	case bool:
		return !x
	case *value.Dict:
		return x.Len() == 0
	}
	if l, ok := list(v); ok {
		return len(l) == 0
	}
	t, ok := value.Text(v)
	return ok && t == ""
}

// equal is ==, but true is not 1.
func equal(a, b Value) bool {
	_, ba := a.(bool)
	_, bb := b.(bool)
	return ba == bb && value.Equal(a, b)
}

func (q *Query) eval(n *node, v Value) (Value, error) {
	switch n.kind {
	case "current":
		return v, nil
	case "literal":
		return n.val, nil
	case "field":
		if d, ok := v.(*value.Dict); ok {
			return d.At(n.name), nil
		}
		if m, ok := v.(value.Mapping); ok {
			e, _, err := m.GetItem(n.name)
			return e, err
		}
		return nil, nil
	case "sub", "|":
		l, err := q.eval(n.left, v)
		if err != nil {
			return nil, err
		}
		if l == nil && n.kind == "sub" && n.right.kind != "call" {
			return nil, nil
		}
		return q.eval(n.right, l)
	case "index":
		items, ok := list(v)
		i := n.val.(int64)
		if i < 0 {
			i += int64(len(items))
		}
		if !ok || i < 0 || i >= int64(len(items)) {
			return nil, nil
		}
		return items[i], nil
	case "slice":
		return slice(n, v)
	case "||", "&&":
		l, err := q.eval(n.left, v)
		if err != nil || falsy(l) == (n.kind == "&&") {
			return l, err
		}
		return q.eval(n.right, v)
	case "not":
		l, err := q.eval(n.left, v)
		return falsy(l), err
	case "compare":
		return q.compare(n, v)
	case "ref":
		return &expref{q, n.left}, nil
	case "list":
		if v == nil {
			return nil, nil
		}
		out := value.NewList()
		for _, k := range n.kids {
			e, err := q.eval(k, v)
			if err != nil {
				return nil, err
			}
			out.Append(e)
		}
		return out, nil
	case "hash":
		if v == nil {
			return nil, nil
		}
		out := value.NewDict()
		for i, k := range n.kids {
			e, err := q.eval(k, v)
			if err != nil {
				return nil, err
			}
			out.Set(n.keys[i], e)
		}
		return out, nil
	case "call":
		args := make([]Value, len(n.kids))
		for i, k := range n.kids {
			a, err := q.eval(k, v)
			if err != nil {
				return nil, err
			}
			args[i] = a
		}
		return call(n.name, args)
	}
	return q.project(n, v)
}

func slice(n *node, v Value) (Value, error) {
	items, ok := list(v)
	if !ok {
		return nil, nil
	}
	step := int64(1)
	if n.parts[2] != nil {
		step = *n.parts[2]
	}
	if step == 0 {
		return nil, &Error{Msg: "the step of a slice cannot be 0"}
	}
	size := int64(len(items))
	bound := func(p *int64, def, lo, hi int64) int64 {
		if p == nil {
			return def
		}
		i := *p
		if i < 0 {
			i += size
		}
		return max(min(i, hi), lo)
	}
	out := value.NewList()
	if step > 0 {
		end := bound(n.parts[1], size, 0, size)
		for i := bound(n.parts[0], 0, 0, size); i < end; i += step {
			out.Append(items[i])
		}
		return out, nil
	}
	end := bound(n.parts[1], -1, -1, size-1)
	for i := bound(n.parts[0], size-1, -1, size-1); i > end; i += step {
		out.Append(items[i])
	}
	return out, nil
}

func (q *Query) compare(n *node, v Value) (Value, error) {
	l, err := q.eval(n.left, v)
	if err != nil {
		return nil, err
	}
	r, err := q.eval(n.right, v)
	if err != nil {
		return nil, err
	}
	switch n.name {
	case "==":
		return equal(l, r), nil
	case "!=":
		return !equal(l, r), nil
	}
	_, lt := value.Text(l)
	_, rt := value.Text(r)
	if !(isNumber(l) && isNumber(r)) && !(lt && rt) {
		return nil, nil
	}
	return py.Compare(n.name, l, r)
}

// project evaluates what is applied to each item of a list; null results are
// left out.
func (q *Query) project(n *node, v Value) (Value, error) {
	if n.kind == "flatten" {
		l, err := q.eval(n.left, v)
		if err != nil {
			return nil, err
		}
		items, ok := list(l)
		if !ok {
			return nil, nil
		}
		out := value.NewList()
		for _, e := range items {
			if inner, ok := list(e); ok {
				out.Append(inner...)
			} else {
				out.Append(e)
			}
		}
		return out, nil
	}
	base, err := q.eval(n.left, v)
	if err != nil {
		return nil, err
	}
	var items []Value
	if n.kind == "values" {
		d, ok := base.(*value.Dict)
		if !ok {
			return nil, nil
		}
		for _, e := range d.All() {
			items = append(items, e)
		}
	} else {
		var ok bool
		if items, ok = list(base); !ok {
			return nil, nil
		}
	}
	out := &value.List{Items: []Value{}}
	for _, e := range items {
		if n.kind == "filter" {
			keep, err := q.eval(n.kids[0], e)
			if err != nil {
				return nil, err
			}
			if falsy(keep) {
				continue
			}
		}
		r, err := q.eval(n.right, e)
		if err != nil {
			return nil, err
		}
		if r != nil {
			out.Append(r)
		}
	}
	return out, nil
}
