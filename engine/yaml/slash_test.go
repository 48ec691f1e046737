package yaml

import (
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// PyYAML reads \/ in double quotes as a slash.
func TestSlashEscape(t *testing.T) {
	src := "a: 1\nb:\n  - x: 'p\\/q'\n  - y: \"s\\/t\\/u\"\n\nc: \"\\/v\"\n"
	v, err := Load("f.yml", []byte(src), Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := v.(interface{ At(string) any })
	if d.At("c") != "/v" {
		t.Errorf("c = %v", d.At("c"))
	}
}

// Outside of double quotes \/ is two characters, however many there are.
func TestSlashElsewhere(t *testing.T) {
	for src, want := range map[string]string{
		`"\/"`:                        "'/'",
		"- \"\\/\"\n- a\\/b\n":        `['/', 'a\\/b']`,
		"a: \"\\/\\P\\\\/\"\n":        "{'a': '/\\u2029\\\\/'}",
		"a: |\n  \"\\/\"\nb: \"\\/\"": `{'a': '"\\/"\n', 'b': '/'}`,
	} {
		v, err := Load("f.yml", []byte(src), Options{})
		if got := value.Repr(v); err != nil || got != want {
			t.Errorf("%q: %s %v, want %s", src, got, err, want)
		}
	}
	many := "- " + strings.Repeat(`"\/" : 1`+"\n- ", 5000) + "\n"
	if v, err := Load("f.yml", []byte(many), Options{}); err != nil || len(v.(*value.List).Items) != 5001 {
		t.Error(err)
	}
}

// A file of one long line is read in time that grows with its length only.
func TestJSONOneLine(t *testing.T) {
	src := `[` + strings.Repeat(`{"é": [1, 2]}, `, 50000) + `{"b": [7]}]`
	n, err := Parse("f.json", []byte(src), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p := n.Items[50000].Get("b").Pos; p.Line != 1 || p.Col != 50000*15+8 {
		t.Errorf("b stands at %v", p)
	}
}
