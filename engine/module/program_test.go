//go:build unix

package module

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

// TestEndlessOutput has a program write for ever: it is ended before it fills the memory.
func TestEndlessOutput(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	r, _ := Execute(&Context{Context: ctx}, "ansible.builtin.command", value.DictOf("_raw_params", "cat /dev/zero"))
	if msg := value.Str(r.At("msg")); !strings.Contains(msg, "redirect its output") {
		t.Errorf("message %.200q", msg)
	}
}

// TestSpecialFiles has modules meet a named pipe: they neither wait for it nor replace it.
func TestSpecialFiles(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string]*value.Dict{
		"lineinfile": value.DictOf("path", pipe, "line", "x"),
		"slurp":      value.DictOf("src", pipe),
		"replace":    value.DictOf("path", pipe, "regexp", "x"),
		"copy":       value.DictOf("src", "/etc/hosts", "dest", pipe, "remote_src", true),
		"ini_file":   value.DictOf("path", pipe, "section", "s", "option", "o", "value", "v"),
	} {
		if name == "ini_file" {
			name = "community.general.ini_file"
		}
		r, _ := Execute(&Context{Context: ctx}, name, args)
		if msg := value.Str(r.At("msg")); !value.Truth(r.At("failed")) || !strings.Contains(msg, "named pipe") {
			t.Errorf("%s: %s", name, value.Repr(r))
		}
	}
	if fi, err := os.Lstat(pipe); err != nil || fi.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("the pipe is gone: %v, %v", fi, err)
	}
}
