package connect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"golang.org/x/crypto/ssh"

	"github.com/goplay-engine/goplay/engine/remote"
)

// viaSSH begins every message about a host that ssh cannot reach, as Ansible
// has it.
const viaSSH = "Failed to connect to the host via ssh: "

func unreachable(host, msg string, err error) error {
	return &remote.UnreachableError{Host: host, Msg: viaSSH + msg, Err: err}
}

// errText is an error without Go's operation and path around it, with the
// capital letter the C library gives it.
func errText(err error) string {
	var no syscall.Errno
	if errors.As(err, &no) {
		s := no.Error()
		return strings.ToUpper(s[:1]) + s[1:]
	}
	if errors.Is(err, os.ErrNotExist) {
		return "No such file or directory"
	}
	return err.Error()
}

// dialText words why a TCP connection failed as ssh does.
func dialText(host string, port int, err error) string {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		why := "Name or service not known"
		if dns.IsTemporary || dns.IsTimeout {
			why = "Temporary failure in name resolution"
		}
		return fmt.Sprintf("ssh: Could not resolve hostname %s: %s", host, why)
	}
	why := errText(err)
	var ne net.Error
	if errors.As(err, &ne) && ne.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		why = "Connection timed out"
	}
	return fmt.Sprintf("ssh: connect to host %s port %d: %s", host, port, why)
}

// handshakeText words why the SSH handshake failed, as ssh does.
func handshakeText(s *settings, a *auth, err error) string {
	text := err.Error()
	var neg *ssh.AlgorithmNegotiationError
	var ne net.Error
	switch {
	case errors.As(err, &ne) && ne.Timeout():
		return fmt.Sprintf("Connection timed out during banner exchange\nConnection to %s port %d timed out", s.hostName(), s.port())
	case errors.As(err, &neg):
		return fmt.Sprintf("Unable to negotiate with %s port %d: no matching %s found. Their offer: %s",
			s.hostName(), s.port(), negotiated(neg.What), strings.Join(neg.RequestedAlgorithms, ","))
	case strings.Contains(text, verifyFailed):
		_, after, _ := strings.Cut(text, "handshake failed: ")
		return after
	case strings.Contains(text, "REMOTE HOST IDENTIFICATION HAS CHANGED"):
		_, after, _ := strings.Cut(text, "handshake failed: ")
		return after + "\nPassword authentication is disabled to avoid man-in-the-middle attacks.\n" + a.denied()
	case strings.Contains(text, "unable to authenticate"), strings.Contains(text, "cannot be answered"):
		return a.denied()
	case strings.Contains(text, "too many authentication failures"), strings.Contains(text, "Too many authentication failures"):
		return fmt.Sprintf("Received disconnect from %s port %d:2: Too many authentication failures\n%s", s.hostName(), s.port(), a.denied())
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, os.ErrClosed):
		if len(a.allowed) > 0 {
			return fmt.Sprintf("Connection closed by %s port %d", s.hostName(), s.port())
		}
		return fmt.Sprintf("kex_exchange_identification: Connection closed by remote host\nConnection closed by %s port %d", s.hostName(), s.port())
	}
	text = strings.TrimPrefix(text, "ssh: handshake failed: ")
	return fmt.Sprintf("%s port %d: %s", s.hostName(), s.port(), strings.TrimPrefix(text, "ssh: "))
}

// negotiated names what is agreed upon in ssh's words.
func negotiated(what string) string {
	switch {
	case strings.Contains(what, "host key"):
		return "host key type"
	case strings.Contains(what, "key exchange"):
		return "key exchange method"
	case strings.Contains(what, "MAC"):
		return "MAC"
	case strings.Contains(what, "cipher"):
		return "cipher"
	}
	return what
}

// loginError is what a failed handshake reports. A refused password has
// Ansible's own words, which do not mention ssh.
func loginError(host string, s *settings, a *auth, err error) error {
	text := handshakeText(s, a, err)
	if a.password != "" && text == a.denied() {
		text = "Invalid/incorrect password: Permission denied, please try again."
		if len(a.notes) > 0 {
			text = strings.Join(a.notes, "\n") + "\n" + text
		}
		return &remote.UnreachableError{Host: host, Msg: text, Err: err}
	}
	return unreachable(host, text, err)
}
