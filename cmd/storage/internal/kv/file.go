package kv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// File is a storage file. A file that does not exist is an empty storage.
type File struct {
	// Path may be a symbolic link; what it points to is read and replaced, the link stays.
	Path string
	// LockWait is how long to wait for other processes that are adding values; 0 means DefaultLockWait.
	LockWait time.Duration
}

// DefaultLockWait is long beside the milliseconds that adding a value takes: only a process that hangs lets it pass.
const DefaultLockWait = 30 * time.Second

// ErrBusy says that another process kept the lock for longer than LockWait.
var ErrBusy = errors.New("another process keeps the storage locked")

// Load reads the file without locking it: writers replace it as a whole.
func (f File) Load() (*Data, error) {
	d, _, err := load(f.Path)
	return d, err
}

// Append adds values under a key. When it returns nil they are in the file and the file is on the disk. On
// an error that says nothing else, the file is as it was.
func (f File) Append(ctx context.Context, key string, values ...string) error {
	return f.locked(ctx, func(path string, d *Data, info os.FileInfo) error {
		s := newStaged()
		for _, v := range values {
			s.add(d, Add{key, v})
		}
		_, err := replace(path, info, d, s, nil)
		return err
	})
}

// ErrDiverged says that a copy would lose values.
var ErrDiverged = errors.New("this storage holds values that the other one lacks")

// Become writes other in place of what the file holds, provided that nothing is lost: otherwise the error
// is ErrDiverged.
func (f File) Become(ctx context.Context, other *Data) error {
	return f.locked(ctx, func(path string, d *Data, info os.FileInfo) error {
		if !other.extends(d) {
			return ErrDiverged
		}
		_, err := replace(path, info, other, newStaged(), nil)
		return err
	})
}

// Create writes an empty storage where there is no file, or an empty one, and checks that the file that is
// there can be read and replaced.
func (f File) Create(ctx context.Context) error {
	return f.locked(ctx, func(path string, d *Data, info os.FileInfo) error {
		if info != nil && info.Size() > 0 {
			return writable(path)
		}
		_, err := replace(path, info, d, newStaged(), nil)
		return err
	})
}

// locked calls work with the file's real path, what it holds and its look, while no other process writes it.
func (f File) locked(ctx context.Context, work func(path string, d *Data, info os.FileInfo) error) error {
	path, err := follow(f.Path)
	if err != nil {
		return err
	}
	unlock, err := lock(ctx, path, f.LockWait)
	if err != nil {
		return err
	}
	defer unlock()
	d, info, err := load(path)
	if err != nil {
		return err
	}
	return work(path, d, info)
}

// Open opens the file for reading. It stays as it is while it is read, since writers replace it.
func (f File) Open() (*os.File, os.FileInfo, error) { return open(f.Path) }

func open(path string) (*os.File, os.FileInfo, error) {
	// before opening: opening a pipe would wait for somebody to write to it
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("not a regular file, but " + kind(info.Mode()))}
	}
	in, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	info, err := in.Stat()
	if err != nil {
		_ = in.Close()
		return nil, nil, err
	}
	return in, info, nil
}

// load reads a file; info is nil where there is none.
func load(path string) (*Data, os.FileInfo, error) {
	in, info, err := open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return New(), nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	defer in.Close()
	src := make([]byte, 0, info.Size()+1)
	for {
		n, err := in.Read(src[len(src):cap(src)])
		src = src[:len(src)+n]
		if n == 0 || err != nil {
			if err != nil && err != io.EOF {
				return nil, nil, err
			}
			break
		}
		if len(src) == cap(src) {
			src = append(src, 0)[:len(src)]
		}
	}
	d, err := Parse(src)
	if err != nil {
		return nil, nil, &DamagedError{Path: path, Err: err}
	}
	return d, info, nil
}

// DamagedError says that the file holds something else than a storage.
type DamagedError struct {
	Path string
	Err  error // *SyntaxError
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("%s is damaged and is left as it is: %v", e.Path, e.Err)
}

// Unwrap gives the *SyntaxError.
func (e *DamagedError) Unwrap() error { return e.Err }

func kind(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a folder"
	case m&fs.ModeNamedPipe != 0:
		return "a pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}

// follow returns the path that symbolic links at the end of a path lead to, which need not exist.
func follow(path string) (string, error) {
	for range 40 {
		target, err := os.Readlink(path)
		if err != nil {
			return path, nil // no link; what else is wrong shows when the file is opened
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	return "", &fs.PathError{Op: "open", Path: path, Err: errors.New("too many levels of symbolic links")}
}

// replace writes the data with what is staged to a temporary file beside path, brings it to the disk and gives
// it the name. old is the file that it replaces, nil for none; before, if given, is called just before the new
// file gets the name. Callers hold the lock. On an error the old file is still there, unless the error says
// otherwise.
func replace(path string, old os.FileInfo, d *Data, s *staged, before func(os.FileInfo)) (info os.FileInfo, err error) {
	perm := fs.FileMode(0o666) // less what the umask takes
	if old != nil {
		perm = 0o600 // until it has its owner
		if err := writable(path); err != nil {
			return nil, err
		}
	}
	tmp := path + ".tmp"
	// what a killed process left; nobody else writes it, since we hold the lock
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	out, err := os.OpenFile(tmp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, perm)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = out.Close()
			_ = os.Remove(tmp)
		}
	}()
	if old != nil {
		if err := keepOwner(out, old); err != nil {
			return nil, fmt.Errorf("cannot keep the owner of %s: %w", path, err)
		}
		if err := out.Chmod(old.Mode().Perm()); err != nil {
			return nil, err
		}
	}
	if err := d.write(out, s); err != nil {
		return nil, err
	}
	if err := out.Sync(); err != nil {
		return nil, err
	}
	if info, err = out.Stat(); err != nil {
		return nil, err
	}
	if err := out.Close(); err != nil {
		return nil, err
	}
	if before != nil {
		before(info)
	}
	if err := rename(tmp, path); err != nil {
		return nil, err
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("%s holds the new values, but its folder could not be brought to the disk: %w", path, err)
	}
	return info, nil
}

// writable says whether the file may be written. Replacing it asks for the folder's permission only, but who
// protects a file means its content.
func writable(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// same tells whether two looks at a file, nil for none, saw the same content.
func same(a, b os.FileInfo) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && os.SameFile(a, b)
}
