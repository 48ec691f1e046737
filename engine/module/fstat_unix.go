//go:build unix

package module

import (
	"golang.org/x/sys/unix"
)

// inode is what stat(2) tells of a file.
type inode struct {
	Mode                     uint32 // type and permission bits
	UID, GID                 int
	Size, Blocks, BlockSize  int64
	Dev, Ino, Nlink, Rdev    uint64
	ATime, MTime, CTime      float64 // seconds
	ASec, ANsec, MSec, MNsec int64
}

func (i *inode) typ() uint32  { return i.Mode & unix.S_IFMT }
func (i *inode) isDir() bool  { return i.typ() == unix.S_IFDIR }
func (i *inode) isReg() bool  { return i.typ() == unix.S_IFREG }
func (i *inode) isLink() bool { return i.typ() == unix.S_IFLNK }
func (i *inode) perm() uint32 { return i.Mode & 0o7777 }

func lstat(path string) (*inode, error) {
	var st unix.Stat_t
	if err := retry(func() error { return unix.Lstat(path, &st) }); err != nil {
		return nil, err
	}
	return newInode(&st), nil
}

func stat(path string) (*inode, error) {
	var st unix.Stat_t
	if err := retry(func() error { return unix.Stat(path, &st) }); err != nil {
		return nil, err
	}
	return newInode(&st), nil
}

func retry(f func() error) error {
	for {
		if err := f(); err != unix.EINTR {
			return err
		}
	}
}

func newInode(st *unix.Stat_t) *inode {
	sec := func(t unix.Timespec) float64 { return float64(t.Sec) + 1e-9*float64(t.Nsec) }
	return &inode{
		Mode: uint32(st.Mode), UID: int(st.Uid), GID: int(st.Gid),
		Size: int64(st.Size), Blocks: int64(st.Blocks), BlockSize: int64(st.Blksize),
		Dev: uint64(st.Dev), Ino: uint64(st.Ino), Nlink: uint64(st.Nlink), Rdev: uint64(st.Rdev),
		ATime: sec(st.Atim), MTime: sec(st.Mtim), CTime: sec(st.Ctim),
		ASec: int64(st.Atim.Sec), ANsec: int64(st.Atim.Nsec), MSec: int64(st.Mtim.Sec), MNsec: int64(st.Mtim.Nsec),
	}
}

// access tells whether the process may use path so: 4 read, 2 write, 1 execute.
func access(path string, how uint32) bool { return unix.Access(path, how) == nil }

// lchown changes the owner of path itself; -1 leaves one as it is.
func lchown(path string, uid, gid int) error { return unix.Lchown(path, uid, gid) }

// chmod changes the mode with all its bits.
func chmod(path string, mode uint32) error { return unix.Chmod(path, mode) }

// setTimes sets access and modification time; nsec unix.UTIME_OMIT and UTIME_NOW
// work as in utimensat. nofollow changes a link itself.
func setTimes(path string, asec, ansec, msec, mnsec int64, nofollow bool) error {
	ts := []unix.Timespec{unix.NsecToTimespec(0), unix.NsecToTimespec(0)}
	ts[0] = unix.NsecToTimespec(asec*1e9 + ansec)
	ts[1] = unix.NsecToTimespec(msec*1e9 + mnsec)
	flags := 0
	if nofollow {
		flags = unix.AT_SYMLINK_NOFOLLOW
	}
	return unix.UtimesNanoAt(unix.AT_FDCWD, path, ts, flags)
}
