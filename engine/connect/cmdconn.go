package connect

import (
	"io"
	"net"
	"os/exec"
	"sync"
	"time"
)

// cmdConn makes a command's pipes a net.Conn.
type cmdConn struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  io.ReadCloser
	once sync.Once
}

func (c *cmdConn) Read(p []byte) (int, error)  { return c.out.Read(p) }
func (c *cmdConn) Write(p []byte) (int, error) { return c.in.Write(p) }

// Close ends the command, politely first.
func (c *cmdConn) Close() error {
	c.once.Do(func() {
		c.in.Close()
		t := time.AfterFunc(time.Second, func() { c.cmd.Process.Kill() })
		go func() {
			c.cmd.Wait()
			t.Stop()
		}()
	})
	return nil
}

type cmdAddr struct{}

func (cmdAddr) Network() string { return "proxy" }
func (cmdAddr) String() string  { return "proxy command" }

func (c *cmdConn) LocalAddr() net.Addr              { return cmdAddr{} }
func (c *cmdConn) RemoteAddr() net.Addr             { return cmdAddr{} }
func (c *cmdConn) SetDeadline(time.Time) error      { return nil }
func (c *cmdConn) SetReadDeadline(time.Time) error  { return nil }
func (c *cmdConn) SetWriteDeadline(time.Time) error { return nil }
