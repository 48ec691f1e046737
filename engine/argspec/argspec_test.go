package argspec

import (
	"os"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// Cases are recorded from ansible-core's ArgumentSpecValidator.
func TestValidate(t *testing.T) {
	data, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	cases, err := value.ParseJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range cases.(*value.List).Items {
		c := e.(*value.Dict)
		rules, _ := c.At("rules").(*value.Dict)
		got, errs := Validate(c.At("spec").(*value.Dict), c.At("args").(*value.Dict), Options{Rules: rules})
		for i := range errs { // the reference lists the booleans in random order
			errs[i], _, _ = strings.Cut(errs[i], "  Valid booleans include")
		}
		name := string(value.JSON(c.At("spec"))) + " " + string(value.JSON(c.At("args")))
		want := strings.Join(words(c.At("errors")), "\n")
		if strings.Join(errs, "\n") != want {
			t.Errorf("%s:\n got %q\nwant %q", name, errs, want)
		}
		if !value.Equal(got, c.At("params")) && len(errs) == 0 {
			t.Errorf("%s:\n got %s\nwant %s", name, value.JSON(got), value.JSON(c.At("params")))
		}
	}
}
