package py

import (
	"math"
	"math/big"
)

// The C library's pow, exp and log are right to the last bit in nearly all
// cases, Go's are not; templates print all digits, so these compute with more.
const extra = 160

func bf(f float64) *big.Float { return new(big.Float).SetPrec(extra).SetFloat64(f) }

func newBF() *big.Float { return new(big.Float).SetPrec(extra) }

// Pow64 is C's pow for finite arguments.
func Pow64(x, y float64) float64 {
	quick := math.Pow(x, y)
	if x == 0 || y == 0 || x == 1 || math.IsInf(x, 0) || math.IsInf(y, 0) || x != x || y != y ||
		math.IsInf(quick, 0) || quick == 0 || math.Abs(quick) < 1e-300 || math.Abs(quick) > 1e300 {
		return quick
	}
	if y == math.Trunc(y) && math.Abs(y) <= 1024 {
		n := int(math.Abs(y))
		r, b := bf(1), bf(x)
		for ; n > 0; n >>= 1 {
			if n&1 == 1 {
				r.Mul(r, b)
			}
			b.Mul(b, b)
		}
		if y < 0 {
			r.Quo(bf(1), r)
		}
		f, _ := r.Float64()
		return f
	}
	if x < 0 {
		return quick
	}
	f, _ := bigExp(newBF().Mul(bigLog(x), bf(y))).Float64()
	return f
}

// Log64 is C's log for finite positive x.
func Log64(x float64) float64 {
	if x <= 0 || math.IsInf(x, 0) || x != x {
		return math.Log(x)
	}
	f, _ := bigLog(x).Float64()
	return f
}

// Log10 is C's log10 for finite positive x.
func Log10(x float64) float64 {
	if x <= 0 || math.IsInf(x, 0) || x != x {
		return math.Log10(x)
	}
	f, _ := newBF().Quo(bigLog(x), bigLog(10)).Float64()
	return f
}

var bigLn2 = atanhSeries(newBF().Quo(bf(1), bf(3)))

// atanhSeries is 2*atanh(z).
func atanhSeries(z *big.Float) *big.Float {
	z2 := newBF().Mul(z, z)
	sum, term := newBF(), newBF().Set(z)
	for k := 1; k < 120; k += 2 {
		sum.Add(sum, newBF().Quo(term, bf(float64(k))))
		term.Mul(term, z2)
	}
	return sum.Mul(sum, bf(2))
}

func bigLog(x float64) *big.Float {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m *= 2
		e--
	}
	z := newBF().Quo(newBF().Sub(bf(m), bf(1)), newBF().Add(bf(m), bf(1)))
	r := atanhSeries(z)
	return r.Add(r, newBF().Mul(bigLn2, bf(float64(e))))
}

func bigExp(x *big.Float) *big.Float {
	f, _ := x.Float64()
	k := int(math.Round(f / math.Ln2))
	r := newBF().Sub(x, newBF().Mul(bigLn2, bf(float64(k))))
	sum, term := bf(1), bf(1)
	for i := 1; i < 50; i++ {
		term.Mul(term, r)
		term.Quo(term, bf(float64(i)))
		sum.Add(sum, term)
	}
	return sum.SetMantExp(sum, k)
}

// sinCos is C's sin and cos for angles that are not far from zero.
func sinCos(x float64) (sin, cos float64) {
	if math.Abs(x) > 50 || x != x {
		return math.Sincos(x)
	}
	a, s, c, term := bf(x), newBF(), newBF(), bf(1)
	for i := 0; i < 250; i++ {
		part := newBF().Set(term)
		if i%4 > 1 {
			part.Neg(part)
		}
		if i%2 == 0 {
			c.Add(c, part)
		} else {
			s.Add(s, part)
		}
		term.Mul(term, a)
		term.Quo(term, bf(float64(i+1)))
	}
	sin, _ = s.Float64()
	cos, _ = c.Float64()
	return sin, cos
}
