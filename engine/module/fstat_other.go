//go:build !unix

package module

import (
	"errors"
	"os"
)

var errUnix = errors.New("modules run on Unix targets only")

// inode is what stat(2) tells of a file.
type inode struct {
	Mode                     uint32
	UID, GID                 int
	Size, Blocks, BlockSize  int64
	Dev, Ino, Nlink, Rdev    uint64
	ATime, MTime, CTime      float64
	ASec, ANsec, MSec, MNsec int64
}

const (
	sIFMT = 0o170000
)

func (i *inode) typ() uint32  { return i.Mode & sIFMT }
func (i *inode) isDir() bool  { return i.typ() == 0o040000 }
func (i *inode) isReg() bool  { return i.typ() == 0o100000 }
func (i *inode) isLink() bool { return i.typ() == 0o120000 }
func (i *inode) perm() uint32 { return i.Mode & 0o7777 }

func lstat(path string) (*inode, error) {
	_, err := os.Lstat(path)
	return nil, errors.Join(err, errUnix)
}
func stat(path string) (*inode, error) { return lstat(path) }

func access(string, uint32) bool                              { return false }
func lchown(string, int, int) error                           { return errUnix }
func chmod(string, uint32) error                              { return errUnix }
func setTimes(string, int64, int64, int64, int64, bool) error { return errUnix }
