package py

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// call is one method call.
type call struct {
	name string
	args []Value
	kw   *value.Dict
}

type method func(obj Value, c *call) (Value, error)

// HasMethod tells whether obj has a method of that name.
func HasMethod(obj Value, name string) bool { return find(obj, name) != nil }

// Call calls a method of one of Python's own types. Errors are *Error in
// Python's words, or *value.Undefined where an argument is undefined.
func Call(obj Value, name string, args []Value, kwargs *value.Dict) (Value, error) {
	m := find(obj, name)
	if m == nil {
		return nil, Raise("AttributeError", "'%s' object has no attribute '%s'", value.TypeName(obj), name)
	}
	return m(obj, &call{name, args, kwargs})
}

func find(obj Value, name string) method {
	if s, ok := obj.(*value.Secret); ok {
		t, err := s.Reveal()
		if err != nil {
			return nil
		}
		obj = t
	}
	switch obj.(type) {
	case string, value.Unsafe:
		return orCommon(textMethods, name)
	case Markup:
		return orCommon(markupMethods, name)
	case NativeText, NativeUnsafe:
		return orCommon(textMethods, name)
	case *value.List:
		return orCommon(listMethods, name)
	case *value.Dict:
		return orCommon(dictMethods, name)
	case value.Tuple:
		return orCommon(tupleMethods, name)
	case int64, int, bool, *big.Int:
		return orCommon(intMethods, name)
	case float64:
		return orCommon(floatMethods, name)
	case Bytes:
		return orCommon(bytesMethods, name)
	case *Range:
		return orCommon(rangeMethods, name)
	case *View:
		return orCommon(viewMethods, name)
	case *DateTime:
		return orCommon(dateMethods, name)
	case *TimeDelta:
		return orCommon(deltaMethods, name)
	case nil:
		return commonMethods[name]
	case *value.Undefined:
		return nil
	}
	return nil
}

func orCommon(m map[string]method, name string) method {
	if f, ok := m[name]; ok {
		return f
	}
	return commonMethods[name]
}

// Attr returns an attribute that is not a method: days of a timedelta, year of
// a date ...
func Attr(obj Value, name string) (Value, bool) {
	if x, ok := obj.(interface{ Attr(string) (Value, bool) }); ok {
		if v, ok := x.Attr(name); ok {
			return v, ok
		}
	}
	if name == "__class__" {
		if _, ok := obj.(*value.Undefined); !ok {
			return Class(value.TypeName(obj)), true
		}
	}
	if n, ok := toNum(obj); ok {
		switch name {
		case "real":
			v, _ := Pos(obj)
			return v, true
		case "imag":
			if n.isF {
				return 0.0, true
			}
			return int64(0), true
		case "numerator", "denominator":
			if n.isF {
				return nil, false
			}
			if name == "denominator" {
				return int64(1), true
			}
			v, _ := Pos(obj)
			return v, true
		}
	}
	return nil, false
}

// Class is the type of a value, for x.__class__.__name__.
type Class string

// TypeName is Python's name of the type.
func (Class) TypeName() string { return "type" }

// Str prints as str() does.
func (c Class) Str() string { return "<class '" + string(c) + "'>" }

// Repr prints as repr() does.
func (c Class) Repr() string { return c.Str() }

// Truth is always true.
func (Class) Truth() bool { return true }

// Attr gives __name__.
func (c Class) Attr(name string) (Value, bool) {
	if name == "__name__" || name == "__qualname__" {
		return string(c), true
	}
	return nil, false
}

type absentType struct{}

// absent stands for an argument that was not given.
var absent Value = absentType{}

