package connect

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
)

func echo(s remote.Session) error {
	c, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	_, err := s.Do(c, &remote.Request{Module: "echo"})
	return err
}

func hasPrograms(names ...string) bool {
	for _, n := range names {
		if _, err := os.Stat(n); err != nil {
			return false
		}
	}
	return true
}

// TestRoundTrips counts what crosses the line, by way of a slow line.
func TestRoundTrips(t *testing.T) {
	srv := startSSHD(t)
	p := newProxy(t, srv.port)
	tgt := srv.target()
	tgt.Port = p.port
	tgt.HostKeyChecking = false
	mustOpen(t, newOpener(t), tgt)               // the helper is cached now
	p.delay.Store(int64(100 * time.Millisecond)) // what is sent together travels together
	connecting, starting, request := int64(99), int64(99), int64(99)
	// A busy machine may tear apart what is sent together, so the least of a few counts.
	for range 10 {
		c, d, r := countOpen(t, p, tgt)
		connecting, starting, request = min(connecting, c), min(starting, d), min(request, r)
		if starting <= 2 && request <= 1 {
			break
		}
	}
	t.Logf("connecting %d, starting the cached helper %d, a request %d round trips", connecting, starting, request)
	if request > 1 || starting > 2 {
		t.Error("more round trips than there should be")
	}
}

// countOpen counts the round trips to connect, to start a helper and of one request.
func countOpen(t *testing.T, p *lossyProxy, tgt Target) (connect, start, request int64) {
	t.Helper()
	o := newOpener(t)
	defer o.Close()
	began := p.atController.Load()
	if _, _, err := o.transport(context.Background(), tgt, false); err != nil {
		t.Fatal(err)
	}
	connected := p.atController.Load()
	s := mustOpen(t, o, tgt)
	opened := p.atController.Load()
	if err := echo(s); err != nil {
		t.Fatal(err)
	}
	return connected - began, opened - connected, p.atController.Load() - opened
}

func TestSharedConnection(t *testing.T) {
	srv := startSSHD(t)
	p := newProxy(t, srv.port)
	tgt := srv.target()
	tgt.Port, tgt.HostKeyChecking = p.port, false
	o := newOpener(t)
	done := make(chan error, 40)
	for i := range 40 {
		go func() {
			x := tgt
			x.RemoteTmp = fmt.Sprintf("%s/tmp%d", srv.dir, i%2)
			s, err := o.Open(context.Background(), x)
			if err == nil {
				err = echo(s)
			}
			done <- err
		}()
	}
	for range 40 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := p.dials.Load(); n != 1 {
		t.Errorf("%d connections for two sessions", n)
	}
}

func TestMaxSessions(t *testing.T) {
	srv := startSSHD(t, "MaxSessions 1")
	o := newOpener(t)
	s := mustOpen(t, o, srv.target())
	r, err := o.Raw(context.Background(), srv.target(), "echo $0 x", nil)
	if err != nil || !strings.HasSuffix(string(r.Stdout), "x\n") {
		t.Errorf("raw beside a session: %+v %v", r, err)
	}
	if err := echo(s); err != nil {
		t.Error(err)
	}
}

func TestNoSessions(t *testing.T) {
	srv := startSSHD(t, "MaxSessions 0")
	_, err := newOpener(t).Open(context.Background(), srv.target())
	if !remote.IsUnreachable(err) {
		t.Errorf("got %v", err)
	}
	t.Log(err)
}

func TestNoSFTP(t *testing.T) {
	for _, sub := range []string{"Subsystem sftp /bin/false", "Subsystem other /bin/false"} {
		srv := startSSHD(t, sub)
		if err := echo(mustOpen(t, newOpener(t), srv.target())); err != nil {
			t.Errorf("%s: %v", sub, err)
		}
	}
}

func TestForcedCommand(t *testing.T) {
	srv := startSSHD(t, "ForceCommand echo This account is for file transfer only.")
	_, err := newOpener(t).Open(context.Background(), srv.target())
	if !remote.IsUnreachable(err) || !strings.Contains(err.Error(), "This account is for file transfer only.") {
		t.Errorf("got %v", err)
	}
}

