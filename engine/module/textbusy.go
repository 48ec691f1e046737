package module

import (
	"errors"
	"os/exec"
	"syscall"
	"time"
)

// busyPatience is how long a program's file may be open for writing before that is an error.
var busyPatience = 2 * time.Second

// Patiently starts a program, again while its file is still open for writing. Whoever wrote the file may have closed it:
// a program that another goroutine started at that moment has it open, too, until it is itself on its way.
func Patiently(cmd *exec.Cmd, start func() error) error {
	for end := time.Now().Add(busyPatience); ; time.Sleep(5 * time.Millisecond) {
		if err := start(); !errors.Is(err, syscall.ETXTBSY) || time.Now().After(end) {
			return err
		}
		// a Cmd can be started once only
		*cmd = exec.Cmd{Path: cmd.Path, Args: cmd.Args, Env: cmd.Env, Dir: cmd.Dir, Stdin: cmd.Stdin, Stdout: cmd.Stdout,
			Stderr: cmd.Stderr, ExtraFiles: cmd.ExtraFiles, SysProcAttr: cmd.SysProcAttr, WaitDelay: cmd.WaitDelay}
	}
}
