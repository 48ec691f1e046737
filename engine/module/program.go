package module

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// progResult is how a program ended.
type progResult struct {
	RC             int
	Stdout, Stderr string
}

// progOptions says how to run a program.
type progOptions struct {
	Stdin  []byte
	Dir    string
	Env    []string // added to the task's
	Umask  *int
	Cancel cancelHow
}

// cancelHow says what a cancelled task means for a program under way.
type cancelHow int

const (
	cancelKill   cancelHow = iota // it and its children are ended
	cancelAsk                     // it is interrupted and ends itself where nothing stays half done, as package managers do
	cancelFinish                  // it is left to its end: what it changes must not stay half done
)

// unfinished counts the programs that are left to their end though their task was cancelled.
var unfinished atomic.Int32

// Unfinished tells whether the process has to live on for programs that must not be cut short.
func Unfinished() bool { return unfinished.Load() > 0 }

// absolute is path as seen from the folder in which the module works.
func (c *Context) absolute(path string) string {
	if c.Dir == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(c.Dir, path)
}

// run runs argv with the task's environment and collects its output. A program
// that cannot be started is an error; one that fails is not. When the task is
// cancelled the program and its children are ended.
func (c *Context) run(argv []string, o *progOptions) (*progResult, error) {
	if o == nil {
		o = &progOptions{}
	}
	if len(argv) == 0 {
		return nil, Errorf("no command given", "rc", 256)
	}
	env := slices.Concat(os.Environ(), c.Env, o.Env)
	path, err := c.lookPath(argv[0], env, c.absolute(o.Dir))
	if err != nil {
		return nil, progError(argv, err)
	}
	cmd := exec.Command(path)
	cmd.Args = argv
	cmd.Env = dedupEnv(env)
	cmd.Dir = c.absolute(o.Dir)
	if o.Stdin != nil {
		cmd.Stdin = bytes.NewReader(o.Stdin)
	}
	var out, errb output
	out.over = func() { killGroup(cmd) }
	errb.over = out.over
	cmd.Stdout, cmd.Stderr = &out, &errb
	if o.Cancel != cancelKill {
		unfinished.Add(1)
		defer unfinished.Add(-1)
		// Nor must it die of a broken pipe when the helper is killed.
		defer out.toFile(&cmd.Stdout)()
		defer errb.toFile(&cmd.Stderr)()
	}
	setGroup(cmd)
	// Children that outlive the program keep its pipes open; they do not hold us up.
	cmd.WaitDelay = time.Second
	if err := c.Err(); err != nil {
		return nil, Errorf("interrupted: " + err.Error())
	}
	if err := Patiently(cmd, func() error { return startWithUmask(cmd, o.Umask) }); err != nil {
		return nil, progError(argv, err)
	}
	done := make(chan struct{})
	go func() {
		select {
		case <-c.Done():
			o.Cancel.end(cmd, done)
		case <-done:
		}
	}()
	err = cmd.Wait()
	close(done)
	out.fromFile()
	errb.fromFile()
	if out.full || errb.full {
		return nil, Errorf(fmt.Sprintf("%s was ended: it wrote more than %d bytes, which a result cannot hold; redirect its output into a file", argv[0], maxOutput))
	}
	r := &progResult{Stdout: out.buf.String(), Stderr: errb.buf.String()}
	var ee *exec.ExitError
	switch {
	case c.Err() != nil:
		return nil, Errorf("interrupted: " + c.Err().Error())
	case errors.As(err, &ee):
		r.RC = ee.ExitCode()
		if ws, ok := ee.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			r.RC = -int(ws.Signal())
		}
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return nil, progError(argv, err)
	}
	return r, nil
}

// maxOutput bounds what a result takes from a program or a file, so that neither fills the host's memory.
const maxOutput = 128 << 20

// end ends a program as far as its kind of cancelling allows. done is closed when it has ended.
func (h cancelHow) end(cmd *exec.Cmd, done <-chan struct{}) {
	switch h {
	case cancelAsk:
		_ = cmd.Process.Signal(os.Interrupt)
	case cancelKill:
		termGroup(cmd) // git, for one, removes its lock files
		select {
		case <-done:
		case <-time.After(500 * time.Millisecond):
		}
		killGroup(cmd) // children may be left
	}
}

// output collects what a program writes and calls over when it does not end.
type output struct {
	buf  bytes.Buffer // not embedded: its ReadFrom would go round Write
	full bool
	over func()
	file *os.File // takes the place of buf until the program has ended
}

