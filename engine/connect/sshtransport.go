package connect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/remote/helper"
)

// sshTransport runs commands over one SSH connection.
type sshTransport struct {
	name string // inventory name
	c    *sshClient
}

func (t *sshTransport) loginUser() string { return t.c.set.user() }

func (t *sshTransport) unreachable(msg string, err error) error {
	return &remote.UnreachableError{Host: t.name, Msg: viaSSH + msg, Err: err}
}

// errSessions says that the host allows no further channel on a connection.
var errSessions = errors.New("the host allows no further session on a connection (MaxSessions)")

// openChannel opens a session channel. The library's Session would wait one
// more round trip for the answer to every request, so channels are used as
// they are.
func (t *sshTransport) openChannel(ctx context.Context) (ssh.Channel, <-chan *ssh.Request, error) {
	for _, pause := range []time.Duration{20, 50, 100, 200} {
		ch, reqs, err := t.tryChannel(ctx)
		// sshd counts a session for a moment after it was closed.
		if !errors.Is(err, errSessions) || time.Since(time.Unix(0, t.c.lastEnd.Load())) > time.Second {
			return ch, reqs, err
		}
		select {
		case <-time.After(pause * time.Millisecond):
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
	return t.tryChannel(ctx)
}

func (t *sshTransport) tryChannel(ctx context.Context) (ssh.Channel, <-chan *ssh.Request, error) {
	type opened struct {
		ch   ssh.Channel
		reqs <-chan *ssh.Request
		err  error
	}
	got := make(chan opened, 1)
	go func() {
		ch, reqs, err := t.c.OpenChannel("session", nil)
		got <- opened{ch, reqs, err}
	}()
	select {
	case o := <-got:
		if o.err != nil {
			var oe *ssh.OpenChannelError
			if errors.As(o.err, &oe) {
				return nil, nil, errSessions
			}
			return nil, nil, t.unreachable(t.c.reason(), o.err)
		}
		return o.ch, o.reqs, nil
	case <-ctx.Done():
		go func() {
			if o := <-got; o.err == nil {
				o.ch.Close()
			}
		}()
		return nil, nil, ctx.Err()
	}
}

func (t *sshTransport) start(ctx context.Context, cmdline string, pty bool) (*process, error) {
	ch, reqs, err := t.openChannel(ctx)
	if err != nil {
		return nil, err
	}
	var in io.WriteCloser = halfCloser{ch}
	if t.c.set.yes("forwardagent", false) && t.c.hasAgent {
		if t.c.kept == nil { // the keeper has seen to it
			t.c.fwd.Do(func() { agent.ForwardToAgent(t.c.Client, t.c.auth.agent.client) })
		}
		ch.SendRequest("auth-agent-req@openssh.com", false, nil)
	}
	for _, kv := range t.c.set.vals["setenv"] {
		for _, w := range configArgs(kv) {
			if k, v, ok := strings.Cut(w, "="); ok {
				ch.SendRequest("env", false, ssh.Marshal(struct{ Name, Value string }{k, v}))
			}
		}
	}
	for k, v := range t.c.set.sentEnv() {
		ch.SendRequest("env", false, ssh.Marshal(struct{ Name, Value string }{k, v}))
	}
	if pty {
		in = &ttyInput{w: halfCloser{ch}}
		ch.SendRequest("pty-req", false, ptyRequest())
	}
	if _, err := ch.SendRequest("exec", false, ssh.Marshal(struct{ Command string }{cmdline})); err != nil {
		ch.Close()
		return nil, t.unreachable(t.c.reason(), err)
	}
	p := &process{in: in, out: ch, stderr: &tail{}, killed: make(chan struct{})}
	ended := make(chan struct{})
	var once sync.Once
	p.kill = func() {
		once.Do(func() {
			close(p.killed)
			// The command itself may ignore that its input and output are gone.
			ch.SendRequest("signal", false, ssh.Marshal(struct{ Name string }{"TERM"}))
			ch.Close()
		})
	}
	var status int
	var signal string
	said := false
	go func() {
		defer close(ended)
		for r := range reqs {
			switch r.Type {
			case "exit-status":
				var m struct{ Status uint32 }
				if ssh.Unmarshal(r.Payload, &m) == nil {
					status, said = int(m.Status), true
				}
			case "exit-signal":
				var m struct {
					Signal     string
					Core       bool
					Error, Tag string
				}
				if ssh.Unmarshal(r.Payload, &m) == nil {
					signal, said = m.Signal, true
				}
			}
			if r.WantReply {
				r.Reply(false, nil)
			}
		}
	}()
	drained := make(chan struct{})
	go func() { copySmall(p.stderr, ch.Stderr()); close(drained) }()
	p.wait = func() (int, string, string) {
		select {
		case <-ended:
			<-drained
		case <-p.killed:
			// The host may keep the channel until the command is gone.
			select {
			case <-ended:
			case <-time.After(200 * time.Millisecond):
				return -1, "", "the command was ended"
			}
		}
		ch.Close()
		t.c.lastEnd.Store(time.Now().UnixNano())
		if !said {
			// A connection that broke closes its channels first.
			select {
			case <-t.c.closed:
			case <-time.After(200 * time.Millisecond):
			}
			return -1, "", t.c.reason()
		}
		return status, signal, ""
	}
	return p, nil
}

type halfCloser struct{ ssh.Channel }

func (h halfCloser) Close() error { return h.CloseWrite() }

// ptyRequest asks for a terminal that neither echoes nor changes line ends.
func ptyRequest() []byte {
	modes := []byte{}
	for _, m := range []struct {
		op byte
		v  uint32
	}{{ssh.ECHO, 0}, {ssh.OPOST, 0}, {ssh.ONLCR, 0}, {ssh.TTY_OP_ISPEED, 38400}, {ssh.TTY_OP_OSPEED, 38400}} {
		modes = append(modes, m.op, byte(m.v>>24), byte(m.v>>16), byte(m.v>>8), byte(m.v))
	}
	modes = append(modes, 0)
	return ssh.Marshal(struct {
		Term                      string
		Columns, Rows, Width, Hgt uint32
		Modes                     string
	}{"dumb", 80, 24, 0, 0, string(modes)})
}

// upload writes over SFTP with concurrent writes, or through a plain command
// where the host has no SFTP.
func (t *sshTransport) upload(ctx context.Context, dir, name string, b *helper.Build) error {
	ch, reqs, err := t.openChannel(ctx)
	if err != nil {
		return err
	}
	defer ch.Close()
	go ssh.DiscardRequests(reqs)
	stop := context.AfterFunc(ctx, func() { ch.Close() })
	defer stop()
	ok, err := ch.SendRequest("subsystem", true, ssh.Marshal(struct{ Name string }{"sftp"}))
	if err != nil {
		return t.unreachable(t.c.reason(), err)
	}
	if !ok {
		return uploadByCommand(ctx, t, dir, name, b)
	}
	cl, err := sftp.NewClientPipe(ch, ch, sftp.UseConcurrentWrites(true), sftp.MaxConcurrentRequestsPerFile(32))
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return uploadByCommand(ctx, t, dir, name, b)
	}
	defer cl.Close()
	// Each upload takes about a megabyte of buffers.
	select {
	case uploads <- struct{}{}:
		defer func() { <-uploads }()
	case <-ctx.Done():
		return ctx.Err()
	}
	src, err := b.Open()
	if err != nil {
		return err
	}
	defer src.Close()
	tmp := path.Join(dir, ".goplay-new-"+strconv.Itoa(os.Getpid())+"-"+strconv.FormatInt(time.Now().UnixNano(), 36))
	err = sftpWrite(cl, tmp, src, b.Size)
	if err == nil {
		err = cl.PosixRename(tmp, path.Join(dir, name))
	}
	if err != nil {
		// SFTP has no word for a full disk.
		if v, e := cl.StatVFS(dir); e == nil && v.Bavail*v.Frsize < uint64(b.Size) {
			err = fmt.Errorf("no space left on the device: %w", err)
		}
		cl.Remove(tmp)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	return nil
}

// uploads bounds how many helpers are sent at a time.
var uploads = make(chan struct{}, 32)

func sftpWrite(cl *sftp.Client, tmp string, src io.Reader, size int64) error {
	f, err := cl.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	n, err := f.ReadFromWithConcurrency(src, 32)
	if err == nil && n != size {
		err = fmt.Errorf("%d of %d bytes written", n, size)
	}
	if err == nil {
		err = f.Chmod(0o755)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	st, err := cl.Stat(tmp)
	if err == nil && st.Size() != size {
		err = fmt.Errorf("%d of %d bytes arrived", st.Size(), size)
	}
	return err
}
