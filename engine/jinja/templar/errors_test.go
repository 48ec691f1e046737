package templar

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

func detail(err error) string {
	var e *Error
	if !errors.As(err, &e) {
		return "no *Error: " + err.Error()
	}
	if e.Pos.File != "" {
		e.Pos.File = filepath.Base(e.Pos.File)
	}
	return e.Detail()
}

// Errors point at line and column of the file the user wrote.
func TestPositions(t *testing.T) {
	dir := t.TempDir()
	book := filepath.Join(dir, "play.yml")
	text := "- debug:\n    msg: \"a {{ nmae }}\"\n    txt: |\n      one\n      two {{ x.missing }} {{ x }}\n    when: x is foo\n    bad: '{{ x | }}'\n"
	if err := os.WriteFile(book, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	at := func(line, col int) value.Pos { return value.Pos{File: book, Line: line, Col: col} }
	tm := NewEngine(Options{ErrorOnUndef: true}).New(DictVars{value.DictOf("name", "n", "x", value.DictOf("y", int64(1)), "inner", "{{ gone }}")}, Scope{})
	render := func(s string, p value.Pos) error { _, err := tm.Render(s, p); return err }
	cond := func(s string, p value.Pos) error { _, err := tm.Cond(s, p); return err }
	file := func(s string) error {
		_, err := tm.RenderFile(s, FileOptions{Path: filepath.Join(dir, "t.j2")})
		return err
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{render("a {{ nmae }}", at(2, 10)), "play.yml:2:16: 'nmae' is undefined (did you mean 'name'?)\n    a {{ nmae }}\n         ^"},
		{render("one\ntwo {{ x.missing }} {{ x }}\n", at(3, 10)), "play.yml:5:16: 'dict object' has no attribute 'missing'\n    two {{ x.missing }} {{ x }}\n             ^"},
		{cond("x is foo", at(6, 11)), "play.yml:6:16: template error while templating string: Could not load \"foo\": 'foo'. String: {% if x is foo %} True {% else %} False {% endif %}\n    x is foo\n         ^"},
		{render("{{ x | uper }}", value.Pos{}), "template error while templating string: Could not load \"uper\": 'uper'. String: {{ x | uper }} (did you mean 'upper'?)\n    {{ x | uper }}\n           ^"},
		{cond("x ==", value.Pos{}), "template error while templating string: unexpected 'end of statement block'. String: {% if x == %} True {% else %} False {% endif %}\n    x ==\n        ^"},
		{cond("1 + 'a'", value.Pos{}), "Unexpected templating type error occurred on ({% if 1 + 'a' %} True {% else %} False {% endif %}): unsupported operand type(s) for +: 'int' and 'str'\n    1 + 'a'\n      ^"},
		{render("{{ x | }}", at(7, 10)), "play.yml:7:18: template error while templating string: expected token 'name', got 'end of print statement'. String: {{ x | }}\n    {{ x | }}\n           ^"},
		{file("#jinja2: trim_blocks: False\nok\n{% for i in [1] %}\n  {{ i + 'a' }}\n{% endfor %}\n"), "t.j2:4:8: unsupported operand type(s) for +: 'int' and 'str'\n      {{ i + 'a' }}\n           ^"},
		{file("a\n{% if x %}\n"), "t.j2:2:11: template error while templating string: Unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'.\n    {% if x %}\n              ^"},
		{render("{{ inner }}", value.Pos{}), "{{ gone }}: 'gone' is undefined\n    {{ inner }}\n       ^"},
	} {
		if c.err == nil {
			t.Errorf("no error, want %s", c.want)
		} else if got := detail(c.err); got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	for want, names := range map[string][]string{"http_port": {"htp_port", "other"}, "": {"zz", "http"}, "nginx_user": {"nginx_user", "apache_user"}} {
		q := map[string]string{"http_port": "http_port", "": "http_port_number", "nginx_user": "nignx_user"}[want]
		got := nearest(q, names)
		exp := map[string]string{"http_port": "htp_port", "": "", "nginx_user": "nginx_user"}[want]
		if got != exp {
			t.Errorf("%s among %v: %q, want %q", q, names, got, exp)
		}
	}
}
