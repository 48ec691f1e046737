package connect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/remote/helper"
)

// Options is what an Opener needs from its program.
type Options struct {
	// Run runs modules in-process for local connections; module.Execute.
	Run remote.Runner
	// AskHostKey, when not nil, asks the user whether an unknown host key is
	// right, as ssh does on a terminal.
	AskHostKey func(question, fingerprint string) bool
	// Logf, when not nil, is told about connections (for -vvv).
	Logf func(host, format string, args ...any)
	// Builds, when not nil, replace the embedded helper programs.
	Builds []*helper.Build
	// Keep, when not zero, keeps connections open for the next run.
	Keep Keep
}

type opener struct {
	Options
	sessions shared[Target, *session]
	conns    shared[Target, *sshClient] // without become
	jumps    shared[string, *sshClient]
	known    khCache
	keys     keyring
	configs  configCache
	keeper   keeper

	mu     sync.Mutex
	extra  []extraClient
	closed bool
}

// extraClient is a further connection to a host that limits sessions.
type extraClient struct {
	key Target
	*sshClient
}

// New returns an Opener that keeps one connection per host and one session per
// host and identity.
func New(o Options) Opener { return &opener{Options: o} }

// session is an open session with what it rests on.
type session struct {
	remote.Session
	done <-chan struct{}
}

func (s *session) alive() bool {
	select {
	case <-s.done:
		return false
	default:
		return true
	}
}

func (c *sshClient) String() string {
	return fmt.Sprintf("%s@%s:%d", c.set.user(), c.set.hostName(), c.set.port())
}

func (o *opener) builds() []*helper.Build {
	if o.Builds != nil {
		return o.Builds
	}
	return helper.All()
}

var errOpenerClosed = errors.New("the connections are closed")

func (o *opener) logf(host, format string, args ...any) {
	if o.Logf != nil {
		o.Logf(host, format, args...)
	}
}

// Open implements Opener.
func (o *opener) Open(ctx context.Context, t Target) (remote.Session, error) {
	o.mu.Lock()
	closed := o.closed
	o.mu.Unlock()
	if closed {
		return nil, errOpenerClosed
	}
	s, err := o.sessions.get(ctx, t, func(ctx context.Context) (*session, error) { return o.open(ctx, t) })
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	closed = o.closed
	o.mu.Unlock()
	if closed { // while it was opened
		s.Close()
		return nil, errOpenerClosed
	}
	return s, nil
}

func (o *opener) open(ctx context.Context, t Target) (*session, error) {
	local, err := isLocal(t)
	if err != nil {
		return nil, err
	}
	if local {
		return o.openLocal(ctx, t)
	}
	var sess *session
	err = o.withTransport(ctx, t, func(tr *sshTransport) error {
		plan, err := planBecome(t.Become, tr.loginUser())
		if err != nil {
			return err
		}
		began := time.Now()
		c, err := o.startHelper(ctx, tr, t, plan)
		if err != nil {
			return err
		}
		h := c.Hello()
		o.logf(t.Name, "helper started as %s (pid %d) in %s", h.User, h.PID, time.Since(began).Round(time.Millisecond))
		sess = &session{Session: c, done: c.Done()}
		return nil
	})
	return sess, err
}

// withTransport runs f on the connection for t: on a further one where the host
// allows no more sessions on the first, and on a new one where the first turns
// out to have been lost.
func (o *opener) withTransport(ctx context.Context, t Target, f func(*sshTransport) error) error {
	fresh := false
	for range 3 {
		tr, reused, err := o.transport(ctx, t, fresh)
		if err != nil {
			return err
		}
		err = f(tr)
		switch {
		case err == nil || ctx.Err() != nil:
			return err
		case errors.Is(err, errSessions) && !fresh:
			fresh = true
		case errors.Is(err, errSessions):
			return tr.unreachable(err.Error(), err)
		case reused && remote.IsUnreachable(err) && tr.c.gone():
		default:
			return err
		}
	}
	return &remote.UnreachableError{Host: t.Name, Msg: viaSSH + "the connection is lost time and again"}
}

func isLocal(t Target) (bool, error) {
	switch t.Connection {
	case "local", "ansible.builtin.local":
		return true, nil
	case "", "ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh", "ansible.builtin.paramiko_ssh", "ansible.netcommon.libssh":
		return false, nil
	}
	return false, &remote.UnreachableError{Host: t.Name, Msg: fmt.Sprintf("connection type %q is not supported; the types are ssh and local", t.Connection)}
}

