package module

import (
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

// facilities are the names that the setting syslog_facility takes.
var facilities = map[string]int{"LOG_KERN": 0, "LOG_USER": 1, "LOG_MAIL": 2, "LOG_DAEMON": 3, "LOG_AUTH": 4, "LOG_SYSLOG": 5, "LOG_LPR": 6,
	"LOG_NEWS": 7, "LOG_UUCP": 8, "LOG_CRON": 9, "LOG_AUTHPRIV": 10, "LOG_FTP": 11, "LOG_LOCAL0": 16, "LOG_LOCAL1": 17, "LOG_LOCAL2": 18,
	"LOG_LOCAL3": 19, "LOG_LOCAL4": 20, "LOG_LOCAL5": 21, "LOG_LOCAL6": 22, "LOG_LOCAL7": 23}

const (
	severityInfo = 6
	// maxLog bounds one line of the log, in bytes; a datagram may not be longer
	// than the socket's buffer, and nobody reads more.
	maxLog = 32 << 10
)

var urlPassword = regexp.MustCompile(`(://[^:/@\s]*):[^@/\s]+@`)

// logInvocation notes the call in the target's system log, as Ansible does, with
// the values of no_log parameters left out. A log that cannot be written to is
// no reason to fail.
func (c *Context) logInvocation(shown string, spec *Spec, params *value.Dict, secrets []string) {
	if c.Syslog == "" || c.NoLog {
		return
	}
	hidden := map[string]bool{}
	for _, p := range spec.Params {
		hidden[p.Name] = p.NoLog
	}
	var b strings.Builder
	if c.TargetLogInfo != "" {
		b.WriteString(c.TargetLogInfo + " ")
	}
	b.WriteString("Invoked with")
	for k, v := range params.All() {
		name := value.Str(k)
		if strings.HasPrefix(name, privatePrefix) {
			continue
		}
		text := "NOT_LOGGING_PARAMETER"
		if !hidden[name] {
			text = urlPassword.ReplaceAllString(value.Str(redact(v, secrets)), "$1:********@")
		}
		b.WriteString(" " + name + "=" + text)
	}
	facility, ok := facilities[c.Syslog]
	if !ok {
		facility = facilities["LOG_USER"]
	}
	systemLog.write("<"+strconv.Itoa(facility*8+severityInfo)+">", "ansible-"+shown+": "+b.String())
}

// logSocket is the connection to the system log, made at first use.
type logSocket struct {
	mu     sync.Mutex
	path   string
	conn   net.Conn
	stream bool
	failed time.Time // when the last attempt failed, so that not every task tries
}

var systemLog = &logSocket{path: "/dev/log"}

func (l *logSocket) write(priority, text string) {
	if len(text) > maxLog {
		text = text[:maxLog]
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.failed) < time.Second {
		return
	}
	for range 2 { // once more when the daemon was restarted
		if l.conn == nil && !l.dial() {
			break
		}
		line := priority + time.Now().Format(time.Stamp) + " " + text
		if l.stream {
			line += "\x00"
		}
		_ = l.conn.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
		if _, err := l.conn.Write([]byte(line)); err == nil {
			return
		}
		_ = l.conn.Close()
		l.conn = nil
	}
	l.failed = time.Now()
}

func (l *logSocket) dial() bool {
	for _, network := range []string{"unixgram", "unix"} {
		if conn, err := net.DialTimeout(network, l.path, 200*time.Millisecond); err == nil {
			l.conn, l.stream = conn, network == "unix"
			return true
		}
	}
	return false
}
