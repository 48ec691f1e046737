package templar

import (
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

func render(t *testing.T, vars *value.Dict, src string) string {
	t.Helper()
	v, err := NewEngine(Options{ErrorOnUndef: true}).New(DictVars{vars}, Scope{}).Render(src, value.Pos{})
	if err != nil {
		return "ERR " + err.Error()
	}
	return value.Repr(v)
}

func TestRender(t *testing.T) {
	vars := value.DictOf("a", "{{ b }}", "b", int64(5), "l", value.NewList(int64(1), "x"), "miss", "{{ nope.x }}",
		"me", "{{ me }}", "u", value.Unsafe("{{ b }}"))
	for src, want := range map[string]string{
		"{{ b }}":     "5",
		"{{ a }}":     "'5'",
		"{{ l }}":     "[1, 'x']",
		"{{ b + 1 }}": "'6'",
		"{{ miss }}":  "ERR {{ nope.x }}: 'nope' is undefined",
		"{{ nope }}":  "ERR 'nope' is undefined",
		"{{ me }}":    "ERR recursive loop detected in template string: {{ me }}",
		"x{{ u }}":    "'x{{ b }}'",
		"{% for i in l %}{{ loop.index }}{{ i }},{% endfor %}":        "'11,2x,'",
		"{% macro m(x, y=2) %}{{ x }}{{ y }}{% endmacro %}{{ m(1) }}": "'12'",
		"{{ 'a' if b == 5 else 'c' }}":                                "'a'",
		"{{ l[1].upper() }}":                                          "'X'",
		"{% set l2 = [] %}{% for i in l if loop is defined or true %}{{ l2.append(i) }}{% endfor %}{{ l2 }}": "[1, 'x']",
	} {
		if got := render(t, vars, src); got != want {
			t.Errorf("%s\n got %s\nwant %s", src, got, want)
		}
	}
}

func TestCond(t *testing.T) {
	tm := NewEngine(Options{ErrorOnUndef: true}).New(DictVars{value.DictOf("x", "y", "n", int64(3))}, Scope{})
	for src, want := range map[string]bool{"x is defined and x == 'y'": true, "n > 2": true, "z is defined": false, "n in [1, 2]": false, "{{ n }} > 5": false} {
		got, err := tm.Cond(src, value.Pos{})
		if err != nil || got != want {
			t.Errorf("%s: %v %v", src, got, err)
		}
	}
}

// A condition that changes a list works on a copy of its own, as a template does.
func TestCondLeavesVariables(t *testing.T) {
	vars := value.DictOf("l", value.NewList(int64(1)), "d", value.DictOf("a", int64(1)))
	tm := NewEngine(Options{ErrorOnUndef: true}).New(DictVars{vars}, Scope{})
	for _, src := range []string{"l.append(2) is none and l | length == 2", "d.update({'b': 1}) is none and d.b == 1", "(d | attr('pop'))('a') == 1"} {
		if ok, err := tm.Cond(src, value.Pos{}); !ok || err != nil {
			t.Errorf("%s: %v %v", src, ok, err)
		}
		if _, err := tm.Eval(src, value.Pos{}); err != nil {
			t.Errorf("%s: %v", src, err)
		}
	}
	if got := value.Repr(vars); got != "{'l': [1], 'd': {'a': 1}}" {
		t.Errorf("the variables are now %s", got)
	}
}

func BenchmarkCond(b *testing.B) {
	tm := NewEngine(Options{ErrorOnUndef: true}).New(DictVars{value.DictOf("x", "y", "n", int64(3))}, Scope{})
	b.ReportAllocs()
	for range b.N {
		if ok, err := tm.Cond("x is defined and x == 'y'", value.Pos{}); !ok || err != nil {
			b.Fatal(err)
		}
	}
}

func TestLenient(t *testing.T) {
	tm := NewEngine(Options{}).New(DictVars{value.DictOf("a", "x")}, Scope{})
	if v, err := tm.Render("{{ a }} {{ nope }}", value.Pos{}); err != nil || v != "{{ a }} {{ nope }}" {
		t.Errorf("%v %v", v, err)
	}
	tm = NewEngine(Options{ErrorOnUndef: true}).New(nil, Scope{})
	if v, err := tm.Render("{{ a | default(1) }}{{ 1 + 1 }}", value.Pos{}); err != nil || v != "12" {
		t.Errorf("without variables: %v %v", v, err)
	}
}
