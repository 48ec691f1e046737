package connect

import (
	"bytes"
	"context"
	"errors"

	"github.com/goplay-engine/goplay/engine/remote"
)

// Raw implements Opener.
func (o *opener) Raw(ctx context.Context, t Target, cmdline string, stdin []byte) (*remote.ExecResult, error) {
	local, err := isLocal(t)
	if err != nil {
		return nil, err
	}
	if local {
		return o.raw(ctx, &localTransport{name: t.Name}, t, cmdline, stdin)
	}
	for fresh := false; ; fresh = true {
		tr, err := o.transport(ctx, t, fresh)
		if err != nil {
			return nil, err
		}
		r, err := o.raw(ctx, tr, t, cmdline, stdin)
		if errors.Is(err, errSessions) && !fresh {
			continue
		}
		return r, err
	}
}

func (o *opener) raw(ctx context.Context, tr transport, t Target, cmdline string, stdin []byte) (*remote.ExecResult, error) {
	plan, err := planBecome(t.Become, tr.loginUser())
	if err != nil {
		return nil, err
	}
	if plan != nil {
		tr = &asTransport{transport: tr, plan: plan, timeout: max(becomeTimeout, t.Timeout)}
	}
	p, err := tr.start(ctx, cmdline, false)
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	p.stderr.collect(&stderr)
	out, rc, lost, err := runCommand(ctx, p, stdin)
	if err != nil {
		return nil, err
	}
	if lost != "" {
		return nil, tr.unreachable(lost, nil)
	}
	errs := stderr.Bytes()
	if plan != nil && plan.prompt != "" {
		errs = bytes.TrimPrefix(bytes.Replace(errs, []byte(plan.prompt), nil, 1), []byte("\n"))
	}
	return &remote.ExecResult{RC: rc, Stdout: out, Stderr: errs}, nil
}
