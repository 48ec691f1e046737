package py

import (
	"math"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// Complex is Python's complex number: what a negative number to the power of
// a fraction is.
type Complex struct{ Re, Im float64 }

// TypeName is Python's name of the type.
func (Complex) TypeName() string { return "complex" }

// Str prints as str() does.
func (c Complex) Str() string {
	part := func(f float64) string { return strings.TrimSuffix(value.FormatFloat(f), ".0") }
	if c.Re == 0 && !math.Signbit(c.Re) {
		return part(c.Im) + "j"
	}
	sign := "+"
	if math.Signbit(c.Im) || math.IsNaN(c.Im) && !strings.HasPrefix(part(c.Im), "n") {
		sign = ""
	}
	return "(" + part(c.Re) + sign + part(c.Im) + "j)"
}

// Repr prints as repr() does.
func (c Complex) Repr() string { return c.Str() }

// Truth is false for zero.
func (c Complex) Truth() bool { return c.Re != 0 || c.Im != 0 }

// EqualTo compares with numbers of all kinds.
func (c Complex) EqualTo(o Value) bool {
	d, ok := toComplex(o)
	return ok && c == d
}

// Attr gives real and imag.
func (c Complex) Attr(name string) (Value, bool) {
	switch name {
	case "real":
		return c.Re, true
	case "imag":
		return c.Im, true
	}
	return nil, false
}

// Times is n * c.
func (c Complex) Times(n int64) Value { return Complex{float64(n) * c.Re, float64(n) * c.Im} }

func toComplex(v Value) (Complex, bool) {
	if c, ok := v.(Complex); ok {
		return c, true
	}
	n, ok := toNum(v)
	if !ok {
		return Complex{}, false
	}
	f, err := n.float()
	return Complex{Re: f}, err == nil
}

// complexOp computes where one side is complex; ok is false where none is.
func complexOp(op string, a, b Value) (v Value, ok bool, err error) {
	_, first := a.(Complex)
	_, second := b.(Complex)
	x, okX := toComplex(a)
	y, okY := toComplex(b)
	if !first && !second || !okX || !okY {
		return nil, false, nil
	}
	switch op {
	case "+":
		return Complex{x.Re + y.Re, x.Im + y.Im}, true, nil
	case "-":
		return Complex{x.Re - y.Re, x.Im - y.Im}, true, nil
	case "*":
		return Complex{x.Re*y.Re - x.Im*y.Im, x.Re*y.Im + x.Im*y.Re}, true, nil
	case "/":
		if !y.Truth() {
			return nil, true, Raise("ZeroDivisionError", "complex division by zero")
		}
		q := complex(x.Re, x.Im) / complex(y.Re, y.Im)
		return Complex{real(q), imag(q)}, true, nil
	case "** or pow()":
		if y.Im == 0 && y.Re == math.Trunc(y.Re) && math.Abs(y.Re) <= 100 {
			r := Complex{Re: 1}
			for range int(math.Abs(y.Re)) {
				r = Complex{r.Re*x.Re - r.Im*x.Im, r.Re*x.Im + r.Im*x.Re}
			}
			if y.Re < 0 {
				return complexOp("/", Complex{Re: 1}, r)
			}
			return r, true, nil
		}
		return complexPow(x, y), true, nil
	}
	return nil, false, nil
}

func complexPow(x, y Complex) Value {
	if !x.Truth() {
		return Complex{}
	}
	abs, at := math.Hypot(x.Re, x.Im), math.Atan2(x.Im, x.Re)
	size, phase := Pow64(abs, y.Re), at*y.Re
	if y.Im != 0 {
		size /= math.Exp(at * y.Im)
		phase += y.Im * Log64(abs)
	}
	sin, cos := sinCos(phase)
	return Complex{size * cos, size * sin}
}