// openLocal runs modules in this process, or in a helper under the other user.
func (o *opener) openLocal(ctx context.Context, t Target) (*session, error) {
	tr := &localTransport{t.Name, t.Dir}
	plan, err := planBecome(t.Become, tr.loginUser())
	if err != nil {
		return nil, err
	}
	if plan == nil {
		d := remote.NewDirect(o.Run, remote.SelfCommand(), t.RemoteTmp)
		d.Dir = t.Dir
		return &session{Session: remote.Isolate(d)}, nil
	}
	c, err := o.startHelper(ctx, tr, t, plan)
	if err != nil {
		return nil, err
	}
	return &session{Session: c, done: c.Done()}, nil
}

// hostKey is t without what does not matter to the connection itself.
func hostKey(t Target) Target {
	t.Become = Become{}
	t.RemoteTmp = ""
	t.Shell = ""
	return t
}

// transport returns the SSH connection for t, a further one when fresh, and
// whether it was there before.
func (o *opener) transport(ctx context.Context, t Target, fresh bool) (tr *sshTransport, reused bool, err error) {
	reused = true
	dial := func(ctx context.Context) (*sshClient, error) {
		c, err := o.connect(ctx, t, fresh)
		reused = err == nil && c.earlier
		return c, err
	}
	var c *sshClient
	if fresh {
		if c, err = dial(ctx); err == nil {
			o.mu.Lock()
			o.extra = append(o.extra, extraClient{hostKey(t), c})
			o.mu.Unlock()
		}
	} else {
		c, err = o.conns.get(ctx, hostKey(t), dial)
	}
	if err != nil {
		return nil, false, err
	}
	return &sshTransport{name: t.Name, c: c}, reused, nil
}

// connect dials with retries; a login that was refused is not tried again. A
// further connection to a host (fresh) is not kept.
func (o *opener) connect(ctx context.Context, t Target, fresh bool) (*sshClient, error) {
	s, err := o.settingsFor(t)
	if err != nil {
		return nil, unreachable(t.Name, err.Error(), err)
	}
	for try := 0; ; try++ {
		began := time.Now()
		c, err := o.dialKept(ctx, t.Name, s, fresh, t.Password, t.KeyPassphrase)
		if err == nil {
			o.logf(t.Name, "connected to %s in %s", c, time.Since(began).Round(time.Millisecond))
			return c, nil
		}
		if try >= t.Retries || ctx.Err() != nil || !worthRetry(err) {
			return nil, err
		}
		pause := min(time.Second<<min(try, 5)-time.Second, 30*time.Second)
		o.logf(t.Name, "connection failed, trying again in %s: %s", pause, err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func worthRetry(err error) bool {
	text := err.Error()
	return remote.IsUnreachable(err) && !strings.Contains(text, verifyFailed) &&
		!strings.Contains(text, "Permission denied") && !strings.Contains(text, "Unable to negotiate")
}

// Reset implements Opener.
func (o *opener) Reset(t Target) error {
	same := func(k Target) bool { return k.Name == t.Name && k.Host == t.Host && k.Port == t.Port }
	closeAll(o.sessions.take(same))
	all := append(o.conns.take(same), o.takeExtra(same)...)
	for _, c := range all {
		if c.kept != nil {
			c.kept.Stop()
		}
		c.close("the connection was reset")
	}
	if len(all) == 0 {
		o.stopKept(t)
	}
	return nil
}

// takeExtra removes and returns the further connections that pick accepts.
func (o *opener) takeExtra(pick func(Target) bool) []*sshClient {
	o.mu.Lock()
	defer o.mu.Unlock()
	var l []*sshClient
	o.extra = slices.DeleteFunc(o.extra, func(e extraClient) bool {
		if !pick(e.key) {
			return false
		}
		l = append(l, e.sshClient)
		return true
	})
	return l
}

// Close implements Opener.
func (o *opener) Close() error {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	every := func(Target) bool { return true }
	closeAll(o.sessions.take(every))
	all := append(o.conns.take(every), o.takeExtra(every)...)
	all = append(all, o.jumps.take(func(string) bool { return true })...)
	for _, c := range all {
		c.close("the session is closed")
	}
	return nil
}

// closeAll ends sessions side by side: each waits for its helper.
func closeAll(l []*session) {
	var wg sync.WaitGroup
	for _, s := range l {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s.Close()
		}()
	}
	wg.Wait()
}
