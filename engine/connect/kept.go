package connect

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/goplay-engine/goplay/engine/connect/keep"
	"github.com/goplay-engine/goplay/engine/remote"
)

// Keep says how connections stay open after the run (ssh's ControlPersist).
type Keep struct {
	// Command starts a program whose main calls KeeperMain; nil keeps nothing.
	Command []string
	// Dir is where the sockets are; Ansible's control_path_dir.
	Dir string
}

// keeper is the process that keeps the connections which this run makes.
type keeper struct {
	mu     sync.Mutex
	socket string
}

// how is what the keeper is told for dialling.
type how struct {
	Host, ConfigFile     []byte // JSON strings hold no other bytes than UTF-8
	Vals                 map[string][][]byte
	Password, Passphrase []byte
}

func (s *settings) how(password, passphrase string) how {
	h := how{[]byte(s.host), []byte(s.configFile), map[string][][]byte{}, []byte(password), []byte(passphrase)}
	for k, l := range s.vals {
		for _, v := range l {
			h.Vals[k] = append(h.Vals[k], []byte(v))
		}
	}
	return h
}

func (h how) settings() *settings {
	s := &settings{host: string(h.Host), vals: map[string][]string{}, configFile: string(h.ConfigFile)}
	for k, l := range h.Vals {
		for _, v := range l {
			s.vals[k] = append(s.vals[k], string(v))
		}
	}
	return s
}

// persist is for how long a connection with these settings is kept, negative for
// ever; ok false where it is not kept at all.
func (s *settings) persist() (d time.Duration, ok bool) {
	switch strings.ToLower(s.get("controlmaster", "no")) {
	case "auto", "yes":
	default:
		return 0, false
	}
	// A proxy command may ask something on the terminal, which the keeper has not.
	if s.get("controlpath", "") == "none" || s.has("proxycommand") && s.get("proxycommand", "") != "none" {
		return 0, false
	}
	switch strings.ToLower(s.get("controlpersist", "no")) {
	case "no", "false", "off", "":
		return 0, false
	case "yes", "true", "on", "0":
		return -1, true
	}
	d = s.seconds("controlpersist", 0)
	return d, d > 0
}

// keyFor names the connections that may stand for one another.
func (s *settings) keyFor() string {
	h := sha256.New()
	// The same address may be another host where another network is seen.
	network, _ := os.Readlink("/proc/self/ns/net")
	fmt.Fprintf(h, "%d %q %q %q %q %q\n", keep.Protocol, s.host, s.configFile, s.user(), homeDir(), network)
	for _, k := range slices.Sorted(maps.Keys(s.vals)) {
		switch k {
		case "connecttimeout", "connectionattempts", "controlpersist", "sendenv", "setenv", "loglevel":
		default:
			fmt.Fprintf(h, "%s=%q\n", k, s.vals[k])
		}
	}
	return "goplay-" + hex.EncodeToString(h.Sum(nil)[:12])
}

// dialKept is dial for connections that are to be kept: it takes up the one of
// an earlier run, or has a keeper make it.
func (o *opener) dialKept(ctx context.Context, host string, s *settings, fresh bool, password, passphrase string) (*sshClient, error) {
	persist, ok := s.persist()
	if !ok || fresh || o.Keep.Command == nil {
		return o.dial(ctx, host, s, password, passphrase)
	}
	r := keep.Request{Key: s.keyFor(), Secret: []byte(password + "\x00" + passphrase), Persist: persist, Host: host}
	k, err := keep.Attach(ctx, o.Keep.Dir, r)
	if err == nil {
		o.logf(host, "an earlier run has kept the connection")
		return keptClient(s, k, true), nil
	}
	if r.How, err = json.Marshal(s.how(password, passphrase)); err != nil {
		return nil, err
	}
	for try := 0; ; try++ {
		socket, err := o.keeper.start(o.Keep, try > 0)
		if err != nil {
			o.logf(host, "the connection cannot be kept: %s", err)
			return o.dial(ctx, host, s, password, passphrase)
		}
		k, err = keep.Dial(ctx, socket, r, o.asker(ctx))
		var failed *keep.Failed
		switch {
		case err == nil:
			return keptClient(s, k, false), nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.As(err, &failed):
			return nil, &remote.UnreachableError{Host: host, Msg: failed.Msg}
		case try > 0:
			o.logf(host, "the connection cannot be kept: %s", err)
			return o.dial(ctx, host, s, password, passphrase)
		}
	}
}

// start returns the socket of the run's keeper, starting one at first use or when
// the one before has ended.
func (k *keeper) start(o Keep, again bool) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.socket != "" && !again {
		return k.socket, nil
	}
	var err error
	k.socket, err = keep.Start(o.Command, o.Dir)
	return k.socket, err
}

func keptClient(s *settings, k *keep.Conn, earlier bool) *sshClient {
	chans, reqs := make(chan ssh.NewChannel), make(chan *ssh.Request)
	close(chans)
	close(reqs)
	c := &sshClient{Client: ssh.NewClient(k, chans, reqs), set: s, kept: k, earlier: earlier, hasAgent: k.Agent(), closed: make(chan struct{})}
	go func() {
		_ = k.Wait()
		if why := k.Why(); why != "" {
			c.why.CompareAndSwap(nil, &why)
		}
		close(c.closed)
	}()
	return c
}

// stopKept closes the connection to t that an earlier run has kept.
func (o *opener) stopKept(t Target) {
	if o.Keep.Command == nil {
		return
	}
	if s, err := o.settingsFor(t); err == nil {
		if _, ok := s.persist(); ok {
			keep.Stop(o.Keep.Dir, s.keyFor())
		}
	}
}

type askKey struct{}

// asker is who answers questions about host keys.
func (o *opener) asker(ctx context.Context) func(question, fingerprint string) bool {
	if f, ok := ctx.Value(askKey{}).(func(question, fingerprint string) bool); ok {
		return f
	}
	return o.AskHostKey
}

// serves says that this program can act as a keeper.
var serves bool

// KeeperMain acts as the keeper of connections and ends the process, when the
// command line asks for it; else it returns. A main function calls it first.
func KeeperMain() {
	serves = true
	keep.Main(keeperDialer)
}

// SelfKeep keeps connections with this program itself, where its main calls
// KeeperMain, by sockets in dir.
func SelfKeep(dir string) Keep {
	if !serves {
		return Keep{}
	}
	return Keep{Command: keep.Self(), Dir: dir}
}

func keeperDialer() keep.Dialer {
	o := &opener{}
	return func(ctx context.Context, r keep.Request, ask func(question, fingerprint string) bool) (*keep.Line, error) {
		var h how
		if err := json.Unmarshal(r.How, &h); err != nil {
			return nil, err
		}
		s := h.settings()
		if ask != nil {
			ctx = context.WithValue(ctx, askKey{}, ask)
		}
		c, err := o.dial(ctx, r.Host, s, string(h.Password), string(h.Passphrase))
		var u *remote.UnreachableError
		if errors.As(err, &u) {
			return nil, errors.New(u.Msg)
		} else if err != nil {
			return nil, err
		}
		if c.hasAgent && s.yes("forwardagent", false) {
			_ = agent.ForwardToAgent(c.Client, c.auth.agent.client)
		}
		return &keep.Line{Client: c.Client, Agent: c.hasAgent, Why: func() string { return c.reason() }}, nil
	}
}
