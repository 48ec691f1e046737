package facts

import (
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

func statfs(p string) (fsSize, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(p, &s); err != nil {
		return fsSize{}, err
	}
	frag := int64(s.Frsize)
	if frag == 0 {
		frag = int64(s.Bsize)
	}
	return fsSize{int64(s.Bsize), frag, int64(s.Blocks), int64(s.Bavail), int64(s.Files), int64(s.Ffree)}, nil
}

func usableCPUs() int64 {
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil {
		return 0
	}
	return int64(set.Count())
}

func sysLoads() (l [3]float64, ok bool) {
	var s unix.Sysinfo_t
	if unix.Sysinfo(&s) != nil {
		return l, false
	}
	for i := range l {
		l[i] = float64(s.Loads[i]) / 65536
	}
	return l, true
}

// rootInode tells whether st looks like the root of a whole file system.
func rootInode(st fs.FileInfo) bool {
	s, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return true
	}
	return s.Ino == 2 || s.Ino == 128 || s.Ino == 256 // ext, xfs, btrfs
}
