package module

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

var (
	errPipe   = errors.New("it is a named pipe, which is not read: there may be nobody who writes to it")
	errSocket = errors.New("it is a socket, which is not read")
	errDevice = errors.New("it is a device, which is not read: it may have no end")
)

// readFile is os.ReadFile for a file that a user named: what could keep the helper waiting or has no end is refused, that
// is named pipes, sockets and character devices but /dev/null.
func readFile(path string) ([]byte, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	var pe *fs.PathError
	if errors.As(err, &pe) { // Python's says no more than this either
		err = &fs.PathError{Op: "read", Path: path, Err: pe.Err}
	}
	return data, err
}

// openFile is os.Open under the rules of readFile. It looks before, for opening a device may do something, and at what it
// has opened, for the name may stand for another file by then.
func openFile(path string) (*os.File, error) {
	if fi, err := os.Stat(path); err == nil { // else opening it says why
		if err := unreadable(fi, path); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	fi, err := f.Stat()
	if err == nil {
		err = unreadable(fi, path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func unreadable(fi fs.FileInfo, path string) error {
	var why error
	switch m := fi.Mode(); {
	case m&fs.ModeNamedPipe != 0:
		why = errPipe
	case m&fs.ModeSocket != 0:
		why = errSocket
	case m&fs.ModeCharDevice != 0 && path != os.DevNull:
		why = errDevice
	default:
		return nil
	}
	return &fs.PathError{Op: "open", Path: path, Err: why}
}
