package module_test

import (
	"bufio"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/module/moduletest"
	"github.com/goplay-engine/goplay/engine/value"
)

// mailServer speaks enough SMTP for one mail a connection and returns what it
// was told; it refuses the recipient bad@x.org.
func mailServer(t *testing.T) (port int, got func() string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	mails := make(chan string, 8)
	serve := func(conn net.Conn) {
		defer conn.Close()
		say := func(s string) { _, _ = conn.Write([]byte(s + "\r\n")) }
		say("220 ready")
		in := bufio.NewScanner(conn)
		var all []string
		data := false
		for in.Scan() {
			line := in.Text()
			all = append(all, line)
			switch {
			case data && line == ".":
				data = false
				say("250 ok")
			case data:
			case strings.HasPrefix(line, "EHLO"):
				say("250-me\r\n250 AUTH PLAIN")
			case line == "DATA":
				data = true
				say("354 go on")
			case strings.HasPrefix(line, "AUTH"):
				say("235 welcome")
			case strings.Contains(line, "bad@x.org"):
				say("550 unknown")
			case line == "QUIT":
				say("221 bye")
				mails <- strings.Join(all, "\n")
				return
			case strings.HasPrefix(line, "MAIL") || strings.HasPrefix(line, "RCPT"):
				say("250 ok")
			default: // a TLS hello
				return
			}
		}
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, func() string { return <-mails }
}

func TestMail(t *testing.T) {
	port, got := mailServer(t)
	r := moduletest.Run(t, "community.general.mail", moduletest.Args("host", "127.0.0.1", "port", port, "subject", "Hällo\nBcc: z@x.org", "body", "Wörld",
		"to", []string{"A B <a@x.org>", "bad@x.org"}, "bcc", []string{"e@x.org"}, "from", "root", "headers", []string{"X-A=b"},
		"username", "u", "password", "geheim", "secure", "never"))
	if value.Str(r.At("msg")) != "Failed to send mail to at least one recipient" || r.At("failed") == true || r.At("changed") != false {
		t.Fatal(value.Repr(r))
	}
	text := got()
	for _, want := range []string{"AUTH PLAIN AHUAZ2VoZWlt", "MAIL FROM:<root>", "RCPT TO:<a@x.org>", "RCPT TO:<e@x.org>", "X-A: b",
		"Subject: =?utf-8?q?H=C3=A4llo_Bcc:_z@x.org?=", "To: A B <a@x.org>, bad@x.org", "V8O2cmxkCgo=", `Content-Type: text/plain; charset="utf-8"`} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "\nBcc:") {
		t.Error("the mail names who is not to be named")
	}
	for _, c := range []struct {
		args []any
		msg  string
	}{
		{[]any{"secure", "starttls"}, "StartTLS is not offered on server 127.0.0.1:" + strconv.Itoa(port)},
		{[]any{"attach", []string{"/no/such"}}, "Failed to send community.general.mail: can't attach file /no/such: [Errno 2] No such file or directory: '/no/such'"},
		{[]any{"charset", "koi8-r"}, "the charset koi8-r is not supported; use utf-8"},
		{[]any{"to", []string{"bad@x.org"}, "secure", "never"}, `Failed to send mail to 'bad@x.org': 550 "unknown"`},
	} {
		r := moduletest.Run(t, "mail", moduletest.Args(append(c.args, "host", "127.0.0.1", "port", port, "subject", "s")...))
		if msg := value.Str(r.At("msg")); msg != c.msg {
			t.Errorf("%v: %q, want %q", c.args, msg, c.msg)
		}
	}
}
