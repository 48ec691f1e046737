package builtin

import (
	"fmt"
	"math"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

func absFilter(c *Call) (Value, error) { return py.Abs(c.in()) }

func intFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "default", "base")
	if err != nil {
		return nil, err
	}
	base, err := a.Int(1, 10)
	if err != nil {
		base = -1 // no text is a number to a base that is none
	}
	def := a.Value(0, int64(0))
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	if t, ok := textOf(c.in()); ok {
		if v, err := py.ParseInt(t, int(base)); err == nil {
			return v, nil
		}
		f, err := py.ParseFloat(t)
		if err != nil {
			return def, nil
		}
		if v, err := py.ToInt(f); err == nil {
			return v, nil
		} else if !py.IsKind(err, "OverflowError") {
			return def, nil
		} else {
			return nil, err
		}
	}
	if v, err := py.ToInt(c.in()); err == nil {
		return v, nil
	} else if py.IsKind(err, "OverflowError") {
		return nil, err
	}
	return def, nil
}

func textOf(v Value) (string, bool) {
	if s, ok := v.(*value.Secret); ok {
		t, err := s.Reveal()
		return t, err == nil
	}
	return value.Text(v)
}

func floatFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "default")
	if err != nil {
		return nil, err
	}
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	f, err := py.ToFloat(c.in())
	if err != nil {
		if py.IsKind(err, "OverflowError") {
			return nil, err
		}
		return a.Value(0, 0.0), nil
	}
	return f, nil
}

func roundFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "precision", "method")
	if err != nil {
		return nil, err
	}
	prec, err := a.Int(0, 0)
	if err != nil {
		return nil, err
	}
	method, err := a.Text(1, "common")
	if err != nil {
		return nil, err
	}
	n := int(max(min(prec, 400), -400))
	switch method {
	case "common":
		return py.Round(c.in(), &n)
	case "ceil", "floor":
		if isText(c.in()) {
			return nil, py.Raise("TypeError", "must be real number, not str")
		}
	default:
		return nil, fail("method must be common, ceil or floor")
	}
	scale, err := py.Pow(int64(10), prec)
	if err != nil {
		return nil, err
	}
	v, err := py.Mul(c.in(), scale)
	if err != nil {
		return nil, err
	}
	f, err := py.ToFloat(v)
	if err != nil {
		return nil, err
	}
	if method == "ceil" {
		f = math.Ceil(f)
	} else {
		f = math.Floor(f)
	}
	whole, err := py.ToInt(f)
	if err != nil {
		return nil, err
	}
	return py.Div(whole, scale)
}

func filesizeformatFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "binary")
	if err != nil {
		return nil, err
	}
	f, err := py.ToFloat(c.in())
	if err != nil {
		return nil, err
	}
	base, units := 1000.0, []string{"kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"}
	if value.Truth(a.v[0]) {
		base, units = 1024, []string{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"}
	}
	switch {
	case f == 1:
		return "1 Byte", nil
	case f < base:
		v, err := py.ToInt(f)
		return value.Str(v) + " Bytes", err
	}
	unit := base
	for i, u := range units {
		unit = math.Pow(base, float64(i+2))
		if f < unit {
			return fmt.Sprintf("%.1f %s", base*f/unit, u), nil
		}
	}
	return fmt.Sprintf("%.1f %s", base*f/unit, units[len(units)-1]), nil
}

func tojsonFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "indent")
	if err != nil {
		return nil, err
	}
	n, err := a.Int(0, 0)
	if a.v[0] == nil {
		n, err = 0, nil
	}
	if err != nil {
		return nil, err
	}
	if err := jsonKind(c.in()); err != nil {
		return nil, err
	}
	t, err := value.DumpJSON(jsonReady(c.in()), value.JSONOptions{Indent: int(n), SortKeys: true, EscapeASCII: true})
	if err != nil {
		return nil, err
	}
	return py.Markup(strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`, "'", `\u0027`).Replace(t)), nil
}

func defaultFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "default_value", "boolean")
	if err != nil {
		return nil, err
	}
	_, missing := c.in().(*value.Undefined)
	orFalse, err := a.Bool(1, false)
	if err != nil && !missing {
		return nil, err
	}
	if missing || orFalse && !value.Truth(c.in()) {
		return a.Value(0, ""), nil
	}
	return c.in(), nil
}

func attrFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "name")
	if err != nil {
		return nil, err
	}
	name, err := a.Text(0, "")
	if err != nil {
		return nil, err
	}
	// Items do not count: Python's getattr, not Jinja2's.
	if x, ok := py.Attr(c.in(), name); ok {
		return x, nil
	}
	if py.HasMethod(c.in(), name) {
		return c.Env.Attr(c.in(), name), nil
	}
	switch c.in().(type) {
	case *value.Dict, value.Mapping:
	default:
		return c.Env.Attr(c.in(), name), nil
	}
	return &value.Undefined{Name: name, Obj: c.in(), Hint: fmt.Sprintf("'%s object' has no attribute %s", value.TypeName(c.in()), value.Quote(name))}, nil
}

func pprintFilter(c *Call) (Value, error) {
	if err := value.Opens(c.in()); err != nil {
		return nil, err
	}
	return pprint(c.in()), nil
}
