package expr

import (
	"errors"
	"testing"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/value"
)

// host has a few variables and nothing else.
type host struct{ vars *value.Dict }

func (h host) Resolve(name string) (Value, bool, error) {
	v, ok := h.vars.GetStr(name)
	return v, ok, nil
}
func (host) Global(string) (Value, bool)        { return nil, false }
func (host) Filter(string) (builtin.Func, bool) { return nil, false }
func (host) Test(string) (builtin.Func, bool)   { return nil, false }
func (host) Lookup(string, []Value, *value.Dict) ([]Value, error) {
	return nil, errors.New("no lookups")
}

func eval(src string) string {
	n, err := Parse(src)
	if err != nil {
		return "SYNTAX " + err.Error()
	}
	h := host{value.DictOf("x", int64(3), "l", value.NewList(int64(1), "b"), "d", value.DictOf("k", value.DictOf("n", nil)), "s", "héllo")}
	st := &State{Run: &Run{Host: h}, Src: &Source{Text: src}}
	v, err := n.Eval(st)
	if err == nil {
		err = Strict(v)
	}
	if err != nil {
		return "ERR " + err.Error()
	}
	return value.Repr(v)
}

func TestEval(t *testing.T) {
	for src, want := range map[string]string{
		"-2 ** 2": "4", "2 ** 3 ** 2": "64", "-x ** 2": "9", "1 + 2 ~ 3": "ERR unsupported operand type(s) for +: 'int' and 'str'",
		"1 < 2 < 3 > 2": "True", "not x == 3": "False", "x if x > 5 else 'no'": "'no'", "1 in l and 'z' not in l": "True",
		"d.k.n is none": "True", "d.z.y.x is defined": "False", "d.z": "ERR 'dict object' has no attribute 'z'", "l[7]": "ERR list object has no element 7",
		"nope": "ERR 'nope' is undefined", "nope.a.b": "ERR 'nope' is undefined", "s[1]": "'é'", "s[::-1]": "'olléh'", "l[5:]": "[]", "l[-1]": "'b'",
		"{'a': 1, 'a': 2}": "{'a': 2}", "(1,)": "(1,)", "[1, 2,]": "[1, 2]", "'a' 'b'": "'ab'", "9999999999 * 9999999999": "99999999980000000001",
		"9223372036854775807 + 1": "9223372036854775808", "x is not divisibleby 2": "True", "a = 1": "SYNTAX expected token 'end of statement block', got '='",
		"x |": "SYNTAX unexpected end of template, expected 'name'.", "x is odd is even": "SYNTAX You cannot chain multiple tests with is",
		"f(a=1, 2)": "SYNTAX invalid syntax for function call expression",
	} {
		if got := eval(src); got != want {
			t.Errorf("%s\n got %s\nwant %s", src, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a.b[1:2].c(*d, **e) | f(1) is not g if h else -i ** 2 ~ 'j'", "{1: [2, (3,)]}", "not a in b and c or d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		Parse(s)
		ParseCond(s)
	})
}