// bind gives the arguments by the names of the parameters; those from need on
// may be left out and are absent. A name that begins with "/" cannot be given
// as a keyword.
func (c *call) bind(need int, names ...string) ([]Value, error) {
	if len(c.args) > len(names) {
		if len(names) == 0 {
			return nil, Raise("TypeError", "%s() takes no arguments (%d given)", c.name, len(c.args))
		}
		return nil, Raise("TypeError", "%s expected at most %d argument%s, got %d", c.name, len(names), plural(len(names)), len(c.args))
	}
	out := make([]Value, len(names))
	for i := range out {
		out[i] = absent
	}
	copy(out, c.args)
	for k, v := range c.kw.All() {
		name, _ := value.Text(k)
		found := false
		for i, n := range names {
			if n == name {
				if i < len(c.args) {
					return nil, Raise("TypeError", "argument for %s() given by name ('%s') and position (%d)", c.name, name, i+1)
				}
				out[i], found = v, true
			}
		}
		if !found {
			return nil, Raise("TypeError", "'%s' is an invalid keyword argument for %s()", name, c.name)
		}
	}
	for i := range need {
		if out[i] == absent {
			return nil, Raise("TypeError", "%s expected at least %d argument%s, got %d", c.name, need, plural(need), len(c.args))
		}
	}
	return out, nil
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// commonMethods are those that every object has and templates call.
var commonMethods = map[string]method{
	"__str__":  func(o Value, _ *call) (Value, error) { return value.Str(o), nil },
	"__repr__": func(o Value, _ *call) (Value, error) { return value.Repr(o), nil },
	"__len__": func(o Value, _ *call) (Value, error) {
		n, err := Len(o)
		return n, err
	},
	"__eq__": func(o Value, c *call) (Value, error) {
		a, err := c.bind(1, "/value")
		if err != nil {
			return nil, err
		}
		return value.Equal(o, a[0]), nil
	},
	"__ne__": func(o Value, c *call) (Value, error) {
		a, err := c.bind(1, "/value")
		if err != nil {
			return nil, err
		}
		return !value.Equal(o, a[0]), nil
	},
	"__contains__": func(o Value, c *call) (Value, error) {
		a, err := c.bind(1, "/key")
		if err != nil {
			return nil, err
		}
		return Contains(o, a[0])
	},
	"__add__": binary(Add), "__sub__": binary(Sub), "__mul__": binary(Mul), "__mod__": binary(Mod),
	"__truediv__": binary(Div), "__floordiv__": binary(FloorDiv), "__pow__": binary(Pow),
}

func binary(f func(a, b Value) (Value, error)) method {
	return func(o Value, c *call) (Value, error) {
		a, err := c.bind(1, "/other")
		if err != nil {
			return nil, err
		}
		return f(o, a[0])
	}
}

var intMethods = map[string]method{
	"bit_length": func(o Value, c *call) (Value, error) {
		n, _ := toNum(o)
		return int64(n.bigInt().BitLen()), nil
	},
	"bit_count": func(o Value, c *call) (Value, error) {
		n, _ := toNum(o)
		count := int64(0)
		for _, d := range new(big.Int).Abs(n.bigInt()).Text(2) {
			count += int64(d - '0')
		}
		return count, nil
	},
	"conjugate": func(o Value, c *call) (Value, error) { return Pos(o) },
	"to_bytes":  intToBytes,
	"as_integer_ratio": func(o Value, c *call) (Value, error) {
		v, err := Pos(o)
		return value.Tuple{v, int64(1)}, err
	},
	"__int__":   func(o Value, c *call) (Value, error) { return ToInt(o) },
	"__float__": func(o Value, c *call) (Value, error) { return ToFloat(o) },
}

var floatMethods = map[string]method{
	"is_integer": func(o Value, c *call) (Value, error) {
		f := o.(float64)
		return f == math.Trunc(f) && !math.IsInf(f, 0), nil
	},
	"conjugate": func(o Value, c *call) (Value, error) { return o, nil },
	"hex": func(o Value, c *call) (Value, error) {
		s := strconv.FormatFloat(o.(float64), 'x', 13, 64)
		if i := strings.IndexByte(s, 'p'); i >= 0 && i+3 < len(s) && s[i+2] == '0' {
			s = s[:i+2] + s[i+3:] // the exponent has no zeros before it
		}
		if o == 0.0 {
			s = strings.TrimSuffix(s, ".0000000000000p+0") + ".0p+0"
		}
		return s, nil
	},
	"as_integer_ratio": func(o Value, c *call) (Value, error) {
		r := new(big.Rat).SetFloat64(o.(float64))
		if r == nil {
			return nil, Raise("OverflowError", "cannot convert Infinity to integer ratio")
		}
		return value.Tuple{value.NormInt(r.Num()), value.NormInt(r.Denom())}, nil
	},
	"__int__":   func(o Value, c *call) (Value, error) { return ToInt(o) },
	"__float__": func(o Value, c *call) (Value, error) { return o, nil },
}
