package module

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// openPty opens a pseudo-terminal: the master, and the name of the other end.
func openPty(echo bool) (*os.File, *os.File, error) {
	m, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	fd := int(m.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		m.Close()
		return nil, nil, err
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		m.Close()
		return nil, nil, err
	}
	s, err := os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		m.Close()
		return nil, nil, err
	}
	if t, err := unix.IoctlGetTermios(int(s.Fd()), unix.TCGETS); err == nil && !echo {
		t.Lflag &^= unix.ECHO
		_ = unix.IoctlSetTermios(int(s.Fd()), unix.TCSETS, t)
	}
	// Non-blocking, so that reads end when the file is closed.
	if err := unix.SetNonblock(fd, true); err != nil {
		m.Close()
		s.Close()
		return nil, nil, err
	}
	dup, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		m.Close()
		s.Close()
		return nil, nil, err
	}
	m.Close()
	return os.NewFile(uintptr(dup), "/dev/ptmx"), s, nil
}

func (s *dialogue) run(argv []string, dir string, echo bool) (rc int, output string, err error) {
	c := s.c
	env := dedupEnv(slices.Concat(os.Environ(), c.Env))
	path, err := c.lookPath(argv[0], env, dir)
	if err != nil {
		return 0, "", Errorf("The command was not found or was not executable: " + argv[0] + ".")
	}
	master, slave, err := openPty(echo)
	if err != nil {
		return 0, "", Errorf("no terminal can be opened: " + err.Error())
	}
	defer master.Close()
	cmd := exec.Command(path)
	cmd.Args, cmd.Env, cmd.Dir = argv, env, c.absolute(dir)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		slave.Close()
		return 0, "", Errorf(pyError(unwrapErrno(err), argv[0]))
	}
	slave.Close()
	type piece struct {
		data []byte
		err  error
	}
	in := make(chan piece)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			buf := make([]byte, 4096)
			n, err := master.Read(buf)
			select {
			case in <- piece{buf[:n], err}:
			case <-stop:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	var out []byte
	timer := time.NewTimer(s.timeout)
	defer timer.Stop()
	// Also while an answer waits to be read.
	defer context.AfterFunc(c, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })()
	kill := func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	}
	for {
		select {
		case p := <-in:
			out = append(out, p.data...)
			for {
				text, ok := s.reply(string(out))
				if s.failed != "" {
					kill()
					return -1, string(out), nil
				}
				if !ok {
					break
				}
				// A moment, as people need one: many programs empty their input first.
				time.Sleep(50 * time.Millisecond)
				if _, err := master.WriteString(text); err != nil {
					break
				}
			}
			if len(p.data) > 0 {
				timer.Reset(s.timeout)
			}
			if p.err != nil { // EIO: the other end is closed
				err := cmd.Wait()
				var ee *exec.ExitError
				if errors.As(err, &ee) {
					if ws, ok := ee.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
						return -int(ws.Signal()), string(out), nil
					}
					return ee.ExitCode(), string(out), nil
				}
				return 0, string(out), nil
			}
		case <-timer.C:
			s.late = true
			kill()
			return 0, string(out), nil
		case <-c.Done():
			kill()
			return 0, "", Errorf("interrupted: " + c.Err().Error())
		}
	}
}
