//go:build unix

package module

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// A file is checked whatever its name and its folder's; %% is a percent sign. The reference does the same.
func TestCheckCommand(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a 'b")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, check := range []string{"grep -q x=1 %s", "grep -q x=1 '%s'", `sh -c "test $0%%y = 5%%y && grep -q x=1 \"$1\"" 5 %s`} {
		dest := filepath.Join(dir, `my "conf; $x`)
		_ = os.Remove(dest)
		r, _ := Execute(&Context{Context: context.Background()}, "copy", value.DictOf("content", "x=1\n", "dest", dest, "validate", check))
		if b, err := os.ReadFile(dest); err != nil || string(b) != "x=1\n" {
			t.Errorf("%s: %v, %s", check, err, value.Repr(r))
		}
	}
}

// Programs that were just written can be run while others are being started.
func TestWriteProgram(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 25 {
				name := filepath.Join(dir, strings.Repeat("p", i+1))
				if err := writeProgram(name, []byte("#!/bin/sh\n")); err != nil {
					t.Error(err)
				}
				if err := exec.Command(name).Run(); err != nil {
					t.Error(err)
				}
				if err := writeProgram(name, nil); err == nil {
					t.Error("a file that is there was written over")
				}
				_ = os.Remove(name)
			}
		})
	}
	wg.Wait()
}
