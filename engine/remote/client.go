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

// Pipe is the byte channel to a helper's standard input and output.
type Pipe struct {
	R io.Reader
	W io.WriteCloser
	// Wait blocks until the helper has ended and returns what it said on
	// standard error, or why the channel broke. It may be nil.
	Wait func() string
	// Kill ends the channel without ceremony.
	Kill func()
}

// Client is the controller's end of a session with a helper.
type Client struct {
	host  string
	pipe  Pipe
	fw    *frameWriter
	hello *Hello

	mu      sync.Mutex
	calls   map[uint32]*call
	nextID  uint32
	err     error         // why the session ended
	done    chan struct{} // closed when it did
	closing bool
}

// call is a request that waits for its answer.
type call struct {
	part   []byte      // fragments received so far
	final  chan answer // capacity 1
	data   chan []byte // GetFile: chunks, capacity of the window
	credit chan int    // PutFile: chunks taken by the target
}

type answer struct {
	kind    kind
	payload []byte
}

// How long a cancelled request may take to confirm that its work was killed,
// and a closed session to end.
const (
	cancelGrace = 3 * time.Second
	settleGrace = 1500 * time.Millisecond // at the helper's end, twice
	closeGrace  = 5 * time.Second
	stuckGrace  = 5 * time.Second
)

// Hello returns what the helper said of itself.
func (c *Client) Hello() *Hello { return c.hello }

// Done is closed when the session has ended; Err then says why.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err returns why the session ended, nil while it lives.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

func (c *Client) read(br *bufio.Reader) {
	for {
		f, err := readFrame(br)
		if err == nil {
			err = c.dispatch(f)
		}
		if err != nil {
			c.lost(err)
			return
		}
	}
}

func (c *Client) dispatch(f frame) error {
	c.mu.Lock()
	call := c.calls[f.id]
	c.mu.Unlock()
	if call == nil {
		return nil // an answer nobody waits for any more
	}
	switch f.kind {
	case kindData:
		select {
		case call.data <- f.payload:
			return nil
		default:
			return errors.New("protocol error: more data than asked for")
		}
	case kindAck:
		d := dec{b: f.payload}
		n := int(d.uint())
		select {
		case call.credit <- n:
			return nil
		default:
			return errors.New("protocol error: unexpected acknowledgement")
		}
	case kindResult, kindError:
		if call.part == nil && !f.more {
			call.part = f.payload
		} else {
			call.part = append(call.part, f.payload...)
		}
		if len(call.part) > maxMessage {
			return fmt.Errorf("protocol error: answer longer than %d bytes", maxMessage)
		}
		if f.more {
			return nil
		}
		c.forget(f.id)
		call.final <- answer{f.kind, call.part}
		return nil
	}
	return fmt.Errorf("protocol error: unknown frame kind %d", f.kind)
}

func (c *Client) forget(id uint32) {
	c.mu.Lock()
	delete(c.calls, id)
	c.mu.Unlock()
}

// lost ends the session: every waiting call sees done.
func (c *Client) lost(err error) {
	why := ""
	if c.pipe.Wait != nil {
		if c.pipe.Kill != nil {
			// After a protocol error the helper would wait for ever.
			t := time.AfterFunc(time.Second, c.pipe.Kill)
			defer t.Stop()
		}
		why = c.pipe.Wait()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	if why == "" {
		why = "the connection was lost"
		if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
			why += ": " + err.Error()
		}
	}
	if c.closing {
		why = "the session is closed"
	}
	c.err = &UnreachableError{Host: c.host, Msg: why, Err: err}
	close(c.done)
}

// fail ends the session from this side.
func (c *Client) fail(err error) {
	c.mu.Lock()
	if c.err == nil {
		c.err = &UnreachableError{Host: c.host, Msg: err.Error(), Err: err}
		close(c.done)
	}
	c.mu.Unlock()
	if c.pipe.Kill != nil {
		c.pipe.Kill()
	}
}

