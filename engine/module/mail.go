package module

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net"
	netmail "net/mail"
	"net/smtp"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

type mailArgs struct {
	Attach   []Path   `arg:"attach,type=list,elements=path,default=" doc:"Files to attach."`
	Bcc      []string `arg:"bcc,default=" doc:"Recipients that the mail does not name."`
	Body     *string  `arg:"body" doc:"Text of the mail; default the subject."`
	Cc       []string `arg:"cc,default=" doc:"Recipients of a copy."`
	Charset  string   `arg:"charset,default=utf-8" doc:"Character set: utf-8 or us-ascii."`
	EhloHost *string  `arg:"ehlohost" doc:"Name given to the server."`
	Headers  []string `arg:"headers,default=" doc:"Further headers, as name=value."`
	Host     string   `arg:"host,default=localhost" doc:"The mail server."`
	Password *string  `arg:"password,no_log" doc:"Password at the server."`
	Port     int      `arg:"port,default=25" doc:"Port of the server."`
	Secure   string   `arg:"secure,default=try,choices=always|never|starttls|try" doc:"Whether the connection has to be encrypted."`
	Sender   string   `arg:"sender,alias=from,default=root" doc:"Address of the sender."`
	Subject  string   `arg:"subject,alias=msg,required" doc:"Subject of the mail."`
	Subtype  string   `arg:"subtype,default=plain,choices=html|plain" doc:"Kind of text."`
	Timeout  int      `arg:"timeout,default=20" doc:"Timeout of the connection, in seconds."`
	To       []string `arg:"to,alias=recipients,default=root" doc:"Recipients."`
	Username *string  `arg:"username" doc:"User at the server."`
}

var mailDef = &Def{
	Name:  "community.general.mail",
	Short: "Send an email",
	Args:  func() any { return &mailArgs{} },
	Check: CheckNone,
	Run: func(c *Context, a any) *Result {
		r, err := sendMail(c, a.(*mailArgs))
		if err != nil {
			r = FailErr(err).Set("rc", 1)
		}
		r.NoPathInfo = true
		return r
	},
	RequiredTogether: [][]string{{"password", "username"}},
}

func sendMail(c *Context, p *mailArgs) (*Result, error) {
	var to []string
	for _, l := range [][]string{p.To, p.Cc, p.Bcc} {
		for _, a := range l {
			addr, _ := mailAddress(a)
			to = append(to, addr)
		}
	}
	from, _ := mailAddress(p.Sender)
	text, err := p.message(c, time.Now().In(c.zone()))
	if err != nil {
		return nil, err
	}
	client, err := p.connect(c)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	failed := func(err error) (*Result, error) {
		return nil, Errorf(fmt.Sprintf("Failed to send mail to '%s': %s", strings.Join(to, ", "), err))
	}
	if err := client.Mail(from); err != nil {
		return failed(err)
	}
	refused := value.NewDict()
	for _, a := range to {
		if err = client.Rcpt(a); err != nil {
			var e *textproto.Error
			if !errors.As(err, &e) {
				return failed(err)
			}
			refused.Set(a, value.NewList(int64(e.Code), e.Msg))
			c.warn(fmt.Sprintf("Failed to send mail to '%s': %d %s", a, e.Code, e.Msg))
		}
	}
	if refused.Len() == len(to) {
		return failed(err)
	}
	w, err := client.Data()
	if err != nil {
		return failed(err)
	}
	if _, err := w.Write(text); err != nil {
		return failed(err)
	}
	if err := w.Close(); err != nil {
		return failed(err)
	}
	_ = client.Quit()
	r := OK().WithMsg("Mail sent successfully").Set("result", refused)
	if refused.Len() > 0 {
		r.Msg = "Failed to send mail to at least one recipient"
	}
	return r, nil
}

// plainName needs no quotes in a header.
var plainName = regexp.MustCompile(`^[A-Za-z0-9]+( [A-Za-z0-9]+)*$`)

