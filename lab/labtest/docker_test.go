//go:build linux

package labtest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// dockerStand is the stand of lab/docker-compose.yml, on a Docker engine of its own in a network namespace of
// its own: its hosts have the same addresses as the lab's.
type dockerStand struct {
	t    *testing.T
	dir  string // keys, the engine's socket and data
	env  []string
	side string // the network namespace
}

var dockerSide = fmt.Sprint("goplay-docker-", os.Getpid())

func startDocker(t *testing.T) *dockerStand {
	t.Helper()
	for _, tool := range []string{"dockerd", "docker", "docker-compose"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed; scripts/setup installs it on Debian", tool)
		}
	}
	dir, err := os.MkdirTemp("", "goplay-docker-") // short: the path of a socket may have 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	s := &dockerStand{t: t, dir: dir, side: "/run/netns/" + dockerSide}
	socket := "unix://" + filepath.Join(dir, "sock")
	s.env = append(os.Environ(), "DOCKER_HOST="+socket, "LAB_KEYS="+filepath.Join(dir, "keys"), "COMPOSE_PROJECT_NAME=goplay")
	if err := os.Mkdir(filepath.Join(dir, "keys"), 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("ip", "netns", "add", dockerSide).CombinedOutput(); err != nil {
		t.Fatalf("no network namespace: %v\n%s", err, out)
	}
	s.must("ip", "link", "set", "lo", "up")

	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	engine := exec.Command("nsenter", "--net="+s.side, "dockerd", "--data-root", filepath.Join(dir, "data"), "--exec-root",
		filepath.Join(dir, "exec"), "--pidfile", filepath.Join(dir, "pid"), "--host", socket)
	engine.Stdout, engine.Stderr = log, log
	if err := engine.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = engine.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = s.command("docker-compose", "-f", "lab/docker-compose.yml", "down", "-t", "3").Run()
		_ = engine.Process.Signal(syscall.SIGTERM)
		<-ended
		_ = exec.Command("ip", "netns", "delete", dockerSide).Run()
		_ = os.RemoveAll(dir)
	})
	if !eventually(2*time.Minute, func() bool { return s.command("docker", "info").Run() == nil }) {
		b, _ := os.ReadFile(log.Name())
		t.Fatalf("the Docker engine does not answer:\n%s", b)
	}
	return s
}

// command is a command in the checkout that reaches the engine and its hosts.
func (s *dockerStand) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command("nsenter", append([]string{"--net=" + s.side, name}, args...)...)
	cmd.Dir, cmd.Env = top, s.env
	return cmd
}

func (s *dockerStand) must(name string, args ...string) string {
	s.t.Helper()
	cmd := s.command(name, args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, errs.String())
	}
	return string(out)
}

func (s *dockerStand) provision() string {
	s.t.Helper()
	keys := filepath.Join(s.dir, "keys")
	return s.must(program, "-i", "inventory/hosts.ini", playbook,
		"-e", "ansible_ssh_private_key_file="+keys+"/id_ed25519",
		"-e", `{"ansible_ssh_common_args": "-o UserKnownHostsFile=`+keys+`/known_hosts -o IdentitiesOnly=yes"}`)
}

// answer asks the virtual address once and returns "Server N" of the web server that answered.
func (s *dockerStand) answer() string {
	out, err := s.command("curl", "-s", "--max-time", "2", "http://"+address+"/").Output()
	if err != nil {
		return ""
	}
	_, after, _ := strings.Cut(string(out), "<p>")
	who, _, _ := strings.Cut(after, "</p>")
	return who
}

func (s *dockerStand) holds(host string) bool {
	out, _ := s.command("docker-compose", "-f", "lab/docker-compose.yml", "exec", "-T", host, "ip", "-brief", "address").Output()
	return strings.Contains(string(out), address+"/")
}

// TestDocker brings up lab/docker-compose.yml from the lab's root file system, provisions it with the same
// playbook and inventory, and lets the master fail in both ways a container can.
func TestDocker(t *testing.T) {
	s := startDocker(t)
	s.env = append(s.env, "LAB_IMAGE="+strings.TrimSpace(s.must("lab/lab", "docker-image")))
	compose := func(args ...string) string {
		t.Helper()
		return s.must("docker-compose", append([]string{"-f", "lab/docker-compose.yml"}, args...)...)
	}
	compose("up", "-d")
	for _, host := range standHosts {
		if first := strings.TrimSpace(compose("exec", "-T", host, "cat", "/proc/1/comm")); first != "systemd" {
			t.Fatalf("process 1 of %s is %s", host, first)
		}
	}
	s.provision()
	if again := s.provision(); strings.Count(again, "changed=0") != len(standHosts) {
		t.Errorf("a second run changes something:\n%s", again)
	}
	answered := map[string]bool{}
	if !eventually(time.Minute, func() bool { answered[s.answer()] = true; return answered["Server 1"] && answered["Server 2"] }) {
		t.Errorf("the web servers do not answer in turn: %v", answered)
	}
	for name, c := range map[string][2][]string{
		"HAProxy stops":   {{"exec", "-T", "ha1", "systemctl", "stop", "haproxy"}, {"exec", "-T", "ha1", "systemctl", "start", "haproxy"}},
		"container stops": {{"stop", "ha1"}, {"start", "ha1"}},
	} {
		t.Run(name, func(t *testing.T) {
			if !eventually(time.Minute, func() bool { return s.holds("ha1") }) {
				t.Fatal("ha1 does not hold the address at the start")
			}
			compose(c[0]...)
			if !eventually(time.Minute, func() bool { return s.holds("ha2") && s.answer() != "" }) {
				t.Error("ha2 does not take over")
			}
			compose(c[1]...)
			if !eventually(time.Minute, func() bool { return s.holds("ha1") && s.answer() != "" }) {
				t.Error("the address does not come back to ha1")
			}
		})
	}
}
