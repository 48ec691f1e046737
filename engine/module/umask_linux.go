package module

import (
	"os/exec"
	"runtime"
	"syscall"
)

// startWithUmask starts cmd under a umask. It does so from a thread with a umask of its own, which ends with it: other
// modules may be making files at the same moment.
func startWithUmask(cmd *exec.Cmd, umask *int) error {
	if umask == nil {
		return cmd.Start()
	}
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread is not to be used again
		err := syscall.Unshare(syscall.CLONE_FS)
		if err == nil {
			syscall.Umask(*umask)
			err = cmd.Start()
		}
		done <- err
	}()
	return <-done
}
