package lex

import (
	"strings"
	"testing"
)

func kinds(toks []Token) string {
	var b strings.Builder
	for _, t := range toks {
		switch t.Kind {
		case Data:
			b.WriteString("D<" + t.Text + ">")
		case VarBegin:
			b.WriteString("{{")
		case VarEnd:
			b.WriteString("}}")
		case BlockBegin:
			b.WriteString("{%")
		case BlockEnd:
			b.WriteString("%}")
		case String:
			b.WriteString(" '" + t.Text + "'")
		case EOF:
		default:
			b.WriteString(" " + t.Text)
		}
	}
	return b.String()
}

func TestLex(t *testing.T) {
	cfg := Default()
	lstrip := Default()
	lstrip.LstripBlocks = true
	raw := Default()
	raw.RawStrings = true
	square := Default()
	square.VarStart, square.VarEnd = "[[", "]]"
	lined := Default()
	lined.LineStatement, lined.LineComment = "#", "##"
	for _, c := range []struct {
		cfg       *Config
		src, want string
	}{
		{&cfg, "a{{ x }}b", "D<a>{{ x}}D<b>"},
		{&cfg, "{% if x %}\ny", "{% if x%}D<y>"},
		{&cfg, "a \n{%- if x -%}\n y", "D<a>{% if x%}D<y>"},
		{&cfg, "{% if x +%}\ny", "{% if x%}D<\ny>"},
		{&lstrip, "a\n  {% if x %}", "D<a\n>{% if x%}"},
		{&lstrip, "a\n  {%+ if x %}", "D<a\n  >{% if x%}"},
		{&cfg, "{# {{ x }} #}\ny", "D<y>"},
		{&lined, " # if [x,\n1]  \n\na # b ## c\n## d\n#-endif", "{% if [ x , 1 ]%}D<a # b>D<\n>{% endif%}"},
		{&cfg, "{% raw %}{{ x }}{% endraw %}", "D<{{ x }}>"},
		{&cfg, "{{ {'a':{}}}}", "{{ { 'a' : { } }}}"},
		{&cfg, `{{ 'it\'s' "\u00e9\x41" }}`, "{{ 'it's' 'éA'}}"},
		{&raw, `{{ '\d' }}{% set x = '\n' %}`, "{{ '\\d'}}{% set x = '\n'%}"},
		{&square, "[[ x ]]{{ x }}", "{{ x}}D<{{ x }}>"},
		{&cfg, "{{ 1_000 0x1F 1.5e3 x.1.2 007 }}", "{{ 1_000 0x1F 1.5e3 x . 1 . 2 00 7}}"},
		{&cfg, "{{ a//b**c>=d!=e }}", "{{ a // b ** c >= d != e}}"},
	} {
		toks, err := Lex(Normalize(c.src, false), c.cfg)
		if err != nil {
			t.Errorf("%q: %v", c.src, err)
		} else if got := kinds(toks); got != c.want {
			t.Errorf("%q\n got %q\nwant %q", c.src, got, c.want)
		}
	}
	for src, want := range map[string]string{
		"{{ x ? y }}": "unexpected char '?' at 5", "{{ (] }}": "unexpected ']', expected ')'", "{# a": "Missing end of comment tag",
		"{% raw %}x": "Missing end of raw directive", "{{ 'x }}": "unexpected char \"'\" at 3",
	} {
		if _, err := Lex(src, &cfg); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", src, err, want)
		}
	}
}

func FuzzLex(f *testing.F) {
	for _, s := range []string{"a{{ x|f('y', 1.5) }}{% for i in [1,2] -%} {# c #}", "{% raw -%}{{{%+ endraw %}", "{{ '\\N{BULLET}\\x41' }}", "{{ 0x_1 1e5 1__2 }}",
		"# for x in [1,\n2] ## c\n{{ x }}\n  #- endfor\nb ## d"} {
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, src string, lstrip bool) {
		cfg := Default()
		cfg.LstripBlocks, cfg.RawStrings = lstrip, lstrip
		if strings.Contains(src, "#") {
			cfg.LineStatement, cfg.LineComment = "#", "##"
		}
		src = Normalize(src, lstrip)
		toks, err := Lex(src, &cfg)
		if err != nil {
			return
		}
		last := 0
		for _, tok := range toks {
			if tok.Off() < last || tok.Off() > len(src) {
				t.Fatalf("offset %d of %q goes back or out of %q", tok.Off(), tok.Text, src)
			}
			last = tok.Off()
			if tok.Kind == Int || tok.Kind == Float {
				tok.Number()
			}
		}
	})
}
