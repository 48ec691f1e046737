//go:build linux

package labtest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func mustRun(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// play runs tasks on node1.
func play(t *testing.T, dir, list string, args ...string) outcome {
	t.Helper()
	path := write(t, dir, "play.yml", tasks(list))
	return run(t, append([]string{"-i", filepath.Join(dir, "hosts.ini"), path}, args...)...)
}

// TestInvalidConfig gives a service a config that its own check refuses: the old one and the service stay.
func TestInvalidConfig(t *testing.T) {
	dir := one(t)
	write(t, dir, "bad.cfg.j2", "frontend nonsense\n    bind *:80\n    no-such-keyword {{ 1 + 1 }}\n")
	on(t, "node1", "dnf -q -y install haproxy && systemctl start haproxy")
	before, pid := file(t, "node1", "/etc/haproxy/haproxy.cfg"), on(t, "node1", "systemctl show -p MainPID haproxy")
	o := play(t, dir, `
- template: {src: bad.cfg.j2, dest: /etc/haproxy/haproxy.cfg, validate: haproxy -c -f %s}
- service: {name: haproxy, state: restarted}
`)
	if o.code != 2 || !strings.Contains(o.stdout, "failed to validate") || !strings.Contains(o.stdout, "no-such-keyword") {
		t.Errorf("exit code %d:\n%s", o.code, o.text())
	}
	if file(t, "node1", "/etc/haproxy/haproxy.cfg") != before {
		t.Error("the config was replaced")
	}
	if now := on(t, "node1", "systemctl show -p MainPID haproxy"); now != pid || strings.Contains(now, "=0") {
		t.Errorf("the service was touched: %s, then %s", pid, now)
	}
	if files := on(t, "node1", "ls -A /etc/haproxy"); files != "conf.d\nhaproxy.cfg\n" {
		t.Errorf("left in /etc/haproxy: %s", files)
	}
	wantClean(t, "node1")
}

// TestDiskFull fills the file system of the destination, then the host's whole disk.
func TestDiskFull(t *testing.T) {
	dir := one(t)
	write(t, dir, "big", strings.Repeat("0123456789abcdef", 1<<14)) // 256 KiB
	on(t, "node1", "mkdir -p /mnt/small && mount -t tmpfs -o size=64k tmpfs /mnt/small && echo old >/mnt/small/file")
	defer on(t, "node1", "umount /mnt/small; rm -f /filler")
	o := play(t, dir, "- copy: {src: big, dest: /mnt/small/file}")
	if o.code != 2 || !strings.Contains(o.text(), "No space left") {
		t.Errorf("small file system: exit code %d:\n%s", o.code, o.text())
	}
	if got := on(t, "node1", "ls -A /mnt/small; cat /mnt/small/file"); got != "file\nold\n" {
		t.Errorf("on the full file system: %q, want the old file alone", got)
	}
	on(t, "node1", "cat /dev/zero >/filler 2>/dev/null; sync")
	o = play(t, dir, "- copy: {src: big, dest: /etc/big}")
	if o.code == 0 || !strings.Contains(strings.ToLower(o.text()), "space left") {
		t.Errorf("full disk: exit code %d:\n%s", o.code, o.text())
	}
	if got := on(t, "node1", "ls -A /etc | grep -i big"); got != "" {
		t.Errorf("left in /etc: %s", got)
	}
	on(t, "node1", "rm -f /filler")
	if o = play(t, dir, "- copy: {src: big, dest: /etc/big}\n- file: {path: /etc/big, state: absent}"); o.code != 0 {
		t.Errorf("with room again: exit code %d:\n%s", o.code, o.text())
	}
	wantClean(t, "node1")
}

// TestNoexec mounts the usual folders for temporary files so that nothing in them can be executed.
func TestNoexec(t *testing.T) {
	dir := one(t)
	on(t, "node1", `
rm -rf /root/.cache /root/.ansible /var/cache/goplay*
for d in /tmp /var/tmp; do mount -t tmpfs -o noexec,mode=1777 tmpfs $d; done`)
	defer on(t, "node1", "umount /tmp /var/tmp")
	if o := play(t, dir, "- ping:\n- command: id\n"); o.code != 0 {
		t.Errorf("exit code %d:\n%s", o.code, o.text())
	}
	wantClean(t, "node1")
}

// TestInterrupt ends the program in the middle of a task, gently and not: the host is left clean.
func TestInterrupt(t *testing.T) {
	dir := one(t)
	for _, c := range []struct {
		name   string
		signal syscall.Signal
		code   int
	}{
		{"Ctrl-C", syscall.SIGINT, 99},
		{"terminate", syscall.SIGTERM, 99},
		{"kill", syscall.SIGKILL, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if isRef {
				t.Skip("the reference leaves the command running")
			}
			path := write(t, dir, "play.yml", tasks("- command: sleep 61\n- copy: {content: x, dest: /etc/never}"))
			cmd := exec.Command(program, "-i", filepath.Join(dir, "hosts.ini"), path)
			cmd.Dir = top
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			var out strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if !eventually(time.Minute, func() bool { return strings.Contains(on(t, "node1", "ps ax"), "sleep 61") }) {
				t.Error("the task does not start")
			}
			start := time.Now()
			_ = syscall.Kill(-cmd.Process.Pid, c.signal)
			_ = cmd.Wait()
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("it took %v to end", took)
			}
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if c.signal != syscall.SIGKILL && !strings.Contains(out.String(), "interrupted") {
				t.Error("no word of the interruption")
			}
			if strings.Contains(out.String(), "goroutine ") {
				t.Error("it panics")
			}
			wantClean(t, "node1")
			if got := on(t, "node1", "ls /etc/never"); !strings.Contains(got, "No such file") {
				t.Error("a later task ran")
			}
			if t.Failed() {
				t.Logf("output:\n%s", out.String())
			}
		})
	}
}

