//go:build !linux && !darwin

package engine

import (
	"os"

	"golang.org/x/term"
)

// readKeys gives the keys as they are pressed, Ctrl-C included, until restore is
// called. ok is false where there is no terminal. The last read outlives the
// pause and swallows one key.
func readKeys(f *os.File) (keys <-chan byte, restore func(), ok bool) {
	fd := int(f.Fd())
	old, err := term.MakeRaw(fd)
	if err != nil {
		return nil, nil, false
	}
	ch, stop := make(chan byte), make(chan struct{})
	go func() {
		b := make([]byte, 1)
		for {
			if n, err := f.Read(b); err != nil || n == 0 {
				close(ch)
				return
			}
			select {
			case ch <- b[0]:
			case <-stop:
				return
			}
		}
	}()
	return ch, func() { close(stop); _ = term.Restore(fd, old) }, true
}
