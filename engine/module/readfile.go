package module

import (
	"errors"
	"io/fs"
	"os"
)

var (
	errPipe   = errors.New("it is a named pipe, which is not read: there may be nobody who writes to it")
	errSocket = errors.New("it is a socket, which is not read")
	errDevice = errors.New("it is a device, which is not read: it may have no end")
)

// readFile is os.ReadFile for a file that a user named: what could keep the helper waiting or has no end is refused, that
// is named pipes, sockets and character devices but /dev/null.
func readFile(path string) ([]byte, error) {
	if err := unreadable(path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// openFile is os.Open under the rules of readFile.
func openFile(path string) (*os.File, error) {
	if err := unreadable(path); err != nil {
		return nil, err
	}
	return os.Open(path)
}

func unreadable(path string) error {
	fi, err := os.Stat(path)
	if err != nil {
		return nil // opening it says why
	}
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
