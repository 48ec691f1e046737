package remote

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"time"

	"github.com/goplay-engine/goplay/engine/module"
)

// killGrace is how long cancelled programs may take between the polite and the
// final signal.
const killGrace = time.Second

// Exec implements Session. The program runs in its own process group, and the
// whole group is killed when ctx ends.
func (d *Direct) Exec(ctx context.Context, x *Exec) (*ExecResult, error) {
	outer := ctx
	ctx, end, err := d.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	if len(x.Argv) == 0 {
		return nil, errors.New("no program given")
	}
	cmd := exec.Command(x.Argv[0], x.Argv[1:]...)
	cmd.Dir = d.path(x.Dir)
	if len(x.Env) > 0 {
		cmd.Env = append(os.Environ(), x.Env...)
	}
	if len(x.Stdin) > 0 {
		cmd.Stdin = bytes.NewReader(x.Stdin)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := RunGroup(ctx, cmd); err != nil {
		if cerr := outer.Err(); cerr != nil {
			return nil, cerr
		}
		var ee *exec.ExitError
		if !errors.As(err, &ee) {
			return nil, err
		}
	}
	return &ExecResult{RC: ExitCode(cmd.ProcessState), Stdout: stdout.Bytes(), Stderr: stderr.Bytes()}, nil
}

// RunGroup runs cmd in its own process group until it ends or ctx does; then
// the group is killed, children included. Output pipes that a daemon keeps
// open are given up two seconds after the program itself has ended.
func RunGroup(ctx context.Context, cmd *exec.Cmd) error {
	ownGroup(cmd)
	cmd.WaitDelay = 2 * time.Second
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := module.Patiently(cmd, cmd.Start); err != nil {
		return err
	}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		killGroup(cmd.Process, false)
		for end := time.Now().Add(killGrace); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			if !groupAlive(cmd.Process) {
				return
			}
		}
		killGroup(cmd.Process, true)
	})
	err := cmd.Wait()
	if !stop() {
		<-stopped
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	if cerr := ctx.Err(); cerr != nil {
		return cerr
	}
	return err
}
