package module_test

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/module/moduletest"
	"github.com/goplay-engine/goplay/engine/value"
)

// TestCopySparse copies a file of 20 MiB that stores 30 bytes: the copy stores no more, on any file system with holes.
func TestCopySparse(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	f, err := os.Create(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int64{0, 10 << 20, 15<<20 - 5} {
		if _, err := f.WriteAt([]byte("0123456789"), at); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Truncate(20 << 20); err != nil {
		t.Fatal(err)
	}
	f.Close()
	r := moduletest.Run(t, "copy", moduletest.Args("src", from, "dest", to, "remote_src", true))
	if value.Truth(r.At("failed")) {
		t.Fatal(r)
	}
	var a, b syscall.Stat_t
	if err := syscall.Stat(from, &a); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Stat(to, &b); err != nil {
		t.Fatal(err)
	}
	if b.Size != a.Size || a.Blocks*512 < a.Size && b.Blocks*512 >= b.Size {
		t.Errorf("%d bytes in %d blocks became %d in %d", a.Size, a.Blocks, b.Size, b.Blocks)
	}
	if again := moduletest.Run(t, "copy", moduletest.Args("src", from, "dest", to, "remote_src", true)); value.Truth(again.At("changed")) {
		t.Error("the content differs")
	}
}

// TestCopyOnTarget keeps what the source has besides content, as cp -p does.
func TestCopyOnTarget(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	if err := os.WriteFile(from, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Unix(1e9, 0)
	if err := os.Chtimes(from, old, old); err != nil {
		t.Fatal(err)
	}
	has := unix.Setxattr(from, "user.note", []byte("hello"), 0) == nil // else the file system has none
	moduletest.Run(t, "copy", moduletest.Args("src", from, "dest", to, "remote_src", true, "mode", "0640"))
	fi, err := os.Stat(to)
	if err != nil || !fi.ModTime().Equal(old) || fi.Mode() != 0o640 {
		t.Errorf("%v, %v", fi, err)
	}
	buf := make([]byte, 10)
	if n, err := unix.Getxattr(to, "user.note", buf); has && (err != nil || string(buf[:n]) != "hello") {
		t.Errorf("%q, %v", buf[:n], err)
	}
}

// TestCancelledWrite leaves the folder as it was.
func TestCancelledWrite(t *testing.T) {
	dir := t.TempDir()
	f := filepath.Join(dir, "f")
	if err := os.WriteFile(f, []byte("old\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, backup := range []bool{false, true} {
		r, _ := module.Execute(&module.Context{Context: ctx}, "copy", value.DictOf("src", "/proc/self/exe", "remote_src", true, "dest", f, "backup", backup))
		if !value.Truth(r.At("failed")) {
			t.Error(r)
		}
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != 1 {
		t.Error(all, err)
	}
	if got, err := os.ReadFile(f); err != nil || string(got) != "old\n" {
		t.Errorf("%q, %v", got, err)
	}
}
