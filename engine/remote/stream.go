package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// window is how many chunks of a stream may be under way unconfirmed; both
// ends queue at most that many. ackEvery is how often the taker confirms.
const (
	window   = 64
	ackEvery = 16
)

// PutFile implements Session.
func (c *Client) PutFile(ctx context.Context, path string, r io.Reader, size int64, mode uint32) error {
	var e enc
	e.text(path)
	e.int(size)
	e.uint(uint64(mode))
	cl := &call{credit: make(chan int, window)}
	id, err := c.start(ctx, kindPut, e.b, cl)
	if err != nil {
		return err
	}
	serr := c.putChunks(ctx, id, cl, r, size)
	if serr != nil {
		c.cancel(id)
	}
	a, err := c.wait(ctx, id, cl)
	switch {
	case err != nil:
		return err
	case serr != nil:
		return serr
	case a.kind == kindError:
		return decodeError(a.payload)
	}
	return nil
}

// putChunks sends the content; a nil error also means that the target ended
// the transfer early, which its answer explains.
func (c *Client) putChunks(ctx context.Context, id uint32, cl *call, r io.Reader, size int64) error {
	buf := make([]byte, min(maxFragment, max(size, 1)))
	credit, left := window, size
	for left > 0 {
		n, err := io.ReadFull(r, buf[:min(int64(len(buf)), left)])
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return fmt.Errorf("the file ended %d bytes early", left-int64(n))
			}
			return err
		}
		left -= int64(n)
		for credit == 0 {
			select {
			case k := <-cl.credit:
				credit += k
			case a := <-cl.final:
				cl.final <- a
				return nil
			case <-c.done:
				return c.Err()
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := c.send(ctx, kindData, id, buf[:n]); err != nil {
			return err
		}
		credit--
	}
	return c.send(ctx, kindData, id, nil)
}

// GetFile implements Session.
func (c *Client) GetFile(ctx context.Context, path string, w io.Writer) error {
	var e enc
	e.text(path)
	cl := &call{data: make(chan []byte, window+1)}
	id, err := c.start(ctx, kindGet, e.b, cl)
	if err != nil {
		return err
	}
	werr := c.getChunks(ctx, id, cl, w)
	if werr != nil && !errors.Is(werr, errStreamEnd) {
		c.cancel(id)
	}
	a, err := c.wait(ctx, id, cl)
	switch {
	case err != nil:
		return err
	case werr != nil && !errors.Is(werr, errStreamEnd):
		return werr
	case a.kind == kindError:
		return decodeError(a.payload)
	case werr != nil:
		return errors.New("protocol error: the file has no end")
	}
	return nil
}

var errStreamEnd = errors.New("stream ended by the target")

func (c *Client) getChunks(ctx context.Context, id uint32, cl *call, w io.Writer) error {
	taken := 0
	take := func(p []byte) (bool, error) {
		if len(p) == 0 {
			return true, nil
		}
		if _, err := w.Write(p); err != nil {
			return false, err
		}
		if taken++; taken == ackEvery {
			taken = 0
			var e enc
			e.uint(ackEvery)
			return false, c.send(ctx, kindAck, id, e.b)
		}
		return false, nil
	}
	for {
		select {
		case p := <-cl.data:
			if end, err := take(p); end || err != nil {
				return err
			}
		case a := <-cl.final:
			cl.final <- a
			for {
				select {
				case p := <-cl.data:
					if end, err := take(p); end || err != nil {
						return err
					}
				default:
					return errStreamEnd
				}
			}
		case <-c.done:
			return c.Err()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
