package connect

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/remote/helper"
)

// TestStartScript runs the script, with nothing cached, under every shell
// there is as login shell.
func TestStartScript(t *testing.T) {
	b, err := helper.Self()
	if err != nil {
		t.Fatal(err)
	}
	login := fmt.Sprint("go test ", os.Getpid())
	for _, sh := range []string{"sh", "dash", "bash", "zsh", "ksh", "fish", "tcsh", "busybox sh"} {
		args := append(strings.Fields(sh), "-c")
		if _, err := exec.LookPath(args[0]); err != nil {
			continue
		}
		for _, tmp := range []string{"/it's $x", "~/.goplaytest/tmp", "", "$HOME/x/${USER}"} {
			home := t.TempDir()
			if strings.HasPrefix(tmp, "/") {
				tmp = home + tmp
			}
			s := &startScript{builds: []*helper.Build{b}, tmp: tmp, login: login}
			cmd := exec.Command(args[0], append(args[1:], shCommand(s.String()))...)
			cmd.Env = append(os.Environ(), "HOME="+home, "USER=u")
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.HasPrefix(string(out), "GOPLAY-MISSING ") || strings.Count(string(out), "\nGOPLAY-DIR ") != 1 {
				t.Errorf("%s, %q: %v\n%s", sh, tmp, err, out)
			}
		}
	}
	for _, d := range []string{"/tmp", "/var/tmp", "/dev/shm"} {
		os.Remove(d + "/.goplay-" + strings.ReplaceAll(login, " ", "_"))
	}
}

// TestStartScriptLinks sees that the script starts nothing through links, which
// another user may have made and could turn elsewhere.
func TestStartScriptLinks(t *testing.T) {
	b, err := helper.Self()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name string) string {
		p := filepath.Join(dir, name, cacheName(b))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte("#!/bin/sh\necho STARTED\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		return p
	}
	start := func(tmp, login string) string {
		s := &startScript{builds: []*helper.Build{b}, tmp: tmp, login: login}
		cmd := exec.Command("/bin/sh", "-c", s.String())
		cmd.Env = append(os.Environ(), "HOME="+filepath.Join(dir, "home"))
		out, _ := cmd.CombinedOutput()
		return string(out)
	}
	login := fmt.Sprint("go-test-", os.Getpid())
	real := write("real")
	if out := start(filepath.Dir(real), login); out != "STARTED\n" {
		t.Errorf("the plain file: %q", out)
	}
	if err := os.Mkdir(filepath.Join(dir, "linked"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, filepath.Join(dir, "linked", cacheName(b))); err != nil {
		t.Fatal(err)
	}
	if out := start(filepath.Join(dir, "linked"), login); strings.Contains(out, "STARTED") {
		t.Errorf("a linked file is started: %q", out)
	}
	shared := "/tmp/.goplay-" + login
	if err := os.Symlink(filepath.Dir(real), shared); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(shared)
	if out := start(filepath.Join(dir, "none"), login); strings.Contains(out, "STARTED") {
		t.Errorf("a file in a linked folder is started: %q", out)
	}
	for _, d := range []string{"/var/tmp", "/dev/shm"} {
		os.Remove(d + "/.goplay-" + login)
	}
}
