//go:build !unix

package keep

import (
	"errors"
	"net"
)

// Main does nothing here: connections are not kept on this system.
func Main(func() Dialer) {}

// Start fails on this system.
func Start([]string, string) (string, error) {
	return "", errors.New("connections are not kept from run to run on this system")
}

// Self is not known on this system.
func Self() []string { return nil }

func secure(string) error { return errors.ErrUnsupported }

func hungUp(net.Conn) bool { return false }
