package pyre

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// Every answer was recorded from Python 3.11.
func TestFindAll(t *testing.T) {
	for _, c := range []struct {
		pattern, s, want string
		flags            Flags
	}{
		{`x*`, "abxd", "||x||", 0},
		{`|a`, "aa", "|a||a|", 0},
		{`a*?`, "aa", "|a||a|", 0},
		{`\w+`, "héllo wörld_1", "héllo|wörld_1", 0},
		{`\bo\w`, "on öo ob", "on|ob", 0},
		{`\d+`, "1٢3", "1٢3", 0},
		{`\d+`, "1٢3", "1|3", ASCII},
		{`b$`, "ab\n", "b", 0},
		{`b\Z`, "ab\n", "", 0},
		{`(?m)^.`, "ab\ncd", "a|c", 0},
		{`(?<=a)b(?!c)`, "ab abc", "b", 0},
		{`(\w)\1`, "aabbc", "aa|bb", 0},
		{`(?P<q>['"]).*?(?P=q)`, `a 'b' "c'"`, `'b'|"c'"`, 0},
		{`a{,2}`, "aaa", "aa|a|", 0},
		{`a{x}`, "a{x}", "a{x}", 0},
		{`[]a]+`, "]a[", "]a", 0},
		{`[^\S\n]+`, "a \t\nb", " \t", 0},
		{`[\s\S]+`, "a\nb", "a\nb", 0},
		{`(a)?(?(1)b|c)`, "abc", "ab|c", 0},
		{"a b # c", "ab", "ab", Verbose},
		{`STRASSE`, "strasse", "strasse", IgnoreCase},
		{`\Aa|b\Z`, "aab", "a|b", 0},
		{`a++b`, "aab", "aab", 0},
		{`\x41\u00e9\101`, "AéA", "AéA", 0},
	} {
		r, err := Compile(c.pattern, c.flags)
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		all, err := r.FindAll(c.s, 0)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range all {
			got = append(got, m.Text())
		}
		if g := strings.Join(got, "|"); g != c.want {
			t.Errorf("findall(%q, %q) = %q, want %q", c.pattern, c.s, g, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for pattern, want := range map[string]string{
		`(`:               "missing ), unterminated subpattern at position 0",
		`a)`:              "unbalanced parenthesis at position 1",
		`*a`:              "nothing to repeat at position 0",
		`a**`:             "multiple repeat at position 2",
		`[a`:              "unterminated character set at position 0",
		`[z-a]`:           "bad character range z-a at position 1",
		`\q`:              `bad escape \q at position 0`,
		`a\`:              "bad escape (end of pattern) at position 1",
		`\2(a)`:           "invalid group reference 2 at position 1",
		`(?<n>a)`:         "unknown extension ?<n at position 1",
		`a(?i)b`:          "global flags not at the start of the expression at position 1",
		`(?<=a+)b`:        "look-behind requires fixed-width pattern",
		"a\n(":            "missing ), unterminated subpattern at position 2 (line 2, column 1)",
		`(?P<a>x)(?P<a>)`: "redefinition of group name 'a' as group 2; was group 1 at position 12",
	} {
		_, err := Compile(pattern, 0)
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", pattern, err, want)
		}
	}
}

func TestSub(t *testing.T) {
	for _, c := range []struct{ pattern, repl, s, want string }{
		{`(\w+) (?P<n>\w+)`, `\2-\g<1>-\g<n>\n`, "a b", "b-a-b\n"},
		{`.*`, "x", "foo", "xx"},
		{`(a)|b`, `[\1]`, "ab", "[a][]"},
		{`a`, `\\`, "a", `\`},
		{`x*`, "-", "abxd", "-a-b--d-"},
		{`a`, `\101\0`, "a", "A\x00"},
	} {
		r, err := Compile(c.pattern, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := r.Sub(c.repl, c.s, 0); err != nil || got != c.want {
			t.Errorf("sub(%q, %q, %q) = %q, %v, want %q", c.pattern, c.repl, c.s, got, err, c.want)
		}
	}
	r, _ := Compile("(a)", 0)
	for repl, want := range map[string]string{
		`\2`:     "invalid group reference 2 at position 1",
		`\q`:     `bad escape \q at position 0`,
		`\g<zz>`: "unknown group name 'zz'",
		`\g<`:    "missing group name at position 3",
	} {
		if _, _, err := r.Sub(repl, "a", 0); err == nil || err.Error() != want {
			t.Errorf("template %q: %v, want %s", repl, err, want)
		}
	}
}

func TestCatastrophicEnds(t *testing.T) {
	r, err := Compile(`^(a+)+$`, 0)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := r.Search(strings.Repeat("a", 5000) + "b"); m != nil || err != nil {
		t.Error(m, err)
	}
}

// TestRecorded compares with a file of cases recorded from Python, one JSON
// object a line, where GOPLAY_PYRE_CASES names one.
func TestRecorded(t *testing.T) {
	name := os.Getenv("GOPLAY_PYRE_CASES")
	if name == "" {
		t.Skip("GOPLAY_PYRE_CASES is not set")
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	bad := 0
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		var c struct {
			P, S, E string
			F       Flags
			All     [][]*string
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		r, err := Compile(c.P, c.F)
		if (err != nil) != (c.E != "") || err != nil && err.Error() != c.E {
			if bad++; bad < 40 {
				t.Errorf("%q: %v, want %q", c.P, err, c.E)
			}
			continue
		}
		if err != nil {
			continue
		}
		all, err := r.FindAll(c.S, 0)
		var got [][]*string
		for _, m := range all {
			var g []*string
			for i := range r.names {
				if s, ok := m.Group(i); ok {
					g = append(g, &s)
				} else {
					g = append(g, nil)
				}
			}
			got = append(got, g)
		}
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(c.All)
		if len(got) == 0 && len(c.All) == 0 {
			continue
		}
		if string(a) != string(b) || err != nil {
			if bad++; bad < 40 {
				t.Errorf("%q on %q: %s %v, want %s", c.P, c.S, a, err, b)
			}
		}
	}
	t.Logf("%d differ", bad)
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{`(?P<a>x)|[^\W\d]+?`, `(?(1)a|b)`, `\g<1>`, `a{2,3}{`} {
		f.Add(s, "some text ü")
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 40 || len(s) > 40 {
			return
		}
		r, err := Compile(pattern, 0)
		if err != nil {
			return
		}
		_, _ = r.Search(s)
		_, _ = r.FindAll(s, 5)
		if tpl, err := r.Template(s); err == nil {
			_, _, _ = r.SubFunc(pattern, 3, func(m *Match) (string, error) { return tpl.Expand(m), nil })
		}
	})
}
