package module

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// openNameless opens a new file in dir that has no name and is gone when it is closed without getting one; nil where the
// file system cannot do so, or the folder cannot be written, of which opening a named one tells.
func openNameless(dir string) *os.File {
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil
	}
	if _, err := os.Lstat(procName(fd)); err != nil { // without /proc it would never get a name
		unix.Close(fd)
		return nil
	}
	return os.NewFile(uintptr(fd), dir)
}

func linkNameless(f *os.File, name string) error {
	return unix.Linkat(unix.AT_FDCWD, procName(int(f.Fd())), unix.AT_FDCWD, name, unix.AT_SYMLINK_FOLLOW)
}

func procName(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// copyData copies the parts of a sparse file that are stored; done is false where there is nothing to gain.
func (c *Context) copyData(to, from *os.File) (done bool, err error) {
	var st unix.Stat_t
	if unix.Fstat(int(from.Fd()), &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFREG || st.Blocks*512 >= st.Size {
		return false, nil
	}
	for at := int64(0); ; {
		if err := c.Err(); err != nil {
			return true, err
		}
		start, err := unix.Seek(int(from.Fd()), at, unix.SEEK_DATA)
		if err == unix.ENXIO { // nothing but a hole is left
			return true, to.Truncate(max(at, st.Size))
		}
		if err != nil {
			return false, seekBoth(to, from, at)
		}
		end, err := unix.Seek(int(from.Fd()), start, unix.SEEK_HOLE)
		if err != nil {
			return false, seekBoth(to, from, at)
		}
		if err := seekBoth(to, from, start); err != nil {
			return true, err
		}
		n, err := io.CopyN(to, from, min(end-start, copyChunk))
		if err != nil && err != io.EOF {
			return true, err
		}
		if at = start + n; n == 0 { // it was cut short meanwhile
			return true, to.Truncate(at)
		}
	}
}

func seekBoth(to, from *os.File, at int64) error {
	for _, f := range []*os.File{to, from} {
		if _, err := f.Seek(at, io.SeekStart); err != nil {
			return err
		}
	}
	return nil
}

// reserve sees that a file has room for size bytes. Where the file system cannot tell, writing will.
func reserve(f *os.File, size int64) error {
	if size == 0 {
		return nil
	}
	err := retry(func() error { return unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, size) })
	if err == unix.ENOSPC || err == unix.EDQUOT || err == unix.EFBIG {
		return err
	}
	return nil
}

// anonymous opens a file in memory to which programs append, nil where there is none.
func anonymous() *os.File {
	fd, err := unix.MemfdCreate("output", unix.MFD_CLOEXEC|unix.MFD_NOEXEC_SEAL)
	if err != nil { // kernels before 6.3 do not know the flag that later ones want
		fd, err = unix.MemfdCreate("output", unix.MFD_CLOEXEC)
	}
	if err != nil {
		return nil
	}
	_, _ = unix.FcntlInt(uintptr(fd), unix.F_SETFL, unix.O_APPEND) // also when it is opened anew as /dev/stderr
	return os.NewFile(uintptr(fd), "output")
}
