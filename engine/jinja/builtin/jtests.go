package builtin

import (
	"math/big"
	"reflect"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// is makes a test without parameters.
func is(f func(v Value) bool) Func {
	return func(c *Call) (Value, error) {
		if _, err := c.Bind(0); err != nil {
			return nil, err
		}
		return f(c.in()), nil
	}
}

func isUndefined(v Value) bool { _, ok := v.(*value.Undefined); return ok }

func isInteger(v Value) bool {
	switch v.(type) {
	case int64, int, *big.Int:
		return true
	}
	return false
}

func isText(v Value) bool { _, ok := textOf(v); return ok }

func isMappingValue(v Value) bool {
	switch v.(type) {
	case *value.Dict, value.Mapping:
		return true
	}
	return false
}

// isSequenceValue is Jinja2's sequence: has a length and can be indexed.
func isSequenceValue(v Value) bool {
	switch v.(type) {
	case *value.List, value.Tuple, *py.Range, py.Bytes, *group:
		return true
	}
	return isText(v) || isMappingValue(v)
}

func iterableTest(c *Call) (Value, error) {
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	switch c.in().(type) {
	case *value.List, value.Tuple, *value.Dict, value.Iterable, value.Mapping, py.Bytes:
		return true, nil
	}
	return isText(c.in()), nil
}

// callable is what can be called; Jinja2's undefined values can.
func callable(v Value) bool {
	switch v.(type) {
	case *value.Undefined, py.Class:
		return true
	case interface{ Call(*Call) (Value, error) }:
		return true
	}
	return v != nil && reflect.TypeOf(v).Kind() == reflect.Func || reflectMethod(v)
}

// reflectMethod recognises the evaluator's bound methods by their type name.
func reflectMethod(v Value) bool {
	o, ok := v.(value.Object)
	return ok && (o.TypeName() == "builtin_function_or_method" || o.TypeName() == "function" || o.TypeName() == "method")
}

func truthTest(want bool) Func {
	return is(func(v Value) bool { b, ok := v.(bool); return ok && b == want })
}

// remainder makes odd and even.
func remainder(want int64) Func {
	return func(c *Call) (Value, error) {
		r, err := py.Mod(c.in(), int64(2))
		if err != nil {
			return nil, err
		}
		return value.Equal(r, want), nil
	}
}

func divisiblebyTest(c *Call) (Value, error) {
	a, err := c.Bind(1, "num")
	if err != nil {
		return nil, err
	}
	r, err := py.Mod(c.in(), a.v[0])
	if err != nil {
		return nil, err
	}
	return value.Equal(r, int64(0)), nil
}

// compare makes the tests for order.
func compare(op string) Func {
	return func(c *Call) (Value, error) {
		a, err := c.Bind(1, "other")
		if err != nil {
			return nil, err
		}
		return py.Compare(op, c.in(), a.v[0])
	}
}

func equal(want bool) Func {
	return func(c *Call) (Value, error) {
		a, err := c.Bind(1, "other")
		if err != nil {
			return nil, err
		}
		if err := Defined(c.in(), a.v[0]); err != nil {
			return nil, err
		}
		return value.Equal(c.in(), a.v[0]) == want, nil
	}
}

func inTest(c *Call) (Value, error) {
	a, err := c.Bind(1, "seq")
	if err != nil {
		return nil, err
	}
	return py.Contains(a.v[0], c.in())
}

func sameasTest(c *Call) (Value, error) {
	a, err := c.Bind(1, "other")
	if err != nil {
		return nil, err
	}
	x, y := c.in(), a.v[0]
	if isUndefined(x) {
		return false, nil
	}
	if x == nil || y == nil {
		return x == nil && y == nil, nil
	}
	if reflect.TypeOf(x) != reflect.TypeOf(y) {
		return false, nil
	}
	if !reflect.TypeOf(x).Comparable() {
		return value.Equal(x, y), nil
	}
	return x == y, nil
}

func caseTest(name string) Func {
	return func(c *Call) (Value, error) {
		t, err := c.text()
		if err != nil {
			return nil, err
		}
		return py.Call(t, name, nil, nil)
	}
}

// plugin answers `is filter` and `is test`: the reference fails where there is
// none of that name.
func (c *Call) plugin(kind string, find func(string) (Func, bool)) (Value, error) {
	name, ok := textOf(c.in())
	if !ok {
		return nil, py.Raise("ValueError", "key must be a string, got %s instead", className(c.in()))
	}
	if _, ok = find(name); !ok {
		return nil, unknown(kind, name)
	}
	return true, nil
}

func filterTest(c *Call) (Value, error) {
	return c.plugin("filter", c.Env.Filter)
}

func testTest(c *Call) (Value, error) {
	return c.plugin("test", c.Env.Test)
}

// jinjaTests are the tests of Jinja2 itself.
var jinjaTests = map[string]Func{
	"boolean":     is(func(v Value) bool { _, ok := v.(bool); return ok }),
	"callable":    is(callable),
	"defined":     is(func(v Value) bool { return !isUndefined(v) }),
	"undefined":   is(isUndefined),
	"divisibleby": divisiblebyTest,
	"eq":          equal(true), "equalto": equal(true), "==": equal(true),
	"ne": equal(false), "!=": equal(false),
	"lt": compare("<"), "lessthan": compare("<"), "<": compare("<"),
	"le": compare("<="), "<=": compare("<="),
	"gt": compare(">"), "greaterthan": compare(">"), ">": compare(">"),
	"ge": compare(">="), ">=": compare(">="),
	"escaped": is(func(v Value) bool { _, ok := v.(py.Markup); return ok }),
	"even":    plain(remainder(0)),
	"odd":     plain(remainder(1)),
	"true":    truthTest(true),
	"false":   truthTest(false),
	"filter":  plain(filterTest),
	"test":    plain(testTest),
	"float":   is(func(v Value) bool { _, ok := v.(float64); return ok }),
	"integer": is(isInteger),
	"number": is(func(v Value) bool {
		switch v.(type) {
		case float64, bool:
			return true
		}
		return isInteger(v)
	}),
	"in":       inTest,
	"iterable": plain(iterableTest),
	"lower":    plain(caseTest("islower")),
	"upper":    plain(caseTest("isupper")),
	"mapping":  is(isMappingValue),
	"none":     is(func(v Value) bool { return v == nil }),
	"sameas":   sameasTest,
	"sequence": is(isSequenceValue),
	"string": is(func(v Value) bool {
		_, secret := v.(*value.Secret)
		return !secret && isText(v)
	}),
}
