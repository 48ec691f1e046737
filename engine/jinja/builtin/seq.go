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
