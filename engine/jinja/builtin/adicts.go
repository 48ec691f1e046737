package builtin

import (
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

func asDict(v Value) (*value.Dict, bool) {
	switch x := v.(type) {
	case *value.Dict:
		return x, true
	case value.Mapping:
		d, err := py.DictOf([]Value{x}, nil)
		return d, err == nil
	}
	return nil, false
}

func itemsOf(v Value) []Value {
	switch x := v.(type) {
	case *value.List:
		return x.Items
	case value.Tuple:
		return x
	}
	return nil
}

// flattenInto adds the items of v; levels < 0 goes to the bottom.
func flattenInto(out *[]Value, v Value, levels int, skipNulls bool) {
	items := itemsOf(v)
	if r, ok := v.(*py.Range); ok {
		_ = r.Iterate(func(e Value) bool { items = append(items, e); return len(items) < py.MaxItems })
	}
	for _, e := range items {
		if t, ok := value.Text(e); skipNulls && (e == nil || ok && (t == "None" || t == "null")) {
			continue
		}
		_, isRange := e.(*py.Range)
		if (isSequence(e) || isRange) && levels != 0 {
			flattenInto(out, e, levels-1, skipNulls)
			continue
		}
		*out = append(*out, e)
	}
}

func flattenFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "levels", "skip_nulls")
	if err != nil {
		return nil, err
	}
	levels := int64(-1)
	if a.Has(0) {
		if levels, err = a.Int(0, -1); err != nil {
			return nil, err
		}
		levels = max(levels, 0)
	}
	items, err := c.list()
	if err != nil {
		return nil, err
	}
	out := []Value{}
	flattenInto(&out, listValue(items), int(levels), value.Truth(a.Value(1, true)))
	return listValue(out), nil
}

func className(v Value) string {
	switch v.(type) {
	case value.Unsafe:
		return "<class 'ansible.utils.unsafe_proxy.AnsibleUnsafeText'>"
	}
	return "<class '" + value.TypeName(v) + "'>"
}

func dict2itemsFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "key_name", "value_name")
	if err != nil {
		return nil, err
	}
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	d, ok := asDict(c.in())
	if !ok {
		return nil, py.Raise("TypeError", "dict2items requires a dictionary, got %s instead.", className(c.in()))
	}
	l := value.NewList()
	for k, v := range d.All() {
		l.Append(value.DictOf(a.Value(0, "key"), k, a.Value(1, "value"), v))
	}
	return l, nil
}

func items2dictFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "key_name", "value_name")
	if err != nil {
		return nil, err
	}
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	if !isSequence(c.in()) {
		return nil, py.Raise("TypeError", "items2dict requires a list, got %s instead.", className(c.in()))
	}
	k, v := a.Value(0, "key"), a.Value(1, "value")
	out := value.NewDict()
	for _, e := range itemsOf(c.in()) {
		kv, ok1 := subscript(e, k)
		vv, ok2 := subscript(e, v)
		if _, isDict := asDict(e); !isDict && (!ok1 || !ok2) {
			return nil, py.Raise("TypeError", "items2dict requires a list of dictionaries, got %s instead.", value.Repr(c.in()))
		}
		if !ok1 || !ok2 {
			return nil, py.Raise("KeyError", "items2dict requires each dictionary in the list to contain the keys '%s' and '%s', got %s instead.",
				value.Str(k), value.Str(v), value.Repr(c.in()))
		}
		if err := py.Hashable(kv); err != nil {
			return nil, err
		}
		out.Set(kv, vv)
	}
	return out, nil
}

// subscript is v[k] of a dictionary, or of a list where k is a number.
func subscript(v, k Value) (Value, bool) {
	if d, ok := asDict(v); ok {
		return d.Get(k)
	}
	items := itemsOf(v)
	i, ok := k.(int64)
	if i < 0 {
		i += int64(len(items))
	}
	if !ok || i < 0 || i >= int64(len(items)) {
		return nil, false
	}
	return items[i], true
}
