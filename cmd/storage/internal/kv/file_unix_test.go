//go:build unix

package kv

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestOwnerIsKept(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may give files away")
	}
	f := write(t, "")
	if err := os.Chown(f.Path, 12345, 54321); err != nil {
		t.Fatal(err)
	}
	if err := f.Append(ctx, "a", "x"); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	if st := info.Sys().(*syscall.Stat_t); st.Uid != 12345 || st.Gid != 54321 || info.Mode().Perm() != 0o640 {
		t.Errorf("owner %d:%d, mode %v", st.Uid, st.Gid, info.Mode())
	}
}

func TestNoRegularFile(t *testing.T) {
	pipe := t.TempDir() + "/pipe"
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{pipe: "a pipe", t.TempDir(): "a folder", os.DevNull: "a device"} {
		if _, err := (File{Path: path}).Load(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", path, err)
		}
	}
}
