package module

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestCancelledProgram cancels a task while its program runs. One that must not be cut short is asked to end, or left to
// its end, and the process knows that it has to live on for it; all others are gone.
func TestCancelledProgram(t *testing.T) {
	for _, c := range []struct {
		name   string
		how    cancelHow
		script string
		want   string // what the program left in the file "end"
	}{
		{"kill", cancelKill, `: >ready; sleep 600; echo whole >end`, ""},
		{"ask", cancelAsk, `trap 'echo asked >end; exit' INT; : >ready; while :; do sleep 0.01; done`, "asked\n"},
		{"finish", cancelFinish, `trap 'echo signal >end; exit' INT TERM; : >ready; while [ ! -e go ]; do sleep 0.01; done; echo lost pipe >&2; echo whole >end`, "whole\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			ended := make(chan error, 1)
			go func() {
				_, err := (&Context{Context: ctx, Dir: dir}).run([]string{"/bin/sh", "-c", c.script}, &progOptions{Cancel: c.how})
				ended <- err
			}()
			for _, err := os.Stat(filepath.Join(dir, "ready")); err != nil; _, err = os.Stat(filepath.Join(dir, "ready")) {
				time.Sleep(time.Millisecond)
			}
			cancel()
			if c.how == cancelFinish {
				if !Unfinished() {
					t.Error("the process would end")
				}
				if err := os.WriteFile(filepath.Join(dir, "go"), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := <-ended; err == nil {
				t.Error("no error")
			}
			if Unfinished() {
				t.Error("the process would wait")
			}
			if got, _ := os.ReadFile(filepath.Join(dir, "end")); string(got) != c.want {
				t.Errorf("the program left %q, want %q", got, c.want)
			}
		})
	}
}
