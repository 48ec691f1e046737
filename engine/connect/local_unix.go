//go:build unix

package connect

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup keeps an interrupt at the controller's terminal from the helper;
// the controller ends it in order.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(p *os.Process) { syscall.Kill(-p.Pid, syscall.SIGTERM) }
