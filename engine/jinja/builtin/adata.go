package builtin

import (
	"fmt"
	"strings"

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

func combineFilter(c *Call) (Value, error) {
	recursive, listMerge := false, "replace"
	for k, v := range c.Kwargs.All() {
		switch value.Str(k) {
		case "recursive":
			recursive = value.Truth(v)
		case "list_merge":
			listMerge = value.Str(v)
		default:
			return nil, fail("'recursive' and 'list_merge' are the only valid keyword arguments%s", hint(value.Str(k), []string{"recursive", "list_merge"}))
		}
	}
	if indexOf(mergeModes, listMerge) < 0 {
		return nil, fail("merge_hash: 'list_merge' argument can only be equal to 'replace', 'keep', 'append', 'prepend', 'append_rp' or 'prepend_rp'")
	}
	var dicts []Value
	for _, t := range c.Args {
		if err := Defined(t); err != nil {
			return nil, err
		}
		if isSequence(t) {
			flattenInto(&dicts, t, 0, true)
		} else if t != nil {
			dicts = append(dicts, t)
		}
	}
	if len(dicts) == 0 {
		return value.NewDict(), nil
	}
	result := dicts[len(dicts)-1]
	for i := len(dicts) - 2; i >= 0; i-- {
		m, err := mergeHash(dicts[i], result, recursive, listMerge)
		if err != nil {
			return nil, err
		}
		result = m
	}
	return result, nil
}

var mergeModes = []string{"replace", "keep", "append", "prepend", "append_rp", "prepend_rp"}

// mergeHash is how Ansible puts y over x.
func mergeHash(a, b Value, recursive bool, listMerge string) (Value, error) {
	if err := Defined(a, b); err != nil {
		return nil, err
	}
	x, okX := asDict(a)
	y, okY := asDict(b)
	if !okX || !okY {
		return nil, fail("failed to combine variables, expected dicts but got a '%s' and a '%s': \n%s\n%s",
			value.TypeName(a), value.TypeName(b), shortJSON(a), shortJSON(b))
	}
	if x.Len() == 0 || value.Equal(x, y) {
		return y.Clone(), nil
	}
	out := x.Clone()
	if !recursive && listMerge == "replace" {
		out.Update(y)
		return out, nil
	}
	for k, yv := range y.All() {
		xv, ok := x.Get(k)
		if !ok {
			out.Set(k, yv)
			continue
		}
		_, dx := asDict(xv)
		_, dy := asDict(yv)
		switch {
		case dx && dy:
			if !recursive {
				out.Set(k, yv)
				continue
			}
			m, err := mergeHash(xv, yv, recursive, listMerge)
			if err != nil {
				return nil, err
			}
			out.Set(k, m)
		case isSequence(xv) && isSequence(yv):
			xs, ys := itemsOf(xv), itemsOf(yv)
			switch listMerge {
			case "replace":
				out.Set(k, yv)
			case "append":
				out.Set(k, value.NewList(concat(xs, ys)...))
			case "prepend":
				out.Set(k, value.NewList(concat(ys, xs)...))
			case "append_rp":
				out.Set(k, value.NewList(concat(without(xs, ys), ys)...))
			case "prepend_rp":
				out.Set(k, value.NewList(concat(ys, without(xs, ys))...))
			}
		default:
			out.Set(k, yv)
		}
	}
	return out, nil
}

func shortJSON(v Value) string {
	t, err := value.DumpJSON(jsonReady(v), value.JSONOptions{Redact: true})
	if err != nil {
		return value.Repr(v)
	}
	if len(t) > 300 {
		t = strings.ToValidUTF8(t[:300], "") + "..."
	}
	return t
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

func concat(a, b []Value) []Value { return append(append(make([]Value, 0, len(a)+len(b)), a...), b...) }

func without(a, b []Value) []Value {
	drop := newSet()
	for _, v := range b {
		drop.add(v)
	}
	out := []Value{}
	for _, v := range a {
		if !drop.has(v) {
			out = append(out, v)
		}
	}
	return out
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

// setOp makes union, intersect, difference and symmetric_difference; the
// order of the first, then the second list is kept.
func setOp(op string) Func {
	return func(c *Call) (Value, error) {
		p, err := c.Bind(1, "b")
		if err != nil {
			return nil, err
		}
		a, err := c.list()
		if err != nil {
			return nil, err
		}
		if (op == "union" || op == "symmetric_difference") && (py.Hashable(c.in()) != nil || py.Hashable(p.v[0]) != nil) {
			if _, err := py.Add(c.in(), p.v[0]); err != nil {
				return nil, err // list and text are not joined
			}
		}
		if len(a) == 0 && (op == "intersect" || op == "difference") {
			return listValue(nil), nil // the second is never looked at, be it undefined
		}
		if err := Defined(p.v[0]); err != nil {
			return nil, err
		}
		b, err := c.listOf(p.v[0])
		if err != nil {
			return nil, err
		}
		if _, isList := p.v[0].(*value.List); op == "union" && !isList {
			if _, isList := c.in().(*value.List); isList {
				_, err := py.Add(c.in(), p.v[0])
				return nil, err
			}
		}
		inA, inB := newSet(), newSet()
		for _, v := range a {
			inA.add(v)
		}
		for _, v := range b {
			inB.add(v)
		}
		done := newSet()
		out := []Value{}
		take := func(items []Value, keep func(Value) bool) {
			for _, v := range items {
				if keep(v) && done.add(v) {
					out = append(out, v)
				}
			}
		}
		always := func(Value) bool { return true }
		switch op {
		case "union":
			take(a, always)
			take(b, always)
		case "intersect":
			take(a, inB.has)
		case "difference":
			take(a, func(v Value) bool { return !inB.has(v) })
		default:
			take(a, func(v Value) bool { return !inB.has(v) })
			take(b, func(v Value) bool { return !inA.has(v) })
		}
		return listValue(out), nil
	}
}

func (c *Call) lists() ([][]Value, error) {
	var out [][]Value
	for _, v := range c.Args {
		items, err := c.listOf(v)
		if err != nil {
			return nil, err
		}
		out = append(out, items)
	}
	return out, nil
}

// zip makes zip and zip_longest.
func zip(longest bool) Func {
	return func(c *Call) (Value, error) {
		lists, err := c.lists()
		if err != nil {
			return nil, err
		}
		fill := c.Kwargs.At("fillvalue")
		for k := range c.Kwargs.All() {
			if n := value.Str(k); n != "fillvalue" && n != "strict" {
				return nil, py.Raise("TypeError", "zip() got an unexpected keyword argument '%s'", n)
			}
		}
		n := -1
		for _, l := range lists {
			if n < 0 || longest && len(l) > n || !longest && len(l) < n {
				n = len(l)
			}
		}
		out := make([]Value, 0, max(n, 0))
		for i := range max(n, 0) {
			t := make(value.Tuple, len(lists))
			for j, l := range lists {
				t[j] = fill
				if i < len(l) {
					t[j] = l[i]
				}
			}
			out = append(out, t)
		}
		return listValue(out), nil
	}
}

func productFilter(c *Call) (Value, error) {
	lists, err := c.lists()
	if err != nil {
		return nil, err
	}
	if c.Kwargs.Has("repeat") {
		n, err := py.Index(c.Kwargs.At("repeat"))
		if err != nil {
			return nil, err
		}
		if n < 0 || n > 100 {
			return nil, py.Raise("ValueError", "repeat argument cannot be negative or above 100")
		}
		one := lists
		lists = nil
		for range n {
			lists = append(lists, one...)
		}
	}
	return cartesian(lists)
}

// cartesian gives every choice of one item of each list, as tuples.
func cartesian(lists [][]Value) (Value, error) {
	size := 1
	for _, l := range lists {
		if size *= len(l); size > py.MaxItems {
			return nil, py.Raise("MemoryError", "product: more than %d combinations are too many", py.MaxItems)
		}
	}
	out := make([]Value, 0, size)
	idx := make([]int, len(lists))
	for range size {
		t := make(value.Tuple, len(lists))
		for j, l := range lists {
			t[j] = l[idx[j]]
		}
		out = append(out, t)
		for j := len(lists) - 1; j >= 0; j-- {
			if idx[j]++; idx[j] < len(lists[j]) {
				break
			}
			idx[j] = 0
		}
	}
	return listValue(out), nil
}

const maxPicks = 2 << 20

// picks counts the results of pick, as far as maxPicks matters.
func picks(n int, r int64, permute bool) int {
	count := 1
	for i := range r {
		if int64(n) <= i {
			return 0
		}
		if count *= n - int(i); !permute {
			count /= int(i) + 1
		}
		if count > maxPicks && (permute || i < int64(n)/2) {
			return count
		}
	}
	return count
}

// pick makes permutations and combinations.
func pick(permute bool) Func {
	return func(c *Call) (Value, error) {
		a, err := c.Bind(0, "r")
		if err != nil {
			return nil, err
		}
		items, err := c.list()
		if err != nil {
			return nil, err
		}
		if !permute && !a.given[0] {
			return nil, py.Raise("TypeError", "combinations() missing required argument 'r' (pos 2)")
		}
		r := int64(len(items))
		if a.Has(0) {
			if r, err = py.Index(a.v[0]); err != nil {
				return nil, err
			}
		}
		if r < 0 {
			return nil, py.Raise("ValueError", "r must be non-negative")
		}
		if n := picks(len(items), r, permute); n > maxPicks {
			return nil, py.Raise("MemoryError", "%s of %d out of %d items: more than %d results are too many", c.Name, r, len(items), maxPicks)
		}
		out := []Value{}
		used := make([]bool, len(items))
		var cur value.Tuple
		var rec func(from int) error
		rec = func(from int) error {
			if int64(len(cur)) == r {
				out = append(out, append(value.Tuple{}, cur...))
				return nil
			}
			for i := from; i < len(items); i++ {
				if used[i] {
					continue
				}
				used[i] = true
				cur = append(cur, items[i])
				next := i + 1
				if permute {
					next = 0
				}
				if err := rec(next); err != nil {
					return err
				}
				cur, used[i] = cur[:len(cur)-1], false
			}
			return nil
		}
		if r <= int64(len(items)) {
			if err := rec(0); err != nil {
				return nil, err
			}
		}
		return listValue(out), nil
	}
}

// Subelements pairs each dictionary with each item of a list inside it; path is
// a dotted path or a list of keys.
func Subelements(obj, path Value, skipMissing bool) ([]Value, error) {
	if err := Defined(obj, path); err != nil {
		return nil, err
	}
	var elems []Value
	switch x := obj.(type) {
	case *value.Dict:
		elems = (&py.View{Kind: "dict_values", Dict: x}).List().Items
	case *value.List:
		elems = x.Items
	default:
		return nil, fail("obj must be a list of dicts or a nested dict")
	}
	var keys []Value
	if t, ok := value.Text(path); ok {
		for _, p := range strings.Split(t, ".") {
			keys = append(keys, p)
		}
	} else if l, ok := path.(*value.List); ok {
		keys = l.Items
	} else {
		return nil, fail("subelements must be a list or a string")
	}
	out := []Value{}
	for _, e := range elems {
		var values Value = e
		skipped := false
		for _, k := range keys {
			d, ok := asDict(values)
			if !ok && skipMissing {
				skipped = true
				break
			}
			if !ok {
				return nil, fail("the key %s should point to a dictionary, got '%s'", value.Str(k), value.Str(values))
			}
			v, ok := d.Get(k)
			if !ok {
				if skipMissing {
					skipped = true
					break
				}
				return nil, fail("could not find %s key in iterated item %s", value.Repr(k), value.Repr(values))
			}
			values = v
		}
		if skipped {
			continue
		}
		if !isSequence(values) {
			last := Value(nil)
			if len(keys) > 0 {
				last = keys[len(keys)-1]
			}
			return nil, fail("the key %s should point to a list, got %s", value.Repr(last), value.Repr(values))
		}
		for _, v := range itemsOf(values) {
			out = append(out, value.Tuple{e, v})
		}
	}
	return out, nil
}

func subelementsFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "subelements", "skip_missing")
	if err != nil {
		return nil, err
	}
	items, err := Subelements(c.in(), a.v[0], value.Truth(a.v[1]))
	return listValue(items), err
}

func rekeyFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "key", "duplicates")
	if err != nil {
		return nil, err
	}
	dup := value.Str(a.Value(1, "error"))
	if dup != "error" && dup != "overwrite" {
		return nil, fail("duplicates parameter to rekey_on_member has unknown value: %s", dup)
	}
	var elems []Value
	switch x := c.in().(type) {
	case *value.Dict:
		elems = (&py.View{Kind: "dict_values", Dict: x}).List().Items
	case *value.List, value.Tuple:
		elems = itemsOf(x)
	default:
		return nil, fail("Type is not a valid list, set, or dict")
	}
	out := value.NewDict()
	for _, e := range elems {
		d, ok := asDict(e)
		if !ok {
			return nil, fail("List item is not a valid dict")
		}
		k, ok := d.Get(a.v[0])
		if !ok {
			return nil, fail("Key %s was not found", value.Str(a.v[0]))
		}
		if err := py.Hashable(k); err != nil {
			return nil, err
		}
		if _, there := out.Get(k); there && dup == "error" {
			return nil, fail("Key %s is not unique, cannot correctly turn into dict", value.Str(k))
		}
		out.Set(k, e)
	}
	return out, nil
}

func extractFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "container", "morekeys")
	if err != nil {
		return nil, err
	}
	keys := []Value{c.in()}
	if l, ok := a.v[1].(*value.List); ok {
		keys = append(keys, l.Items...)
	} else if a.Has(1) {
		keys = append(keys, a.v[1])
	}
	v := a.v[0]
	for _, k := range keys {
		v = c.Env.Item(v, k)
	}
	return v, nil
}

func ternaryFilter(c *Call) (Value, error) {
	a, err := c.Bind(2, "true_val", "false_val", "none_val")
	if err != nil {
		return nil, err
	}
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	switch {
	case c.in() == nil && a.Has(2):
		return a.v[2], nil
	case value.Truth(c.in()):
		return a.v[0], nil
	}
	return a.v[1], nil
}

func mandatoryFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "msg")
	if err != nil {
		return nil, err
	}
	u, missing := c.in().(*value.Undefined)
	if !missing {
		return c.in(), nil
	}
	if a.Has(0) {
		msg, err := a.Text(0, "")
		if err != nil {
			return nil, err
		}
		return nil, &value.Undefined{Name: u.Name, Hint: msg}
	}
	name := ""
	if u.Name != "" {
		name = "'" + u.Name + "' "
	}
	return nil, &value.Undefined{Name: u.Name, Hint: fmt.Sprintf("Mandatory variable %s not defined.", name)}
}

