//go:build unix

package module

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

func TestHomeMode(t *testing.T) {
	u := "027"
	for _, c := range []struct {
		umask *string
		defs  string
		want  uint32
	}{
		{nil, "", 0o755}, {nil, "#UMASK 077\nUMASK\t\t022\n", 0o755}, {nil, "UMASK 077\n", 0o700}, {nil, "UMASK 022\nHOME_MODE\t0750\n", 0o750},
		{nil, "HOME_MODE 700\nUMASK 022\n", 0o700}, {nil, "UMASK x\n", 0o755}, {&u, "HOME_MODE 0700\n", 0o750},
	} {
		if got := homeMode(c.umask, c.defs); got != c.want {
			t.Errorf("%q: got %o, want %o", c.defs, got, c.want)
		}
	}
}

// What only its owner may read in the skeleton stays so.
func TestCopySkeleton(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(from, "d"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{".secret": 0o600, "d/run": 0o750} {
		if err := os.WriteFile(filepath.Join(from, name), []byte(name), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/shadow", filepath.Join(from, "link")); err != nil {
		t.Fatal(err)
	}
	if err := (&Context{Context: context.Background()}).copySkeleton(from, to); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]uint32{".secret": 0o600, "d": 0o700, "d/run": 0o750} {
		if st, err := lstat(filepath.Join(to, name)); err != nil || st.perm() != want {
			t.Errorf("%s: %+v, %v", name, st, err)
		}
	}
	if target, _ := os.Readlink(filepath.Join(to, "link")); target != "/etc/shadow" {
		t.Errorf("the link points to %q", target)
	}
}
