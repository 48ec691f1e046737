package py

import (
	"math"
	"math/big"
	"math/bits"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// Mul is a * b, repetition of sequences included.
func Mul(a, b Value) (Value, error) {
	x, okX := toNum(a)
	y, okY := toNum(b)
	switch {
	case okX && okY:
		if x.isF || y.isF {
			return floats(x, y, func(p, q float64) (Value, error) { return p * q, nil })
		}
		if x.big == nil && y.big == nil {
			hi, lo := bits.Mul64(absU(x.i), absU(y.i))
			if hi == 0 && lo <= math.MaxInt64 {
				return x.i * y.i, nil
			}
		}
		p, q := x.bigInt(), y.bigInt()
		if p.BitLen()+q.BitLen() > maxBits {
			return nil, Raise("OverflowError", "the product is too large")
		}
		return value.NormInt(new(big.Int).Mul(p, q)), nil
	case okX && !x.isF:
		return repeat(b, x, a, b)
	case okY && !y.isF:
		return repeat(a, y, a, b)
	}
	if err := undefined(a, b); err != nil {
		return nil, err
	}
	switch {
	case isSequence(a):
		return nil, Raise("TypeError", "can't multiply sequence by non-int of type '%s'", value.TypeName(b))
	case isSequence(b):
		return nil, Raise("TypeError", "can't multiply sequence by non-int of type '%s'", value.TypeName(a))
	}
	return otherwise("*", a, b)
}

func isSequence(v Value) bool {
	switch v.(type) {
	case *value.List, value.Tuple:
		return true
	}
	_, ok := textOf(v)
	return ok
}

func absU(i int64) uint64 {
	if i < 0 {
		return uint64(-i)
	}
	return uint64(i)
}

func repeat(seq Value, n num, a, b Value) (Value, error) {
	count := n.i
	if n.big != nil {
		if n.big.Sign() < 0 {
			count = 0
		} else {
			count = math.MaxInt64
		}
	}
	count = max(count, 0)
	tooBig := func(size, limit int) bool { return size > 0 && count > int64(limit/size) }
	switch x := seq.(type) {
	case *value.List:
		if tooBig(len(x.Items), MaxItems) {
			return nil, Raise("MemoryError", "a list of %d items repeated %d times is too large", len(x.Items), count)
		}
		l := &value.List{}
		if len(x.Items) > 0 {
			for range count {
				l.Items = append(l.Items, x.Items...)
			}
		}
		return l, nil
	case value.Tuple:
		if tooBig(len(x), MaxItems) {
			return nil, Raise("MemoryError", "a tuple of %d items repeated %d times is too large", len(x), count)
		}
		t := value.Tuple{}
		if len(x) > 0 {
			for range count {
				t = append(t, x...)
			}
		}
		return t, nil
	}
	if s, ok := textOf(seq); ok {
		if tooBig(len(s), MaxText) {
			return nil, Raise("MemoryError", "a text of %d bytes repeated %d times is too large", len(s), count)
		}
		if s == "" {
			return like("", seq), nil
		}
		r := strings.Repeat(s, int(count))
		if _, ok := seq.(Markup); ok {
			return Markup(r), nil
		}
		return like(r, seq), nil
	}
	if x, ok := seq.(interface{ Times(int64) Value }); ok {
		return x.Times(count), nil
	}
	return otherwise("*", a, b)
}

// Div is a / b.
func Div(a, b Value) (Value, error) {
	x, okX := toNum(a)
	y, okY := toNum(b)
	if !okX || !okY {
		if p, ok := a.(interface{ DividedBy(Value) (Value, bool) }); ok {
			if v, ok := p.DividedBy(b); ok {
				return v, nil
			}
		}
		return otherwise("/", a, b)
	}
	if x.isF || y.isF {
		return floats(x, y, func(p, q float64) (Value, error) {
			if q == 0 {
				return nil, Raise("ZeroDivisionError", "float division by zero")
			}
			return p / q, nil
		})
	}
	if y.bigInt().Sign() == 0 {
		return nil, Raise("ZeroDivisionError", "division by zero")
	}
	const exact = 1 << 53
	if x.big == nil && y.big == nil && absU(x.i) <= exact && absU(y.i) <= exact {
		return float64(x.i) / float64(y.i), nil
	}
	f, _ := new(big.Rat).SetFrac(x.bigInt(), y.bigInt()).Float64()
	if math.IsInf(f, 0) {
		return nil, Raise("OverflowError", "integer division result too large for a float")
	}
	return f, nil
}

// floorDivMod gives Python's // and % of integers; the divisor is not 0.
func floorDivMod(x, y num) (q, m Value) {
	if x.big == nil && y.big == nil && !(x.i == math.MinInt64 && y.i == -1) {
		d, r := x.i/y.i, x.i%y.i
		if r != 0 && (r < 0) != (y.i < 0) {
			d, r = d-1, r+y.i
		}
		return d, r
	}
	d, r := new(big.Int).QuoRem(x.bigInt(), y.bigInt(), new(big.Int))
	if r.Sign() != 0 && (r.Sign() < 0) != (y.bigInt().Sign() < 0) {
		d.Sub(d, big.NewInt(1))
		r.Add(r, y.bigInt())
	}
	return value.NormInt(d), value.NormInt(r)
}

func floatMod(p, q float64) float64 {
	m := math.Mod(p, q)
	if m == 0 {
		return math.Copysign(0, q)
	}
	if (m < 0) != (q < 0) {
		m += q
	}
	return m
}

// FloorDiv is a // b.
func FloorDiv(a, b Value) (Value, error) {
	x, okX := toNum(a)
	y, okY := toNum(b)
	if !okX || !okY {
		if p, ok := a.(interface{ FloorDividedBy(Value) (Value, bool) }); ok {
			if v, ok := p.FloorDividedBy(b); ok {
				return v, nil
			}
		}
		return otherwise("//", a, b)
	}
	if x.isF || y.isF {
		return floats(x, y, func(p, q float64) (Value, error) {
			if q == 0 {
				return nil, Raise("ZeroDivisionError", "float floor division by zero")
			}
			d := (p - math.Mod(p, q)) / q
			if m := math.Mod(p, q); m != 0 && (m < 0) != (q < 0) {
				d--
			}
			if d == 0 {
				return math.Copysign(0, p/q), nil
			}
			f := math.Floor(d)
			if d-f > 0.5 {
				f++
			}
			return f, nil
		})
	}
	if y.bigInt().Sign() == 0 {
		return nil, Raise("ZeroDivisionError", "integer division or modulo by zero")
	}
	q, _ := floorDivMod(x, y)
	return q, nil
}

// Mod is a % b; for text it is printf formatting.
func Mod(a, b Value) (Value, error) {
	if s, ok := textOf(a); ok {
		if _, isMarkup := a.(Markup); isMarkup {
			r, err := Percent(s, escapeAll(b))
			return Markup(r), err
		}
		r, err := Percent(s, b)
		if err != nil {
			return nil, err
		}
		return like(r, a), nil
	}
	x, okX := toNum(a)
	y, okY := toNum(b)
	if !okX || !okY {
		return otherwise("%", a, b)
	}
	if x.isF || y.isF {
		return floats(x, y, func(p, q float64) (Value, error) {
			if q == 0 {
				return nil, Raise("ZeroDivisionError", "float modulo")
			}
			return floatMod(p, q), nil
		})
	}
	if y.bigInt().Sign() == 0 {
		return nil, Raise("ZeroDivisionError", "integer modulo by zero")
	}
	_, m := floorDivMod(x, y)
	return m, nil
}

// Pow is a ** b.
func Pow(a, b Value) (Value, error) {
	x, okX := toNum(a)
	y, okY := toNum(b)
	if !okX || !okY {
		return otherwise("** or pow()", a, b)
	}
	if !x.isF && !y.isF && y.bigInt().Sign() >= 0 {
		base, exp := x.bigInt(), y.bigInt()
		if base.BitLen() > 1 && (!exp.IsInt64() || exp.Int64() > int64(maxBits/base.BitLen())) {
			return nil, Raise("OverflowError", "%s ** %s is too large", shorten(base), shorten(exp))
		}
		if base.BitLen() <= 1 { // 0, 1, -1
			e := int64(exp.Bit(0))
			if exp.Sign() > 0 && e == 0 {
				e = 2
			}
			exp = big.NewInt(e)
		}
		return value.NormInt(new(big.Int).Exp(base, exp, nil)), nil
	}
	return floats(x, y, func(p, q float64) (Value, error) {
		if p == 0 && q < 0 {
			return nil, Raise("ZeroDivisionError", "0.0 cannot be raised to a negative power")
		}
		if p < 0 && q != math.Trunc(q) && !math.IsInf(q, 0) {
			return complexPow(Complex{Re: p}, Complex{Re: q}), nil
		}
		r := Pow64(p, q)
		if math.IsInf(r, 0) && !math.IsInf(p, 0) && !math.IsInf(q, 0) {
			return nil, Raise("OverflowError", "(34, 'Numerical result out of range')")
		}
		return r, nil
	})
}

func shorten(n *big.Int) string {
	if n.BitLen() > 128 {
		return "an integer"
	}
	return n.String()
}
