package yaml

import (
	"errors"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// Expected values were recorded from ansible-core 2.14.
func TestScalars(t *testing.T) {
	for src, want := range map[string]string{
		"[yes, Yes, y, on, Off, TRUE, tRue]":                     "[True, True, 'y', True, False, True, 'tRue']",
		"[~, null, Null, nUll, ]":                                "[None, None, None, 'nUll']",
		"[0644, 0o644, 0x1F, 0b101, 0_7, 08, 089, -0, 0x]":       "[420, '0o644', 31, 5, 7, '08', '089', 0, '0x']",
		"[1:30, 1:30:45, 190:20:30.15, 09:30, 1:60]":             "[90, 5445, 685230.15, '09:30', '1:60']",
		"[1_000, 1_000.5, 1__0, 99999999999999999999]":           "[1000, 1000.5, 10, 99999999999999999999]",
		"[.inf, -.INF, .nan, 1e3, 1.0e3, 1.0e+3, 1., .5, 1.5.2]": "[inf, -inf, nan, '1e3', '1.0e3', 1000.0, 1.0, 0.5, '1.5.2']",
		"[2001-12-14, 2002-1-1, 2001-12-15 2:59:43.10]":          "[datetime.date(2001, 12, 14), '2002-1-1', datetime.datetime(2001, 12, 15, 2, 59, 43, 100000)]",
		"[!!str 123, !!int \"0x10\", !!float 3, !!bool on]":      "['123', 16, 3.0, True]",
		"[!unsafe '{{ x }}', !!binary aGVsbG8=, ! 12]":           "['{{ x }}', 'hello', 12]",
		"!!omap [{q: 1}]": "[('q', 1)]",
		"{b: &b {x: 1, y: 2}, n: {z: 0, <<: *b, x: 9}}":     "{'b': {'x': 1, 'y': 2}, 'n': {'x': 9, 'y': 2, 'z': 0}}",
		"{b: &b {x: 1, y: 2}, p: {<<: [*b, {y: 7, w: 1}]}}": "{'b': {'x': 1, 'y': 2}, 'p': {'y': 2, 'w': 1, 'x': 1}}",
		"a: |\n \n\n  x\n": `{'a': '\n\nx\n'}`,
		`{"a": "x\ty", "b": 1e3, "c": null, "d": "y\/z"}`: `{'a': 'x\ty', 'b': 1000.0, 'c': None, 'd': 'y/z'}`,
		"%YAML 1.2\n---\na: 1\n":                          "{'a': 1}",
		"# only a comment\n":                              "None",
	} {
		v, err := Load("f.yml", []byte(src), Options{})
		if err != nil {
			t.Errorf("%q: %v", src, err)
		} else if got := value.Repr(v); got != want {
			t.Errorf("%q:\n got %s\nwant %s", src, got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		src, problem string
		line, col    int
	}{
		{"a: b\nc: d: e\n", "mapping values are not allowed in this context", 2, 5},
		{"a: {{ foo }}\n", "found unacceptable key (unhashable type: 'AnsibleMapping')", 1, 5},
		{"a:\n\tb: c\n", "found character that cannot start any token", 2, 1},
		{"a: \"foo\nb: c\n", "found unexpected end of stream", 3, 1},
		{"a: \"foo\" bar\nb: c\n", "did not find expected key", 1, 10},
		{"- a: b\n - c\n", "did not find expected '-' indicator", 2, 2},
		{"a: *foo\n", "found undefined alias 'foo'", 1, 4},
		{"a: 1\n---\nb: 2\n", "but found another document", 2, 1},
		{"a: !foo 1\n", "could not determine a constructor for the tag '!foo'", 1, 4},
		{"a: [1, 2\nb: 3\n", "did not find expected ',' or ']'", 2, 2},
		{"a: b\na b\nc: d\n", "could not find expected ':'", 3, 1},
		{"a: \x01\n", "control characters are not allowed", 1, 4},
		{"<<: 3\n", "expected a mapping or list of mappings for merging, but found scalar", 1, 5},
		{"a: &x [*x]\n", "anchor 'x' contains itself", 1, 8},
		{"---\na: 1\n...\nb: 2\n", "did not find expected <document start>", 4, 1},
	} {
		_, err := Load("f.yml", []byte(c.src), Options{})
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: no error", c.src)
			continue
		}
		if e.Problem != c.problem || e.Pos.Line != c.line || e.Pos.Col != c.col {
			t.Errorf("%q: got %q at %d:%d, want %q at %d:%d", c.src, e.Problem, e.Pos.Line, e.Pos.Col, c.problem, c.line, c.col)
		}
	}
}

func TestHints(t *testing.T) {
	for src, want := range map[string]string{
		"a: {{ foo }}\n":         "missing quotes",
		"a: \"foo\" in bar\n":    "looks easy to fix",
		"a: 'it's'\n":            "unbalanced quotes",
		"a:\n\tb: c\n":           "tab character at the start",
		"t: a b=c\n   mode: 1\n": "Only one syntax may be used",
	} {
		_, err := Load("f.yml", []byte(src), Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v lacks %q", src, err, want)
		}
	}
	_, err := Load("f.yml", []byte("a: SECRET: x\n"), Options{HideContent: true})
	if err == nil || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("content shown: %v", err)
	}
}

func TestDuplicatesAndPositions(t *testing.T) {
	var warned []string
	v, err := Load("f.yml", []byte("a: 1\nb: [x,\n  y]\na: 2\n"), Options{Warn: func(m string) { warned = append(warned, m) }})
	if err != nil {
		t.Fatal(err)
	}
	d := v.(*value.Dict)
	if got := value.Repr(d); got != "{'a': 2, 'b': ['x', 'y']}" {
		t.Error(got)
	}
	want := "While constructing a mapping from f.yml, line 1, column 1, found a duplicate dict key (a). Using last defined value only."
	if len(warned) != 1 || warned[0] != want {
		t.Errorf("warned %q", warned)
	}
	if p := d.PosOf("a").String(); p != "f.yml:4:4" {
		t.Error(p)
	}
	if p := d.At("b").(*value.List).PosAt(1).String(); p != "f.yml:3:3" {
		t.Error(p)
	}
	v, _ = Load("f.json", []byte("{\"a\":\n  [1,\n   2]}"), Options{})
	if p := v.(*value.Dict).At("a").(*value.List).PosAt(1).String(); p != "f.json:3:4" {
		t.Error(p)
	}
	if _, err = Load("f.yml", []byte("a: 1\na: 2\n"), Options{DuplicateKeys: "error"}); err == nil {
		t.Error("duplicate accepted")
	}
}

func TestAliasBomb(t *testing.T) {
	src := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := '1'; i <= '9'; i++ {
		p := string(i - 1)
		src += "a" + string(i) + ": &a" + string(i) + " [*a" + p + strings.Repeat(",*a"+p, 9) + "]\n"
	}
	if _, err := Load("f.yml", []byte(src), Options{}); err == nil || !strings.Contains(err.Error(), "too many values") {
		t.Errorf("bomb: %v", err)
	}
}

func TestVault(t *testing.T) {
	v, err := Load("f.yml", []byte("a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  00\n"), Options{VaultOpen: func(c string) (string, error) {
		if !strings.HasPrefix(c, "$ANSIBLE_VAULT") {
			t.Errorf("cipher %q", c)
		}
		return "clear", nil
	}})
	if err != nil || value.Str(v.(*value.Dict).At("a")) != "clear" {
		t.Error(v, err)
	}
}

func TestLiteral(t *testing.T) {
	for src, want := range map[string]string{
		"23": "23", "False": "False", "None": "None", "-1.5e3": "-1500.0", "1_000": "1000", "0x1f": "31", "0o17": "15",
		"[1, 'a', (2,), {'k': None}]": "[1, 'a', (2,), {'k': None}]",
		"1, 2":                        "(1, 2)",
		"'a' \"b\"":                   "'ab'",
		`u'\x41\u00e9\n'`:             `'Aé\n'`,
		"r'a\\n'":                     `'a\\n'`,
		"12 # twelve":                 "12",
		"{1, 2}":                      "[1, 2]",
		"  7":                         "7",
		"00":                          "0",
		"[\n1,\n]":                    "[1]",
	} {
		v, err := ParseLiteral(src)
		if err != nil {
			t.Errorf("%q: %v", src, err)
		} else if got := value.Repr(v); got != want {
			t.Errorf("%q: got %s want %s", src, got, want)
		}
	}
	for _, src := range []string{"", "010", "FALSE", "foo", "1.2.3", "[1", "a b", "{[]: 1}", "'a", "1__0", "5m", "10.0.0.1", "/x", "-"} {
		if v, err := ParseLiteral(src); err == nil {
			t.Errorf("%q: read as %s", src, value.Repr(v))
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, s := range []string{"a: 1", "- x\n- {y: *z}", "a: &b [*b]", "{\"a\": [1]}", "? - a\n: b", "<<: [{}]", "\xff", "%YAML 1.2\n--- !!set {a}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		v, err := Load("f.yml", src, Options{})
		if err != nil {
			_ = err.Error()
			return
		}
		_ = value.Repr(v)
	})
}

func FuzzLiteral(f *testing.F) {
	for _, s := range []string{"[1, {'a': -2}]", "u'x' 'y'", "1e5", "(1,)", "{1, 2}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, err := ParseLiteral(s); err == nil {
			_ = value.Repr(v)
		}
	})
}
