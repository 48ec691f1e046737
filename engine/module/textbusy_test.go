//go:build linux

package module

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

// TestBusyProgram runs a script that is still open for writing when it is to start.
func TestBusyProgram(t *testing.T) {
	old := busyPatience
	busyPatience = time.Minute
	defer func() { busyPatience = old }()
	name := filepath.Join(t.TempDir(), "s")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("#!/bin/sh\necho started\n"); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(50*time.Millisecond, func() { _ = f.Close() })
	r, _ := Execute(&Context{Context: context.Background()}, "command", value.DictOf("_raw_params", name))
	if value.Str(r.At("stdout")) != "started" {
		t.Error(value.Repr(r))
	}
}
