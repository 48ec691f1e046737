package jinja_test

import (
	"os"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/value"
)

// plainValue turns what templates add into what JSON has.
func plainValue(v value.Value) value.Value {
	switch x := v.(type) {
	case value.Tuple:
		l := value.NewList()
		for _, e := range x {
			l.Append(plainValue(e))
		}
		return l
	case *value.List:
		l := value.NewList()
		for _, e := range x.Items {
			l.Append(plainValue(e))
		}
		return l
	case *value.Dict:
		d := value.NewDict()
		for k, e := range x.All() {
			d.Set(value.Str(k), plainValue(e))
		}
		return d
	case value.Iterable:
		l := value.NewList()
		_ = x.Iterate(func(e value.Value) bool { l.Append(plainValue(e)); return true })
		return l
	case nil, bool, int64, float64, string, value.Unsafe:
		return v
	}
	return value.Str(v)
}

// TestFilters compares filters and tests with answers recorded from the
// reference.
func TestFilters(t *testing.T) {
	data, err := os.ReadFile("testdata/filters.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	vars := value.DictOf("d", value.DictOf("a", "x"), "l", value.NewList("p", "q"))
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		v, err := value.ParseJSONText(line)
		if err != nil {
			t.Fatal(err)
		}
		d := v.(*value.Dict)
		tm := engine.New(templar.DictVars{Dict: vars}, templar.Scope{})
		got, err := tm.Render(d.At("t"), value.Pos{})
		if (err != nil) != d.Has("e") {
			t.Errorf("%s: %v", d.At("t"), err)
			continue
		}
		if err == nil && string(value.JSON(plainValue(got))) != string(value.JSON(d.At("v"))) {
			t.Errorf("%s: got %s, want %s", d.At("t"), value.JSON(plainValue(got)), value.JSON(d.At("v")))
		}
	}
}
