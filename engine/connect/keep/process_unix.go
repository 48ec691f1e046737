//go:build unix

package keep

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// stay is how long a keeper waits for work when it has nothing to keep.
const stay = 5 * time.Second

// Main acts as a keeper and ends the process, when the command line asks for it;
// else it returns. A main function (or TestMain) calls it first.
func Main(dial func() Dialer) {
	if len(os.Args) != 3 || os.Args[1] != Arg {
		return
	}
	signal.Ignore(syscall.SIGHUP, syscall.SIGPIPE)
	secretive()
	f := os.NewFile(3, "socket")
	l, err := net.FileListener(f)
	if err != nil {
		fmt.Fprintln(os.Stderr, "goplay keeps connections only for runs of its own; this is not meant to be run by hand")
		os.Exit(2)
	}
	f.Close()
	quit := make(chan os.Signal, 1)
	signal.Notify(quit, syscall.SIGTERM, syscall.SIGINT)
	go func() { <-quit; l.Close() }()
	serve(l, os.Args[2], dial(), stay)
	os.Exit(0)
}

// maxSocket is the longest path of a socket.
const maxSocket = 100

// Start starts a keeper with the command given, which is a program whose main
// calls Main, and returns its socket, a new file in dir.
func Start(command []string, dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if err := secure(dir); err != nil {
		return "", err
	}
	socket := filepath.Join(dir, "goplay-"+strconv.Itoa(os.Getpid())+"-"+strconv.FormatInt(time.Now().UnixNano(), 36))
	if len(socket) > maxSocket {
		return "", fmt.Errorf("%s is too long for the path of a socket", socket)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		return "", err
	}
	l.SetUnlinkOnClose(false)
	defer l.Close()
	closeOnExec()
	f, err := l.File()
	if err == nil {
		defer f.Close()
		err = os.Chmod(socket, 0o600)
	}
	if err == nil {
		cmd := exec.Command(command[0], append(command[1:len(command):len(command)], Arg, socket)...)
		cmd.Args[0] = "goplay"
		cmd.ExtraFiles = []*os.File{f}
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no signals of the run's terminal
		if err = cmd.Start(); err == nil {
			go func() { _ = cmd.Wait() }()
			return socket, nil
		}
	}
	os.Remove(socket)
	return "", err
}

// closeOnExec sees that the keeper, which outlives the run, gets no file that
// this process has from its caller: a lock of a script would stay held.
func closeOnExec() {
	names, _ := os.ReadDir("/dev/fd")
	for _, n := range names {
		if fd, err := strconv.Atoi(n.Name()); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
}

// secure refuses a folder that others could put a socket into.
func secure(dir string) error {
	st, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	sys, ok := st.Sys().(*syscall.Stat_t)
	switch {
	case !st.IsDir():
		return fmt.Errorf("%s is not a folder", dir)
	case !ok || int(sys.Uid) != os.Geteuid():
		return fmt.Errorf("%s belongs to somebody else", dir)
	case st.Mode().Perm()&0o022 != 0:
		return fmt.Errorf("others may write to %s", dir)
	}
	return nil
}

// hungUp tells whether the other side has closed c, also while there is
// something left to read.
func hungUp(c net.Conn) bool {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return false
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return true
	}
	gone := false
	err = raw.Control(func(fd uintptr) {
		p := []unix.PollFd{{Fd: int32(fd)}}
		n, err := unix.Poll(p, 0)
		gone = err == nil && n > 0 && p[0].Revents&(unix.POLLHUP|unix.POLLERR) != 0
	})
	return gone || errors.Is(err, net.ErrClosed)
}

// Self is the command that starts this program as a keeper, for Start.
func Self() []string {
	if runtime.GOOS == "linux" {
		return []string{"/proc/self/exe"} // also there when the file has been replaced
	}
	exe, err := os.Executable()
	if err != nil {
		return nil
	}
	return []string{exe}
}
