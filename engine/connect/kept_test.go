//go:build unix

package connect

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/remote/remotetest"
)

// keptDir is a folder for sockets, whose paths must not be long.
func keptDir(t *testing.T) string {
	d, err := os.MkdirTemp("", "kept")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(d) })
	return d
}

// keptOpener is the opener of one run that keeps its connections.
func keptOpener(t *testing.T, dir string) *opener {
	o := newOpener(t)
	o.Keep = SelfKeep(dir)
	if o.Keep.Command == nil {
		t.Skip("connections are not kept on this system")
	}
	return o
}

// keptServer is a server behind something that counts connections.
func keptServer(t *testing.T, dir string, extra ...string) (*sshd, *lossyProxy, Target) {
	srv := startSSHD(t, extra...)
	p := newProxy(t, srv.port)
	tgt := srv.target()
	tgt.Port, tgt.HostKeyChecking = p.port, false
	t.Cleanup(func() { keptOpener(t, dir).Reset(tgt) })
	return srv, p, tgt
}

func wantDials(t *testing.T, p *lossyProxy, n int64) {
	t.Helper()
	if got := int64(p.dials.Load()); got != n {
		t.Errorf("%d connections, want %d", got, n)
	}
}

// The second run takes up the connection of the first, and all that goes over
// one goes over a kept one as well.
func TestKept(t *testing.T) {
	dir := keptDir(t)
	_, p, tgt := keptServer(t, dir)
	for run := range 2 {
		o := keptOpener(t, dir)
		if run == 0 {
			if err := echo(mustOpen(t, o, tgt)); err != nil {
				t.Fatal(err)
			}
			o.Close()
			continue
		}
		remotetest.Run(t, func(t *testing.T) remote.Session { return mustOpen(t, o, tgt) })
		r, err := o.Raw(context.Background(), tgt, "head -c 3000000 | wc -c; echo no >&2; exit 3", make([]byte, 3<<20))
		if err != nil || r.RC != 3 || strings.TrimSpace(string(r.Stdout)) != "3000000" || string(r.Stderr) != "no\n" {
			t.Fatalf("%+v %v", r, err)
		}
		o.Close()
	}
	wantDials(t, p, 1)
	for _, f := range globbed(t, dir) {
		if st, err := os.Lstat(f); err != nil || st.Mode()&os.ModeSymlink == 0 && st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", f, st.Mode(), err)
		}
	}
	// Who logs in with something else gets a connection of its own.
	tgt.Password = "other"
	if err := echo(mustOpen(t, keptOpener(t, dir), tgt)); err != nil {
		t.Error(err)
	}
	wantDials(t, p, 2)
	// A reset closes the connection, also one that this run has not used.
	keptOpener(t, dir).Reset(tgt)
	mustOpen(t, keptOpener(t, dir), tgt)
	wantDials(t, p, 3)
}

func globbed(t *testing.T, dir string) []string {
	l, err := filepath.Glob(dir + "/*")
	if err != nil || len(l) == 0 {
		t.Fatal(l, err)
	}
	return l
}

