package module

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/goplay-engine/goplay/engine/value"
)

// strerror is the system's text of an error number, as users know it from
// Ansible: "No such file or directory".
func strerror(err error) string {
	var n syscall.Errno
	if !errors.As(err, &n) {
		return err.Error()
	}
	s := n.Error()
	return strings.ToUpper(s[:1]) + s[1:]
}

// pyError words a system error as Python does: "[Errno 2] No such file or
// directory: '/x'". path is quoted as repr; "" leaves it out.
func pyError(err error, path string) string {
	var n syscall.Errno
	if !errors.As(err, &n) {
		return err.Error()
	}
	s := fmt.Sprintf("[Errno %d] %s", int(n), strerror(n))
	if path != "" {
		s += ": " + value.Quote(path)
	}
	return s
}

// pyErrorB is pyError with the path printed as Python prints bytes.
func pyErrorB(err error, path string) string {
	var n syscall.Errno
	if !errors.As(err, &n) {
		return err.Error()
	}
	return fmt.Sprintf("[Errno %d] %s: %s", int(n), strerror(n), quoteBytes(path))
}

// quoteBytes writes s as Python shows bytes.
func quoteBytes(s string) string {
	quote := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	b := []byte{'b', quote}
	for i := range len(s) {
		switch c := s[i]; {
		case c == quote || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c < 0x20 || c >= 0x7f:
			b = fmt.Appendf(b, `\x%02x`, c)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, quote))
}

func notExist(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, os.ErrNotExist)
}

// leadsNowhere is notExist that also holds for links in a circle, as os.path.exists sees it.
func leadsNowhere(err error) bool { return notExist(err) || errors.Is(err, syscall.ELOOP) }
