package connect

import (
	"bytes"
	"context"
	"io"
	"sync"
	"time"

	"github.com/goplay-engine/goplay/engine/remote/helper"
)

// transport runs command lines on a host through its login shell and puts
// files there; ssh and local are the two.
type transport interface {
	// start runs cmdline; with pty it gets a terminal, and standard error
	// joins standard output.
	start(ctx context.Context, cmdline string, pty bool) (*process, error)
	// upload writes a helper build into dir under the name given, whole or
	// not at all.
	upload(ctx context.Context, dir, name string, b *helper.Build) error
	// loginUser is who runs the command lines.
	loginUser() string
	// unreachable turns a failure into the error a task reports: Ansible's text for
	// an unreachable host.
	unreachable(msg string, err error) error
}

// process is a command under way on a host.
type process struct {
	in     io.WriteCloser
	out    io.Reader
	stderr *tail // filled by the transport until the process ends
	// wait blocks until the command has ended: its exit status, or the
	// reason why none came.
	wait func() (status int, signal string, lost string)
	// kill ends the command; killed is closed then. The host may keep the
	// channel open all the same, so whoever reads from it uses try.
	kill   func()
	killed chan struct{}
}

// try runs f, which reads from the process, and reports whether it returned;
// false means that the process was killed and f is left to itself.
func (p *process) try(f func()) bool {
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
		return true
	case <-p.killed:
	}
	select {
	case <-done:
		return true
	case <-time.After(200 * time.Millisecond):
		return false
	}
}

// ttyInput is the input of a command on a terminal, where the end is a
// character, and twice so in the middle of a line.
type ttyInput struct {
	w    io.WriteCloser
	mid  bool
	once sync.Once
}

func (i *ttyInput) Write(p []byte) (int, error) {
	if len(p) > 0 {
		i.mid = p[len(p)-1] != '\n'
	}
	return i.w.Write(p)
}

// Close marks the end.
func (i *ttyInput) Close() error {
	i.once.Do(func() {
		mark := []byte{4}
		if i.mid {
			mark = []byte{4, 4}
		}
		i.w.Write(mark)
	})
	return i.w.Close()
}

// tail keeps the last few KB written to it and shows them to watch.
type tail struct {
	mu    sync.Mutex
	b     []byte
	watch func([]byte)
	all   *bytes.Buffer
}

const tailMax = 4096

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	t.b = append(t.b, p...)
	if len(t.b) > tailMax {
		t.b = append(t.b[:0], t.b[len(t.b)-tailMax:]...)
	}
	if t.all != nil {
		t.all.Write(p)
	}
	w := t.watch
	t.mu.Unlock()
	if w != nil {
		w(p)
	}
	return len(p), nil
}

// setWatch has f see what was written so far and all that follows, nil stops.
func (t *tail) setWatch(f func([]byte)) {
	t.mu.Lock()
	t.watch = f
	seen := bytes.Clone(t.b)
	t.mu.Unlock()
	if f != nil && len(seen) > 0 {
		f(seen)
	}
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}

// copySmall copies with a small buffer: there is one per connection.
func copySmall(dst io.Writer, src io.Reader) {
	b := make([]byte, 512)
	for {
		n, err := src.Read(b)
		if n > 0 {
			dst.Write(b[:n])
		}
		if err != nil {
			return
		}
	}
}

// collect has everything the tail holds and gets written to b. It is read
// after the process has ended.
func (t *tail) collect(b *bytes.Buffer) {
	t.mu.Lock()
	t.all = b
	b.Write(t.b)
	t.mu.Unlock()
}
