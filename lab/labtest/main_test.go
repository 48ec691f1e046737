//go:build linux

package labtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const playbook = "playbooks/nginx_haproxy_ha.yml"

var (
	top     string // the checkout
	program string // the program under test
	isRef   bool   // the program is ansible-playbook
)

func TestMain(m *testing.M) {
	if reason := cannotRun(); reason != "" {
		fmt.Println("lab tests skipped:", reason)
		os.Exit(0)
	}
	code := m.Run()
	if os.Getenv("GOPLAY_LAB_KEEP") == "" {
		_ = exec.Command(filepath.Join(top, "lab/lab"), "down").Run()
	}
	left, _ := filepath.Glob(controlPaths() + "*")
	for _, dir := range left {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// controlPaths is where the programs under test keep connections, a folder for each fleet.
func controlPaths() string { return fmt.Sprintf("/tmp/goplay-lab-cp-%d-", os.Getpid()) }

func cannotRun() string {
	switch {
	case os.Getenv("GOPLAY_LAB") == "":
		return "they boot test hosts; `make lab-test` runs them"
	case os.Geteuid() != 0:
		return "the lab needs root"
	}
	var err error
	if top, err = filepath.Abs("../.."); err != nil {
		return err.Error()
	}
	program = os.Getenv("GOPLAY_BIN")
	if program == "" {
		program = filepath.Join(top, "bin/goplay")
	}
	if program, err = exec.LookPath(program); err != nil {
		return "no program under test: " + err.Error() + "; make build"
	}
	isRef = filepath.Base(program) == "ansible-playbook"
	return ""
}

// outcome is what a run of the program left behind.
type outcome struct {
	code   int
	stdout string
	stderr string
	took   time.Duration
}

func (o outcome) text() string { return o.stdout + o.stderr }

// run runs the program under test in the checkout.
func run(t *testing.T, args ...string) outcome {
	t.Helper()
	return runProgram(t, program, nil, args...)
}

// stand runs the stand's playbook with further arguments.
func stand(t *testing.T, args ...string) outcome {
	t.Helper()
	return run(t, append([]string{"-i", "inventory/hosts.ini", playbook}, args...)...)
}

func runProgram(t *testing.T, bin string, env []string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 6*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, args...)
	cmd.Dir = top
	cmd.Env = append(os.Environ(), "ANSIBLE_CONFIG="+filepath.Join(top, "ansible.cfg"), "ANSIBLE_NOCOLOR=1", "COLUMNS=80")
	// the reference would go on using connections to hosts of earlier tests
	cmd.Env = append(cmd.Env, fmt.Sprintf("ANSIBLE_SSH_CONTROL_PATH_DIR=%s%d", controlPaths(), fleet))
	cmd.Env = append(cmd.Env, env...)
	cmd.WaitDelay = 5 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	o := outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String(), time.Since(start)}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		t.Fatalf("%s: %v", bin, err)
	}
	if ctx.Err() != nil {
		t.Fatalf("%s %v hung:\n%s", bin, args, o.text())
	}
	return o
}

// lab runs a lab command and returns its output.
func lab(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(filepath.Join(top, "lab/lab"), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("lab %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// on runs a shell script on a host and returns its output; the script may fail.
func on(t *testing.T, host, script string) string {
	t.Helper()
	out, _ := exec.Command(filepath.Join(top, "lab/lab"), "ssh", host, script).CombinedOutput()
	return string(out)
}

// state says what the hosts are, so that tests can share them: "stand" after provisioned.
var state string

// fleet counts fresh fleets.
var fleet int

// fresh makes sure that exactly these hosts are up, with fresh disks.
func fresh(t *testing.T, flavour string, hosts ...string) {
	t.Helper()
	state = ""
	fleet++
	lab(t, "down")
	lab(t, append([]string{"up", "--flavour", flavour}, hosts...)...)
}

var standHosts = []string{"ha1", "ha2", "web1", "web2"}

// provisioned gives the four hosts of the stand as a run of the program leaves them.
func provisioned(t *testing.T) {
	t.Helper()
	if state == "stand" {
		return
	}
	fresh(t, "el", standHosts...)
	if o := stand(t); o.code != 0 {
		t.Fatalf("cannot provision: exit code %d\n%s", o.code, o.text())
	}
	state = "stand"
}

// file reads a file of a host from outside.
func file(t *testing.T, host, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(hostRoot(t, host), path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func hostRoot(t *testing.T, host string) string {
	t.Helper()
	return strings.TrimSpace(lab(t, "root", host))
}

// eventually waits until ok holds.
func eventually(limit time.Duration, ok func() bool) bool {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if ok() {
			return true
		}
	}
	return ok()
}
