package module_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/goplay-engine/goplay/engine/module/moduletest"
)

// TestEditingTogether has many tasks put a line each into one file at the same time, as a play does that delegates to one
// host: none is lost.
func TestEditingTogether(t *testing.T) {
	dir := t.TempDir()
	f := filepath.Join(dir, "f")
	if err := os.WriteFile(f, []byte("old\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(f, link); err != nil {
		t.Fatal(err)
	}
	const tasks = 12
	var wg sync.WaitGroup
	for i := range tasks {
		wg.Go(func() {
			path := []string{f, link}[i%2]
			if i%3 == 0 {
				moduletest.Run(t, "blockinfile", moduletest.Args("path", path, "block", fmt.Sprint("line ", i), "marker", fmt.Sprint("# {mark} ", i)))
			} else {
				moduletest.Run(t, "lineinfile", moduletest.Args("path", path, "line", fmt.Sprint("line ", i)))
			}
		})
	}
	wg.Wait()
	got, err := os.ReadFile(f)
	if err != nil {
		t.Fatal(err)
	}
	for i := range tasks {
		if !strings.Contains(string(got), fmt.Sprintf("line %d\n", i)) {
			t.Errorf("line %d was lost", i)
		}
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != 1 {
		t.Error(all, err)
	}
}
