//go:build unix && !linux

package module

import (
	"os/exec"
	"sync"
	"syscall"
)

var umaskMu sync.Mutex

// startWithUmask starts cmd under a umask, which belongs to the whole process here: one program at a time.
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
