package expr

import (
	"errors"
	"fmt"
	"math/big"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

func (st *State) slice(obj Value, s *Slice) (Value, error) {
	var part [3]*int64
	for i, e := range []Node{s.Lo, s.Hi, s.Step} {
		if e == nil {
			continue
		}
		v, err := e.Eval(st)
		if err != nil {
			return nil, err
		}
		if err := Strict(v); err != nil {
			return nil, err
		}
		switch x := v.(type) {
		case nil:
		case int64:
			part[i] = &x
		case bool:
			b := int64(0)
			if x {
				b = 1
			}
			part[i] = &b
		case *big.Int:
			b := int64(1) << 60 * int64(x.Sign())
			part[i] = &b
		default:
			return nil, py.Raise("TypeError", "slice indices must be integers or None or have an __index__ method")
		}
	}
	if part[2] != nil && *part[2] == 0 {
		return nil, py.Raise("ValueError", "slice step cannot be zero")
	}
	obj, err := st.reveal(obj)
	if err != nil {
		return nil, err
	}
	if t, ok := value.Text(obj); ok {
		if len(t) == utf8.RuneCountInString(t) {
			lo, hi, step := bounds(part, len(t))
			if step == 1 {
				if lo > hi {
					hi = lo
				}
				return like(obj, t[lo:hi]), nil
			}
			return like(obj, string(pick([]byte(t), part))), nil
		}
		return like(obj, string(pick([]rune(t), part))), nil
	}
	switch x := obj.(type) {
	case py.Bytes:
		return py.Bytes(pick([]byte(x), part)), nil
	case *value.List:
		return &value.List{Items: pick(x.Items, part)}, nil
	case value.Tuple:
		return value.Tuple(pick(x, part)), nil
	case *py.Range:
		if x.Len() > MaxItems {
			return nil, errors.New("the range is too long")
		}
		lo, hi, step := bounds(part, int(x.Len()))
		return &py.Range{Start: x.At(int64(lo)), Stop: x.At(int64(hi)), Step: x.Step * int64(step)}, nil
	case *value.Undefined:
		return undefinedPart(x), nil
	}
	if _, ok := obj.(*value.Dict); ok {
		return nil, py.Raise("TypeError", "unhashable type: 'slice'")
	}
	return nil, py.Raise("TypeError", "'%s' object is not subscriptable", value.TypeName(obj))
}

// bounds are Python's slice.indices.
func bounds(p [3]*int64, n int) (lo, hi, step int) {
	step = 1
	if p[2] != nil {
		step = int(max(min(*p[2], 1<<40), -1<<40))
	}
	floor, ceil := 0, n
	lo, hi = 0, n
	if step < 0 {
		floor, ceil = -1, n-1
		lo, hi = n-1, -1
	}
	clamp := func(v int64) int {
		if v < 0 {
			v += int64(n)
		}
		return int(max(min(v, int64(ceil)), int64(floor)))
	}
	if p[0] != nil {
		lo = clamp(*p[0])
	}
	if p[1] != nil {
		hi = clamp(*p[1])
	}
	return lo, hi, step
}

func pick[T any](s []T, p [3]*int64) []T {
	lo, hi, step := bounds(p, len(s))
	out := []T{}
	if step > 0 {
		for i := lo; i < hi; i += step {
			out = append(out, s[i])
		}
	} else {
		for i := lo; i > hi; i += step {
			out = append(out, s[i])
		}
	}
	return out
}

// Eval is a slice object, which only brackets give a meaning to.
func (n *Slice) Eval(st *State) (Value, error) {
	return nil, st.Fail(n.Off(), fmt.Errorf("a slice stands outside brackets"))
}
