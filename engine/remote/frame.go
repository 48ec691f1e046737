package remote

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"
)

// A frame is a 4-byte length of what follows the header, a kind, a 4-byte id
// and the payload. Messages longer than maxFragment travel as several frames
// of one id, all but the last with the more bit set, so that a long message
// never holds up others for more than one frame.
const (
	headerLen   = 9
	maxFragment = 32<<10 - headerLen // one SSH packet
	maxMessage  = 1 << 30
	moreBit     = 0x80
)

type kind byte

// Kinds of messages. The first group goes to the target, the second comes
// from it, the third goes both ways.
const (
	kindRequest kind = 1 + iota
	kindExec
	kindPut
	kindGet
	kindTempDir
	kindCancel
	kindBye // the session ends; on a terminal the end of input cannot be seen

	kindHello kind = 16 + iota
	kindResult
	kindError

	kindData kind = 32 + iota // a chunk of a stream; empty at its end
	kindAck                   // so many chunks were taken
)

// frame is one unit on the wire.
type frame struct {
	kind    kind
	more    bool
	id      uint32
	payload []byte
}

// readFrame reads one frame. The payload is newly allocated and belongs to
// the caller.
func readFrame(r io.Reader) (frame, error) {
	var h [headerLen]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return frame{}, err
	}
	n := binary.BigEndian.Uint32(h[:4])
	if n > maxFragment {
		return frame{}, fmt.Errorf("frame of %d bytes is longer than %d", n, maxFragment)
	}
	f := frame{kind: kind(h[4] &^ moreBit), more: h[4]&moreBit != 0, id: binary.BigEndian.Uint32(h[5:])}
	if f.more && n == 0 {
		return frame{}, fmt.Errorf("empty fragment")
	}
	if n > 0 {
		f.payload = make([]byte, n)
		if _, err := io.ReadFull(r, f.payload); err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return frame{}, err
		}
	}
	return f, nil
}

var frameBuffers = sync.Pool{New: func() any { b := make([]byte, 0, headerLen+maxFragment); return &b }}

// frameWriter sends messages of several goroutines over one stream. The lock
// is a channel so that waiting for it can be given up.
type frameWriter struct {
	w    io.Writer
	lock chan struct{}
}

func newFrameWriter(w io.Writer) *frameWriter {
	return &frameWriter{w: w, lock: make(chan struct{}, 1)}
}

// send writes one message; it stops between fragments when done is closed
// (nil: never) and reports errGivenUp. A message cut short leaves its receiver
// a part, so the caller must cancel the id.
func (fw *frameWriter) send(k kind, id uint32, p []byte, done <-chan struct{}) error {
	for {
		n := min(len(p), maxFragment)
		part := p[:n]
		p = p[n:]
		if err := fw.write(frame{kind: k, more: len(p) > 0, id: id, payload: part}, done); err != nil {
			return err
		}
		if len(p) == 0 {
			return nil
		}
	}
}

var errGivenUp = fmt.Errorf("sending was given up")

func (fw *frameWriter) write(f frame, done <-chan struct{}) error {
	select {
	case fw.lock <- struct{}{}:
	case <-done:
		return errGivenUp
	}
	defer func() { <-fw.lock }()
	bp := frameBuffers.Get().(*[]byte)
	b := appendFrame((*bp)[:0], f)
	_, err := fw.w.Write(b)
	*bp = b[:0]
	frameBuffers.Put(bp)
	return err
}

func appendFrame(b []byte, f frame) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(f.payload)))
	k := byte(f.kind)
	if f.more {
		k |= moreBit
	}
	b = append(b, k)
	b = binary.BigEndian.AppendUint32(b, f.id)
	return append(b, f.payload...)
}
