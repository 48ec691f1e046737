package keep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// Conn is a kept connection as one run uses it. It implements ssh.Conn, without
// what the host opens on its own accord.
type Conn struct {
	c    net.Conn
	w    writer
	is   welcome
	once sync.Once
	gone chan struct{}
	why  string // set before gone is closed
}

// ErrNone says that no keeper has a connection like that.
var ErrNone = errors.New("no such connection is kept")

// Failed is why the keeper could not reach the host, in the words of its Dial.
type Failed struct{ Msg string }

func (f *Failed) Error() string { return f.Msg }

// attachLimit bounds how long a keeper may take to see whether its connection
// still works.
const attachLimit = 4 * time.Second

// Attach takes up the connection that a keeper of an earlier run holds under
// r.Key in dir; ErrNone where there is none that works.
func Attach(ctx context.Context, dir string, r Request) (*Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, attachLimit)
	defer cancel()
	r.Op = opAttach
	if secure(dir) != nil {
		return nil, ErrNone
	}
	c, err := request(ctx, filepath.Join(dir, r.Key), r, nil)
	if err != nil {
		return nil, ErrNone
	}
	return c, nil
}

// Dial has the keeper behind socket connect; ask, where not nil, answers its
// questions about host keys. Errors of the host are *Failed.
func Dial(ctx context.Context, socket string, r Request, ask func(question, fingerprint string) bool) (*Conn, error) {
	r.Op, r.CanAsk = opDial, ask != nil
	return request(ctx, socket, r, ask)
}

// Stop closes the connection kept under key in dir, if there is one.
func Stop(dir, key string) {
	ctx, cancel := context.WithTimeout(context.Background(), attachLimit)
	defer cancel()
	if secure(dir) != nil {
		return
	}
	if c, err := request(ctx, filepath.Join(dir, key), Request{Op: opStop, Key: key}, nil); err == nil {
		c.Close()
	}
}

func request(ctx context.Context, socket string, r Request, ask func(question, fingerprint string) bool) (*Conn, error) {
	c, err := net.Dial("unix", socket)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { c.Close() })
	k := &Conn{c: c, w: writer{w: c}, gone: make(chan struct{})}
	err = k.greet(r, ask)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		c.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	go k.watch()
	return k, nil
}

// greet sends the request and sees it through.
func (k *Conn) greet(r Request, ask func(question, fingerprint string) bool) error {
	if err := k.w.json(kindRequest, r); err != nil {
		return err
	}
	for {
		kind, p, err := readFrame(k.c, nil)
		if err != nil {
			return fmt.Errorf("the keeper of connections has ended: %w", err)
		}
		switch kind {
		case kindOK:
			return json.Unmarshal(p, &k.is)
		case kindNo:
			return ErrNone
		case kindFailed:
			return &Failed{string(p)}
		case kindAsk:
			var q [2]string
			if json.Unmarshal(p, &q) != nil || ask == nil {
				return errFrame
			}
			if err := k.w.frame(kindAnswer, yesNo(ask(q[0], q[1]))); err != nil {
				return err
			}
		default:
			return errFrame
		}
	}
}

// watch waits for the end of the connection.
func (k *Conn) watch() {
	for {
		kind, p, err := readFrame(k.c, nil)
		if err == nil && kind == kindGone {
			k.why = string(p)
		}
		if err != nil {
			k.c.Close()
			close(k.gone)
			return
		}
	}
}

// Why says why the connection ended, "" where the keeper did not say.
func (k *Conn) Why() string {
	<-k.gone
	return k.why
}

// Agent tells whether the host may use the controller's agent.
func (k *Conn) Agent() bool { return k.is.Agent }

// Stop closes the connection itself; Close only stops using it.
func (k *Conn) Stop() {
	_ = k.w.frame(kindStop, nil)
	_ = k.Close()
}

// OpenChannel implements ssh.Conn.
func (k *Conn) OpenChannel(name string, data []byte) (ssh.Channel, <-chan *ssh.Request, error) {
	ch, err := openChannel(k.is, name, data)
	if err != nil {
		return nil, nil, err
	}
	return ch, ch.reqs, nil
}

// SendRequest implements ssh.Conn: the keeper itself asks whether hosts live.
func (k *Conn) SendRequest(string, bool, []byte) (bool, []byte, error) { return false, nil, nil }

// Close implements ssh.Conn.
func (k *Conn) Close() error {
	k.once.Do(func() { k.c.Close() })
	return nil
}

// Wait implements ssh.Conn.
func (k *Conn) Wait() error {
	<-k.gone
	return os.ErrClosed
}

// User implements ssh.ConnMetadata.
func (k *Conn) User() string { return "" }

// SessionID implements ssh.ConnMetadata.
func (k *Conn) SessionID() []byte { return nil }

// ClientVersion implements ssh.ConnMetadata.
func (k *Conn) ClientVersion() []byte { return nil }

// ServerVersion implements ssh.ConnMetadata.
func (k *Conn) ServerVersion() []byte { return nil }

// RemoteAddr implements ssh.ConnMetadata.
func (k *Conn) RemoteAddr() net.Addr { return k.c.RemoteAddr() }

// LocalAddr implements ssh.ConnMetadata.
func (k *Conn) LocalAddr() net.Addr { return k.c.LocalAddr() }