func boolFilter(c *Call) (Value, error) {
	if _, err := c.Bind(0); err != nil {
		return nil, err
	}
	switch x := c.in().(type) {
	case nil, bool:
		return x, nil
	case *value.Undefined:
		return nil, x
	}
	if t, ok := textOf(c.in()); ok {
		switch py.Lower(t) {
		case "yes", "on", "1", "true":
			return true, nil
		}
		return false, nil
	}
	return value.Equal(c.in(), int64(1)), nil
}

func typeDebugFilter(c *Call) (Value, error) {
	if g, ok := c.in().(*py.View); ok {
		return g.Kind, nil
	}
	return value.TypeName(c.in()), nil
}

// log, pow and root, always in floating point.
func mathFilter(name string, f func(x float64, a *Args) (Value, error), params ...string) Func {
	return func(c *Call) (Value, error) {
		need := 0
		if name == "pow" {
			need = 1
		}
		a, err := c.Bind(need, params...)
		if err != nil {
			return nil, err
		}
		for _, v := range append([]Value{c.in()}, a.v...) {
			if err := Defined(v); err != nil {
				return nil, err
			}
			if _, isT := value.Text(v); isT || isSequence(v) {
				return nil, fail("%s() can only be used on numbers: must be real number, not %s", name, value.TypeName(v))
			}
		}
		x, err := py.ToFloat(c.in())
		if err != nil {
			return nil, fail("%s() can only be used on numbers: %v", name, err)
		}
		return f(x, a)
	}
}

