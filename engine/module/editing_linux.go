package module

import (
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// editingWait is how long an edit waits for another one. It bounds waiting for programs that lock folders for reasons of
// their own.
const editingWait = 30 * time.Second

// editing keeps others that edit files of the same folder from doing so until done is called, so that of two tasks that
// read a file, change a line each and write it neither loses its line: plays that delegate to one host and other runs of
// goplay alike. The lock is one on the folder, which leaves nothing behind; where there is none, the edit goes on without.
func (c *Context) editing(path string) (done func()) {
	if c.Check {
		return func() {}
	}
	fd, err := unix.Open(filepath.Dir(realPath(path)), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return func() {}
	}
	for end := time.Now().Add(editingWait); ; {
		err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
		if err != unix.EWOULDBLOCK && err != unix.EINTR || time.Now().After(end) || c.sleep(time.Millisecond) != nil {
			return func() { unix.Close(fd) }
		}
	}
}
