package kv

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lock waits for the lock of a storage. The lock is a file of its own, path.lock, since the storage file itself
// is replaced by every writer; it stays when the lock is given back.
func lock(ctx context.Context, path string, wait time.Duration) (unlock func(), err error) {
	if wait == 0 {
		wait = DefaultLockWait
	}
	name := path + ".lock"
	type result struct {
		lock *flock.Flock
		err  error
	}
	got := make(chan result, 1)
	up := make(chan struct{}) // closed when nobody waits any more
	go func() {
		l, err := take(name, up)
		got <- result{l, err}
	}()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case r := <-got:
		if r.err != nil {
			return nil, r.err
		}
		return func() { _ = r.lock.Close() }, nil
	case <-timer.C:
		err = fmt.Errorf("%w: %s was not free for %v", ErrBusy, name, wait)
	case <-ctx.Done():
		err = ctx.Err()
	}
	// the lock may still come: give it back then
	close(up)
	go func() {
		if r := <-got; r.err == nil {
			_ = r.lock.Close()
		}
	}()
	return nil, err
}

// take locks the lock file, however long that takes. Once up is closed, it makes no lock file any more: the folder
// may be gone, or about to go.
func take(name string, up <-chan struct{}) (*flock.Flock, error) {
	for {
		select {
		case <-up:
			return nil, ErrBusy
		default:
		}
		if err := makeLock(name); err != nil {
			return nil, err
		}
		l := flock.New(name, flock.SetFlag(os.O_RDONLY))
		if err := l.Lock(); errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, fmt.Errorf("cannot lock: %w", err)
		}
		// Somebody who tidies up may have removed the file while we waited: then others lock a new one.
		have, err := l.Stat()
		now, err2 := os.Stat(name)
		if err == nil && err2 == nil && os.SameFile(have, now) {
			return l, nil
		}
		_ = l.Close()
	}
}

// makeLock makes the lock file where there is none. Others who may write to the folder need to open it too.
func makeLock(name string) error {
	if _, err := os.Stat(name); err == nil {
		return nil
	}
	out, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return &fs.PathError{Op: "write in", Path: filepath.Dir(name), Err: errors.New("no such folder")}
	case err != nil:
		return err
	}
	_ = out.Chmod(0o644) // whatever the umask
	return out.Close()
}
