package module

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// A program's umask is its own, whatever else the process does meanwhile.
func TestStartWithUmask(t *testing.T) {
	old := syscall.Umask(0o022)
	defer syscall.Umask(old)
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			mask := 0o077
			var out strings.Builder
			cmd := exec.Command("sh", "-c", "umask")
			cmd.Stdout = &out
			if err := startWithUmask(cmd, &mask); err != nil {
				t.Error(err)
			} else if err := cmd.Wait(); err != nil || strings.TrimSpace(out.String()) != "0077" {
				t.Errorf("umask %q, %v", out.String(), err)
			}
		})
	}
	for range 1000 {
		name := filepath.Join(dir, "f")
		if err := os.WriteFile(name, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if fi, err := os.Stat(name); err != nil || fi.Mode().Perm() != 0o644 {
			t.Fatalf("mode %v, %v", fi.Mode(), err)
		}
		if m := currentUmask(); m != 0o022 {
			t.Fatalf("umask %o", m)
		}
		_ = os.Remove(name)
	}
	wg.Wait()
}
