package remote

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// nowhere is a session that does nothing, so that only the protocol is tested.
type nowhere struct{}

func (nowhere) Do(_ context.Context, r *Request) (*Response, error) {
	return &Response{Result: r.Args, Blob: r.Blob}, nil
}
func (nowhere) Exec(context.Context, *Exec) (*ExecResult, error) { return &ExecResult{}, nil }
func (nowhere) PutFile(_ context.Context, _ string, r io.Reader, _ int64, _ uint32) error {
	_, err := io.Copy(io.Discard, r)
	return err
}
func (nowhere) GetFile(_ context.Context, _ string, w io.Writer) error {
	_, err := w.Write(make([]byte, 100<<10))
	return err
}
func (nowhere) TempDir(context.Context) (string, error) { return "/t", nil }
func (nowhere) Close() error                            { return nil }

func seedFrames(f *testing.F) {
	req, _ := (&Request{Module: "m", Args: value.DictOf("a", value.NewList(int64(1), 1.5, nil, true, "x")), Env: []string{"A=b"},
		Blob: []byte("blob"), Async: &Async{JobID: "j", Limit: 3}}).encode()
	b := appendFrame(nil, frame{kind: kindRequest, id: 1, payload: req[:10], more: true})
	b = appendFrame(b, frame{kind: kindRequest, id: 1, payload: req[10:]})
	f.Add(b)
	b = appendFrame(nil, frame{kind: kindPut, id: 2, payload: []byte("\x02/x\x10\x80\x03")})
	b = appendFrame(b, frame{kind: kindData, id: 2, payload: []byte("content")})
	b = appendFrame(b, frame{kind: kindData, id: 2})
	b = appendFrame(b, frame{kind: kindCancel, id: 2})
	b = appendFrame(b, frame{kind: kindGet, id: 3, payload: []byte("\x02/x")})
	b = appendFrame(b, frame{kind: kindAck, id: 3, payload: []byte("\x08")})
	f.Add(appendFrame(b, frame{kind: kindBye}))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0})
}

// FuzzServe feeds the helper's end with anything: it must end without a panic
// and without taking more memory than it was sent.
func FuzzServe(f *testing.F) {
	seedFrames(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		Serve(bytes.NewReader(in), io.Discard, nowhere{})
	})
}

type nopWriteCloser struct{ io.Writer }

func (nopWriteCloser) Close() error { return nil }

// FuzzClient feeds the controller's end: a hostile host must not hang or crash
// it.
func FuzzClient(f *testing.F) {
	hello := append([]byte("noise\n"+Magic), appendFrame(nil, frame{kind: kindHello, payload: (&Hello{Version: protocolVersion}).encode()})...)
	f.Add(hello)
	resp, _ := (&Response{Result: value.DictOf("a", "b")}).encode()
	f.Add(appendFrame(bytes.Clone(hello), frame{kind: kindResult, id: 1, payload: resp}))
	f.Add(appendFrame(bytes.Clone(hello), frame{kind: kindError, id: 1, payload: encodeError(errors.New("x"))}))
	f.Add(appendFrame(bytes.Clone(hello), frame{kind: kindData, id: 1, payload: []byte("data")}))
	f.Fuzz(func(t *testing.T, in []byte) {
		c, err := NewClient("h", Pipe{R: bytes.NewReader(in), W: nopWriteCloser{io.Discard}}, func(string) error { return nil })
		if err != nil {
			return
		}
		ctx := context.Background()
		c.Do(ctx, &Request{Module: "m"})
		c.GetFile(ctx, "/x", io.Discard)
		c.PutFile(ctx, "/x", bytes.NewReader(in), int64(len(in)), 0)
		c.Close()
	})
}

func FuzzDecode(f *testing.F) {
	req, _ := (&Request{Module: "m", Args: value.DictOf("t", value.Tuple{int64(1)})}).encode()
	f.Add(req)
	f.Fuzz(func(t *testing.T, in []byte) {
		if r, err := decodeRequest(in); err == nil {
			b, err := r.encode()
			if err != nil {
				t.Fatal(err)
			}
			r2, err := decodeRequest(b)
			if err != nil {
				t.Fatalf("%x: %v", b, err)
			}
			if b2, _ := r2.encode(); !bytes.Equal(b, b2) {
				t.Fatalf("not stable: %x and %x", b, b2)
			}
		}
		decodeResponse(in)
		decodeExec(in)
		decodeExecResult(in)
		decodeHello(in)
		decodeError(in)
	})
}
