// Package keep holds SSH connections open from one run to the next, as ssh's
// ControlPersist does: a process of its own, the keeper, dials and keeps them, and
// each run uses them through a socket that only its user can open.
//
// A connection to the keeper's socket begins with a Request. Attached to a kept
// connection it stays open as long as the run needs that; each channel of the
// SSH connection is a connection to the socket of its own. What is sent are
// frames: one byte for the kind, four for the length, the content.
//
// It imports nothing of goplay.
package keep

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Arg as the first argument makes a program act as a keeper; see Main.
const Arg = "--keep-connections"

// Protocol is part of every Key, so that a keeper is only met by programs that
// speak as it does.
const Protocol = 1

// Request says what is wanted of a keeper.
type Request struct {
	Op      string        // opAttach, opDial, opChannel, opStop
	Key     string        // of the connection: equal keys may share one
	Secret  []byte        // not nil: what it logs in with; another one gets a connection of its own
	Persist time.Duration // how long it is kept when unused; negative: without end
	Host    string        // for messages
	How     []byte        // for the keeper's Dial
	CanAsk  bool          // whether questions are answered
	ID      int           // opChannel: the connection
	Type    string        // opChannel
	Extra   []byte        // opChannel
}

const (
	opAttach  = "attach"
	opDial    = "dial"
	opChannel = "channel"
	opStop    = "stop"
)

// Kinds of frames.
const (
	kindRequest = 'q' // to the keeper: a Request
	kindOK      = 'k' // done: a welcome
	kindNo      = 'n' // it has no such connection, or the host opens no channel: why
	kindFailed  = 'e' // dialling failed: why
	kindAsk     = '?' // a question and a fingerprint, as JSON list
	kindAnswer  = '!' // "yes" or "no"
	kindGone    = 'g' // the connection has ended: why
	kindStop    = 's' // to the keeper: close the connection
	kindData    = 'd'
	kindStderr  = '2'
	kindEOF     = 'f'
	kindMessage = 'm' // a channel request
	kindAck     = 'a' // its answer: "yes" or "no"
)

// welcome is told of a connection that may be used.
type welcome struct {
	Socket string // of the keeper that has it
	ID     int
	Agent  bool // the controller's agent is forwarded to the host
}

// message is a channel request (RFC 4254, section 5.4).
type message struct {
	Name    string
	Want    bool // an answer
	Payload []byte
}

const (
	headLen  = 5
	chunk    = 32 << 10
	maxFrame = 4 << 20
)

// writer writes frames, each with one system call.
type writer struct {
	mu  sync.Mutex
	w   io.Writer
	buf []byte
}

func (w *writer) frame(kind byte, p []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf = append(w.buf[:0], kind, 0, 0, 0, 0)
	binary.BigEndian.PutUint32(w.buf[1:], uint32(len(p)))
	w.buf = append(w.buf, p...)
	_, err := w.w.Write(w.buf)
	return err
}

func (w *writer) json(kind byte, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return w.frame(kind, b)
}

// data writes p in frames of a moderate length.
func (w *writer) data(kind byte, p []byte) (int, error) {
	n := 0
	for len(p) > 0 {
		part := p[:min(len(p), chunk)]
		if err := w.frame(kind, part); err != nil {
			return n, err
		}
		n += len(part)
		p = p[len(part):]
	}
	return n, nil
}

var errFrame = errors.New("the keeper of connections said something that cannot be understood")

// readFrame reads one frame; buf is used where it is long enough.
func readFrame(r io.Reader, buf []byte) (kind byte, p []byte, err error) {
	var head [headLen]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := int(binary.BigEndian.Uint32(head[1:]))
	if n > maxFrame {
		return 0, nil, errFrame
	}
	if n > len(buf) {
		buf = make([]byte, n)
	}
	if _, err := io.ReadFull(r, buf[:n]); err != nil {
		return 0, nil, fmt.Errorf("%w: %w", errFrame, err)
	}
	return head[0], buf[:n], nil
}

func yesNo(b bool) []byte {
	if b {
		return []byte("yes")
	}
	return []byte("no")
}
