package connect

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	"golang.org/x/crypto/ssh"

	"github.com/goplay-engine/goplay/engine/connect/keep"
)

// sshClient is one SSH connection, shared by the identities on a host.
type sshClient struct {
	*ssh.Client
	set  *settings
	auth *auth      // nil where the connection is a kept one
	kept *keep.Conn // nil where it is this process's own
	// earlier says that an earlier run has made it.
	earlier bool
	closed  chan struct{}
	why     atomic.Pointer[string] // why the connection ended, when this side knows
	once    sync.Once
	fwd     sync.Once
	// hasAgent says that the controller's agent can be forwarded.
	hasAgent bool
	// lastEnd is when a session on it ended, in Unix nanoseconds.
	lastEnd atomic.Int64
}

// Defaults where neither the inventory nor ssh's configuration says anything.
const (
	defaultTimeout  = 10 * time.Second
	defaultAlive    = 15 * time.Second
	defaultAliveMax = 3
)

const maxJumps = 8

// dial connects and logs in. Errors are unreachable errors that name host.
func (o *opener) dial(ctx context.Context, host string, s *settings, password, passphrase string) (*sshClient, error) {
	timeout := s.seconds("connecttimeout", defaultTimeout)
	dctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cl := &sshClient{set: s, closed: make(chan struct{})}
	nc, err := o.netConn(dctx, ctx, host, s)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	h := o.hostKeysFor(ctx, s)
	cl.auth = o.authFor(s, password, passphrase)
	cl.hasAgent = cl.auth.agent != nil
	cfg := &ssh.ClientConfig{User: s.user(), HostKeyCallback: h.check, ClientVersion: "SSH-2.0-goplay"}
	applyAlgorithms(s, h, cfg)
	cl.auth.apply(cfg, h)

	// Neither the deadline of the dialler nor the library covers the
	// handshake; closing the connection ends it.
	timedOut := atomic.Bool{}
	limit := max(timeout, time.Second)
	clock := time.AfterFunc(limit, func() { timedOut.Store(true); nc.Close() })
	h.pause = func() func() { clock.Stop(); return func() { clock.Reset(limit) } }
	stop := context.AfterFunc(ctx, func() { nc.Close() })
	conn, chans, reqs, err := ssh.NewClientConn(nc, net.JoinHostPort(s.hostName(), strconv.Itoa(s.port())), cfg)
	if inTime, alive := clock.Stop(), stop(); err == nil && !(inTime && alive) {
		conn.Close()
		err = os.ErrDeadlineExceeded
	}
	if err != nil {
		nc.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if timedOut.Load() {
			err = os.ErrDeadlineExceeded
		}
		return nil, loginError(host, s, cl.auth, err)
	}
	cl.Client = ssh.NewClient(conn, chans, reqs)
	go func() { cl.Client.Wait(); close(cl.closed) }()
	go cl.keepAlive()
	return cl, nil
}

// netConn is the byte stream to the host's SSH port: TCP, a proxy command, or
// a channel through jump hosts.
func (o *opener) netConn(dctx, ctx context.Context, host string, s *settings) (net.Conn, error) {
	name, port := s.hostName(), s.port()
	addr := net.JoinHostPort(name, strconv.Itoa(port))
	if pj := s.get("proxyjump", "none"); pj != "none" && pj != "" {
		via, err := o.jump(ctx, host, s, pj)
		if err != nil {
			return nil, err
		}
		c, err := via.DialContext(dctx, "tcp", addr)
		if err != nil {
			return nil, unreachable(host, fmt.Sprintf("channel 0: open failed: %s\nstdio forwarding failed (via %s)",
				strings.TrimPrefix(err.Error(), "ssh: "), via.set.hostName()), err)
		}
		return c, nil
	}
	if pc := s.get("proxycommand", "none"); pc != "none" && pc != "" {
		if bad := strings.IndexFunc(name+s.host+s.user(), shellMeta); bad >= 0 {
			return nil, unreachable(host, "hostname or user contains invalid characters for a ProxyCommand", nil)
		}
		c, err := proxyCommand(s.expand(pc))
		if err != nil {
			return nil, unreachable(host, fmt.Sprintf("ProxyCommand %q: %s", pc, errText(err)), err)
		}
		return c, nil
	}
	network := "tcp"
	switch strings.ToLower(s.get("addressfamily", "any")) {
	case "inet":
		network = "tcp4"
	case "inet6":
		network = "tcp6"
	}
	d := net.Dialer{KeepAlive: 30 * time.Second}
	if b := s.get("bindaddress", ""); b != "" {
		if ip := net.ParseIP(b); ip != nil {
			d.LocalAddr = &net.TCPAddr{IP: ip}
		}
	}
	tries, _ := strconv.Atoi(s.get("connectionattempts", "1"))
	for i := 1; ; i++ {
		c, err := d.DialContext(dctx, network, addr)
		if err == nil {
			return newQuickAck(c), nil
		}
		if i >= tries || dctx.Err() != nil {
			return nil, unreachable(host, dialText(name, port, err), err)
		}
		select {
		case <-time.After(time.Second):
		case <-dctx.Done():
		}
	}
}

