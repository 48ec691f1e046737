package playbook

import (
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// Expected values were recorded from ansible-core.
func TestSplitArgs(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"a=b c", []string{"a=b", "c"}},
		{"a='x y' d", []string{"a='x y'", "d"}},
		{"echo   a  b", []string{"echo  ", "a ", "b"}},
		{"echo a\n  b \\\n c", []string{"echo", "a\n ", "b", "c"}},
		{"a={{ x y }} b", []string{"a={{ x y }}", "b"}},
		{"echo a\\\nb", []string{"echo", "a\\\n", "b"}},
		{"x y={{\nfoo }} z", []string{"x", "y={{\nfoo }}", "z"}},
		{"a\n\nb", []string{"a\n\n", "b"}},
		{"a {{ 'b }} c' d }} e", []string{"a", "{{ 'b }} c'", "d", "}}", "e"}},
		{"x={# c d #} e {% if x %} f", []string{"x={# c d #}", "e", "{% if x %}", "f"}},
		{"a=it's x=1'", []string{"a=it's x=1'"}},
		{"a  \n", []string{"a  \n"}},
		{"", nil},
	} {
		got, err := SplitArgs(c.in)
		if err != nil || strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("SplitArgs(%q) = %q, %v; want %q", c.in, got, err, c.want)
		}
	}
	for _, in := range []string{"msg='hi", "it's x", "'{{ ' a b", "{{ a", "{% x"} {
		if _, err := SplitArgs(in); err == nil || !strings.HasPrefix(err.Error(), "failed at splitting arguments, either an unbalanced jinja2 block or quotes: ") {
			t.Errorf("SplitArgs(%q): %v", in, err)
		}
	}
}

func TestParseKV(t *testing.T) {
	for _, c := range []struct {
		in   string
		raw  bool
		want string
	}{
		{"a='x y' d", false, `{"a":"x y","_raw_params":"d"}`},
		{"a='x y' d", true, `{"_raw_params":"a='x y' d"}`},
		{"echo a=b creates=/x chdir='/a b'", true, `{"creates":"/x","chdir":"/a b","_raw_params":"echo a=b"}`},
		{"echo a\n  b \\\n c", true, `{"_raw_params":"echo a\n  b c"}`},
		{`a\=b`, false, `{"_raw_params":"a=b"}`},
		{"=b", false, `{"_raw_params":"=b"}`},
		{"a==b", false, `{"a":"=b"}`},
		{"a= b", false, `{"a":"","_raw_params":"b"}`},
		{`x='a\'b c'`, false, `{"x":"a'b c"}`},
		{`msg=a\nb\tc\x41`, false, `{"msg":"a\nb\tcA"}`},
		{`echo \n`, true, `{"_raw_params":"echo \\n"}`},
		{"a=''", false, `{"a":""}`},
	} {
		d, err := ParseKV(c.in, c.raw)
		if err != nil {
			t.Errorf("ParseKV(%q): %v", c.in, err)
			continue
		}
		if got := string(value.JSON(d)); got != c.want {
			t.Errorf("ParseKV(%q, %v) = %s, want %s", c.in, c.raw, got, c.want)
		}
	}
}

func FuzzParseKV(f *testing.F) {
	for _, s := range []string{"a=b c", "a='{{ x }}' {% y", "\\\n\\ x='", "  a", "\x00=\xff", `a=\U0010ffff\ud800`} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, s string, raw bool) {
		d, err := ParseKV(s, raw)
		if err == nil && d.Len() == 0 && strings.Trim(s, " \\\n") != "" {
			t.Errorf("%q: nothing left", s)
		}
	})
}