// toFile has the output collected in a file without a name, where there are such; the returned function closes it.
func (o *output) toFile(w *io.Writer) func() {
	if o.file = anonymous(); o.file == nil {
		return func() {}
	}
	*w = o.file
	return func() { o.file.Close() }
}

func (o *output) fromFile() {
	if o.file == nil {
		return
	}
	if _, err := o.file.Seek(0, io.SeekStart); err == nil {
		_, _ = io.Copy(&o.buf, io.LimitReader(o.file, maxOutput))
	}
}

func (o *output) Write(p []byte) (int, error) {
	if o.full || o.buf.Len()+len(p) > maxOutput {
		if !o.full {
			o.full = true
			o.buf = bytes.Buffer{}
			o.over()
		}
		return len(p), nil
	}
	return o.buf.Write(p)
}

// progError words a program that could not be started as Ansible does.
func progError(argv []string, err error) error {
	var n syscall.Errno
	rc := 257
	msg := err.Error()
	if errors.As(err, &n) {
		rc = int(n)
		msg = fmt.Sprintf("[Errno %d] %s: b'%s'", rc, strerror(n), argv[0])
	}
	words := make([]string, len(argv))
	for i, a := range argv {
		words[i] = shQuote(a)
	}
	return Errorf(msg, "cmd", strings.Join(words, " "), "rc", rc, "stdout", "", "stderr", "")
}

// lookPath finds a program along the PATH of env. dir is where a relative name
// with a slash starts from.
func (c *Context) lookPath(name string, env []string, dir string) (string, error) {
	if strings.Contains(name, "/") {
		p := name
		if !filepath.IsAbs(p) && dir != "" {
			p = filepath.Join(dir, p)
		}
		fi, err := os.Stat(p)
		switch {
		case err != nil:
			return "", unwrapErrno(err)
		case fi.IsDir() || !access(p, 1):
			return "", syscall.EACCES
		}
		if abs, err := filepath.Abs(p); err == nil {
			p = abs
		}
		return p, nil
	}
	path := os.Getenv("PATH")
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, "PATH="); ok {
			path = v
		}
	}
	denied := false
	for _, d := range filepath.SplitList(path) {
		if d == "" {
			d = "."
		}
		p := filepath.Join(d, name)
		fi, err := os.Stat(p)
		if err != nil {
			denied = denied || errors.Is(err, fs.ErrPermission)
			continue
		}
		if !fi.IsDir() && access(p, 1) {
			if !filepath.IsAbs(p) {
				p, _ = filepath.Abs(p)
			}
			return p, nil
		}
		denied = denied || !fi.IsDir()
	}
	if denied {
		return "", syscall.EACCES
	}
	return "", syscall.ENOENT
}

func unwrapErrno(err error) error {
	var n syscall.Errno
	if errors.As(err, &n) {
		return n
	}
	return err
}

// writeProgram writes a new file that is to be run. Nothing is started meanwhile: a child that has the file open for
// writing, be it for a moment, keeps it from being run ("Text file busy").
func writeProgram(path string, data []byte) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// findProgram finds a program in PATH and the folders of system programs; the
// error is the one modules give for a missing program.
func (c *Context) findProgram(name string, extra ...string) (string, error) {
	dirs := append(filepath.SplitList(c.Getenv("PATH")), extra...)
	for _, d := range []string{"/sbin", "/usr/sbin", "/usr/local/sbin"} {
		if !slices.Contains(dirs, d) {
			if _, err := os.Stat(d); err == nil {
				dirs = append(dirs, d)
			}
		}
	}
	if filepath.IsAbs(name) {
		dirs = []string{""}
	}
	for _, d := range dirs {
		p := filepath.Join(d, name)
		if fi, err := os.Stat(p); err == nil && !fi.IsDir() && access(p, 1) {
			return p, nil
		}
	}
	return "", Errorf(fmt.Sprintf("Failed to find required executable %q in paths: %s", name, strings.Join(dirs, ":")))
}

// dedupEnv keeps the last setting of each name.
func dedupEnv(env []string) []string {
	last := map[string]int{}
	for i, e := range env {
		k, _, _ := strings.Cut(e, "=")
		last[k] = i
	}
	out := env[:0:0]
	for i, e := range env {
		k, _, _ := strings.Cut(e, "=")
		if last[k] == i {
			out = append(out, e)
		}
	}
	return out
}

// sleep waits, or less when the task is cancelled.
func (c *Context) sleep(d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-c.Done():
		return c.Err()
	case <-t.C:
		return nil
	}
}
