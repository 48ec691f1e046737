package connect

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/remote/helper"
	"github.com/goplay-engine/goplay/engine/remote/remotetest"
)

func TestMain(m *testing.M) {
	KeeperMain()
	remote.HelperMain(remotetest.Runner)
	os.Exit(m.Run())
}

// sshd is a real OpenSSH server on a loopback port.
type sshd struct {
	dir, port string
	hostKey   ssh.PublicKey
	known     string // known_hosts with its key
	key       string // private key that may log in
	cmd       *exec.Cmd
}

func writeKey(t *testing.T, file string) ssh.PublicKey {
	t.Helper()
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	blk, err := ssh.MarshalPrivateKey(priv, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, pem.EncodeToMemory(blk), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := ssh.NewPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, p, _ := net.SplitHostPort(l.Addr().String())
	return p
}

// startSSHD starts a server; extra are further lines of its configuration,
// before the usual ones, so that they win.
func startSSHD(t *testing.T, extra ...string) *sshd {
	t.Helper()
	prog := ""
	for _, p := range []string{"/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/libexec/sshd"} {
		if _, err := os.Stat(p); err == nil {
			prog = p
			break
		}
	}
	if prog == "" {
		t.Skip("no sshd on this machine; install openssh-server to run the ssh tests")
	}
	if os.Getuid() == 0 {
		os.MkdirAll("/run/sshd", 0o755)
	}
	var s *sshd
	for range 5 { // somebody else may take the port that was free
		if s = trySSHD(t, prog, extra); s != nil {
			return s
		}
	}
	t.Fatal("sshd does not start")
	return nil
}

// trySSHD starts a server on a port that was free a moment ago.
func trySSHD(t *testing.T, prog string, extra []string) *sshd {
	t.Helper()
	d, err := os.MkdirTemp("", "goplay-sshd-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(d) })
	s := &sshd{dir: d, port: freePort(t), known: d + "/known_hosts", key: d + "/id"}
	s.hostKey = writeKey(t, d+"/host")
	user := writeKey(t, s.key)
	os.WriteFile(d+"/authorized_keys", ssh.MarshalAuthorizedKey(user), 0o600)
	os.WriteFile(s.known, []byte(fmt.Sprintf("[127.0.0.1]:%s %s", s.port, ssh.MarshalAuthorizedKey(s.hostKey))), 0o600)
	lines := append(slices.Clone(extra),
		"Port "+s.port, "ListenAddress 127.0.0.1", "HostKey "+d+"/host", "AuthorizedKeysFile "+d+"/authorized_keys",
		"SetEnv HOME="+d, // the user's own start-up files may print
		"StrictModes no", "PidFile none", "PasswordAuthentication yes", "KbdInteractiveAuthentication no",
		"PermitRootLogin yes", "UsePAM no", "MaxStartups 100", "LogLevel ERROR")
	if !strings.Contains(strings.Join(extra, "\n"), "Subsystem ") {
		lines = append(lines, "Subsystem sftp internal-sftp")
	}
	conf := strings.Join(lines, "\n")
	os.WriteFile(d+"/sshd_config", []byte(conf+"\n"), 0o600)
	s.cmd = exec.Command(prog, "-D", "-e", "-f", d+"/sshd_config")
	log, _ := os.Create(d + "/log")
	s.cmd.Stderr = log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { s.cmd.Wait(); close(ended) }()
	t.Cleanup(func() { s.cmd.Process.Kill(); <-ended })
	for range 6000 {
		if c, err := net.Dial("tcp", "127.0.0.1:"+s.port); err == nil {
			c.Close()
			select {
			case <-ended: // another program's port
			default:
				return s
			}
		}
		select {
		case <-ended:
			b, _ := os.ReadFile(d + "/log")
			t.Logf("sshd does not start: %s", b)
			return nil
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

// target is the server as an inventory would name it.
func (s *sshd) target() Target {
	t := Target{Name: "h1", Connection: "ssh", Host: "127.0.0.1", KeyFile: s.key, HostKeyChecking: true,
		Timeout: time.Minute, RemoteTmp: s.dir + "/tmp",
		CommonArgs: "-C -o ControlMaster=auto -o ControlPersist=60s -F none -o UserKnownHostsFile=" + s.known}
	fmt.Sscan(s.port, &t.Port)
	return t
}

var self = sync.OnceValues(helper.Self)

func newOpener(t *testing.T) *opener {
	self, err := self()
	if err != nil {
		t.Fatal(err)
	}
	o := New(Options{Run: remotetest.Runner, Builds: []*helper.Build{self}, Logf: func(h, f string, a ...any) { t.Logf(h+": "+f, a...) }}).(*opener)
	t.Cleanup(func() { o.Close() })
	return o
}

func mustOpen(t *testing.T, o *opener, tgt Target) remote.Session {
	t.Helper()
	s, err := o.Open(context.Background(), tgt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformanceSSH(t *testing.T) {
	srv := startSSHD(t)
	o := newOpener(t)
	remotetest.Run(t, func(t *testing.T) remote.Session { return mustOpen(t, o, srv.target()) })
	l, _ := filepath.Glob(srv.dir + "/tmp/*")
	if len(l) != 1 || !strings.Contains(l[0], "goplay-remote-") {
		t.Errorf("left in remote_tmp: %q", l)
	}
}

func TestConformanceLocal(t *testing.T) {
	o := newOpener(t)
	remotetest.Run(t, func(t *testing.T) remote.Session {
		return mustOpen(t, o, Target{Name: "localhost", Connection: "local", RemoteTmp: t.TempDir()})
	})
}
