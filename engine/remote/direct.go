package remote

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/value"
)

// Runner runs a module by name and gives the registered form of its result and
// its bulk data; module.Execute is one. It is a parameter so that this package
// can be tested without modules.
type Runner func(c *module.Context, name string, args *value.Dict) (*value.Dict, []byte)

// Direct is a session with the machine and identity this process runs as: the
// helper serves one to the controller, and `connection: local` uses one
// in-process.
type Direct struct {
	run Runner
	// Dir is where programs start and what relative paths are relative to; "" is the current folder.
	Dir string
	// self is the command that starts this program as a helper; asynchronous
	// jobs need it.
	self []string
	tmp  tempDirs
	ctx  context.Context
	stop context.CancelFunc
	wg   sync.WaitGroup
	mu   sync.Mutex
	shut bool
}

// NewDirect returns a session that runs modules with run. self is the command
// line that starts HelperMain in a new process; nil refuses asynchronous jobs.
// tmpdir is remote_tmp and may hold ~.
func NewDirect(run Runner, self []string, tmpdir string) *Direct {
	d := &Direct{run: run, self: self}
	d.tmp.base = tmpdir
	d.ctx, d.stop = context.WithCancel(context.Background())
	return d
}

var errClosed = &opError{msg: "the session is closed", code: codeCancelled}

// begin ties ctx to the session's life; the returned function must be called
// at the end of the work.
func (d *Direct) begin(ctx context.Context) (context.Context, func(), error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut {
		return nil, nil, errClosed
	}
	d.wg.Add(1)
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(d.ctx, cancel)
	return ctx, func() { stop(); cancel(); d.wg.Done() }, nil
}

// Do implements Session.
func (d *Direct) Do(ctx context.Context, req *Request) (*Response, error) {
	outer := ctx
	ctx, end, err := d.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	if req.Async != nil {
		r, err := d.startJob(ctx, req)
		if err != nil {
			return nil, err
		}
		return &Response{Result: r}, nil
	}
	d.tmp.use(req.Tmpdir)
	r := runModule(ctx, d.run, d.Dir, req)
	if err := outer.Err(); err != nil {
		return nil, err
	}
	return r, nil
}

// runModule runs one module. One that crashes fails its task, not the session.
func runModule(ctx context.Context, run Runner, dir string, req *Request) (resp *Response) {
	defer func() {
		if p := recover(); p != nil {
			resp = &Response{Result: value.DictOf(
				"failed", true,
				"msg", fmt.Sprintf("module %s crashed: %v", req.Module, p),
				"exception", string(debug.Stack()),
				"changed", false)}
		}
	}()
	tmp := ExpandPath(req.Tmpdir)
	if tmp == "" || !isDir(tmp) {
		tmp = os.TempDir()
	}
	mc := &module.Context{Context: ctx, Check: req.Check, Diff: req.Diff, NoLog: req.NoLog,
		Verbosity: req.Verbosity, Env: req.Env, Tmpdir: tmp, Blob: req.Blob, RemoteUser: req.RemoteUser,
		Dir: dir, Syslog: req.Syslog, TargetLogInfo: req.LogInfo}
	args := req.Args
	if args == nil {
		args = value.NewDict()
	}
	res, blob := run(mc, req.Module, args)
	return &Response{Result: res, Blob: blob}
}

// path is where a path of a request leads.
func (d *Direct) path(p string) string {
	if p = ExpandPath(p); d.Dir != "" && !filepath.IsAbs(p) {
		return filepath.Join(d.Dir, p)
	}
	return p
}

func isDir(p string) bool {
	st, err := os.Stat(p)
	return err == nil && st.IsDir()
}

// TempDir implements Session.
func (d *Direct) TempDir(ctx context.Context) (string, error) {
	_, end, err := d.begin(ctx)
	if err != nil {
		return "", err
	}
	defer end()
	return d.tmp.get()
}

// PutFile implements Session: the content is written beside path under a
// temporary name and renamed.
func (d *Direct) PutFile(ctx context.Context, path string, r io.Reader, size int64, mode uint32) (err error) {
	ctx, end, err := d.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	path = d.path(path)
	f, err := os.CreateTemp(filepath.Dir(path), ".goplay-"+tempBase(path)+"-")
	if err != nil {
		return err
	}
	d.tmp.track(f.Name())
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(f.Name())
		}
		d.tmp.untrack(f.Name())
	}()
	n, err := io.Copy(f, &contextReader{ctx, io.LimitReader(r, size)})
	if err != nil {
		return err
	}
	if n != size {
		return fmt.Errorf("%s: %d of %d bytes arrived", path, n, size)
	}
	if err := f.Chmod(os.FileMode(mode & 0o777)); err != nil {
		return err
	}
	if !d.tmp.holds(path) {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func tempBase(path string) string {
	b := filepath.Base(path)
	if len(b) > 100 {
		b = b[:100]
	}
	return b
}

// GetFile implements Session.
func (d *Direct) GetFile(ctx context.Context, path string, w io.Writer) error {
	ctx, end, err := d.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	path = d.path(path)
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // it may have become a named pipe
	if err != nil {
		return err
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil {
		return err
	} else if st.IsDir() {
		return &os.PathError{Op: "read", Path: path, Err: syscall.EISDIR}
	}
	_, err = io.Copy(onlyWriter{w}, &contextReader{ctx, f})
	return err
}

// onlyWriter hides ReadFrom, so that copies go through our buffer sizes.
type onlyWriter struct{ io.Writer }

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// Close implements Session: running work is cancelled, then temporary files
// are removed.
func (d *Direct) Close() error {
	d.mu.Lock()
	d.shut = true
	d.mu.Unlock()
	d.stop()
	done := make(chan struct{})
	go func() { d.wg.Wait(); close(done) }()
	for busy := true; busy; {
		busy = module.Unfinished() // a package manager, say, that must not be cut short
		select {
		case <-done:
			busy = false
		case <-time.After(settleGrace):
		}
	}
	d.tmp.remove()
	return nil
}
