package builtin

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

func extreme(op string) Func {
	return func(c *Call) (Value, error) {
		a, err := c.Bind(0, "case_sensitive", "attribute")
		if err != nil {
			return nil, err
		}
		items, err := c.list()
		if err != nil {
			return nil, err
		}
		if len(items) == 0 {
			return &value.Undefined{Hint: "No aggregated item, sequence was empty."}, nil
		}
		key := c.key(a.v[1], value.Truth(a.v[0]), false)
		best := items[0]
		bestKey, err := key(best)
		if err != nil {
			return nil, err
		}
		for _, v := range items[1:] {
			k, err := key(v)
			if err != nil {
				return nil, err
			}
			better, err := py.Compare(op, k, bestKey)
			if err != nil {
				return nil, err
			}
			if better {
				best, bestKey = v, k
			}
		}
		return best, nil
	}
}

func sumFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "attribute", "start")
	if err != nil {
		return nil, err
	}
	total := a.Value(1, int64(0))
	if _, ok := value.Text(total); ok {
		return nil, py.Raise("TypeError", "sum() can't sum strings [use ''.join(seq) instead]")
	}
	items, err := c.list()
	if err != nil {
		return nil, err
	}
	get := c.getter(a.v[0], nil)
	for _, v := range items {
		if v, err = get(v); err != nil {
			return nil, err
		}
		if total, err = py.Add(total, v); err != nil {
			return nil, err
		}
	}
	return total, nil
}

func joinFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "d", "attribute")
	if err != nil {
		return nil, err
	}
	sep, err := a.Text(0, "")
	if err != nil {
		return nil, err
	}
	items, err := c.list()
	if err != nil {
		return nil, err
	}
	get := c.getter(a.v[1], nil)
	var b strings.Builder
	unsafe, esc := false, c.Env.Autoescape()
	if _, ok := a.v[0].(value.Unsafe); ok {
		unsafe = true
	}
	for i, v := range items {
		if v, err = get(v); err != nil {
			return nil, err
		}
		t, err := Str(v)
		if err != nil {
			return nil, err
		}
		if _, ok := v.(value.Unsafe); ok {
			unsafe = true
		}
		if i > 0 {
			b.WriteString(sep)
		}
		if esc {
			t = string(py.Escape(v))
		}
		b.WriteString(t)
	}
	switch {
	case esc:
		return py.Markup(b.String()), nil
	case unsafe:
		return value.Unsafe(b.String()), nil
	}
	return b.String(), nil
}

func firstFilter(c *Call) (Value, error) {
	if _, err := c.Bind(0); err != nil {
		return nil, err
	}
	var out Value = &value.Undefined{Hint: "No first item, sequence was empty."}
	err := c.Env.Iterate(c.in(), func(v Value) bool { out = v; return false })
	return out, err
}

func lastFilter(c *Call) (Value, error) {
	if _, err := c.Bind(0); err != nil {
		return nil, err
	}
	switch x := c.in().(type) {
	case *py.Range:
		if n := x.Len(); n > 0 {
			return x.At(n - 1), nil
		}
	case *value.List:
		if n := len(x.Items); n > 0 {
			return x.Items[n-1], nil
		}
	default:
		items, err := c.list()
		if err != nil {
			if py.IsKind(err, "TypeError") {
				err = py.Raise("TypeError", "'%s' object is not reversible", value.TypeName(x))
			}
			return nil, err
		}
		if len(items) > 0 {
			return items[len(items)-1], nil
		}
	}
	return &value.Undefined{Hint: "No last item, sequence was empty."}, nil
}

func lengthFilter(c *Call) (Value, error) {
	if _, err := c.Bind(0); err != nil {
		return nil, err
	}
	if g, ok := c.in().(interface{ Len() int }); ok {
		return int64(g.Len()), nil
	}
	return py.Len(c.in())
}
