package remote

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/goplay-engine/goplay/engine/value"
)

// Magic precedes the first frame from the helper; whatever login scripts
// print before it is skipped.
const Magic = "\x01goplay-remote/1\x02\n"

// protocolVersion changes whenever frames or messages do. The helper is
// content-addressed, so both ends normally agree; this guards the rest.
const protocolVersion = 3

// Hello is what the helper says of itself when it starts.
type Hello struct {
	Version int
	Check   string // FileCheck of the helper's own file; "" unknown
	UID     int
	User    string
	Home    string
	PID     int
}

func (h *Hello) encode() []byte {
	var e enc
	e.uint(uint64(h.Version))
	e.text(h.Check)
	e.int(int64(h.UID))
	e.text(h.User)
	e.text(h.Home)
	e.int(int64(h.PID))
	return e.b
}

func decodeHello(p []byte) (*Hello, error) {
	d := dec{b: p}
	h := &Hello{Version: int(d.uint())}
	if d.err == nil && h.Version != protocolVersion {
		return nil, fmt.Errorf("the helper speaks protocol %d, not %d", h.Version, protocolVersion)
	}
	h.Check = d.text()
	h.UID = int(d.int())
	h.User = d.text()
	h.Home = d.text()
	h.PID = int(d.int())
	return h, d.err
}

const (
	flagCheck byte = 1 << iota
	flagDiff
	flagNoLog
	flagAsync
)

func (r *Request) encode() ([]byte, error) {
	e := enc{b: make([]byte, 0, 256+len(r.Blob))}
	var f byte
	set := func(on bool, bit byte) {
		if on {
			f |= bit
		}
	}
	set(r.Check, flagCheck)
	set(r.Diff, flagDiff)
	set(r.NoLog, flagNoLog)
	set(r.Async != nil, flagAsync)
	e.text(r.Module)
	e.byte(f)
	e.int(int64(r.Verbosity))
	e.texts(r.Env)
	e.text(r.Tmpdir)
	e.text(r.RemoteUser)
	e.text(r.Syslog)
	e.text(r.LogInfo)
	if a := r.Async; a != nil {
		e.text(a.JobID)
		e.text(a.Dir)
		e.int(int64(a.Limit))
	}
	if r.Args == nil {
		e.value(nil)
	} else {
		e.value(r.Args)
	}
	e.bytes(r.Blob)
	return e.b, e.err
}

func decodeRequest(p []byte) (*Request, error) {
	d := dec{b: p}
	r := &Request{Module: d.text()}
	f := d.byte()
	r.Check, r.Diff, r.NoLog = f&flagCheck != 0, f&flagDiff != 0, f&flagNoLog != 0
	r.Verbosity = int(d.int())
	r.Env = d.texts()
	r.Tmpdir = d.text()
	r.RemoteUser = d.text()
	r.Syslog = d.text()
	r.LogInfo = d.text()
	if f&flagAsync != 0 {
		r.Async = &Async{JobID: d.text(), Dir: d.text(), Limit: int(d.int())}
	}
	r.Args = d.dict()
	if b := d.bytes(); len(b) > 0 {
		r.Blob = b
	}
	return r, d.err
}

func (r *Response) encode() ([]byte, error) {
	e := enc{b: make([]byte, 0, 512+len(r.Blob))}
	if r.Result == nil {
		e.value(value.NewDict())
	} else {
		e.value(r.Result)
	}
	e.bytes(r.Blob)
	return e.b, e.err
}

func decodeResponse(p []byte) (*Response, error) {
	d := dec{b: p}
	r := &Response{Result: d.dict()}
	if b := d.bytes(); len(b) > 0 {
		r.Blob = b
	}
	return r, d.err
}

func (x *Exec) encode() []byte {
	e := enc{b: make([]byte, 0, 256+len(x.Stdin))}
	e.texts(x.Argv)
	e.texts(x.Env)
	e.text(x.Dir)
	e.bytes(x.Stdin)
	return e.b
}

func decodeExec(p []byte) (*Exec, error) {
	d := dec{b: p}
	x := &Exec{Argv: d.texts(), Env: d.texts(), Dir: d.text(), Stdin: d.bytes()}
	return x, d.err
}

func (x *ExecResult) encode() []byte {
	e := enc{b: make([]byte, 0, 32+len(x.Stdout)+len(x.Stderr))}
	e.int(int64(x.RC))
	e.bytes(x.Stdout)
	e.bytes(x.Stderr)
	return e.b
}

func decodeExecResult(p []byte) (*ExecResult, error) {
	d := dec{b: p}
	x := &ExecResult{RC: int(d.int()), Stdout: d.bytes(), Stderr: d.bytes()}
	return x, d.err
}

// opError is an operation that failed on the target, with what the standard
// library's errors.Is wants to know.
type opError struct {
	msg  string
	code byte
}

const (
	codeOther byte = iota
	codeNotExist
	codePermission
	codeExist
	codeCancelled
)

func (e *opError) Error() string { return e.msg }

// Is makes errors.Is(err, fs.ErrNotExist) and its like work across the wire.
func (e *opError) Is(target error) bool {
	switch target {
	case fs.ErrNotExist:
		return e.code == codeNotExist
	case fs.ErrPermission:
		return e.code == codePermission
	case fs.ErrExist:
		return e.code == codeExist
	}
	return false
}

func encodeError(err error) []byte {
	code := codeOther
	var oe *opError
	switch {
	case errors.As(err, &oe):
		code = oe.code
	case errors.Is(err, fs.ErrNotExist):
		code = codeNotExist
	case errors.Is(err, fs.ErrPermission):
		code = codePermission
	case errors.Is(err, fs.ErrExist):
		code = codeExist
	}
	var e enc
	e.byte(code)
	e.text(err.Error())
	return e.b
}

func decodeError(p []byte) error {
	d := dec{b: p}
	err := &opError{code: d.byte(), msg: d.text()}
	if d.err != nil {
		return d.err
	}
	return err
}
