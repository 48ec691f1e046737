package py

import (
	"slices"

	"github.com/goplay-engine/goplay/engine/value"
)

func countIn(items []Value, v Value) int64 {
	n := int64(0)
	for _, e := range items {
		if value.Equal(e, v) {
			n++
		}
	}
	return n
}

// clip turns an index as Python counts it into one between 0 and n.
func clip(i int64, n int) int {
	if i < 0 {
		i = max(i+int64(n), 0)
	}
	return int(min(i, int64(n)))
}

func indexIn(items []Value, c *call, kind string) (Value, error) {
	a, err := c.bind(1, "/value", "/start", "/stop")
	if err != nil {
		return nil, err
	}
	from, to := 0, len(items)
	if a[1] != absent {
		i, err := Index(a[1])
		if err != nil {
			return nil, err
		}
		from = clip(i, len(items))
	}
	if a[2] != absent {
		i, err := Index(a[2])
		if err != nil {
			return nil, err
		}
		to = clip(i, len(items))
	}
	for i := from; i < to; i++ {
		if value.Equal(items[i], a[0]) {
			return int64(i), nil
		}
	}
	if kind == "list" {
		return nil, Raise("ValueError", "%s is not in list", value.Repr(a[0]))
	}
	return nil, Raise("ValueError", "tuple.index(x): x not in tuple")
}

var tupleMethods = map[string]method{
	"count": func(o Value, c *call) (Value, error) {
		a, err := c.bind(1, "/value")
		if err != nil {
			return nil, err
		}
		return countIn(o.(value.Tuple), a[0]), nil
	},
	"index": func(o Value, c *call) (Value, error) { return indexIn(o.(value.Tuple), c, "tuple") },
}

func onList(need int, names []string, f func(l *value.List, a []Value) (Value, error)) method {
	return func(o Value, c *call) (Value, error) {
		a, err := c.bind(need, names...)
		if err != nil {
			return nil, err
		}
		return f(o.(*value.List), a)
	}
}

var listMethods = map[string]method{
	"append": onList(1, []string{"/object"}, func(l *value.List, a []Value) (Value, error) {
		l.Append(a[0])
		return nil, nil
	}),
	"extend": onList(1, []string{"/iterable"}, func(l *value.List, a []Value) (Value, error) {
		more, err := ListOf(a[0])
		if err != nil {
			return nil, err
		}
		l.Append(more.Items...)
		return nil, nil
	}),
	"insert": onList(2, []string{"/index", "/object"}, func(l *value.List, a []Value) (Value, error) {
		i, err := Index(a[0])
		if err != nil {
			return nil, err
		}
		l.Items, l.Pos = slices.Insert(slices.Clone(l.Items), clip(i, len(l.Items)), a[1]), nil
		return nil, nil
	}),
	"pop": onList(0, []string{"/index"}, func(l *value.List, a []Value) (Value, error) {
		i := int64(-1)
		if a[0] != absent {
			var err error
			if i, err = Index(a[0]); err != nil {
				return nil, err
			}
		}
		n := int64(len(l.Items))
		if n == 0 {
			return nil, Raise("IndexError", "pop from empty list")
		}
		if i < 0 {
			i += n
		}
		if i < 0 || i >= n {
			return nil, Raise("IndexError", "pop index out of range")
		}
		v := l.Items[i]
		l.Items, l.Pos = slices.Delete(slices.Clone(l.Items), int(i), int(i)+1), nil
		return v, nil
	}),
	"remove": onList(1, []string{"/value"}, func(l *value.List, a []Value) (Value, error) {
		for i, e := range l.Items {
			if value.Equal(e, a[0]) {
				l.Items, l.Pos = slices.Delete(slices.Clone(l.Items), i, i+1), nil
				return nil, nil
			}
		}
		return nil, Raise("ValueError", "list.remove(x): x not in list")
	}),
	"clear": onList(0, nil, func(l *value.List, a []Value) (Value, error) {
		l.Items, l.Pos = []Value{}, nil
		return nil, nil
	}),
	"copy": onList(0, nil, func(l *value.List, a []Value) (Value, error) {
		return &value.List{Items: slices.Clone(l.Items)}, nil
	}),
	"count": onList(1, []string{"/value"}, func(l *value.List, a []Value) (Value, error) {
		return countIn(l.Items, a[0]), nil
	}),
	"reverse": onList(0, nil, func(l *value.List, a []Value) (Value, error) {
		slices.Reverse(l.Items)
		l.Pos = nil
		return nil, nil
	}),
	"index": func(o Value, c *call) (Value, error) { return indexIn(o.(*value.List).Items, c, "list") },
	"sort": onList(0, []string{"key", "reverse"}, func(l *value.List, a []Value) (Value, error) {
		if a[0] != absent && a[0] != nil {
			return nil, Raise("TypeError", "sort() with a key function is not supported in templates; use the sort filter with attribute=")
		}
		items := slices.Clone(l.Items)
		if err := Sort(items, nil, a[1] != absent && value.Truth(a[1])); err != nil {
			return nil, err
		}
		l.Items, l.Pos = items, nil
		return nil, nil
	}),
	"__getitem__": onList(1, []string{"/index"}, func(l *value.List, a []Value) (Value, error) {
		i, err := listIndex(l, a[0])
		if err != nil {
			return nil, err
		}
		return l.Items[i], nil
	}),
	"__setitem__": onList(2, []string{"/index", "/value"}, func(l *value.List, a []Value) (Value, error) {
		i, err := listIndex(l, a[0])
		if err != nil {
			return nil, err
		}
		l.Items = slices.Clone(l.Items)
		l.Items[i] = a[1]
		return nil, nil
	}),
	"__delitem__": onList(1, []string{"/index"}, func(l *value.List, a []Value) (Value, error) {
		i, err := listIndex(l, a[0])
		if err != nil {
			return nil, err
		}
		l.Items, l.Pos = slices.Delete(slices.Clone(l.Items), int(i), int(i)+1), nil
		return nil, nil
	}),
}

func listIndex(l *value.List, v Value) (int64, error) {
	i, err := Index(v)
	if err != nil {
		return 0, Raise("TypeError", "list indices must be integers or slices, not %s", value.TypeName(v))
	}
	if i < 0 {
		i += int64(len(l.Items))
	}
	if i < 0 || i >= int64(len(l.Items)) {
		return 0, Raise("IndexError", "list index out of range")
	}
	return i, nil
}
