package builtin

import (
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// log, pow and root, always in floating point.
func mathFilter(name string, f func(x float64, a *Args) (Value, error), params ...string) Func {
	return func(c *Call) (Value, error) {
		need := 0
		if name == "pow" {
			need = 1
		}
		a, err := c.Bind(need, params...)
		if err != nil {
			return nil, err
		}
		for _, v := range append([]Value{c.in()}, a.v...) {
			if err := Defined(v); err != nil {
				return nil, err
			}
			if _, isT := value.Text(v); isT || isSequence(v) {
				return nil, fail("%s() can only be used on numbers: must be real number, not %s", name, value.TypeName(v))
			}
		}
		x, err := py.ToFloat(c.in())
		if err != nil {
			return nil, fail("%s() can only be used on numbers: %v", name, err)
		}
		return f(x, a)
	}
}

func powFilter(x float64, a *Args) (Value, error) {
	y, err := py.ToFloat(a.v[0])
	if err != nil {
		return nil, fail("pow() can only be used on numbers: %v", err)
	}
	return mathPow(x, y)
}

func mathPow(x, y float64) (Value, error) {
	if x < 0 && y != float64(int64(y)) || x == 0 && y < 0 {
		return nil, py.Raise("ValueError", "math domain error")
	}
	return py.Pow64(x, y), nil
}

func logFilter(x float64, a *Args) (Value, error) {
	if x <= 0 {
		return nil, py.Raise("ValueError", "math domain error")
	}
	if !a.given[0] {
		return py.Log64(x), nil
	}
	base, err := py.ToFloat(a.v[0])
	if err != nil {
		return nil, err
	}
	if base <= 0 {
		return nil, py.Raise("ValueError", "math domain error")
	}
	if base == 10 {
		return log10(x), nil
	}
	d := py.Log64(base)
	if d == 0 {
		return nil, py.Raise("ZeroDivisionError", "float division by zero")
	}
	return py.Log64(x) / d, nil
}

func rootFilter(x float64, a *Args) (Value, error) {
	base := 2.0
	if a.given[0] {
		b, err := py.ToFloat(a.v[0])
		if err != nil {
			return nil, err
		}
		base = b
	}
	if base == 2 {
		if x < 0 {
			return nil, py.Raise("ValueError", "math domain error")
		}
		return sqrt(x), nil
	}
	if base == 0 {
		return nil, py.Raise("ZeroDivisionError", "float division by zero")
	}
	return mathPow(x, 1/base)
}
