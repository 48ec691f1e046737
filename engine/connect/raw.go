package connect

import (
	"bytes"
	"context"

	"github.com/goplay-engine/goplay/engine/remote"
)

// Raw implements Opener.
func (o *opener) Raw(ctx context.Context, t Target, cmdline string, stdin []byte) (*remote.ExecResult, error) {
	local, err := isLocal(t)
	if err != nil {
		return nil, err
	}
	if local {
		r, _, err := o.raw(ctx, &localTransport{t.Name, t.Dir}, t, cmdline, stdin)
		return r, err
	}
	var r *remote.ExecResult
	var rerr error
	err = o.withTransport(ctx, t, func(tr *sshTransport) error {
		var begun bool
		if r, begun, rerr = o.raw(ctx, tr, t, cmdline, stdin); begun {
			return nil // a command is never run twice
		}
		return rerr
	})
	if err == nil {
		err = rerr
	}
	return r, err
}

// raw runs one command line; begun says whether it may have been started.
func (o *opener) raw(ctx context.Context, tr transport, t Target, cmdline string, stdin []byte) (r *remote.ExecResult, begun bool, err error) {
	plan, err := planBecome(t.Become, tr.loginUser())
	if err != nil {
		return nil, false, err
	}
	if plan != nil {
		tr = &asTransport{transport: tr, plan: plan, timeout: max(becomeTimeout, t.Timeout)}
	}
	p, err := tr.start(ctx, cmdline, false)
	if err != nil {
		return nil, false, err
	}
	var stderr bytes.Buffer
	p.stderr.collect(&stderr)
	out, rc, lost, err := runCommand(ctx, p, stdin)
	if err != nil {
		return nil, true, err
	}
	if lost != "" {
		return nil, true, tr.unreachable(lost, nil)
	}
	errs := stderr.Bytes()
	if plan != nil && plan.prompt != "" {
		errs = bytes.TrimPrefix(bytes.Replace(errs, []byte(plan.prompt), nil, 1), []byte("\n"))
	}
	return &remote.ExecResult{RC: rc, Stdout: out, Stderr: errs}, true, nil
}
