package report

import (
	"fmt"
	"os"
	"os/user"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// logUser is the name in the lines of the log.
var logUser = sync.OnceValue(func() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return os.Getenv("USER")
})

// escapes are the codes of colours, which files are spared.
var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// log writes text to the log file, with time, process and level.
func (s *Screen) log(text, kind string) {
	text = escapes.ReplaceAllString(strings.TrimLeft(text, "\n"), "")
	if strings.TrimSpace(text) == "" || slices.Contains(s.LogFilter, "ansible") {
		return
	}
	level := "INFO"
	switch kind {
	case "error", "unreachable", "diff_remove":
		level = "ERROR"
	case "warn", "deprecate", "skip", "included":
		level = "WARNING" // skip and included share a colour, by which Ansible tells levels
	case "debug":
		level = "DEBUG"
	}
	now := time.Now()
	fmt.Fprintf(s.Log, "%s,%03d p=%d u=%s n=ansible %s| %s\n", now.Format("2006-01-02 15:04:05"), now.Nanosecond()/1e6, os.Getpid(), logUser(), level, text)
}
