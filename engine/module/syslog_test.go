//go:build linux

package module

import (
	"context"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// TestSyslog has modules log to a socket and reads what came.
func TestSyslog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	raw, err := l.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	old := systemLog
	systemLog = &logSocket{path: path}
	defer func() { systemLog = old }()
	next := func() string {
		b := make([]byte, 1<<16)
		n := 0
		// what was sent is there, since sending to such a socket is no less than that: there is nothing to wait for
		err := raw.Read(func(fd uintptr) bool {
			n, _, _ = syscall.Recvfrom(int(fd), b, syscall.MSG_DONTWAIT)
			return true
		})
		if err != nil || n <= 0 {
			return ""
		}
		return regexp.MustCompile(`> ?\w+ +\d+ [\d:]+ `).ReplaceAllString(string(b[:n]), ">")
	}
	run := func(facility string, noLog bool, name string, kv ...any) string {
		Execute(&Context{Context: context.Background(), Check: true, Syslog: facility, NoLog: noLog}, name, value.DictOf(kv...))
		return next()
	}
	if got, want := run("LOG_USER", false, "ping", "data", "x"), "<14>ansible-ping: Invoked with data=x"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := run("LOG_LOCAL3", false, "ping"); got != "<158>ansible-ping: Invoked with data=pong" {
		t.Errorf("facility: %q", got)
	}
	got := run("LOG_USER", false, "ansible.builtin.uri", "url", "http://me:s3cret@127.0.0.1:1/s4cret", "url_password", "s4cret", "timeout", int64(1))
	if got != "" {
		t.Errorf("a module that is skipped in check mode was logged: %q", got)
	}
	got = run("LOG_USER", false, "user", "name", "nobody", "password", "s3cret", "comment", "http://a:s4cret@x/ s3cret")
	if strings.Contains(got, "s3cret") || strings.Contains(got, "s4cret") || !strings.Contains(got, " password=NOT_LOGGING_PARAMETER ") || !strings.Contains(got, " uid=None") {
		t.Errorf("secrets: %q", got)
	}
	got = run("LOG_USER", false, PutModule, "args", value.DictOf("dest", "/nowhere/x", "content", "s3cret"), "single", true, "files", value.NewList())
	if !strings.HasPrefix(got, "<14>ansible-ansible.legacy.copy: Invoked with dest=/nowhere/x content=NOT_LOGGING_PARAMETER ") {
		t.Errorf("copy: %q", got)
	}
	for _, got := range []string{run("", false, "ping"), run("LOG_USER", true, "ping"), run("LOG_USER", false, "ping", "bad", "x")} {
		if got != "" {
			t.Errorf("logged: %q", got)
		}
	}
}
