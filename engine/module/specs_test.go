package module

import (
	"strings"
	"testing"
)

// Every module's argument struct has well-formed tags, and every module can run
// or forwards.
func TestEverySpec(t *testing.T) {
	for _, n := range Names() {
		d, _ := Lookup(n)
		s := SpecOf(d)
		if len(s.Params) == 0 && d.Args == nil {
			t.Errorf("%s has no arguments struct", n)
		}
		if d.Run == nil && d.Forward == nil && !strings.HasPrefix(n, "goplay.") { // set by whoever brings it
			t.Errorf("%s cannot run", n)
		}
		for _, p := range s.Params {
			if p.Doc == "" && !p.Hidden {
				t.Errorf("%s: parameter %s is not documented", n, p.Name)
			}
		}
	}
}
