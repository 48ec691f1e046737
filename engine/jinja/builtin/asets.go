package builtin

import (
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

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
		if py.Hashable(c.in()) == nil && py.Hashable(p.v[0]) == nil {
			return py.NewSet(out), nil
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