func powFilter(x float64, a *Args) (Value, error) {
	y, err := py.ToFloat(a.v[0])
	if err != nil {
		return nil, fail("pow() can only be used on numbers: %v", err)
	}
	return mathPow(x, y)
}

func mathPow(x, y float64) (Value, error) {
	if x < 0 && y != float64(int64(y)) || x == 0 && y < 0 {
		return nil, py.Raise("ValueError", "math domain error")
	}
	return py.Pow64(x, y), nil
}

func logFilter(x float64, a *Args) (Value, error) {
	if x <= 0 {
		return nil, py.Raise("ValueError", "math domain error")
	}
	if !a.given[0] {
		return py.Log64(x), nil
	}
	base, err := py.ToFloat(a.v[0])
	if err != nil {
		return nil, err
	}
	if base <= 0 {
		return nil, py.Raise("ValueError", "math domain error")
	}
	if base == 10 {
		return log10(x), nil
	}
	d := py.Log64(base)
	if d == 0 {
		return nil, py.Raise("ZeroDivisionError", "float division by zero")
	}
	return py.Log64(x) / d, nil
}

func rootFilter(x float64, a *Args) (Value, error) {
	base := 2.0
	if a.given[0] {
		b, err := py.ToFloat(a.v[0])
		if err != nil {
			return nil, err
		}
		base = b
	}
	if base == 2 {
		if x < 0 {
			return nil, py.Raise("ValueError", "math domain error")
		}
		return sqrt(x), nil
	}
	if base == 0 {
		return nil, py.Raise("ZeroDivisionError", "float division by zero")
	}
	return mathPow(x, 1/base)
}

func undefFunc(hint string) *value.Undefined {
	if hint == "" {
		hint = "Mandatory variable has not been overridden"
	}
	return &value.Undefined{Hint: fmt.Sprint(hint)}
}

func undefGlobal(c *Call) (Value, error) {
	a, err := c.BindAll(0, "hint")
	if err != nil {
		return nil, err
	}
	h, err := a.Text(0, "")
	if !a.Has(0) {
		h = ""
	}
	return undefFunc(h), err
}
