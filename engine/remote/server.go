package remote

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Serve answers the requests that arrive on r through s until r ends, which is
// no error. Requests run concurrently; those still running at the end are
// cancelled. It does not close s.
func Serve(r io.Reader, w io.Writer, s Session) error {
	ctx, cancel := context.WithCancel(context.Background())
	sv := &server{fw: newFrameWriter(w), s: s, reqs: map[uint32]*served{}, done: ctx.Done()}
	br := bufio.NewReaderSize(r, 32<<10)
	for {
		f, err := readFrame(br)
		if err == nil {
			err = sv.dispatch(ctx, f)
		}
		if err != nil {
			cancel()
			sv.settle()
			if err == io.EOF {
				return nil
			}
			return err
		}
	}
}

// settle gives cancelled requests a moment to clean up; a module that cannot
// be cancelled must not keep the helper alive.
func (sv *server) settle() {
	done := make(chan struct{})
	go func() { sv.wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(settleGrace):
	}
}

type server struct {
	fw   *frameWriter
	s    Session
	done <-chan struct{}
	wg   sync.WaitGroup
	mu   sync.Mutex
	reqs map[uint32]*served
}

// served is one request under way or still arriving.
type served struct {
	kind   kind
	part   []byte
	cancel context.CancelFunc
	data   chan []byte // PutFile
	credit chan int    // GetFile
}

func (sv *server) dispatch(ctx context.Context, f frame) error {
	sv.mu.Lock()
	q := sv.reqs[f.id]
	sv.mu.Unlock()
	switch f.kind {
	case kindRequest, kindExec, kindPut, kindGet, kindTempDir:
		if q == nil {
			q = &served{kind: f.kind}
			sv.mu.Lock()
			sv.reqs[f.id] = q
			sv.mu.Unlock()
		} else if q.cancel != nil || q.kind != f.kind {
			return errors.New("protocol error: id used twice")
		}
		if q.part == nil && !f.more {
			q.part = f.payload
		} else {
			q.part = append(q.part, f.payload...)
		}
		if len(q.part) > maxMessage {
			return fmt.Errorf("protocol error: request longer than %d bytes", maxMessage)
		}
		if f.more {
			return nil
		}
		var rctx context.Context
		rctx, q.cancel = context.WithCancel(ctx)
		q.data = make(chan []byte, window+1)
		q.credit = make(chan int, window)
		sv.wg.Add(1)
		go sv.serve(rctx, f.id, q)
		return nil
	case kindBye:
		return io.EOF
	case kindCancel:
		if q == nil {
			return nil
		}
		if q.cancel != nil {
			q.cancel()
			return nil
		}
		sv.forget(f.id) // cut short while it was arriving
		return sv.fw.send(kindError, f.id, encodeError(errClosed), sv.done)
	case kindData:
		if q == nil {
			return nil
		}
		select {
		case q.data <- f.payload:
			return nil
		default:
			return errors.New("protocol error: more data than allowed")
		}
	case kindAck:
		if q == nil {
			return nil
		}
		d := dec{b: f.payload}
		select {
		case q.credit <- int(d.uint()):
			return d.err
		default:
			return errors.New("protocol error: unexpected acknowledgement")
		}
	}
	return fmt.Errorf("protocol error: unknown frame kind %d", f.kind)
}

func (sv *server) forget(id uint32) {
	sv.mu.Lock()
	delete(sv.reqs, id)
	sv.mu.Unlock()
}

func (sv *server) serve(ctx context.Context, id uint32, q *served) {
	defer sv.wg.Done()
	defer q.cancel()
	p, err := sv.handle(ctx, id, q)
	sv.forget(id)
	if err == nil && len(p) > maxMessage {
		err = fmt.Errorf("the result is too large: %d bytes, at most %d can be sent", len(p), maxMessage)
	}
	if err != nil {
		sv.fw.send(kindError, id, encodeError(err), sv.done)
		return
	}
	sv.fw.send(kindResult, id, p, sv.done)
}

func (sv *server) handle(ctx context.Context, id uint32, q *served) ([]byte, error) {
	p := q.part
	q.part = nil
	switch q.kind {
	case kindRequest:
		req, err := decodeRequest(p)
		if err != nil {
			return nil, err
		}
		resp, err := sv.s.Do(ctx, req)
		if err != nil {
			return nil, err
		}
		return resp.encode()
	case kindExec:
		x, err := decodeExec(p)
		if err != nil {
			return nil, err
		}
		r, err := sv.s.Exec(ctx, x)
		if err != nil {
			return nil, err
		}
		return r.encode(), nil
	case kindPut:
		d := dec{b: p}
		path, size, mode := d.text(), d.int(), d.uint()
		if d.err != nil {
			return nil, d.err
		}
		return nil, sv.s.PutFile(ctx, path, &chunkReader{sv: sv, ctx: ctx, id: id, in: q.data}, size, uint32(mode))
	case kindGet:
		d := dec{b: p}
		path := d.text()
		if d.err != nil {
			return nil, d.err
		}
		cw := &chunkWriter{sv: sv, ctx: ctx, id: id, credit: window, acks: q.credit}
		if err := sv.s.GetFile(ctx, path, cw); err != nil {
			return nil, err
		}
		return nil, cw.end()
	default:
		dir, err := sv.s.TempDir(ctx)
		var e enc
		e.text(dir)
		return e.b, err
	}
}

// chunkReader reads the content of a PutFile as it arrives.
type chunkReader struct {
	sv    *server
	ctx   context.Context
	id    uint32
	in    chan []byte
	cur   []byte
	ended bool
	taken int
}

func (c *chunkReader) Read(p []byte) (int, error) {
	for len(c.cur) == 0 {
		if c.ended {
			return 0, io.EOF
		}
		select {
		case c.cur = <-c.in:
		case <-c.ctx.Done():
			return 0, c.ctx.Err()
		}
		if len(c.cur) == 0 {
			c.ended = true
			continue
		}
		if c.taken++; c.taken == ackEvery {
			c.taken = 0
			var e enc
			e.uint(ackEvery)
			if err := c.sv.fw.send(kindAck, c.id, e.b, c.ctx.Done()); err != nil {
				return 0, err
			}
		}
	}
	n := copy(p, c.cur)
	c.cur = c.cur[n:]
	return n, nil
}

// chunkWriter sends the content of a GetFile as far as the controller takes it.
type chunkWriter struct {
	sv     *server
	ctx    context.Context
	id     uint32
	credit int
	acks   chan int
}

func (c *chunkWriter) Write(p []byte) (int, error) {
	done := 0
	for len(p) > 0 {
		for c.credit <= 0 {
			select {
			case n := <-c.acks:
				c.credit += n
			case <-c.ctx.Done():
				return done, c.ctx.Err()
			}
		}
		n := min(len(p), maxFragment)
		if err := c.sv.fw.send(kindData, c.id, p[:n], c.ctx.Done()); err != nil {
			return done, err
		}
		c.credit--
		done += n
		p = p[n:]
	}
	return done, nil
}

func (c *chunkWriter) end() error { return c.sv.fw.send(kindData, c.id, nil, c.ctx.Done()) }
