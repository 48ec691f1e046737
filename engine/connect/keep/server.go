package keep

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// Line is a connection that the keeper's Dial has made.
type Line struct {
	*ssh.Client
	Agent bool          // the controller's agent is forwarded to the host
	Why   func() string // why it has ended
}

// Dialer connects to the host that r.How describes. The text of its error is
// what the run is told.
type Dialer func(ctx context.Context, r Request, ask func(question, fingerprint string) bool) (*Line, error)

// server is a keeper: it serves the socket until nothing is kept any more.
type server struct {
	l      net.Listener
	socket string
	dial   Dialer
	idle   time.Duration // how long it stays with nothing to keep

	mu    sync.Mutex
	lines map[int]*line
	last  int
	users int // connections to the socket
	clock *time.Timer
}

// line is one kept connection.
type line struct {
	*Line
	id      int
	key     string
	secret  []byte
	users   int
	persist time.Duration
	clock   *time.Timer
	gone    chan struct{}
}

// serve runs a keeper on l, whose socket is the file of that name; it returns
// when it has nothing to keep, or when l is closed.
func serve(l net.Listener, socket string, dial Dialer, idle time.Duration) {
	s := &server{l: l, socket: socket, dial: dial, idle: idle, lines: map[int]*line{}}
	s.clock = time.AfterFunc(idle, s.leave)
	var wg sync.WaitGroup
	for {
		c, err := l.Accept()
		if err != nil {
			break
		}
		s.use(1)
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer s.use(-1)
			defer c.Close()
			s.handle(c)
		}()
	}
	s.mu.Lock()
	all := s.lines
	s.lines = map[int]*line{}
	s.mu.Unlock()
	for _, k := range all {
		s.unlink(k)
		k.Close()
	}
	wg.Wait()
	os.Remove(socket)
}

// use counts who is connected; with nobody and nothing left the keeper ends.
func (s *server) use(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users += n
	s.clock.Reset(s.idle)
}

// leave ends the keeper when it is of no use.
func (s *server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users == 0 && len(s.lines) == 0 {
		s.l.Close()
	}
}

func (s *server) handle(c net.Conn) {
	kind, p, err := readFrame(c, nil)
	var r Request
	if err != nil || kind != kindRequest || json.Unmarshal(p, &r) != nil {
		return
	}
	w := &writer{w: c}
	switch r.Op {
	case opChannel:
		s.mu.Lock()
		k := s.lines[r.ID]
		s.mu.Unlock()
		if k == nil {
			_ = w.frame(kindNo, []byte("the connection has ended"))
			return
		}
		passChannel(c, w, k.Client, r)
	case opStop:
		if k := s.find(r.Key, nil); k != nil {
			k.Close()
			<-k.gone
		}
		_ = w.frame(kindNo, nil)
	case opAttach, opDial:
		s.attach(c, w, r)
	}
}

// find returns the connection kept under key; secret, where not nil, must fit.
func (s *server) find(key string, secret []byte) *line {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.lines {
		if k.key == key && (secret == nil || subtle.ConstantTimeCompare(k.secret, secret) == 1) {
			return k
		}
	}
	return nil
}

// attach serves one run for as long as it uses a connection.
func (s *server) attach(c net.Conn, w *writer, r Request) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	answers := make(chan bool, 1)
	stop := make(chan struct{})
	go func() { // what the run says, until it is gone
		defer cancel()
		for {
			kind, p, err := readFrame(c, nil)
			switch {
			case err != nil:
				return
			case kind == kindStop:
				close(stop)
				return
			case kind == kindAnswer:
				select {
				case answers <- string(p) == "yes":
				default:
				}
			}
		}
	}()
	k := s.find(r.Key, r.Secret)
	if k != nil && !k.works(ctx) {
		k.Close()
		<-k.gone
		k = nil
	}
	if k == nil {
		if r.Op == opAttach {
			_ = w.frame(kindNo, nil)
			return
		}
		var ask func(question, fingerprint string) bool
		if r.CanAsk {
			ask = func(question, fingerprint string) bool {
				if w.json(kindAsk, [2]string{question, fingerprint}) != nil {
					return false
				}
				select {
				case a := <-answers:
					return a
				case <-ctx.Done():
					return false
				}
			}
		}
		made, err := s.dial(ctx, r, ask)
		if err != nil {
			_ = w.frame(kindFailed, []byte(err.Error()))
			return
		}
		k = s.add(made, r)
	}
	s.hold(k, r.Persist)
	defer s.release(k)
	if w.json(kindOK, welcome{s.socket, k.id, k.Agent}) != nil {
		return
	}
	select {
	case <-k.gone:
		_ = w.frame(kindGone, []byte(k.Why()))
	case <-ctx.Done():
		select {
		case <-stop:
			k.Close()
			<-k.gone
		default:
		}
	}
}

// works asks the host whether it is still there.
func (k *line) works(ctx context.Context) bool {
	got := make(chan error, 1)
	go func() {
		_, _, err := k.SendRequest("keepalive@openssh.com", true, nil)
		got <- err
	}()
	select {
	case err := <-got:
		return err == nil
	case <-time.After(attachLimit / 2):
	case <-ctx.Done():
		return true // nobody waits for the answer
	}
	return false
}

func (s *server) add(made *Line, r Request) *line {
	s.mu.Lock()
	s.last++
	k := &line{Line: made, id: s.last, key: r.Key, secret: r.Secret, gone: make(chan struct{})}
	s.lines[k.id] = k
	s.mu.Unlock()
	s.link(k)
	go func() {
		made.Wait()
		s.mu.Lock()
		delete(s.lines, k.id)
		if k.clock != nil {
			k.clock.Stop()
		}
		s.clock.Reset(s.idle)
		s.mu.Unlock()
		s.unlink(k)
		close(k.gone)
	}()
	return k
}

func (s *server) hold(k *line, persist time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k.users++
	k.persist = persist
	if k.clock != nil {
		k.clock.Stop()
	}
}

// release starts the clock when the last run has let go.
func (s *server) release(k *line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k.users--; k.users > 0 || k.persist < 0 {
		return
	}
	k.clock = time.AfterFunc(k.persist, func() {
		s.mu.Lock()
		unused := k.users == 0
		s.mu.Unlock()
		if unused {
			k.Close()
		}
	})
}

// link lets later runs find the connection by its key.
func (s *server) link(k *line) {
	tmp := s.socket + "." + strconv.Itoa(k.id)
	if os.Symlink(filepath.Base(s.socket), tmp) == nil && os.Rename(tmp, s.path(k)) != nil {
		os.Remove(tmp)
	}
}

func (s *server) path(k *line) string { return filepath.Join(filepath.Dir(s.socket), k.key) }

func (s *server) unlink(k *line) {
	if to, err := os.Readlink(s.path(k)); err == nil && to == filepath.Base(s.socket) {
		os.Remove(s.path(k))
	}
}
