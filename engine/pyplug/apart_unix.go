//go:build !windows

package pyplug

import (
	"os/exec"
	"syscall"
)

// apart keeps the interrupt of the terminal from the process; it ends with its
// standard input.
func apart(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