// TestPowerCut takes the host away in the middle of a task.
func TestPowerCut(t *testing.T) {
	dir := one(t)
	done := make(chan outcome, 1)
	go func() { done <- play(t, dir, "- command: sleep 622", "-e", "ansible_timeout=4") }()
	if !eventually(time.Minute, func() bool { return strings.Contains(on(t, "node1", "ps ax"), "sleep 622") }) {
		t.Error("the task does not start")
	}
	lab(t, "off", "node1")
	select {
	case o := <-done:
		if o.code != 4 || !strings.Contains(o.text(), "UNREACHABLE") {
			t.Errorf("exit code %d, want 4:\n%s", o.code, o.text())
		}
	case <-time.After(2 * time.Minute):
		t.Error("it still waits for a host that is gone")
	}
	lab(t, "on", "node1")
}

// TestSudo becomes root with a password, from the variable and from the prompt's option.
func TestSudo(t *testing.T) {
	dir := one(t)
	write(t, dir, "hosts.ini", "node1"+fmt.Sprintf(nodeVars, top)+" ansible_user=ops\n")
	o := play(t, dir, "- command: id -un\n  register: r\n- debug: {var: r.stdout}\n- file: {path: /etc/by-sudo, state: touch}", "-b", "-e", "ansible_become_password=ops")
	if o.code != 0 || !strings.Contains(o.stdout, `"r.stdout": "root"`) {
		t.Errorf("exit code %d:\n%s", o.code, o.text())
	}
	write(t, dir, "hosts.ini", "node1"+fmt.Sprintf(nodeVars, top)+" ansible_user=ops ansible_password=ops ansible_become_password=ops ansible_ssh_private_key_file=\n")
	if o = play(t, dir, "- command: id -un\n  register: r\n- debug: {var: r.stdout}", "-b"); o.code != 0 || !strings.Contains(o.stdout, `"r.stdout": "root"`) {
		t.Errorf("with an SSH password: exit code %d:\n%s", o.code, o.text())
	}
	wantClean(t, "node1")
}