// start registers a call and sends its request.
func (c *Client) start(ctx context.Context, k kind, payload []byte, cl *call) (uint32, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	cl.final = make(chan answer, 1)
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return 0, c.err
	}
	if c.closing {
		c.mu.Unlock()
		return 0, &UnreachableError{Host: c.host, Msg: "the session is closed"}
	}
	c.nextID++
	id := c.nextID
	c.calls[id] = cl
	c.mu.Unlock()
	if err := c.send(ctx, k, id, payload); err != nil {
		c.forget(id)
		return 0, err
	}
	return id, nil
}

// send writes a message. A write that does not return within stuckGrace after
// ctx ended means a stuck channel, which ends the session.
func (c *Client) send(ctx context.Context, k kind, id uint32, payload []byte) error {
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-c.done:
		case <-time.After(stuckGrace):
			c.fail(errors.New("the connection is stuck"))
		}
	})
	// When the function above runs already, the session may be ended for a
	// write that made it in time; a cancelled run does not miss it.
	defer stop()
	err := c.fw.send(k, id, payload, c.done)
	if err == nil {
		return nil
	}
	if err != errGivenUp {
		// The reading side learns better why the channel ended.
		select {
		case <-c.done:
		case <-time.After(cancelGrace):
			c.fail(fmt.Errorf("the connection was lost: %w", err))
		}
	}
	<-c.done
	return c.Err()
}

// wait returns the answer of a call. When ctx ends first, the request is
// cancelled on the target and given a moment to be gone.
func (c *Client) wait(ctx context.Context, id uint32, cl *call) (answer, error) {
	select {
	case a := <-cl.final:
		return a, nil
	case <-c.done:
		select {
		case a := <-cl.final: // it arrived just before the end
			return a, nil
		default:
		}
		return answer{}, c.Err()
	case <-ctx.Done():
	}
	c.cancel(id)
	t := time.NewTimer(cancelGrace)
	defer t.Stop()
	select {
	case <-cl.final:
	case <-c.done:
	case <-t.C:
		c.forget(id)
	}
	return answer{}, ctx.Err()
}

func (c *Client) cancel(id uint32) {
	c.send(context.Background(), kindCancel, id, nil)
}

// call makes one request and decodes errors.
func (c *Client) call(ctx context.Context, k kind, payload []byte) ([]byte, error) {
	cl := &call{}
	id, err := c.start(ctx, k, payload, cl)
	if err != nil {
		return nil, err
	}
	a, err := c.wait(ctx, id, cl)
	if err != nil {
		return nil, err
	}
	if a.kind == kindError {
		return nil, decodeError(a.payload)
	}
	return a.payload, nil
}

// Do implements Session.
func (c *Client) Do(ctx context.Context, req *Request) (*Response, error) {
	p, err := req.encode()
	if err != nil {
		return nil, err
	}
	if p, err = c.call(ctx, kindRequest, p); err != nil {
		return nil, err
	}
	return decodeResponse(p)
}

// Exec implements Session.
func (c *Client) Exec(ctx context.Context, x *Exec) (*ExecResult, error) {
	p, err := c.call(ctx, kindExec, x.encode())
	if err != nil {
		return nil, err
	}
	return decodeExecResult(p)
}

// TempDir implements Session.
func (c *Client) TempDir(ctx context.Context) (string, error) {
	p, err := c.call(ctx, kindTempDir, nil)
	if err != nil {
		return "", err
	}
	d := dec{b: p}
	return d.text(), d.err
}

// Close implements Session: the helper removes its temporary files and ends.
func (c *Client) Close() error {
	c.mu.Lock()
	if c.closing {
		c.mu.Unlock()
		<-c.done
		return nil
	}
	c.closing = true
	c.mu.Unlock()
	// A stuck writer must not keep the end of input from the helper.
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		c.fw.send(kindBye, 0, nil, c.done)
		c.pipe.W.Close()
	}()
	t := time.NewTimer(closeGrace)
	defer t.Stop()
	select {
	case <-c.done:
		<-closed
	case <-t.C:
		c.fail(errors.New("the session is closed"))
	}
	return nil
}
