package connect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/remote/helper"
)

// How long starting may take: the helper itself, and a become program before
// it lets the command run (more where the connection timeout is longer).
const (
	startTimeout  = 60 * time.Second
	becomeTimeout = 12 * time.Second
)

// starter gets a helper running on one host under one identity.
type starter struct {
	t      transport
	tgt    Target
	plan   *becomePlan
	builds []*helper.Build
	bad    []string // folders that proved unusable
	tried  map[string]error
}

// startHelper starts a helper, sending it first where it is missing.
func (o *opener) startHelper(ctx context.Context, t transport, tgt Target, plan *becomePlan) (*remote.Client, error) {
	s := &starter{t: t, tgt: tgt, plan: plan, builds: o.builds(), tried: map[string]error{}}
	if len(s.builds) == 0 {
		return nil, t.unreachable("this goplay carries no helper builds", nil)
	}
	own := &place{t: t, user: t.loginUser(), plan: plan, shared: plan != nil && plan.User != "root"}
	c, err := s.from(ctx, own)
	var un *unusable
	if err == nil || plan == nil || !errors.As(err, &un) {
		return c, s.final(err)
	}
	// The other user cannot run what the login user can provide: send the
	// helper once more, as that user.
	as := &asTransport{transport: t, plan: plan, timeout: s.becomeTimeout()}
	c, err = s.from(ctx, &place{t: as, user: plan.User})
	return c, s.final(err)
}

// final words the failure to place a helper anywhere.
func (s *starter) final(err error) error {
	var un *unusable
	if errors.As(err, &un) {
		return s.t.unreachable(un.Error(), err)
	}
	return err
}

// unusable says that no folder could take a helper that runs.
type unusable struct{ why []string }

func (u *unusable) Error() string {
	return "no folder on the host can hold the helper program: " + strings.Join(u.why, "; ") +
		". Set remote_tmp to a folder that can be written and is not mounted noexec"
}

// place is where helpers are looked for and put.
type place struct {
	t      transport
	user   string
	plan   *becomePlan // applied to the helper's start; nil when t itself becomes
	shared bool
}

func (s *starter) from(ctx context.Context, pl *place) (*remote.Client, error) {
	script := &startScript{builds: s.builds, tmp: s.tgt.RemoteTmp, login: pl.user, shared: pl.shared, plan: pl.plan}
	un := &unusable{}
	used := map[string]bool{}
	for range 16 {
		script.skip = s.bad
		a := s.attempt(ctx, pl, shCommand(script.String()), script.verbose)
		if a.silent && !script.verbose {
			script.verbose = true
			continue
		}
		if a.err == nil {
			return a.client, nil
		}
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case a.used != "":
			// It was there, yet did not run: damaged, or for another machine.
			un.why = append(un.why, fmt.Sprintf("%s did not start (%s)", a.used, a.err))
			dir := path.Dir(a.used)
			if used[dir] {
				s.bad = append(s.bad, dir)
			}
			used[dir] = true
			if err := s.command(ctx, pl, "rm -f "+quote(a.used)); err != nil {
				return nil, err
			}
			continue
		case a.machine == "":
			return nil, a.err
		}
		b, err := helper.ForUname(s.builds, a.system, a.machine)
		if err != nil {
			return nil, s.t.unreachable(fmt.Sprintf("goplay has no helper program for %s on %s; only the raw module works there", a.system, a.machine), err)
		}
		if a.dir == "" {
			if len(un.why) == 0 {
				un.why = append(un.why, "none of the usual ones can be written and executed from")
			}
			return nil, un
		}
		if err := s.place(ctx, pl, a.dir, b, un); err != nil {
			return nil, err
		}
		used[a.dir] = true // what does not start now never will
	}
	return nil, un
}