// mailAddress takes an address out of its text; header is how a mail names it.
func mailAddress(s string) (addr, header string) {
	if a, err := netmail.ParseAddress(s); err == nil {
		if a.Name == "" {
			return a.Address, a.Address
		}
		if plainName.MatchString(a.Name) {
			return a.Address, a.Name + " <" + a.Address + ">"
		}
		return a.Address, a.String()
	}
	// A bare local name such as root.
	s = oneLine(s)
	return s, s
}

// oneLine keeps a value from adding headers of its own.
func oneLine(s string) string { return strings.Join(strings.FieldsFunc(s, isLineBreak), " ") }

// connect opens the session as secure asks for and logs in.
func (p *mailArgs) connect(c *Context) (*smtp.Client, error) {
	at := net.JoinHostPort(p.Host, strconv.Itoa(p.Port))
	shown := fmt.Sprintf("%s:%d", p.Host, p.Port)
	limit := time.Duration(p.Timeout) * time.Second
	// Mail servers often have certificates that nobody signed.
	conf := &tls.Config{ServerName: p.Host, InsecureSkipVerify: true}
	dial := func() (net.Conn, error) {
		conn, err := (&net.Dialer{Timeout: limit}).DialContext(c, "tcp", at)
		if err != nil {
			return nil, Errorf(fmt.Sprintf("Unable to connect to mail server %s: %s", shown, err))
		}
		_ = conn.SetDeadline(time.Now().Add(limit))
		return conn, nil
	}
	conn, err := dial()
	if err != nil {
		return nil, err
	}
	secured := false
	if p.Secure == "always" || p.Secure == "try" {
		t := tls.Client(conn, conf)
		switch err := t.HandshakeContext(c); {
		case err == nil:
			conn, secured = t, true
		case p.Secure == "always":
			conn.Close()
			return nil, Errorf(fmt.Sprintf("Unable to start an encrypted session to %s: %s", shown, err))
		default:
			conn.Close()
			if conn, err = dial(); err != nil {
				return nil, err
			}
		}
	}
	client, err := smtp.NewClient(conn, p.Host)
	if err != nil {
		conn.Close()
		return nil, Errorf(fmt.Sprintf("Unable to connect to mail server %s: %s", shown, err))
	}
	name := deref(p.EhloHost)
	if name == "" {
		name, _ = os.Hostname()
	}
	if err := p.greet(client, or(name, "localhost"), conf, secured, shown); err != nil {
		client.Close()
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(5 * time.Minute))
	return client, nil
}

func (p *mailArgs) greet(client *smtp.Client, name string, conf *tls.Config, secured bool, shown string) error {
	if err := client.Hello(name); err != nil {
		return Errorf(fmt.Sprintf("Helo failed for host %s: %s", shown, err))
	}
	if !secured && (p.Secure == "try" || p.Secure == "starttls") {
		if ok, _ := client.Extension("STARTTLS"); ok {
			if err := client.StartTLS(conf); err != nil {
				return Errorf(fmt.Sprintf("Unable to start an encrypted session to %s: %s", shown, err))
			}
		} else if p.Secure == "starttls" {
			return Errorf(fmt.Sprintf("StartTLS is not offered on server %s", shown))
		}
	}
	if p.Username == nil || *p.Username == "" {
		return nil
	}
	ok, kinds := client.Extension("AUTH")
	if !ok {
		return Errorf(fmt.Sprintf("No Authentication on the server at %s", shown))
	}
	if err := client.Auth(&mailLogin{user: *p.Username, password: deref(p.Password), plain: strings.Contains(" "+kinds+" ", " PLAIN ")}); err != nil {
		return Errorf(fmt.Sprintf("Authentication to %s failed, please check your username and/or password: %s", shown, err))
	}
	return nil
}

// mailLogin logs in by PLAIN or LOGIN, over connections in the clear too: the
// task says whether they have to be encrypted.
type mailLogin struct {
	user, password string
	plain          bool
}