func TestLostConnection(t *testing.T) {
	srv := startSSHD(t)
	for _, tc := range []struct {
		name, want string
		args       string
		lose       func(p *lossyProxy)
	}{
		{"cut", "closed by remote host", "", func(p *lossyProxy) { p.cut() }},
		{"silent", "Timeout, server 127.0.0.1 not responding.", " -o ServerAliveInterval=1 -o ServerAliveCountMax=2", func(p *lossyProxy) { p.hang.Store(true) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := newProxy(t, srv.port)
			tgt := srv.target()
			tgt.Port, tgt.HostKeyChecking = p.port, false
			tgt.CommonArgs += tc.args
			o := newOpener(t)
			s := mustOpen(t, o, tgt)
			mark := t.TempDir() + "/pids"
			done := make(chan error, 20)
			go func() {
				_, err := s.Do(context.Background(), &remote.Request{Module: "sh", Args: value.DictOf("cmd", "echo $$ >"+mark+"; sleep 60")})
				done <- err
			}()
			for range 9 {
				go func() {
					_, err := s.Do(context.Background(), &remote.Request{Module: "sleep", Args: value.DictOf("for", "60s")})
					done <- err
				}()
			}
			go func() { done <- s.PutFile(context.Background(), t.TempDir()+"/f", zeros{}, 1<<40, 0o600) }()
			go func() { done <- s.GetFile(context.Background(), "/dev/zero", discard{}) }()
			for range 6000 {
				if _, err := os.Stat(mark); err == nil {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			time.Sleep(200 * time.Millisecond)
			began := time.Now()
			tc.lose(p)
			for range 12 {
				select {
				case err := <-done:
					if !remote.IsUnreachable(err) || !strings.Contains(err.Error(), tc.want) || !strings.HasPrefix(err.Error(), viaSSH) {
						t.Errorf("got %v", err)
					}
				case <-time.After(time.Minute):
					t.Fatal("a request hangs")
				}
			}
			t.Logf("all ended after %s", time.Since(began).Round(time.Millisecond))
			if tc.name == "silent" {
				p.cut() // now the host sees the end, too
			}
			pid, _ := os.ReadFile(mark)
			for i := 0; ; i++ {
				if !hasPrograms("/proc/" + strings.TrimSpace(string(pid)) + "/exe") {
					break
				}
				if i > 6000 {
					t.Fatalf("process %s is left over", pid)
				}
				time.Sleep(10 * time.Millisecond)
			}
			p.hang.Store(false)
			if err := echo(mustOpen(t, o, tgt)); err != nil {
				t.Errorf("after the loss: %v", err)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func TestReset(t *testing.T) {
	srv := startSSHD(t)
	p := newProxy(t, srv.port)
	tgt := srv.target()
	tgt.Port, tgt.HostKeyChecking = p.port, false
	o := newOpener(t)
	s := mustOpen(t, o, tgt)
	o.Reset(tgt)
	if err := echo(s); err == nil {
		t.Error("the old session lives on")
	}
	if err := echo(mustOpen(t, o, tgt)); err != nil {
		t.Error(err)
	}
	if n := p.dials.Load(); n != 2 {
		t.Errorf("%d connections", n)
	}
}

func TestOpenCancelled(t *testing.T) {
	srv := startSSHD(t)
	p := newProxy(t, srv.port)
	tgt := srv.target()
	tgt.Port, tgt.HostKeyChecking = p.port, false
	for _, d := range []time.Duration{0, 20, 60, 150} {
		p.delay.Store(int64(50 * time.Millisecond))
		ctx, cancel := context.WithTimeout(context.Background(), d*time.Millisecond)
		began := time.Now()
		_, err := newOpener(t).Open(ctx, tgt)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %d ms: %v", d, err)
		}
		if e := time.Since(began); e > d*time.Millisecond+20*time.Second {
			t.Errorf("cancelling took %s", e)
		}
	}
}

func TestEnvironment(t *testing.T) {
	srv := startSSHD(t, "AcceptEnv LC_* GREETING")
	t.Setenv("LC_TEST", "C.x")
	t.Setenv("LC_OTHER", "no")
	tgt := srv.target()
	tgt.CommonArgs += ` -o "SendEnv=LC_* -LC_OTHER" -o "SetEnv=GREETING=hi"`
	r, err := newOpener(t).Raw(context.Background(), tgt, "echo $LC_TEST,$LC_OTHER,$GREETING", nil)
	if err != nil || string(r.Stdout) != "C.x,,hi\n" {
		t.Errorf("%+v %v", r, err)
	}
}

func TestRawLocalAndSSH(t *testing.T) {
	srv := startSSHD(t)
	o := newOpener(t)
	for _, tgt := range []Target{srv.target(), {Name: "localhost", Connection: "local"}} {
		r, err := o.Raw(context.Background(), tgt, "cat; echo err >&2; exit 5", []byte("in\n"))
		if err != nil || r.RC != 5 || string(r.Stdout) != "in\n" || string(r.Stderr) != "err\n" {
			t.Errorf("%s: %+v %v", tgt.Connection, r, err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		began := time.Now()
		if _, err = o.Raw(ctx, tgt, "sleep 30", nil); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 20*time.Second {
			t.Errorf("%s: %v after %s", tgt.Connection, err, time.Since(began))
		}
		cancel()
	}
}
