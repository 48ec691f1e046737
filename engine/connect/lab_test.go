package connect

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
)

// The tests in this file need a host that may be spoilt, reached as root:
//
//	lab/lab up node1
//	GOPLAY_LAB_HOST=10.10.1.101 GOPLAY_LAB_KEY=lab/.work/id_ed25519 lab/lab run go test -run Lab ./engine/connect
type labHost struct {
	t    *testing.T
	o    *opener
	root Target
}

func lab(t *testing.T) *labHost {
	t.Helper()
	addr := os.Getenv("GOPLAY_LAB_HOST")
	if addr == "" {
		t.Skip("GOPLAY_LAB_HOST is not set; see lab_test.go")
	}
	h := &labHost{t: t, o: newOpener(t)}
	h.root = Target{Name: "node", Connection: "ssh", Host: addr, User: "root", KeyFile: os.Getenv("GOPLAY_LAB_KEY"),
		Timeout: 10 * time.Second, CommonArgs: "-F none -o UserKnownHostsFile=/dev/null"}
	h.sh("id svc >/dev/null 2>&1 || useradd -m -s /usr/sbin/nologin svc; id plain >/dev/null 2>&1 || useradd -m -s /bin/bash plain; " +
		"echo root:rootpw | chpasswd; echo plain:plainpw | chpasswd; rm -rf /var/tmp/.goplay* /tmp/.goplay* /dev/shm/.goplay* /home/*/.ansible /root/.ansible /home/*/.cache")
	return h
}

// sh runs a command as root, without a helper.
func (h *labHost) sh(cmd string) string {
	h.t.Helper()
	r, err := h.o.Raw(context.Background(), h.root, cmd, nil)
	if err != nil {
		h.t.Fatalf("%s: %v", cmd, err)
	}
	if r.RC != 0 {
		h.t.Fatalf("%s: rc %d %s%s", cmd, r.RC, r.Stdout, r.Stderr)
	}
	return string(r.Stdout)
}

func (h *labHost) ops() Target {
	t := h.root
	t.User, t.KeyFile, t.Password = "ops", "", "ops"
	t.CommonArgs += " -o IdentitiesOnly=yes -o IdentityFile=none"
	return t
}

// whoami opens a session and returns who the helper runs as.
func (h *labHost) whoami(o *opener, t Target) (string, error) {
	s, err := o.Open(context.Background(), t)
	if err != nil {
		return "", err
	}
	x, err := s.Exec(context.Background(), &remote.Exec{Argv: []string{"id", "-un"}})
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(x.Stdout)), nil
}

