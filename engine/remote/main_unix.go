//go:build unix

package remote

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// privateStdio moves standard input and output to descriptors that no child
// inherits and puts /dev/null in their place, so that nothing a module starts
// or prints can get into the protocol.
func privateStdio() (in, out *os.File) {
	tty := term.IsTerminal(0)
	if tty {
		// su needs a terminal; the protocol needs it to pass every byte.
		term.MakeRaw(0)
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return os.Stdin, os.Stdout
	}
	move := func(fd int, name string) *os.File {
		n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			return os.NewFile(uintptr(fd), name)
		}
		unix.Dup2(int(null.Fd()), fd)
		return os.NewFile(uintptr(n), name)
	}
	in, out = move(0, "stdin"), move(1, "stdout")
	if tty {
		unix.Dup2(int(null.Fd()), 2)
	}
	null.Close()
	return in, out
}

// onSignals calls f when the process is asked to end. Interrupts are for the
// controller, which shares our terminal when the session is local.
func onSignals(f func()) {
	ch := make(chan os.Signal, 4)
	signal.Notify(ch, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT)
	go func() {
		for s := range ch {
			if s != syscall.SIGINT {
				f()
			}
		}
	}()
}

// jobUmask gives a detached job the umask that Ansible's jobs have, whatever the login's is.
func jobUmask() { syscall.Umask(0o022) }

// detach gives cmd a session of its own, so that it outlives the connection.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
