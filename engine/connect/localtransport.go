package connect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/remote/helper"
)

// localTransport runs commands on the controller itself.
type localTransport struct{ name, dir string }

func (t *localTransport) loginUser() string { return localUser() }

func (t *localTransport) unreachable(msg string, err error) error {
	return &remote.UnreachableError{Host: t.name, Msg: msg, Err: err}
}

func (t *localTransport) start(ctx context.Context, cmdline string, pty bool) (*process, error) {
	cmd := exec.Command("/bin/sh", "-c", cmdline)
	cmd.Dir = t.dir
	p := &process{stderr: &tail{}, killed: make(chan struct{})}
	ownGroup(cmd)
	if pty {
		master, err := startPTY(cmd)
		if err != nil {
			return nil, t.unreachable(fmt.Sprintf("no terminal for the become program: %s", err), err)
		}
		p.in, p.out = &ttyInput{w: keepOpen{master}}, master
	} else {
		in, err := cmd.StdinPipe()
		if err != nil {
			return nil, err
		}
		// Own pipes: Wait must not close them while they are read.
		or, ow, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		cmd.Stdout, cmd.Stderr = ow, p.stderr
		err = cmd.Start()
		ow.Close()
		if err != nil {
			or.Close()
			return nil, t.unreachable(errText(err), err)
		}
		p.in, p.out = in, or
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait()
		close(ended)
	}()
	out, _ := p.out.(io.Closer) // others put readers of theirs around it
	var once sync.Once
	p.kill = func() {
		once.Do(func() {
			close(p.killed)
			// A sudo of root cannot be signalled; without its input it ends too.
			p.in.Close()
			killGroup(cmd.Process)
		})
	}
	p.wait = func() (int, string, string) {
		defer out.Close()
		select {
		case <-ended:
		case <-p.killed:
			select {
			case <-ended:
			case <-time.After(2 * time.Second):
				return -1, "", "the command was ended"
			}
		}
		code := remote.ExitCode(cmd.ProcessState)
		if code < 0 {
			return 0, fmt.Sprint(-code), ""
		}
		return code, "", ""
	}
	return p, nil
}

// keepOpen is the input side of a terminal, whose one descriptor also carries
// the output.
type keepOpen struct{ *os.File }

// Close does nothing; sessions on a terminal end by a message.
func (k keepOpen) Close() error { return nil }

func (t *localTransport) upload(_ context.Context, dir, name string, b *helper.Build) (err error) {
	src, err := b.Open()
	if err != nil {
		return err
	}
	defer src.Close()
	f, err := os.CreateTemp(dir, ".goplay-new-")
	if err != nil {
		return err
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	n, err := io.Copy(f, src)
	if err != nil {
		return err
	}
	if n != b.Size {
		return errors.New("the helper is damaged")
	}
	if err := f.Chmod(0o755); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(dir, name))
}
