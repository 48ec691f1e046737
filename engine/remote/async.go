package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/value"
)

// defaultAsyncDir is Ansible's; ANSIBLE_ASYNC_DIR changes it.
const defaultAsyncDir = "~/.ansible_async"

func jobPath(a *Async) (string, error) {
	if a.JobID == "" || strings.ContainsAny(a.JobID, "/\x00") || strings.HasPrefix(a.JobID, ".") {
		return "", fmt.Errorf("%q is not a job id", a.JobID)
	}
	dir := a.Dir
	if dir == "" {
		dir = defaultAsyncDir
	}
	return filepath.Join(ExpandPath(dir), a.JobID), nil
}

// startJob starts req as a detached process of its own session and returns
// once its status file is there. The request goes through a pipe, so nothing
// of it is left in a file.
func (d *Direct) startJob(ctx context.Context, req *Request) (*value.Dict, error) {
	if len(d.self) == 0 {
		return nil, errors.New("asynchronous tasks are not possible here: this program cannot start itself")
	}
	path, err := jobPath(req.Async)
	if err != nil {
		return nil, err
	}
	p, err := req.encode()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(d.self[0], append(append([]string{}, d.self[1:]...), "job")...)
	detach(cmd)
	cmd.Dir = d.Dir // a job sees the folder that the task would see
	cmd.Stdin = bytes.NewReader(p)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	// The job closes its output when it is on its own; until then cancelling
	// ends it.
	stop := context.AfterFunc(ctx, func() { cmd.Process.Kill() })
	said, _ := io.ReadAll(io.LimitReader(out, 4096))
	stop()
	go cmd.Wait()
	if string(said) != jobStarted {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("could not start the asynchronous job: %s", strings.TrimSpace(string(said)))
	}
	return value.DictOf("failed", int64(0), "started", int64(1), "finished", int64(0),
		"ansible_job_id", req.Async.JobID, "results_file", path, "changed", true), nil
}

const jobStarted = "started\n"

// runJob is the detached process: it reads its request from in, confirms on
// out, and leaves the result in the status file.
func runJob(run Runner, in io.Reader, out io.WriteCloser) error {
	req, path, err := readJob(in)
	if err == nil {
		err = writeStatus(path, value.DictOf("started", int64(1), "finished", int64(0),
			"ansible_job_id", req.Async.JobID))
	}
	if err != nil {
		fmt.Fprintln(out, err)
		return err
	}
	fmt.Fprint(out, jobStarted)
	out.Close()

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var limit <-chan time.Time
	if req.Async.Limit > 0 {
		limit = time.After(time.Duration(req.Async.Limit) * time.Second)
	}
	result := make(chan *value.Dict, 1)
	go func() { result <- runModule(ctx, run, "", req).Result }()
	var res *value.Dict
	select {
	case res = <-result:
	case <-limit:
		cancel()
		select {
		case <-result:
		case <-time.After(closeGrace):
		}
		res = value.DictOf("failed", true, "changed", false,
			"msg", fmt.Sprintf("Job reached maximum time limit of %d seconds.", req.Async.Limit))
	}
	if res == nil {
		res = value.NewDict()
	}
	res = res.Clone()
	for _, k := range []string{"module_stderr", "_ansible_stderr"} {
		if s, ok := res.GetStr(k); ok && !res.Has("stderr") {
			res.Set("stderr", s)
		}
	}
	res.Delete("_ansible_stderr")
	res.Set("started", int64(1))
	res.Set("finished", int64(1))
	res.Set("ansible_job_id", req.Async.JobID)
	err = writeStatus(path, res)
	for module.Unfinished() { // what the module does after its program, it does yet
		time.Sleep(settleGrace)
	}
	return err
}

func readJob(in io.Reader) (*Request, string, error) {
	p, err := io.ReadAll(in)
	if err != nil {
		return nil, "", err
	}
	req, err := decodeRequest(p)
	if err != nil {
		return nil, "", err
	}
	if req.Async == nil {
		return nil, "", errors.New("not an asynchronous request")
	}
	path, err := jobPath(req.Async)
	return req, path, err
}

// writeStatus replaces the status file, so that a reader sees the old or the
// new one.
func writeStatus(path string, d *value.Dict) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	s, err := value.DumpJSON(d, value.JSONOptions{EscapeASCII: true})
	if err != nil {
		return err
	}
	// A name nobody can foresee, for the folder may be one that others write to.
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	_, err = f.WriteString(s)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
