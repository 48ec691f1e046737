//go:build !windows

package vaultcli

import (
	"os"
	"syscall"
)

// keepOwner gives f the mode and, where permitted, the owner of st.
func keepOwner(f *os.File, st os.FileInfo) error {
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(sys.Uid), int(sys.Gid)) // only root may; the rest keeps its own
	}
	return f.Chmod(st.Mode().Perm())
}
