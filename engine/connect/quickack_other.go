//go:build !linux

package connect

import "net"

// newQuickAck does nothing where the system has no such option.
func newQuickAck(c net.Conn) net.Conn { return c }
