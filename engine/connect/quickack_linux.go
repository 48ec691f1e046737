package connect

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// quickAck acknowledges what it reads at once. sshd leaves Nagle's algorithm on for sessions without a
// terminal: its second small packet waits until the first is acknowledged, which a receiver with nothing to
// send puts off for 40 ms, at every start of a session.
type quickAck struct {
	net.Conn
	raw syscall.RawConn
}

func newQuickAck(c net.Conn) net.Conn {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return c
	}
	return &quickAck{Conn: c, raw: raw}
}

// Read implements io.Reader. The kernel forgets the option after a while, so it is set each time.
func (q *quickAck) Read(p []byte) (int, error) {
	n, err := q.Conn.Read(p)
	if n > 1 { // the server's greeting is read byte by byte
		_ = q.raw.Control(setQuickAck)
	}
	return n, err
}

func setQuickAck(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1) }