// place uploads b into dir. A folder that does not take it is noted as bad, so
// that the script offers the next one.
func (s *starter) place(ctx context.Context, pl *place, dir string, b *helper.Build, un *unusable) error {
	err := errors.New("it did not start from there before")
	if !slices.Contains(s.bad, dir) {
		if err = pl.t.upload(ctx, dir, cacheName(b), b); err == nil {
			return nil
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var be *remote.BecomeError
	if remote.IsUnreachable(err) || errors.As(err, &be) || errors.Is(err, errSessions) {
		return err
	}
	s.bad = append(s.bad, dir)
	un.why = append(un.why, fmt.Sprintf("%s: %s", dir, err))
	return s.command(ctx, pl, "rmdir "+quote(dir)+" 2>/dev/null")
}

func (s *starter) command(ctx context.Context, pl *place, line string) error {
	p, err := pl.t.start(ctx, line, false)
	if err != nil {
		return err
	}
	p.in.Close()
	io.Copy(io.Discard, p.out)
	p.wait()
	return nil
}

// attempt is one run of the start script.
type attempt struct {
	verbose         bool // the script was told to say what it does
	silent          bool // it failed without saying what it did
	client          *remote.Client
	err             error
	system, machine string
	dir             string // that can take a helper
	used            string
}

func (a *attempt) line(l string) error {
	// Login scripts may have left their line unfinished.
	if i := strings.Index(l, "GOPLAY-"); i >= 0 {
		w := strings.Fields(l[i:])
		switch {
		case len(w) == 3 && w[0] == "GOPLAY-MISSING":
			a.system, a.machine = w[1], w[2]
		case len(w) >= 2 && w[0] == "GOPLAY-DIR":
			a.dir = strings.TrimSpace(l[i+len("GOPLAY-DIR "):])
		case len(w) >= 2 && w[0] == "GOPLAY-USE":
			a.used = strings.TrimSpace(l[i+len("GOPLAY-USE "):])
		}
	}
	return nil
}

func (s *starter) becomeTimeout() time.Duration {
	return max(becomeTimeout, s.tgt.Timeout+2*time.Second)
}

// attempt runs the start script and waits for the helper's greeting.
func (s *starter) attempt(ctx context.Context, pl *place, line string, verbose bool) *attempt {
	a := &attempt{verbose: verbose}
	p, conv, err := converse(ctx, pl.t, line, pl.plan, s.becomeTimeout())
	if err != nil {
		a.err = err
		return a
	}
	stop := context.AfterFunc(ctx, p.kill)
	slow := time.AfterFunc(startTimeout, p.kill)
	pipe := remote.Pipe{R: p.out, W: p.in, Kill: p.kill, Wait: func() string { return s.ended(p) }}
	got := &attempt{verbose: verbose} // of its own, for it may be left behind
	if p.try(func() { got.client, got.err = remote.NewClient(s.tgt.Name, pipe, got.line) }) {
		a = got
	} else {
		a.err = &remote.ErrNoHello{Err: io.ErrUnexpectedEOF}
	}
	timely := slow.Stop()
	if !stop() && a.err == nil {
		a.client.Close()
		a.err = ctx.Err()
	}
	if a.err == nil {
		p.stderr.setWatch(nil)
		a.err = s.verify(a.client)
		if a.err != nil {
			a.client.Close()
			a.client, a.silent = nil, true
		}
		return a
	}
	p.in.Close()
	quit := time.AfterFunc(2*time.Second, p.kill)
	status, signal, lost := p.wait()
	quit.Stop()
	if ctx.Err() != nil {
		a.err = ctx.Err()
		return a
	}
	if conv != nil {
		if err := conv.verdict(); err != nil {
			a.err, a.used, a.machine = err, "", ""
			return a
		}
		if conv.needTTY && !conv.plan.pty {
			// An old sudo that insists on a terminal gets one.
			conv.plan.pty = true
			return s.attempt(ctx, pl, line, verbose)
		}
	}
	if a.machine != "" {
		return a
	}
	switch {
	case !timely:
		a.err = s.t.unreachable(fmt.Sprintf("the login shell did not start the helper within %s", startTimeout), a.err)
		a.used = ""
	case lost != "":
		a.err = s.t.unreachable(lost, a.err)
		a.used = ""
	default:
		s.judge(a, conv, p, status, signal)
	}
	return a
}

// judge words why no greeting came although the command ran to its end: the
// helper does not work, the become program refused, or the login shell did
// something else.
func (s *starter) judge(a *attempt, conv *conversation, p *process, status int, signal string) {
	stderr := p.stderr.String()
	how := howEnded(status, signal, stderr)
	crashed := signal != "" || status > 125 || status == 2 || strings.Contains(stderr, remote.CachePrefix)
	if a.used == "" && crashed && !a.verbose {
		a.silent = true // ask again, with more words
	}
	if conv != nil && (a.used != "" || !a.silent) {
		if err := conv.result(status); err != nil {
			a.err, a.used, a.silent = err, "", false
			return
		}
	}
	if a.used != "" {
		a.err = errors.New(how)
		return
	}
	a.err = s.t.unreachable("the login shell did not run the start script: "+howEnded(status, signal, noHello(a.err)+stderr), a.err)
}

func noHello(err error) string {
	var nh *remote.ErrNoHello
	if errors.As(err, &nh) && strings.TrimSpace(nh.Output) != "" {
		return strings.TrimSpace(nh.Output) + "\n"
	}
	return ""
}

// verify compares the helper's own checksum with the build's.
func (s *starter) verify(c *remote.Client) error {
	check := c.Hello().Check
	if check == "" || slices.ContainsFunc(s.builds, func(b *helper.Build) bool { return b.Check == check }) {
		return nil
	}
	return errors.New("its checksum is wrong")
}

// ended says why a running helper is gone.
func (s *starter) ended(p *process) string {
	status, signal, lost := p.wait()
	var un *remote.UnreachableError
	text := lost
	if lost == "" {
		text = "the helper on the host ended: " + howEnded(status, signal, p.stderr.String())
	}
	if errors.As(s.t.unreachable(text, nil), &un) {
		return un.Msg
	}
	return text
}

func howEnded(status int, signal, stderr string) string {
	s := fmt.Sprintf("exit status %d", status)
	if signal != "" {
		s = "killed by signal " + signal
	}
	if stderr = strings.TrimSpace(stderr); stderr != "" {
		s += ": " + stderr
	}
	return s
}

// converse starts line and, where a become program runs in it, answers its
// prompt.
func converse(ctx context.Context, t transport, line string, plan *becomePlan, timeout time.Duration) (*process, *conversation, error) {
	pty := plan != nil && plan.pty
	p, err := t.start(ctx, line, pty)
	if err != nil || plan == nil {
		return p, nil, err
	}
	conv := &conversation{plan: plan, p: p}
	p.stderr.setWatch(conv.watch)
	p.out = &watchedReader{r: p.out, conv: conv}
	time.AfterFunc(timeout, conv.timeout)
	return p, conv, nil
}

// watchedReader shows the conversation what is read until it is over.
type watchedReader struct {
	r    io.Reader
	conv *conversation
	done bool
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if n > 0 && !w.done {
		w.conv.watch(p[:n])
		w.conv.mu.Lock()
		w.done = w.conv.over
		w.conv.mu.Unlock()
	}
	return n, err
}
