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
