package py

import (
	"math"
	"math/big"

	"github.com/goplay-engine/goplay/engine/value"
)

// Limits that keep an expression from exhausting memory.
const (
	MaxText  = 256 << 20 // bytes of a repeated text
	MaxItems = 10 << 20  // items of a repeated list
	maxBits  = 4 << 20   // bits of an integer
)

// num is a Python number: an int64, a big integer or a float.
type num struct {
	i   int64
	big *big.Int
	f   float64
	isF bool
}

func toNum(v Value) (num, bool) {
	switch x := v.(type) {
	case int64:
		return num{i: x}, true
	case float64:
		return num{f: x, isF: true}, true
	case bool:
		if x {
			return num{i: 1}, true
		}
		return num{}, true
	case int:
		return num{i: int64(x)}, true
	case *big.Int:
		return num{big: x}, true
	}
	return num{}, false
}

func (n num) bigInt() *big.Int {
	if n.big != nil {
		return n.big
	}
	return big.NewInt(n.i)
}

func (n num) float() (float64, error) {
	switch {
	case n.isF:
		return n.f, nil
	case n.big != nil:
		f, _ := new(big.Float).SetInt(n.big).Float64()
		if math.IsInf(f, 0) {
			return 0, Raise("OverflowError", "int too large to convert to float")
		}
		return f, nil
	}
	return float64(n.i), nil
}

// textOf is value.Text that also opens secrets.
func textOf(v Value) (string, bool) {
	if s, ok := v.(*value.Secret); ok {
		t, err := s.Reveal()
		return t, err == nil
	}
	return value.Text(v)
}

// undefined returns the first of vs that is undefined, as an error.
func undefined(vs ...Value) error {
	for _, v := range vs {
		if u, ok := v.(*value.Undefined); ok {
			return u
		}
	}
	return nil
}

// otherwise computes what the common types do not: complex numbers, or fails.
func otherwise(op string, a, b Value) (Value, error) {
	if v, ok, err := complexOp(op, a, b); ok {
		return v, err
	}
	return nil, badOperands(op, a, b)
}

func badOperands(op string, a, b Value) error {
	if err := undefined(a, b); err != nil {
		return err
	}
	return Raise("TypeError", "unsupported operand type(s) for %s: '%s' and '%s'", op, value.TypeName(a), value.TypeName(b))
}

// like gives text the kind of the values it was made from: unsafe where one was.
func like(s string, from ...Value) Value {
	for _, v := range from {
		if _, ok := v.(value.Unsafe); ok {
			return value.Unsafe(s)
		}
	}
	return s
}

// Add is a + b.
func Add(a, b Value) (Value, error) {
	if x, ok := a.(int64); ok {
		if y, ok := b.(int64); ok {
			if s := x + y; (s > x) == (y > 0) {
				return s, nil
			}
		}
	}
	if x, ok := toNum(a); ok {
		if y, ok := toNum(b); ok {
			if x.isF || y.isF {
				return floats(x, y, func(p, q float64) (Value, error) { return p + q, nil })
			}
			return value.NormInt(new(big.Int).Add(x.bigInt(), y.bigInt())), nil
		}
		return otherwise("+", a, b)
	}
	if s, ok := textOf(a); ok {
		t, ok := textOf(b)
		if !ok {
			if err := undefined(b); err != nil {
				return nil, err
			}
			return nil, Raise("TypeError", `can only concatenate str (not "%s") to str`, value.TypeName(b))
		}
		_, ma := a.(Markup)
		_, mb := b.(Markup)
		switch {
		case ma && mb:
			return Markup(s + t), nil
		case ma:
			return Markup(s + EscapeHTML(t)), nil
		case mb:
			return Markup(EscapeHTML(s) + t), nil
		}
		return like(s+t, a, b), nil
	}
	switch x := a.(type) {
	case *value.List:
		if y, ok := b.(*value.List); ok {
			items := make([]Value, 0, len(x.Items)+len(y.Items))
			return &value.List{Items: append(append(items, x.Items...), y.Items...)}, nil
		}
		if err := undefined(b); err != nil {
			return nil, err
		}
		return nil, Raise("TypeError", `can only concatenate list (not "%s") to list`, value.TypeName(b))
	case value.Tuple:
		if y, ok := b.(value.Tuple); ok {
			return append(append(make(value.Tuple, 0, len(x)+len(y)), x...), y...), nil
		}
		if err := undefined(b); err != nil {
			return nil, err
		}
		return nil, Raise("TypeError", `can only concatenate tuple (not "%s") to tuple`, value.TypeName(b))
	case Bytes:
		if y, ok := b.(Bytes); ok {
			return x + y, nil
		}
	case interface{ Plus(Value) (Value, bool) }:
		if v, ok := x.Plus(b); ok {
			return v, nil
		}
	}
	if y, ok := b.(interface{ Plus(Value) (Value, bool) }); ok {
		if v, ok := y.Plus(a); ok {
			return v, nil
		}
	}
	return otherwise("+", a, b)
}

func floats(x, y num, f func(p, q float64) (Value, error)) (Value, error) {
	p, err := x.float()
	if err != nil {
		return nil, err
	}
	q, err := y.float()
	if err != nil {
		return nil, err
	}
	return f(p, q)
}

// Sub is a - b.
func Sub(a, b Value) (Value, error) {
	if x, ok := toNum(a); ok {
		if y, ok := toNum(b); ok {
			if x.isF || y.isF {
				return floats(x, y, func(p, q float64) (Value, error) { return p - q, nil })
			}
			if x.big == nil && y.big == nil {
				if d := x.i - y.i; (d < x.i) == (y.i > 0) {
					return d, nil
				}
			}
			return value.NormInt(new(big.Int).Sub(x.bigInt(), y.bigInt())), nil
		}
	}
	if x, ok := a.(interface{ Minus(Value) (Value, bool) }); ok {
		if v, ok := x.Minus(b); ok {
			return v, nil
		}
	}
	return otherwise("-", a, b)
}

// Neg is -a.
func Neg(a Value) (Value, error) {
	n, ok := toNum(a)
	switch {
	case !ok:
		if t, ok := a.(interface{ Times(int64) Value }); ok {
			return t.Times(-1), nil
		}
		return nil, badUnary("-", a)
	case n.isF:
		return -n.f, nil
	case n.big == nil && n.i != math.MinInt64:
		return -n.i, nil
	}
	return value.NormInt(new(big.Int).Neg(n.bigInt())), nil
}

// Pos is +a.
func Pos(a Value) (Value, error) {
	n, ok := toNum(a)
	switch {
	case !ok:
		return nil, badUnary("+", a)
	case n.isF:
		return n.f, nil
	}
	return value.NormInt(n.bigInt()), nil
}

func badUnary(op string, a Value) error {
	if err := undefined(a); err != nil {
		return err
	}
	return Raise("TypeError", "bad operand type for unary %s: '%s'", op, value.TypeName(a))
}