// noLeftovers checks that no helper runs and no temporary file is left.
func (h *labHost) noLeftovers() {
	h.t.Helper()
	h.o.Close()
	h.o = newOpener(h.t)
	var out string
	for range 20 {
		out = h.sh("pgrep -af as-remote-helpe[r]; ls -d /root/.ansible/tmp/goplay-tmp* /home/*/.ansible/tmp/goplay-tmp* /var/tmp/goplay-tmp* /tmp/goplay-tmp* 2>/dev/null; " +
			"find / -xdev '(' -name '.goplay-new*' -o -name 'goplay-remote*.new*' -o -name '.goplay-x*' ')' 2>/dev/null; true")
		if out == "" {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	h.t.Errorf("left over:\n%s", out)
}

func sudo(user, pass string) Become {
	return Become{Method: "sudo", User: user, Password: pass, HasPass: pass != ""}
}

func TestLabBecome(t *testing.T) {
	h := lab(t)
	ops := h.ops()
	with := func(t Target, b Become) Target { t.Become = b; return t }
	tests := []struct {
		name   string
		prep   string
		target Target
		user   string
		err    string
	}{
		{"root", "", h.root, "root", ""},
		{"password login", "", ops, "ops", ""},
		{"sudo with password", "", with(ops, sudo("root", "ops")), "root", ""},
		{"sudo wrong password", "", with(ops, sudo("root", "wrong")), "", "Incorrect sudo password"},
		{"sudo missing password", "", with(ops, sudo("root", "")), "", "Missing sudo password"},
		{"sudo to another user with password", "", with(ops, sudo("plain", "ops")), "plain", ""},
		{"root to a user without shell", "", with(h.root, sudo("svc", "")), "svc", ""},
		{"root to another user with password", "", with(h.root, sudo("plain", "any")), "plain", ""},
		{"unknown user", "", with(h.root, sudo("nobody9", "")), "", "unknown user"},
		{"not in sudoers", "", Target{}, "", "plain is not in the sudoers file"},
		{"su with password", "", with(ops, Become{Method: "su", User: "root", Password: "rootpw", HasPass: true}), "root", ""},
		{"su wrong password", "", with(ops, Become{Method: "su", User: "root", Password: "no", HasPass: true}), "", "Incorrect su password"},
		{"su missing password", "", with(ops, Become{Method: "su", User: "root"}), "", "Missing su password"},
		{"root su", "", with(h.root, Become{Method: "su", User: "plain"}), "plain", ""},
		{"su to a user without shell", "", with(h.root, Become{Method: "su", User: "svc"}), "", "cannot become svc"},
		{"su with flags", "", with(h.root, Become{Method: "su", User: "svc", Flags: "-s /bin/sh"}), "svc", ""},
		{"sudo exe missing", "", with(h.root, Become{Method: "sudo", User: "svc", Exe: "/no/such/sudo"}), "", "/no/such/sudo"},
		{"own flags", "", with(ops, Become{Method: "sudo", User: "root", Flags: "-HSn", Password: "ops", HasPass: true}), "root", ""},
		{"doas with password", "#doas", with(ops, Become{Method: "doas", User: "root", Password: "ops", HasPass: true}), "root", ""},
		{"doas wrong password", "#doas", with(ops, Become{Method: "doas", User: "root", Password: "no", HasPass: true}), "", "Incorrect doas password"},
		{"doas missing password", "#doas", with(ops, Become{Method: "doas", User: "root"}), "", "Missing doas password"},
		{"doas without password", "#doas", with(h.root, Become{Method: "doas", User: "plain"}), "plain", ""},
		{"same user", "", with(ops, sudo("ops", "")), "ops", ""},
		{"method", "", with(ops, Become{Method: "pbrun", User: "root"}), "", `become method "pbrun" is not supported`},
		{"requiretty", "echo 'Defaults requiretty' >/etc/sudoers.d/tty", with(ops, Become{Method: "sudo", User: "root", Password: "ops", HasPass: true, Flags: "-S -H"}), "root", ""},
		{"requiretty, no password", "", with(h.root, Become{Method: "sudo", User: "plain", Flags: "-H -n"}), "plain", ""},
		{"nopasswd", "rm /etc/sudoers.d/tty; echo 'ops ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/zz", with(ops, sudo("root", "unused")), "root", ""},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			h.t = t
			if tc.prep == "#doas" && h.sh("command -v doas || true") == "" {
				t.Skip("no doas on the host")
			}
			if tc.prep != "" {
				h.sh(tc.prep)
			}
			if tc.name == "not in sudoers" {
				tc.target = h.ops()
				tc.target.User, tc.target.Password = "plain", "plainpw"
				tc.target.Become = sudo("root", "plainpw")
			}
			began := time.Now()
			got, err := h.whoami(h.o, tc.target)
			if tc.err == "" && (err != nil || got != tc.user) {
				t.Errorf("got %q, %v; want %q", got, err, tc.user)
			}
			if tc.err != "" {
				var be *remote.BecomeError
				if !errors.As(err, &be) || !strings.Contains(err.Error(), tc.err) {
					t.Errorf("got %T %v; want %q", err, err, tc.err)
				}
			}
			if d := time.Since(began); d > 8*time.Second {
				t.Errorf("took %s", d)
			} else {
				t.Logf("%s: %v", d, err)
			}
		})
	}
	h.t = t
	h.sh("rm -f /etc/sudoers.d/zz /etc/sudoers.d/tty")
	h.noLeftovers()
}

func TestLabRaw(t *testing.T) {
	h := lab(t)
	x := h.ops()
	x.Become = sudo("root", "ops")
	r, err := h.o.Raw(context.Background(), x, "id -un; echo err >&2; cat; exit 3", []byte("in"))
	if err != nil || r.RC != 3 || string(r.Stdout) != "root\nin" || string(r.Stderr) != "err\n" {
		t.Errorf("%+v %v", r, err)
	}
	for _, in := range []string{"in", "in\n", ""} {
		x.Become = Become{Method: "su", User: "root", Password: "rootpw", HasPass: true}
		r, err = h.o.Raw(context.Background(), x, "id -un; cat; exit 3", []byte(in))
		if err != nil || r.RC != 3 || strings.TrimSpace(string(r.Stdout)) != strings.TrimSpace("root\n"+in) {
			t.Errorf("su: %+v %v", r, err)
		}
	}
	x.Become = sudo("root", "no")
	if _, err = h.o.Raw(context.Background(), x, "id", nil); err == nil || err.Error() != "Incorrect sudo password" {
		t.Errorf("got %v", err)
	}
	h.noLeftovers()
}

