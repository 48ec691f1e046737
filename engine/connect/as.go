package connect

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/remote/helper"
)

// asTransport runs everything as another user.
type asTransport struct {
	transport
	plan    *becomePlan
	timeout time.Duration
}

func (a *asTransport) loginUser() string { return a.plan.User }

func (a *asTransport) start(ctx context.Context, cmdline string, _ bool) (*process, error) {
	inner := "echo " + becameMark + "; " + cmdline
	p, conv, err := converse(ctx, a.transport, shCommand("exec "+a.plan.wrap(quote(inner))), a.plan, a.timeout)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, p.kill)
	defer stop()
	br := bufio.NewReader(p.out)
	for {
		var l string
		var err error = io.ErrUnexpectedEOF
		p.try(func() {
			s, e := br.ReadString('\n')
			l, err = s, e
		})
		if strings.Contains(l, becameMark) {
			break
		}
		if err != nil {
			p.in.Close()
			status, _, lost := p.wait()
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err := conv.verdict(); err != nil {
				return nil, err
			}
			if lost != "" {
				return nil, a.unreachable(lost, err)
			}
			if conv.needTTY && !a.plan.pty {
				a.plan.pty = true
				return a.start(ctx, cmdline, false)
			}
			if err := conv.result(status); err != nil {
				return nil, err
			}
			return nil, fmt.Errorf("%s ended early", a.plan.Exe)
		}
	}
	p.out = br
	return p, nil
}

func (a *asTransport) upload(ctx context.Context, dir, name string, b *helper.Build) error {
	if a.plan.pty {
		return fmt.Errorf("%s: a program cannot be sent through the terminal that %s needs", dir, a.plan.Method)
	}
	return uploadByCommand(ctx, a, dir, name, b)
}

// runCommand feeds a command its input and waits for its end.
func runCommand(ctx context.Context, p *process, stdin []byte) (stdout []byte, status int, lost string, err error) {
	stop := context.AfterFunc(ctx, p.kill)
	defer stop()
	go func() {
		p.in.Write(stdin)
		p.in.Close()
	}()
	if !p.try(func() { stdout, _ = io.ReadAll(p.out) }) {
		return nil, -1, "the command was ended", ctx.Err()
	}
	status, signal, lost := p.wait()
	if signal != "" {
		status = 128 // as a shell would say; the number of the signal is not told
	}
	return stdout, status, lost, ctx.Err()
}