func (m *mailLogin) Start(*smtp.ServerInfo) (string, []byte, error) {
	if m.plain {
		return "PLAIN", []byte("\x00" + m.user + "\x00" + m.password), nil
	}
	return "LOGIN", nil, nil
}

func (m *mailLogin) Next(from []byte, more bool) ([]byte, error) {
	switch {
	case !more:
		return nil, nil
	case strings.HasPrefix(strings.ToLower(string(from)), "user"):
		return []byte(m.user), nil
	}
	return []byte(m.password), nil
}

// message puts the mail together.
func (p *mailArgs) message(c *Context, now time.Time) ([]byte, error) {
	switch strings.ToLower(p.Charset) {
	case "utf-8", "utf8", "us-ascii", "ascii":
	default:
		return nil, Errorf(fmt.Sprintf("the charset %s is not supported; use utf-8", p.Charset))
	}
	names := func(l []string) string {
		var out []string
		for _, a := range l {
			_, h := mailAddress(a)
			out = append(out, h)
		}
		return strings.Join(out, ", ")
	}
	bound := "===============" + randomName(20) + "=="
	var b strings.Builder
	head := func(k, v string) { b.WriteString(k + ": " + v + "\r\n") }
	head("Content-Type", fmt.Sprintf("multipart/mixed; charset=%q; boundary=%q", p.Charset, bound))
	head("MIME-Version", "1.0")
	head("From", names([]string{p.Sender}))
	head("Date", now.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	head("Subject", mime.QEncoding.Encode(p.Charset, oneLine(p.Subject)))
	for _, h := range p.Headers {
		k, v, ok := strings.Cut(h, "=")
		if !ok || strings.ContainsAny(k, " :\r\n") || k == "" {
			c.warn(fmt.Sprintf("Skipping header '%s', unable to parse", h))
			continue
		}
		head(k, mime.QEncoding.Encode(p.Charset, oneLine(v)))
	}
	head("X-Mailer", "Ansible mail module")
	head("To", names(p.To))
	if len(p.Cc) > 0 {
		head("Cc", names(p.Cc))
	}
	b.WriteString("\r\nMultipart message\r\n")
	part := func(kind string, data []byte, plain bool, more ...string) {
		encoding := map[bool]string{true: "7bit", false: "base64"}[plain]
		headers := append([]string{"Content-Type: " + kind, "MIME-Version: 1.0", "Content-Transfer-Encoding: " + encoding}, more...)
		b.WriteString("--" + bound + "\r\n" + strings.Join(headers, "\r\n") + "\r\n\r\n")
		if plain {
			b.Write(data)
			b.WriteString("\r\n")
			return
		}
		text := base64.StdEncoding.EncodeToString(data)
		for len(text) > 76 {
			b.WriteString(text[:76] + "\r\n")
			text = text[76:]
		}
		b.WriteString(text + "\r\n\r\n")
	}
	body := p.Subject
	if p.Body != nil {
		body = *p.Body
	}
	part(fmt.Sprintf("text/%s; charset=%q", p.Subtype, p.Charset), []byte(body+"\n\n"), strings.HasSuffix(strings.ToLower(p.Charset), "ascii") && !strings.ContainsFunc(body, func(r rune) bool { return r > 126 }))
	for _, f := range p.Attach {
		data, err := readFile(string(f))
		if err != nil {
			return nil, Errorf(fmt.Sprintf("Failed to send community.general.mail: can't attach file %s: %s", f, pyError(err, string(f))))
		}
		name := strings.NewReplacer(`"`, "'", "\r", "", "\n", "").Replace(filepath.Base(string(f)))
		part("application/octet-stream", data, false, `Content-Disposition: attachment; filename="`+name+`"`)
	}
	b.WriteString("--" + bound + "--\r\n")
	return []byte(b.String()), nil
}
