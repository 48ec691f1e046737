package py

import (
	"math/big"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
)

// Compare is a OP b for <, <=, > and >=, with Python's TypeErrors.
func Compare(op string, a, b Value) (bool, error) {
	if x, ok := a.(int64); ok {
		if y, ok := b.(int64); ok {
			return ordered(op, cmpInt(x, y)), nil
		}
	}
	c, nan, err := order(op, a, b, 0)
	if err != nil || nan {
		return false, err
	}
	return ordered(op, c), nil
}

func cmpInt(x, y int64) int {
	if x < y {
		return -1
	} else if x > y {
		return 1
	}
	return 0
}

func ordered(op string, c int) bool {
	switch op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

// Less is a < b.
func Less(a, b Value) (bool, error) { return Compare("<", a, b) }

// order compares; nan is true where every comparison is false.
func order(op string, a, b Value, depth int) (c int, nan bool, err error) {
	if x, ok := toNum(a); ok {
		if y, ok := toNum(b); ok {
			return orderNum(x, y)
		}
		return 0, false, unordered(op, a, b)
	}
	if s, ok := textOf(a); ok {
		if t, ok := textOf(b); ok {
			return strings.Compare(s, t), false, nil
		}
		return 0, false, unordered(op, a, b)
	}
	switch x := a.(type) {
	case *value.List:
		if y, ok := b.(*value.List); ok {
			return orderItems(op, x.Items, y.Items, depth)
		}
	case value.Tuple:
		if y, ok := b.(value.Tuple); ok {
			return orderItems(op, x, y, depth)
		}
	case Bytes:
		if y, ok := b.(Bytes); ok {
			return strings.Compare(string(x), string(y)), false, nil
		}
	case interface{ CompareTo(Value) (int, error) }:
		c, err := x.CompareTo(b)
		if err == nil || !IsKind(err, "TypeError") {
			return c, false, err
		}
	}
	return 0, false, unordered(op, a, b)
}

func unordered(op string, a, b Value) error {
	if err := undefined(a, b); err != nil {
		return err
	}
	return Raise("TypeError", "'%s' not supported between instances of '%s' and '%s'", op, value.TypeName(a), value.TypeName(b))
}

func orderNum(x, y num) (int, bool, error) {
	if x.isF && x.f != x.f || y.isF && y.f != y.f {
		return 0, true, nil
	}
	if !x.isF && !y.isF {
		if x.big == nil && y.big == nil {
			return cmpInt(x.i, y.i), false, nil
		}
		return x.bigInt().Cmp(y.bigInt()), false, nil
	}
	return x.exact().Cmp(y.exact()), false, nil
}

func (n num) exact() *big.Float {
	if n.isF {
		return big.NewFloat(n.f)
	}
	return new(big.Float).SetInt(n.bigInt())
}

func orderItems(op string, a, b []Value, depth int) (int, bool, error) {
	if depth > 900 {
		return 0, false, Raise("RecursionError", "maximum recursion depth exceeded in comparison")
	}
	for i := range min(len(a), len(b)) {
		if !value.Equal(a[i], b[i]) {
			return order(op, a[i], b[i], depth+1)
		}
	}
	return cmpInt(int64(len(a)), int64(len(b))), false, nil
}

// Sort sorts items in place as list.sort does: stable, by key where it is not
// nil, the key being computed once for each item.
func Sort(items []Value, key func(Value) (Value, error), reverse bool) error {
	keys := items
	if key != nil {
		keys = make([]Value, len(items))
		for i, v := range items {
			k, err := key(v)
			if err != nil {
				return err
			}
			keys[i] = k
		}
	}
	idx := make([]int, len(items))
	for i := range idx {
		idx[i] = i
	}
	if reverse {
		slices.Reverse(idx)
	}
	var err error
	sort.SliceStable(idx, func(i, j int) bool {
		if err != nil {
			return false
		}
		less, e := Less(keys[idx[i]], keys[idx[j]])
		if e != nil {
			err = e
		}
		return less
	})
	if err != nil {
		return err
	}
	if reverse {
		slices.Reverse(idx)
	}
	out := make([]Value, len(items))
	for i, k := range idx {
		out[i] = items[k]
	}
	copy(items, out)
	return nil
}

// Contains is `item in c`.
func Contains(c, item Value) (bool, error) {
	if s, ok := textOf(c); ok {
		t, ok := textOf(item)
		if !ok {
			if err := undefined(item); err != nil {
				return false, err
			}
			return false, Raise("TypeError", "'in <string>' requires string as left operand, not %s", value.TypeName(item))
		}
		return strings.Contains(s, t), nil
	}
	switch x := c.(type) {
	case *value.Dict:
		if err := Hashable(item); err != nil {
			return false, err
		}
		_, ok := x.Get(item)
		return ok, nil
	case *value.List:
		return has(x.Items, item), nil
	case value.Tuple:
		return has(x, item), nil
	case interface{ Contains(Value) bool }:
		return x.Contains(item), nil
	case *View:
		if x.Kind == "dict_keys" {
			_, ok := x.Dict.Get(item)
			return ok, nil
		}
		return has(x.List().Items, item), nil
	case value.Mapping:
		_, ok, err := x.GetItem(item)
		return ok, err
	case *value.Undefined:
		return false, x
	}
	if _, ok := c.(value.Iterable); !ok {
		return false, Raise("TypeError", "argument of type '%s' is not iterable", value.TypeName(c))
	}
	found := false
	err := Iterate(c, func(e Value) bool { found = value.Equal(e, item); return !found })
	return found, err
}

func has(items []Value, item Value) bool {
	for _, e := range items {
		if value.Equal(e, item) {
			return true
		}
	}
	return false
}

// Hashable returns the error that using v as a dictionary key raises, or nil.
func Hashable(v Value) error {
	switch x := v.(type) {
	case *value.List, *value.Dict, *View, *Set:
		return Raise("TypeError", "unhashable type: '%s'", value.TypeName(v))
	case *value.Undefined:
		return x
	case value.Tuple:
		for _, e := range x {
			if err := Hashable(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// Iterate walks any iterable: text by character, dictionaries by key.
func Iterate(v Value, yield func(Value) bool) error {
	switch x := v.(type) {
	case *value.List:
		// By index, as Python does: items appended during the walk are seen.
		for i := 0; i < len(x.Items); i++ {
			if !yield(x.Items[i]) {
				return nil
			}
		}
		return nil
	case value.Tuple:
		for _, e := range x {
			if !yield(e) {
				return nil
			}
		}
		return nil
	case *value.Dict:
		for _, k := range x.Keys() {
			if !yield(k) {
				return nil
			}
		}
		return nil
	case Bytes:
		for i := range len(x) {
			if !yield(int64(x[i])) {
				return nil
			}
		}
		return nil
	case value.Iterable:
		return x.Iterate(yield)
	case value.Mapping:
		for _, k := range x.Keys() {
			if !yield(k) {
				return nil
			}
		}
		return nil
	case *value.Undefined:
		return x
	}
	if s, ok := textOf(v); ok {
		for i := 0; i < len(s); {
			n := 1
			if s[i] >= utf8.RuneSelf {
				_, n = utf8.DecodeRuneInString(s[i:])
			}
			if !yield(like(s[i:i+n], v)) {
				return nil
			}
			i += n
		}
		return nil
	}
	return Raise("TypeError", "'%s' object is not iterable", value.TypeName(v))
}

// ListOf is list(v), in a new list.
func ListOf(v Value) (*value.List, error) {
	l := &value.List{Items: []Value{}}
	if x, ok := v.(*value.List); ok {
		l.Items = append(make([]Value, 0, len(x.Items)), x.Items...)
		return l, nil
	}
	var tooMany error
	err := Iterate(v, func(e Value) bool {
		if len(l.Items) >= MaxItems {
			tooMany = Raise("MemoryError", "a list of more than %d items is too large", MaxItems)
			return false
		}
		l.Items = append(l.Items, e)
		return true
	})
	if err == nil {
		err = tooMany
	}
	return l, err
}

// Len is len(v).
func Len(v Value) (int64, error) {
	switch x := v.(type) {
	case *value.List:
		return int64(len(x.Items)), nil
	case *value.Dict:
		return int64(x.Len()), nil
	case value.Tuple:
		return int64(len(x)), nil
	case Bytes:
		return int64(len(x)), nil
	case *Range:
		return x.Len(), nil
	case interface{ Len() int }:
		return int64(x.Len()), nil
	case value.Mapping:
		return int64(len(x.Keys())), nil
	case *value.Undefined:
		return 0, x
	}
	if s, ok := textOf(v); ok {
		return int64(utf8.RuneCountInString(s)), nil
	}
	return 0, Raise("TypeError", "object of type '%s' has no len()", value.TypeName(v))
}
