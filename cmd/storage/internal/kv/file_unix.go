//go:build unix

package kv

import (
	"errors"
	"os"
	"syscall"
)

// keepOwner gives a new file the owner and group of the one that it is to replace.
func keepOwner(f *os.File, old os.FileInfo) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	want, ok := old.Sys().(*syscall.Stat_t)
	have, ok2 := info.Sys().(*syscall.Stat_t)
	if !ok || !ok2 || want.Uid == have.Uid && want.Gid == have.Gid {
		return nil
	}
	return f.Chown(int(want.Uid), int(want.Gid))
}

func rename(from, to string) error { return os.Rename(from, to) }

// syncFolder brings a new name in a folder to the disk.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if errors.Is(err, os.ErrPermission) {
		return nil // a folder that we may write to but not list; its file system orders the rename after the content
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	err = dir.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil // a file system that has no such thing
	}
	return err
}
