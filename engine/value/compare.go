package value

import (
	"math/big"
	"unicode"
	"unicode/utf8"
)

func decodeRune(s string) (rune, int) { return utf8.DecodeRuneInString(s) }

func printable(r rune) bool {
	return r == ' ' || unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S)
}

// NormInt returns n as int64 where it fits, else as *big.Int.
func NormInt(n *big.Int) Value {
	if n.IsInt64() {
		return n.Int64()
	}
	return n
}

// number widens bool, ints and floats to a common form: an int64 or *big.Int
// in i, or a float in f.
func number(v Value) (i *big.Int, f float64, isFloat, ok bool) {
	switch x := v.(type) {
	case bool:
		if x {
			return big.NewInt(1), 0, false, true
		}
		return new(big.Int), 0, false, true
	case int64:
		return big.NewInt(x), 0, false, true
	case int:
		return big.NewInt(int64(x)), 0, false, true
	case *big.Int:
		return x, 0, false, true
	case float64:
		return nil, x, true, true
	}
	return nil, 0, false, false
}

// Equal is Python's ==.
func Equal(a, b Value) bool {
	if x, ok := a.(int64); ok {
		if y, ok := b.(int64); ok {
			return x == y
		}
	}
	if s, ok := plain(a); ok {
		t, ok := plain(b)
		return ok && s == t
	}
	if ai, af, aIsF, ok := number(a); ok {
		bi, bf, bIsF, ok := number(b)
		switch {
		case !ok:
			return false
		case aIsF && bIsF:
			return af == bf
		case aIsF:
			return cmpBigFloat(bi, af) == 0
		case bIsF:
			return cmpBigFloat(ai, bf) == 0
		}
		return ai.Cmp(bi) == 0
	}
	switch x := a.(type) {
	case nil:
		return b == nil
	case *Dict:
		y, ok := b.(*Dict)
		if !ok || x.Len() != y.Len() {
			return false
		}
		for k, v := range x.All() {
			w, ok := y.Get(k)
			if !ok || !Equal(v, w) {
				return false
			}
		}
		return true
	case *List:
		y, ok := b.(*List)
		return ok && equalItems(x.Items, y.Items)
	case Tuple:
		y, ok := b.(Tuple)
		return ok && equalItems(x, y)
	case *Undefined:
		_, ok := b.(*Undefined)
		return ok
	case interface{ EqualTo(Value) bool }:
		return x.EqualTo(b)
	}
	if y, ok := b.(interface{ EqualTo(Value) bool }); ok {
		return y.EqualTo(a)
	}
	return a == b
}

// plain is Text that also opens secrets.
func plain(v Value) (string, bool) {
	if s, ok := v.(*Secret); ok {
		t, err := s.Reveal()
		return t, err == nil
	}
	return Text(v)
}

func equalItems(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// cmpBigFloat compares an integer with a float exactly. NaN is unequal to all.
func cmpBigFloat(i *big.Int, f float64) int {
	if f != f {
		return 2
	}
	return new(big.Float).SetInt(i).Cmp(big.NewFloat(f))
}
