package kv

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// keepOwner has nothing to do: a new file gets its access list from the folder.
func keepOwner(*os.File, os.FileInfo) error { return nil }

// rename replaces a file and waits until the disk has it. Readers that have the old file open keep it from
// being replaced for as long as they read.
func rename(from, to string) error {
	src, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	dst, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		err = windows.MoveFileEx(src, dst, windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH)
		busy := errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
		if !busy || time.Now().After(end) {
			break
		}
	}
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

// syncFolder has nothing to do: rename waits for the disk.
func syncFolder(string) error { return nil }
