package builtin

import (
	"fmt"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

func ternaryFilter(c *Call) (Value, error) {
	a, err := c.Bind(2, "true_val", "false_val", "none_val")
	if err != nil {
		return nil, err
	}
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	switch {
	case c.in() == nil && a.Has(2):
		return a.v[2], nil
	case value.Truth(c.in()):
		return a.v[0], nil
	}
	return a.v[1], nil
}

func mandatoryFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "msg")
	if err != nil {
		return nil, err
	}
	u, missing := c.in().(*value.Undefined)
	if !missing {
		return c.in(), nil
	}
	if a.Has(0) {
		msg, err := a.Text(0, "")
		if err != nil {
			return nil, err
		}
		return nil, fail("%s", msg)
	}
	name := ""
	if u.Name != "" {
		name = "'" + u.Name + "' "
	}
	return nil, fail("Mandatory variable %s not defined.", name)
}

func boolFilter(c *Call) (Value, error) {
	if _, err := c.Bind(0); err != nil {
		return nil, err
	}
	switch x := c.in().(type) {
	case nil, bool:
		return x, nil
	case *value.Undefined:
		return nil, x
	case *value.Secret: // compared as it is
		t, err := x.Reveal()
		return t == "yes" || t == "on" || t == "1" || t == "true", err
	}
	if t, ok := textOf(c.in()); ok {
		switch py.Lower(t) {
		case "yes", "on", "1", "true":
			return true, nil
		}
		return false, nil
	}
	return value.Equal(c.in(), int64(1)), nil
}

func typeDebugFilter(c *Call) (Value, error) {
	if g, ok := c.in().(*py.View); ok {
		return g.Kind, nil
	}
	return value.TypeName(c.in()), nil
}

func undefFunc(hint string) *value.Undefined {
	if hint == "" {
		hint = "Mandatory variable has not been overridden"
	}
	return &value.Undefined{Hint: fmt.Sprint(hint)}
}

func undefGlobal(c *Call) (Value, error) {
	a, err := c.BindAll(0, "hint")
	if err != nil {
		return nil, err
	}
	h, err := a.Text(0, "")
	if !a.Has(0) {
		h = ""
	}
	return undefFunc(h), err
}