func TestLabPlaces(t *testing.T) {
	h := lab(t)
	for _, tc := range []struct {
		name, prep, undo string
		target           Target
		err              string
	}{
		{"noexec", "for d in /tmp /var/tmp /dev/shm; do mount -t tmpfs -o noexec t $d; done; mkdir -p /root/.ansible/tmp; mount -t tmpfs -o noexec t /root/.ansible/tmp",
			"umount /tmp /var/tmp /dev/shm /root/.ansible/tmp", h.root, ""},
		{"noexec everywhere", "for d in /tmp /var/tmp /dev/shm; do mount -t tmpfs -o noexec t $d; done; mkdir -p /root/.ansible/tmp /root/.cache; mount -t tmpfs -o noexec t /root/.ansible/tmp; mount -t tmpfs -o noexec t /root/.cache",
			"umount /tmp /var/tmp /dev/shm /root/.ansible/tmp /root/.cache", h.root, "Set remote_tmp to a folder"},
		{"full", "mkdir -p /root/.ansible/tmp; mount -t tmpfs -o size=64k t /root/.ansible/tmp", "ls -A /root/.ansible/tmp; umount /root/.ansible/tmp", h.root, ""},
		{"noexec for another user", "rm -rf /var/tmp/.goplay*; for d in /tmp /var/tmp /dev/shm; do mount -t tmpfs -o noexec,mode=1777 t $d; done",
			"umount /tmp /var/tmp /dev/shm", func() Target { x := h.root; x.Become = sudo("plain", ""); return x }(), ""},
		{"damaged, same size", "f=$(ls /root/.ansible/tmp/goplay-remote-* /root/.cache/goplay-remote-* /*/tmp/.goplay-root/goplay-remote-* /*/.goplay-root/goplay-remote-* 2>/dev/null | head -1); dd if=/dev/zero of=$f bs=1 count=64 seek=4000000 conv=notrunc 2>/dev/null", "", h.root, ""},
		{"truncated", "f=$(ls /root/.ansible/tmp/goplay-remote-* /root/.cache/goplay-remote-* /*/tmp/.goplay-root/goplay-remote-* /*/.goplay-root/goplay-remote-* 2>/dev/null | head -1); truncate -s 1000000 $f", "", h.root, ""},
		{"empty", "f=$(ls /root/.ansible/tmp/goplay-remote-* /root/.cache/goplay-remote-* /*/tmp/.goplay-root/goplay-remote-* /*/.goplay-root/goplay-remote-* 2>/dev/null | head -1); : >$f", "", h.root, ""},
		{"planted", "rm -rf /root/.ansible /var/tmp/.goplay-root; install -d -o plain -g plain /var/tmp/.goplay-root; mkdir /root/.ansible; chmod 755 /root/.ansible; mount -t tmpfs -o ro t /root/.ansible",
			"umount /root/.ansible; rm -rf /var/tmp/.goplay-root", h.root, ""},
		{"noisy login", "echo 'echo hello; printf \"no newline\"' >/root/.bashrc.new; cp /root/.bashrc /root/.bashrc.old; cat /root/.bashrc.new >/root/.bashrc", "mv /root/.bashrc.old /root/.bashrc", h.root, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h.t = t
			h.sh(tc.prep)
			o := newOpener(t)
			got, err := h.whoami(o, tc.target)
			t.Logf("%s %v", got, err)
			switch {
			case tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)):
				t.Errorf("got %v", err)
			case tc.err == "" && err != nil:
				t.Error(err)
			}
			o.Close()
			if tc.undo != "" {
				time.Sleep(200 * time.Millisecond)
				t.Log(h.sh(tc.undo))
			}
			// Whatever happened, the next run finds its way.
			if _, err := h.whoami(newOpener(t), h.root); err != nil {
				t.Error(err)
			}
		})
	}
	h.t = t
	h.noLeftovers()
}

func TestLabDiskFull(t *testing.T) {
	h := lab(t)
	h.sh("mkdir -p /mnt/small; mount -t tmpfs -o size=1m t /mnt/small")
	s := mustOpen(t, h.o, h.root)
	err := s.PutFile(context.Background(), "/mnt/small/f", zeros{}, 64<<20, 0o600)
	if err == nil || !strings.Contains(err.Error(), "no space left on device") || remote.IsUnreachable(err) {
		t.Errorf("got %v", err)
	}
	if out := h.sh("ls -A /mnt/small; umount /mnt/small"); out != "" {
		t.Errorf("left over: %s", out)
	}
	h.noLeftovers()
}

// TestLabDeaf: a module that cannot be cancelled keeps neither the controller
// nor the helper.
func TestLabDeaf(t *testing.T) {
	h := lab(t)
	s := mustOpen(t, h.o, h.root)
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := s.Do(ctx, &remote.Request{Module: "deaf"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	s.Close()
	if d := time.Since(began); d > 12*time.Second {
		t.Errorf("took %s", d)
	}
	h.noLeftovers()
}

func TestLabKilled(t *testing.T) {
	h := lab(t)
	for _, b := range []Become{{}, sudo("plain", ""), {Method: "su", User: "plain"}} {
		x := h.root
		x.Become = b
		s := mustOpen(t, h.o, x)
		if _, err := s.TempDir(context.Background()); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 3)
		for range 3 {
			go func() {
				_, err := s.Do(context.Background(), &remote.Request{Module: "sh", Args: value.DictOf("cmd", "sleep 60")})
				done <- err
			}()
		}
		time.Sleep(200 * time.Millisecond)
		h.sh("pkill -9 -f as-remote-helper")
		for range 3 {
			select {
			case err := <-done:
				if !remote.IsUnreachable(err) {
					t.Errorf("%v: %v", b, err)
				}
				t.Log(err)
			case <-time.After(5 * time.Second):
				t.Fatalf("%v: no answer", b)
			}
		}
		if _, err := h.whoami(h.o, x); err != nil {
			t.Errorf("%v: open again: %v", b, err)
		}
	}
}
