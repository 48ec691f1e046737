package module

import (
	"golang.org/x/sys/unix"
)

// fileFlags reads the attribute flags (as lsattr shows them) and the inode's
// generation; ok is false where the file system has none. Some, tmpfs among them, have flags and no generation:
// ok is false then, too, but the flags are right and can be set.
func fileFlags(path string) (flags uint32, version uint32, ok bool) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
	if err != nil {
		return 0, 0, false
	}
	defer unix.Close(fd)
	n, err := unix.IoctlGetInt(fd, unix.FS_IOC_GETFLAGS)
	if err != nil {
		return 0, 0, false
	}
	v, err := unix.IoctlGetInt(fd, fsIocGetVersion)
	if err != nil {
		return uint32(n), 0, false
	}
	return uint32(n), uint32(v), true
}

// The request number encodes the size of a C long.
const fsIocGetVersion = 2<<30 | (32<<(^uintptr(0)>>63)/8)<<16 | 'v'<<8 | 1

// setFileFlags sets the attribute flags.
func setFileFlags(path string, flags uint32) error {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.IoctlSetPointerInt(fd, unix.FS_IOC_SETFLAGS, int(flags))
}