// The keeper holds none of the files that the program has from its caller.
func TestKeptFiles(t *testing.T) {
	dir := keptDir(t)
	_, _, tgt := keptServer(t, dir)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := unix.FcntlInt(w.Fd(), unix.F_SETFD, 0); err != nil { // as a shell hands it on
		t.Fatal(err)
	}
	if _, err := keptOpener(t, dir).connect(context.Background(), tgt, false); err != nil {
		t.Fatal(err)
	}
	w.Close()
	ended := make(chan error, 1)
	go func() { _, err := r.Read(make([]byte, 1)); ended <- err }()
	select {
	case err := <-ended:
		if err != io.EOF {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Error("the keeper holds the pipe")
	}
}

// Nothing is kept where the user has not asked for it, or where others could
// put a socket into the folder.
func TestNotKept(t *testing.T) {
	dir := keptDir(t)
	srv, p, tgt := keptServer(t, dir)
	open := t.TempDir()
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	n := int64(0)
	for _, c := range []struct{ dir, args string }{
		{dir, ""},
		{dir, "-o ControlMaster=auto"},
		{dir, "-o ControlMaster=no -o ControlPersist=60s"},
		{dir, "-o ControlMaster=auto -o ControlPersist=no"},
		{dir, "-o ControlMaster=auto -o ControlPersist=60s -o ControlPath=none"},
		{open, "-o ControlMaster=auto -o ControlPersist=60s"},
		{"/proc/none", "-o ControlMaster=auto -o ControlPersist=60s"},
		{dir + strings.Repeat("/long", 30), "-o ControlMaster=auto -o ControlPersist=60s"},
	} {
		x := tgt
		x.CommonArgs = c.args + " -F none -o UserKnownHostsFile=" + srv.known
		for range 2 {
			o := keptOpener(t, c.dir)
			if err := echo(mustOpen(t, o, x)); err != nil {
				t.Errorf("%v: %v", c, err)
			}
			o.Close()
			n++
		}
		wantDials(t, p, n)
	}
}

// The keeper tells what the run itself would have been told.
func TestKeptErrors(t *testing.T) {
	dir := keptDir(t)
	srv, _, tgt := keptServer(t, dir)
	strict := tgt
	strict.HostKeyChecking = true
	for _, c := range []Target{strict, func() Target { x := tgt; x.KeyFile = srv.dir + "/none"; return x }(),
		func() Target { x := tgt; x.Port = 1; return x }(), func() Target { x := tgt; x.Password, x.KeyFile = "wrong", "none"; return x }()} {
		_, err := newOpener(t).Open(context.Background(), c)
		_, kept := keptOpener(t, dir).Open(context.Background(), c)
		var a, b *remote.UnreachableError
		if !errors.As(err, &a) || !errors.As(kept, &b) || a.Msg != b.Msg || a.Host != b.Host {
			t.Errorf("got %v\nwant %v", kept, err)
		}
	}
	kh := t.TempDir() + "/kh"
	strict.CommonArgs = strings.Replace(tgt.CommonArgs, srv.known, kh, 1)
	for _, answer := range []bool{false, true} {
		asked := ""
		o := keptOpener(t, dir)
		o.AskHostKey = func(q, _ string) bool { asked = q; return answer }
		_, err := o.connect(context.Background(), strict, false)
		if (err == nil) != answer || !strings.Contains(asked, "SHA256:") {
			t.Errorf("answered %v to %q: %v", answer, asked, err)
		}
		o.Reset(strict)
	}
	if !strings.Contains(read(t, kh), fmt.Sprintf("[127.0.0.1]:%d ssh-ed25519", strict.Port)) {
		t.Error(read(t, kh))
	}
}

func TestKeptAgent(t *testing.T) {
	if _, err := exec.LookPath("ssh-add"); err != nil {
		t.Skip("no ssh-add")
	}
	dir := keptDir(t)
	_, p, tgt := keptServer(t, dir)
	_, priv, _ := ed25519.GenerateKey(rand.Reader)
	t.Setenv("SSH_AUTH_SOCK", startAgent(t, &priv))
	tgt.CommonArgs += " -o ForwardAgent=yes"
	for range 2 {
		o := keptOpener(t, dir)
		r, err := o.Raw(context.Background(), tgt, "ssh-add -l", nil)
		if err != nil || !strings.Contains(string(r.Stdout), "ED25519") {
			t.Errorf("%v %+v", err, r)
		}
		o.Close()
	}
	wantDials(t, p, 1)
	keptOpener(t, dir).Reset(tgt)
}

// A connection that broke meanwhile is noticed, and one that nobody uses ends.
func TestKeptEnds(t *testing.T) {
	dir := keptDir(t)
	_, p, tgt := keptServer(t, dir)
	o := keptOpener(t, dir)
	mustOpen(t, o, tgt)
	o.Close()
	p.cut()
	if err := echo(mustOpen(t, keptOpener(t, dir), tgt)); err != nil {
		t.Error(err)
	}
	wantDials(t, p, 2)
	keptOpener(t, dir).Reset(tgt)

	tgt.CommonArgs = strings.Replace(tgt.CommonArgs, "ControlPersist=60s", "ControlPersist=1", 1)
	o = keptOpener(t, dir)
	mustOpen(t, o, tgt)
	o.Close()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if l, _ := filepath.Glob(dir + "/*"); len(l) == 0 {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("still there: %q", l)
		}
	}
}

// A command that does not read its input holds nobody up.
func TestKeptBlocked(t *testing.T) {
	dir := keptDir(t)
	_, p, tgt := keptServer(t, dir)
	o := keptOpener(t, dir)
	mark := filepath.Join(t.TempDir(), "mark")
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(mark); err == nil {
				cancel()
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	_, err := o.Raw(ctx, tgt, "echo >"+mark+"; exec sleep 20", make([]byte, 32<<20))
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := echo(mustOpen(t, o, tgt)); err != nil {
		t.Error(err)
	}
	wantDials(t, p, 1)
}
