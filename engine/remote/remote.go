// Package remote is the protocol between the controller and the helper that
// runs on a target, and both of its ends.
//
// Frames are length-prefixed. Requests carry ids and run concurrently; a
// cancelled context cancels the request on the target; a broken channel ends
// every request with an error that IsUnreachable recognises.
//
// It imports engine/value and engine/module (helper side) only.
package remote

import (
	"context"
	"errors"
	"io"

	"github.com/goplay-engine/goplay/engine/value"
)

// Request is one operation on a target. It is plain data, so that it can
// travel further than one connection.
type Request struct {
	Module     string      // name of a native module, see module.Def
	Args       *value.Dict // rendered arguments
	Check      bool
	Diff       bool
	NoLog      bool
	Verbosity  int
	Env        []string // NAME=value
	Tmpdir     string   // remote_tmp, may hold ~
	RemoteUser string
	Syslog     string // facility of the target's system log; "" logs nothing
	LogInfo    string // text before each line in the system log
	Blob       []byte // file content, up to BlobMax
	Async      *Async // run detached, answer at once
}

// Async asks for a detached job that survives the connection.
type Async struct {
	JobID string // name of the status file
	Dir   string // ANSIBLE_ASYNC_DIR, may hold ~
	Limit int    // seconds after which the job is killed
}

// BlobMax is the size up to which file content travels inside a request;
// larger files are streamed with PutFile and GetFile.
const BlobMax = 1 << 20

// Response is the answer to a Request. Result is what the module returned,
// failure included.
type Response struct {
	Result *value.Dict
	Blob   []byte
}

// Exec is a program to run on the target as it is, with its output collected.
type Exec struct {
	Argv  []string
	Stdin []byte
	Env   []string
	Dir   string
}

// ExecResult is how an Exec ended.
type ExecResult struct {
	RC     int
	Stdout []byte
	Stderr []byte
}

// Session is an open channel to one host under one identity. It is safe for
// concurrent use.
type Session interface {
	// Do runs a module. A module's failure is in the response; an error means
	// that no answer came (see IsUnreachable), or that ctx ended.
	Do(ctx context.Context, req *Request) (*Response, error)
	// Exec runs a program under the session's identity.
	Exec(ctx context.Context, e *Exec) (*ExecResult, error)
	// PutFile streams size bytes of r into a new file that the session's
	// identity can read; the file appears whole or not at all.
	PutFile(ctx context.Context, path string, r io.Reader, size int64, mode uint32) error
	// GetFile streams a file as the session's identity reads it.
	GetFile(ctx context.Context, path string, w io.Writer) error
	// TempDir returns a private folder on the target that lives until Close.
	TempDir(ctx context.Context) (string, error)
	// Close ends the session and removes its temporary files.
	Close() error
}

// UnreachableError says that a host could not be talked to.
type UnreachableError struct {
	Host string
	Msg  string
	Err  error
}

func (e *UnreachableError) Error() string { return e.Msg }
func (e *UnreachableError) Unwrap() error { return e.Err }

// IsUnreachable tells whether err means the host, not the task, failed.
func IsUnreachable(err error) bool {
	var u *UnreachableError
	return errors.As(err, &u)
}

// BecomeError says that another identity could not be taken: wrong or missing
// password, user not allowed. The task fails; the host is reachable.
type BecomeError struct{ Msg string }

func (e *BecomeError) Error() string { return e.Msg }
