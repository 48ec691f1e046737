package keep

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// channel is a channel of a kept connection; it implements ssh.Channel.
type channel struct {
	c        net.Conn
	w        writer
	out, err *queue
	reqs     chan *ssh.Request
	asking   sync.Mutex // one request at a time waits for its answer
	acks     chan bool
	ended    chan struct{}
}

// openChannel opens a channel on the connection that m names.
func openChannel(m welcome, name string, extra []byte) (*channel, error) {
	c, err := net.Dial("unix", m.Socket)
	if err != nil {
		return nil, err
	}
	ch := &channel{c: c, w: writer{w: c}, out: newQueue(256 << 10), err: newQueue(1 << 20), reqs: make(chan *ssh.Request, 8),
		acks: make(chan bool, 1), ended: make(chan struct{})}
	r := bufio.NewReaderSize(c, 64<<10)
	kind, p, err := byte(0), []byte(nil), ch.w.json(kindRequest, Request{Op: opChannel, ID: m.ID, Type: name, Extra: extra})
	if err == nil {
		kind, p, err = readFrame(r, nil)
	}
	switch {
	case err != nil:
	case kind == kindNo:
		err = &ssh.OpenChannelError{Reason: ssh.ResourceShortage, Message: string(p)}
	case kind != kindOK:
		err = errFrame
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	go ch.read(r)
	return ch, nil
}

// read takes in what the keeper sends until the channel ends.
func (ch *channel) read(r io.Reader) {
	defer func() {
		ch.out.end()
		ch.err.end()
		close(ch.reqs)
		close(ch.ended)
		ch.c.Close()
	}()
	buf := make([]byte, chunk)
	for {
		kind, p, err := readFrame(r, buf)
		if err != nil {
			return
		}
		switch kind {
		case kindData:
			ch.out.push(p)
		case kindStderr:
			ch.err.push(p)
		case kindEOF:
			ch.out.end()
			ch.err.end()
		case kindAck:
			select {
			case ch.acks <- string(p) == "yes":
			default:
			}
		case kindMessage:
			var m message
			if json.Unmarshal(p, &m) != nil {
				return
			}
			ch.reqs <- &ssh.Request{Type: m.Name, Payload: m.Payload}
		}
	}
}

// Read implements ssh.Channel.
func (ch *channel) Read(p []byte) (int, error) { return ch.out.Read(p) }

// Write implements ssh.Channel.
func (ch *channel) Write(p []byte) (int, error) { return ch.w.data(kindData, p) }

// CloseWrite implements ssh.Channel.
func (ch *channel) CloseWrite() error { return ch.w.frame(kindEOF, nil) }

// Close implements ssh.Channel.
func (ch *channel) Close() error {
	ch.out.end()
	ch.err.end()
	return ch.c.Close()
}

// SendRequest implements ssh.Channel.
func (ch *channel) SendRequest(name string, want bool, payload []byte) (bool, error) {
	m := message{name, want, payload}
	if !want {
		if name == "signal" { // the keeper may be waiting for a host that does not read
			_ = ch.c.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		}
		return false, ch.w.json(kindMessage, m)
	}
	ch.asking.Lock()
	defer ch.asking.Unlock()
	if err := ch.w.json(kindMessage, m); err != nil {
		return false, err
	}
	select {
	case ok := <-ch.acks:
		return ok, nil
	case <-ch.ended:
		return false, io.EOF
	}
}

// Stderr implements ssh.Channel.
func (ch *channel) Stderr() io.ReadWriter { return channelErr{ch} }

type channelErr struct{ ch *channel }

func (e channelErr) Read(p []byte) (int, error)  { return e.ch.err.Read(p) }
func (e channelErr) Write(p []byte) (int, error) { return e.ch.w.data(kindStderr, p) }
