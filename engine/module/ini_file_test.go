package module

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// TestINILikeReference edits files as recorded in testdata/ini_file.json: text before, options, text after and message of
// the reference, with commented options beside active ones, repeated sections, carriage returns and byte order marks.
func TestINILikeReference(t *testing.T) {
	data, err := os.ReadFile("testdata/ini_file.json")
	if err != nil {
		t.Fatal(err)
	}
	cases, err := value.ParseJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "f.ini")
	for _, c := range cases.(*value.List).Items {
		part := c.(*value.List).Items
		before, after := value.Str(part[0]), value.Str(part[2])
		if err := os.WriteFile(file, []byte(before), 0o644); err != nil {
			t.Fatal(err)
		}
		args := part[1].(*value.Dict).Clone()
		args.Update(value.DictOf("path", file, "section", "s", "option", "k"))
		r, _ := Execute(&Context{Context: context.Background()}, "community.general.ini_file", args)
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != after || value.Str(r.At("msg")) != value.Str(part[3]) {
			t.Errorf("%q with %s\n got %q, %v\nwant %q, %v", before, value.Repr(part[1]), got, r.At("msg"), after, part[3])
		}
	}
}
