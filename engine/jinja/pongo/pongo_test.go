package pongo

import (
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/lex"
)

var all = map[string]bool{"do": true, "loopcontrols": true}

func compile(s string) error {
	cfg := lex.Default()
	src := &expr.Source{Text: lex.Normalize(s, false)}
	_, err := Compile("t", src, &cfg, all)
	return err
}

// Text that looks like pongo2's own language never reaches pongo2's lexer.
func TestForeignText(t *testing.T) {
	for _, s := range []string{"{% if 1 %}{% raw %}{% verbatim %}{{ x|bad }}{# \n #}{% endraw %}{% endif %}", "{% if 1 %}{{{% endif %}", "{% for x in y %}\x01{%+ endfor %}"} {
		err := compile(s)
		if err != nil && strings.Contains(err.Error(), "lowered") {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestErrors(t *testing.T) {
	for src, want := range map[string]string{
		"{% if x %}a":     "Unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'.",
		"{% endif %}":     "Encountered unknown tag 'endif'.",
		"{% set 1 = 2 %}": "can't assign to 'const'",
		"{{ l|join( }}":   "unexpected '}', expected ')'",
		"{{ x y }}":       "expected token 'end of print statement', got 'y'",
		"{% break %}":     "'break' outside loop",
		"{% block a %}{% endblock %}{% block a %}{% endblock %}": "block 'a' defined twice",
	} {
		if err := compile(src); err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", src, err, want)
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{
		"{% for a, b in x.items() if a recursive %}{{ loop(b) }}{% else %}{% endfor %}", "{% macro m(a, b=1) %}{{ caller() }}{% endmacro %}{% call(x) m(*y, **z) %}{% endcall %}",
		"{% extends 'a' %}{% block b scoped required %}{% endblock %}", "{% from 'x' import a as b, c with context %}{% import 'y' as z %}",
		"{% set x | upper %}{% endset %}{% with a = 1 %}{% filter f(1)|g %}{% endfilter %}{% endwith %}", "{{ a[1:2, ::3].b is not c(1) if d else {'e': [f, (g,)]} ** -2 }}",
		"{% do x.append(1) %}{% for i in y %}{% break %}{% continue %}{% endfor %}{% autoescape true %}{% endautoescape %}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if err := compile(s); err != nil && strings.Contains(err.Error(), "lowered") {
			t.Fatalf("%q: %v", s, err)
		}
	})
}
