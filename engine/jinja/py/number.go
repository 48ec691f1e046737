package py

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"

	"github.com/goplay-engine/goplay/engine/value"
)

// digitVal folds the decimal digits of any script to 0..9.
func digitVal(r rune) (rune, bool) {
	if r < 0x80 {
		return r, false
	}
	if !unicode.Is(unicode.Nd, r) {
		return r, false
	}
	// Digits come in runs of ten that begin where the value is 0.
	zero := r
	for zero > 0 && unicode.Is(unicode.Nd, zero-1) {
		zero--
	}
	return '0' + (r-zero)%10, true
}

func asciiDigits(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return strings.Map(func(r rune) rune { d, _ := digitVal(r); return d }, s)
		}
	}
	return s
}

func badInt(s string, base int) error {
	return Raise("ValueError", "invalid literal for int() with base %d: %s", base, value.Quote(s))
}

// ParseInt is int(s, base).
func ParseInt(s string, base int) (Value, error) {
	if base != 0 && (base < 2 || base > 36) {
		return nil, Raise("ValueError", "int() base must be >= 2 and <= 36, or 0")
	}
	t := strings.TrimFunc(asciiDigits(s), isSpace)
	neg := false
	if t != "" && (t[0] == '-' || t[0] == '+') {
		neg = t[0] == '-'
		t = t[1:]
	}
	b := base
	if len(t) > 1 && t[0] == '0' {
		p := 0
		switch t[1] {
		case 'x', 'X':
			p = 16
		case 'o', 'O':
			p = 8
		case 'b', 'B':
			p = 2
		}
		if p != 0 && (b == 0 || b == p) {
			b = p
			t = strings.TrimPrefix(t[2:], "_")
		}
	}
	if b == 0 {
		b = 10
		if len(t) > 1 && t[0] == '0' && strings.Trim(t, "0_") != "" {
			return nil, badInt(s, base)
		}
	}
	if t == "" || t[0] == '_' || t[len(t)-1] == '_' || strings.Contains(t, "__") || t[0] == '+' || t[0] == '-' {
		return nil, badInt(s, base)
	}
	t = strings.ReplaceAll(t, "_", "")
	if len(t) > value.MaxIntDigits && b&(b-1) != 0 {
		return nil, Raise("ValueError", "Exceeds the limit (%d digits) for integer string conversion: value has %d digits; use sys.set_int_max_str_digits() to increase the limit", value.MaxIntDigits, len(t))
	}
	if i, err := strconv.ParseInt(t, b, 64); err == nil {
		if neg {
			i = -i
		}
		return i, nil
	}
	n, ok := new(big.Int).SetString(t, b)
	if !ok {
		return nil, badInt(s, base)
	}
	if neg {
		n.Neg(n)
	}
	return value.NormInt(n), nil
}

// ParseFloat is float(s).
func ParseFloat(s string) (float64, error) {
	bad := Raise("ValueError", "could not convert string to float: %s", value.Quote(s))
	t := strings.TrimFunc(asciiDigits(s), isSpace)
	u := t
	if u != "" && (u[0] == '-' || u[0] == '+') {
		u = u[1:]
	}
	switch strings.ToLower(u) {
	case "inf", "infinity":
		return math.Inf(map[bool]int{true: -1, false: 1}[t[0] == '-']), nil
	case "nan":
		return math.NaN(), nil
	}
	digit := func(i int) bool { return i >= 0 && i < len(u) && u[i] >= '0' && u[i] <= '9' }
	for i := 0; i < len(u); i++ {
		if u[i] == '_' && !(digit(i-1) && digit(i+1)) || strings.IndexByte("0123456789.eE+-_", u[i]) < 0 {
			return 0, bad
		}
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(t, "_", ""), 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, bad
	}
	return f, nil
}

// ToInt is int(v).
func ToInt(v Value) (Value, error) {
	if n, ok := toNum(v); ok {
		switch {
		case !n.isF:
			return value.NormInt(n.bigInt()), nil
		case math.IsNaN(n.f):
			return nil, Raise("ValueError", "cannot convert float NaN to integer")
		case math.IsInf(n.f, 0):
			return nil, Raise("OverflowError", "cannot convert float infinity to integer")
		}
		if math.Abs(n.f) < 1<<62 {
			return int64(n.f), nil
		}
		b, _ := big.NewFloat(n.f).Int(nil)
		return value.NormInt(b), nil
	}
	if s, ok := textOf(v); ok {
		return ParseInt(s, 10)
	}
	if err := undefined(v); err != nil {
		return nil, err
	}
	return nil, Raise("TypeError", "int() argument must be a string, a bytes-like object or a real number, not '%s'", value.TypeName(v))
}