// jump returns the connection to the last of the jump hosts in spec; jump
// connections are shared by all hosts behind them.
func (o *opener) jump(ctx context.Context, host string, s *settings, spec string) (*sshClient, error) {
	if s.jumps >= maxJumps {
		return nil, unreachable(host, fmt.Sprintf("ProxyJump %s: more than %d jumps", spec, maxJumps), nil)
	}
	first, last := "", spec
	if i := strings.LastIndexByte(spec, ','); i >= 0 {
		first, last = spec[:i], spec[i+1:]
	}
	js := &settings{vals: map[string][]string{}, configFile: s.configFile, jumps: s.jumps + 1}
	rest := strings.TrimPrefix(strings.TrimSpace(last), "ssh://")
	if u, h, ok := cutLast(rest, "@"); ok {
		js.add("user", u)
		rest = h
	}
	js.host = rest
	if h, p, err := net.SplitHostPort(rest); err == nil {
		js.host = h
		js.add("port", p)
	}
	js.host = strings.Trim(js.host, "[]")
	if first != "" {
		js.add("proxyjump", first)
	}
	// As with ssh -J, keys and host key rules of the target do not pass to the
	// jump host; only its own configuration counts.
	if err := o.finish(js); err != nil {
		return nil, unreachable(host, err.Error(), err)
	}
	js.add("connecttimeout", s.get("connecttimeout", "10"))
	key := "jump\x00" + js.configFile + "\x00" + js.user() + "\x00" + js.get("proxyjump", "") + "\x00" + hostKeyName(js.host, js.port())
	return o.jumps.get(ctx, key, func(ctx context.Context) (*sshClient, error) {
		return o.dial(ctx, host, js, "", "")
	})
}

func cutLast(s, sep string) (string, string, bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// alive tells whether the connection is still up.
func (c *sshClient) alive() bool {
	select {
	case <-c.closed:
		return false
	default:
		return true
	}
}

// gone tells whether the connection has ended, also where that is just about
// to be noticed.
func (c *sshClient) gone() bool {
	select {
	case <-c.closed:
		return true
	case <-time.After(100 * time.Millisecond):
		return false
	}
}

// close ends the connection; why is what its users are told.
func (c *sshClient) close(why string) {
	if why != "" {
		c.why.CompareAndSwap(nil, &why)
	}
	c.once.Do(func() {
		if c.Client != nil {
			c.Client.Close()
		}
	})
}

// reason says why the connection ended, in ssh's words.
func (c *sshClient) reason() string {
	if w := c.why.Load(); w != nil {
		return *w
	}
	return fmt.Sprintf("Connection to %s closed by remote host.", c.set.hostName())
}

// keepAlive finds hosts that went away without a word.
func (c *sshClient) keepAlive() {
	every := c.set.seconds("serveraliveinterval", defaultAlive)
	most, err := strconv.Atoi(c.set.get("serveralivecountmax", ""))
	if err != nil || most < 1 {
		most = defaultAliveMax
	}
	if every <= 0 {
		return
	}
	t := time.NewTicker(every)
	defer t.Stop()
	pending := make(chan struct{}, 1)
	missed := 0
	for {
		select {
		case <-c.closed:
			return
		case <-t.C:
		}
		select {
		case pending <- struct{}{}:
			missed = 0
			go func() {
				c.SendRequest("keepalive@openssh.com", true, nil)
				<-pending
			}()
		default:
			if missed++; missed >= most {
				c.close(fmt.Sprintf("Timeout, server %s not responding.", c.set.hostName()))
				return
			}
		}
	}
}

// shellMeta tells what ssh refuses in names that a shell is to see.
func shellMeta(r rune) bool {
	return strings.ContainsRune("'`\"$\\;&<>|(){}", r) || unicode.IsSpace(r) || unicode.IsControl(r)
}

// proxyCommand runs a command whose standard input and output lead to the host.
func proxyCommand(cmdline string) (net.Conn, error) {
	cmd := exec.Command("/bin/sh", "-c", "exec "+cmdline)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &cmdConn{cmd: cmd, in: in, out: out}, nil
}
