package module

import (
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

func TestParseShow(t *testing.T) {
	d := parseShow("Type=forking\nDescription=a { b\nExecStart={ path=/bin/x ; argv[]=/bin/x a=b\nmore ; status=0/0 }\nAfter=basic.target\n\nnonsense\n")
	for k, want := range map[string]string{
		"Type": "forking", "Description": "a { b", "ExecStart": "{ path=/bin/x ; argv[]=/bin/x a=b\nmore ; status=0/0 }", "After": "basic.target",
	} {
		if got := value.Str(d.At(k)); got != want {
			t.Errorf("%s = %q, want %q", k, got, want)
		}
	}
	if d.Len() != 4 {
		t.Errorf("got %d entries", d.Len())
	}
}
