//go:build linux || darwin

package engine

import (
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// readKeys gives the keys as they are pressed, Ctrl-C included, without echo,
// until restore is called. ok is false where nobody is at the terminal: no
// terminal at all, or the program runs in the background.
func readKeys(f *os.File) (keys <-chan byte, restore func(), ok bool) {
	fd := int(f.Fd())
	old, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, nil, false
	}
	if front, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP); err != nil || front != unix.Getpgrp() {
		return nil, nil, false
	}
	raw := *old
	raw.Lflag &^= unix.ICANON | unix.ECHO | unix.ISIG | unix.IEXTEN
	raw.Iflag &^= unix.ICRNL | unix.INLCR | unix.IXON
	raw.Cc[unix.VMIN], raw.Cc[unix.VTIME] = 0, 1 // a read ends after a tenth of a second, so none is left behind
	if err := unix.IoctlSetTermios(fd, setTermios, &raw); err != nil {
		return nil, nil, false
	}
	ch, stop, done := make(chan byte), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 1)
		for empty := 0; ; {
			select {
			case <-stop:
				return
			default:
			}
			start := time.Now()
			n, err := unix.Read(fd, b)
			switch {
			case err == unix.EINTR || err == unix.EAGAIN:
			case err != nil, n == 0 && time.Since(start) < 20*time.Millisecond && empty > 10:
				close(ch) // hung up: reads end at once
				return
			case n == 0 && time.Since(start) < 20*time.Millisecond:
				empty++
			case n == 1:
				empty = 0
				select {
				case ch <- b[0]:
				case <-stop:
					return
				}
			}
		}
	}()
	var once sync.Once
	return ch, func() {
		once.Do(func() {
			close(stop)
			<-done
			_ = unix.IoctlSetTermios(fd, setTermios, old)
		})
	}, true
}
