//go:build unix

package module

import (
	"os/exec"
	"sync"
	"syscall"
)

// setGroup puts the program into a process group of its own, so that it can be
// ended with its children.
func setGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}

var umaskMu sync.Mutex

// startWithUmask starts cmd under a umask. The umask belongs to the process, so
// the change is kept as short as the start takes.
func startWithUmask(cmd *exec.Cmd, umask *int) error {
	if umask == nil {
		return cmd.Start()
	}
	umaskMu.Lock()
	defer umaskMu.Unlock()
	old := syscall.Umask(*umask)
	defer syscall.Umask(old)
	return cmd.Start()
}
