//go:build unix

package remote

import (
	"os"
	"syscall"
	"time"
)

func lockDir(dir string) *os.File {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		f.Close()
		return nil
	}
	return f
}

// stale tells whether nobody holds the folder. A minute's age keeps off those
// that are just being made, and file systems without locks.
func stale(dir string) bool {
	st, err := os.Lstat(dir)
	if err != nil || time.Since(st.ModTime()) < time.Minute {
		return false
	}
	f := lockDir(dir)
	if f == nil {
		return false
	}
	f.Close()
	return true
}

func ownedByUs(st os.FileInfo) bool {
	s, ok := st.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Geteuid()
}
