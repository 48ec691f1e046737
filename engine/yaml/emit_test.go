package yaml

import (
	"os"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// testdata/dump.json holds random values and what PyYAML 6.0 with libyaml 0.2.5
// wrote for them, in five layouts.
func TestDumpReference(t *testing.T) {
	src, err := os.ReadFile("testdata/dump.json")
	if err != nil {
		t.Fatal(err)
	}
	v, err := value.ParseJSON(src)
	if err != nil {
		t.Fatal(err)
	}
	modes := []DumpOptions{{AllowUnicode: true}, {FlowLeaves: true}, {Indent: 4, AllowUnicode: true}, {Flow: true}, {FlowLeaves: true, Width: 30, AllowUnicode: true}}
	for _, e := range v.(*value.List).Items {
		d := e.(*value.Dict)
		got, err := Dump(d.At("v"), modes[d.At("mode").(int64)])
		if want := value.Str(d.At("y")); err != nil || got != want {
			t.Errorf("mode %v %s\n got %q %v\nwant %q", d.At("mode"), value.Repr(d.At("v")), got, err, want)
		}
	}
}

func TestDumpAliasesAndTags(t *testing.T) {
	shared := value.NewList(int64(1))
	d := value.DictOf("b", shared, "a", shared, "s", &value.Secret{Cipher: "$ANSIBLE_VAULT;1.1;AES256\n6162\n"}, "t", value.Tuple{"x", value.Unsafe("y")})
	want := "a: &id001\n- 1\nb: *id001\ns: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\nt:\n- x\n- y\n"
	if got, err := Dump(d, DumpOptions{SortKeys: true}); err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
	if _, err := Dump(&value.Undefined{Name: "x"}, DumpOptions{}); err == nil {
		t.Error("undefined written")
	}
}