// ToFloat is float(v).
func ToFloat(v Value) (float64, error) {
	if n, ok := toNum(v); ok {
		return n.float()
	}
	if s, ok := textOf(v); ok {
		return ParseFloat(s)
	}
	if err := undefined(v); err != nil {
		return 0, err
	}
	return 0, Raise("TypeError", "float() argument must be a string or a real number, not '%s'", value.TypeName(v))
}

// Index is operator.index(v) as an int64: an integer, never a float. Integers
// beyond 64 bits are cut to the nearest.
func Index(v Value) (int64, error) {
	n, ok := toNum(v)
	if !ok || n.isF {
		if err := undefined(v); err != nil {
			return 0, err
		}
		return 0, Raise("TypeError", "'%s' object cannot be interpreted as an integer", value.TypeName(v))
	}
	if n.big != nil {
		if n.big.Sign() < 0 {
			return math.MinInt64, nil
		}
		return math.MaxInt64, nil
	}
	return n.i, nil
}

// RoundFloat is round(f, digits): to the nearest, halves to even, exactly.
func RoundFloat(f float64, digits int) float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) || digits > 323 {
		return f
	}
	if digits < -308 {
		return math.Copysign(0, f)
	}
	if digits >= 0 {
		r, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'f', digits, 64), 64)
		return r
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-digits)), nil)
	r := new(big.Rat)
	r.SetFloat64(f)
	r.Quo(r, new(big.Rat).SetInt(unit))
	n := roundHalfEven(r)
	out, _ := new(big.Float).SetInt(n.Mul(n, unit)).Float64()
	if out == 0 {
		return math.Copysign(0, f)
	}
	return out
}

func roundHalfEven(r *big.Rat) *big.Int {
	two := big.NewInt(2)
	n := new(big.Int).Mul(r.Num(), two)
	n.Add(n, r.Denom())
	d := new(big.Int).Mul(r.Denom(), two)
	q, m := new(big.Int).DivMod(n, d, new(big.Int))
	if m.Sign() == 0 && q.Bit(0) == 1 {
		q.Sub(q, big.NewInt(1))
	}
	return q
}

// Round is round(v[, digits]); digits nil gives an integer.
func Round(v Value, digits *int) (Value, error) {
	n, ok := toNum(v)
	if !ok {
		if err := undefined(v); err != nil {
			return nil, err
		}
		return nil, Raise("TypeError", "type %s doesn't define __round__ method", value.TypeName(v))
	}
	if n.isF {
		if digits == nil {
			return ToInt(math.RoundToEven(n.f))
		}
		return RoundFloat(n.f, *digits), nil
	}
	if digits == nil || *digits >= 0 {
		return value.NormInt(n.bigInt()), nil
	}
	if *digits < -5000 {
		return int64(0), nil
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-*digits)), nil)
	q := roundHalfEven(new(big.Rat).SetFrac(n.bigInt(), unit))
	return value.NormInt(q.Mul(q, unit)), nil
}

// Abs is abs(v).
func Abs(v Value) (Value, error) {
	n, ok := toNum(v)
	if !ok {
		if c, ok := v.(Complex); ok {
			return math.Hypot(c.Re, c.Im), nil
		}
		if t, ok := v.(*TimeDelta); ok {
			if t.Micros < 0 {
				return t.Times(-1), nil
			}
			return t, nil
		}
		if err := undefined(v); err != nil {
			return nil, err
		}
		return nil, Raise("TypeError", "bad operand type for abs(): '%s'", value.TypeName(v))
	}
	if n.isF {
		return math.Abs(n.f), nil
	}
	return value.NormInt(new(big.Int).Abs(n.bigInt())), nil
}

// isSpace is str.isspace for one character.
func isSpace(r rune) bool {
	switch {
	case r >= 9 && r <= 13, r >= 0x1c && r <= 0x20, r == 0x85, r == 0xa0:
		return true
	case r < 0x1680:
		return false
	}
	return r == 0x1680 || r >= 0x2000 && r <= 0x200a || r == 0x2028 || r == 0x2029 || r == 0x202f || r == 0x205f || r == 0x3000
}

// IsSpace is str.isspace for one character.
func IsSpace(r rune) bool { return isSpace(r) }
