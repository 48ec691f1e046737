package builtin

import (
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

func batchFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "linecount", "fill_with")
	if err != nil {
		return nil, err
	}
	n, err := py.Index(a.v[0])
	if err != nil {
		return nil, err
	}
	items, err := c.list()
	if err != nil {
		return nil, err
	}
	out, cur := []Value{}, []Value{}
	for _, v := range items {
		if int64(len(cur)) == n {
			out = append(out, listValue(cur))
			cur = []Value{}
		}
		cur = append(cur, v)
	}
	if len(cur) > 0 {
		if a.Has(1) && n > py.MaxItems {
			return nil, py.Raise("MemoryError", "batch(%d) is too large", n)
		}
		for a.Has(1) && int64(len(cur)) < n {
			cur = append(cur, a.v[1])
		}
		out = append(out, listValue(cur))
	}
	return listValue(out), nil
}

func sliceFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "slices", "fill_with")
	if err != nil {
		return nil, err
	}
	n, err := py.Index(a.v[0])
	if err != nil {
		return nil, err
	}
	items, err := c.list()
	if err != nil {
		return nil, err
	}
	switch {
	case n == 0:
		return nil, py.Raise("ZeroDivisionError", "integer division or modulo by zero")
	case n > py.MaxItems:
		return nil, py.Raise("MemoryError", "slice(%d) is too large", n)
	}
	out := []Value{}
	size, extra, at := len(items)/int(max(n, 1)), len(items)%int(max(n, 1)), 0
	for i := range int(max(n, 0)) {
		end := at + size
		if i < extra {
			end++
		}
		part := append([]Value{}, items[at:end]...)
		at = end
		if a.Has(1) && i >= extra {
			part = append(part, a.v[1])
		}
		out = append(out, listValue(part))
	}
	return listValue(out), nil
}

func groupbyFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "attribute", "default", "case_sensitive")
	if err != nil {
		return nil, err
	}
	items, err := c.list()
	if err != nil {
		return nil, err
	}
	get := c.getter(a.v[0], a.v[1])
	sensitive := value.Truth(a.v[2])
	key := func(v Value) (Value, error) {
		k, err := get(v)
		return fold(k, sensitive), err
	}
	if err := py.Sort(items, key, false); err != nil {
		return nil, err
	}
	out := []Value{}
	var cur *group
	var curKey Value
	for _, v := range items {
		k, err := key(v)
		if err != nil {
			return nil, err
		}
		if err := Defined(k); err != nil {
			return nil, err
		}
		if cur == nil || !value.Equal(k, curKey) {
			orig, err := get(v)
			if err != nil {
				return nil, err
			}
			cur, curKey = &group{orig, value.NewList()}, k
			out = append(out, cur)
		}
		cur.items.Append(v)
	}
	return listValue(out), nil
}

func dictsortFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "case_sensitive", "by", "reverse")
	if err != nil {
		return nil, err
	}
	pos := 0
	switch by, _ := value.Text(a.Value(1, "key")); by {
	case "key":
	case "value":
		pos = 1
	default:
		return nil, fail(`You can only sort by either "key" or "value"`)
	}
	d, err := c.mapping(c.in())
	if err != nil {
		return nil, err
	}
	items := []Value{}
	for k, v := range d.All() {
		items = append(items, value.Tuple{k, v})
	}
	sensitive := value.Truth(a.v[0])
	err = py.Sort(items, func(v Value) (Value, error) { return fold(v.(value.Tuple)[pos], sensitive), nil }, value.Truth(a.v[2]))
	return listValue(items), err
}

// mapping returns v as a dictionary, or the error for what has no items().
func (c *Call) mapping(v Value) (*value.Dict, error) {
	switch x := v.(type) {
	case *value.Dict:
		return x, nil
	case value.Mapping:
		return py.DictOf([]Value{x}, nil)
	case *value.Undefined:
		return nil, x
	}
	return nil, py.Raise("AttributeError", "'%s' object has no attribute 'items'", value.TypeName(v))
}

func itemsFilter(c *Call) (Value, error) {
	if _, err := c.Bind(0); err != nil {
		return nil, err
	}
	if _, ok := c.in().(*value.Undefined); ok {
		return value.NewList(), nil
	}
	d, err := c.mapping(c.in())
	if err != nil {
		return nil, py.Raise("TypeError", "Can only get item pairs from a mapping.")
	}
	return (&py.View{Kind: "dict_items", Dict: d}).List(), nil
}
