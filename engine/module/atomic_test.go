package module_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/goplay-engine/goplay/engine/module/moduletest"
	"github.com/goplay-engine/goplay/engine/value"
)

// Two backups of a file within one second are two files, and the first content
// is not lost.
func TestBackupsWithinASecond(t *testing.T) {
	f := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(f, []byte("first\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"first\n", "first\n1\n", "first\n1\n2\n"} {
		r := moduletest.Run(t, "lineinfile", moduletest.Args("path", f, "line", string(rune('1'+i)), "backup", true))
		got, err := os.ReadFile(value.Str(r.At("backup")))
		if err != nil || string(got) != want {
			t.Errorf("backup %d: %q, %v", i, got, err)
		}
	}
	if all, _ := filepath.Glob(f + ".*~"); len(all) != 3 {
		t.Error(all)
	}
}

// ANSIBLE_UNSAFE_WRITES stands in for unsafe_writes only where that is not given.
func TestUnsafeWritesByEnvironment(t *testing.T) {
	f := filepath.Join(t.TempDir(), "f")
	for _, c := range []struct {
		env   string
		given any
		want  bool
	}{{"", nil, false}, {"1", nil, true}, {"0", nil, false}, {"1", false, false}, {"0", true, true}} {
		t.Setenv("ANSIBLE_UNSAFE_WRITES", c.env)
		args := moduletest.Args("path", f, "line", "x", "create", true)
		if c.given != nil {
			args.Set("unsafe_writes", c.given)
		}
		r := moduletest.Run(t, "lineinfile", args)
		got := r.At("invocation").(*value.Dict).At("module_args").(*value.Dict).At("unsafe_writes")
		if got != c.want {
			t.Errorf("%+v: %s", c, value.Repr(got))
		}
	}
}
