package connect

import (
	"os"
	"os/exec"
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
			s := &startScript{builds: []*helper.Build{b}, tmp: tmp, login: "go test"}
			cmd := exec.Command(args[0], append(args[1:], shCommand(s.String()))...)
			cmd.Env = append(os.Environ(), "HOME="+home, "USER=u")
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.HasPrefix(string(out), "GOPLAY-MISSING ") || strings.Count(string(out), "\nGOPLAY-DIR ") != 1 {
				t.Errorf("%s, %q: %v\n%s", sh, tmp, err, out)
			}
		}
	}
	for _, d := range []string{"/tmp", "/var/tmp", "/dev/shm"} {
		os.Remove(d + "/.goplay-go_test")
	}
}
