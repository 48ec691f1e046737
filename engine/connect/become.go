package connect

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/goplay-engine/goplay/engine/remote"
)

// becomePlan is how a command line is run as another user, and how the
// password is asked for.
type becomePlan struct {
	Become
	prompt string // sudo's own prompt, unique, so that nothing else passes for it
	pty    bool
}

// planBecome checks b; nil means that the login user itself is meant.
func planBecome(b Become, login string) (*becomePlan, error) {
	if b.Method == "" {
		return nil, nil
	}
	if b.User == "" {
		b.User = "root"
	}
	if b.User == login && !b.SameUser {
		return nil, nil
	}
	if b.Exe == "" {
		b.Exe = b.Method
	}
	if strings.HasPrefix(b.User, "-") || strings.ContainsAny(b.User, "\n\x00") {
		return nil, &remote.BecomeError{Msg: fmt.Sprintf("%q is not a user name", b.User)}
	}
	p := &becomePlan{Become: b}
	switch b.Method {
	case "sudo":
		var id [8]byte
		rand.Read(id[:])
		p.prompt = "[sudo via goplay, key=" + hex.EncodeToString(id[:]) + "] password:"
	case "su":
		p.pty = true
	case "doas":
		p.pty = b.HasPass
	default:
		return nil, &remote.BecomeError{Msg: fmt.Sprintf("become method %q is not supported; the methods are sudo, su and doas", b.Method)}
	}
	return p, nil
}

var dashN = regexp.MustCompile(`(^|\s)(--non-interactive|-n)(\s|$)`)
var bundledN = regexp.MustCompile(`(^|\s)-([A-Za-z]*)n([A-Za-z]*)`)

// wrap returns the shell words that run inner, one shell word, as the user.
// inner is put in as it is, so it may be "$c".
func (p *becomePlan) wrap(inner string) string {
	flags := p.Flags
	switch p.Method {
	case "sudo":
		if flags == "" {
			flags = "-H -S -n"
		}
		if p.HasPass {
			flags = dashN.ReplaceAllString(flags, " ")
			flags = bundledN.ReplaceAllString(flags, "$1-$2$3")
			flags = strings.Join(strings.Fields(flags), " ")
			flags += " -p " + quote(p.prompt)
		}
		return fmt.Sprintf("%s %s -u %s /bin/sh -c %s", p.Exe, flags, quote(p.User), inner)
	case "su":
		return strings.Join(strings.Fields(p.Exe+" "+flags+" "+quote(p.User)), " ") + " -c " + inner
	default:
		if !p.HasPass {
			flags = strings.TrimSpace(flags + " -n")
		}
		return strings.Join(strings.Fields(p.Exe+" "+flags+" -u "+quote(p.User)), " ") + " /bin/sh -c " + inner
	}
}

// becameMark is what the command says first once it runs as the other user.
const becameMark = "GOPLAY-BECAME"

// conversation watches what a become program says until the command runs, and
// answers its prompt.
type conversation struct {
	plan *becomePlan
	p    *process

	mu      sync.Mutex
	seen    []byte // since the last answer
	all     []byte // for messages
	sent    bool
	over    bool
	failed  string
	needTTY bool
}

var (
	sudoMissing = regexp.MustCompile(`a password is required|a terminal is required|no askpass program|doas: Authentication required`)
	wrongPass   = regexp.MustCompile(`(?i)sorry, try again|incorrect password|authentication failure|authentication failed|authorization failed`)
	needsTTY    = regexp.MustCompile(`you must have a tty to run sudo`)
	ownName     = regexp.MustCompile(`^(su|doas): ?$`)
	// su asks in the host's language; every prompt ends its line with a colon.
	anyPrompt = regexp.MustCompile(`[^\s:：][^\n]*[:：]\s*$`)
)

// watch takes output of the become program.
func (c *conversation) watch(b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return
	}
	c.seen = append(c.seen, b...)
	if c.all = append(c.all, b...); len(c.all) > tailMax {
		c.all = c.all[len(c.all)-tailMax:]
	}
	if bytes.Contains(c.seen, []byte(becameMark)) || bytes.Contains(c.seen, []byte(remote.Magic)) {
		c.over = true
		return
	}
	if needsTTY.Match(c.seen) {
		c.needTTY = true
		c.give("")
		return
	}
	if c.sent && wrongPass.Match(c.seen) {
		c.give("Incorrect " + c.plan.Method + " password")
		return
	}
	if !c.prompted() {
		return
	}
	switch {
	case !c.plan.HasPass:
		c.give("Missing " + c.plan.Method + " password")
	case c.sent:
		c.give("Incorrect " + c.plan.Method + " password")
	default:
		c.sent = true
		c.seen = c.seen[:0]
		pass := c.plan.Password + "\n"
		go c.p.in.Write([]byte(pass))
	}
}

func (c *conversation) prompted() bool {
	if c.plan.Method == "sudo" {
		return bytes.Contains(c.seen, []byte(c.plan.prompt))
	}
	line := c.seen[bytes.LastIndexByte(c.seen, '\n')+1:]
	if ownName.Match(line) {
		return false // the beginning of a message, not a prompt
	}
	return !bytes.Contains(line, []byte("GOPLAY-")) && anyPrompt.Match(line)
}

// give ends the attempt.
func (c *conversation) give(msg string) {
	c.over = true
	c.failed = msg
	go c.p.kill()
}

func (c *conversation) timeout() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over {
		c.give("")
		c.failed = "Timeout waiting for privilege escalation prompt: " + strings.TrimSpace(string(c.all))
	}
}

// verdict is the become error where the conversation itself came to one.
func (c *conversation) verdict() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed != "" {
		return &remote.BecomeError{Msg: c.failed}
	}
	return nil
}

// result is the become error after the command has ended without a greeting;
// nil when the other identity was taken.
func (c *conversation) result(status int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return nil
	}
	text := c.lastWords()
	switch {
	case sudoMissing.MatchString(text):
		return &remote.BecomeError{Msg: "Missing " + c.plan.Method + " password"}
	case c.sent && wrongPass.MatchString(text):
		return &remote.BecomeError{Msg: "Incorrect " + c.plan.Method + " password"}
	case text == "" && status == 127:
		text = c.plan.Exe + ": not found"
	case text == "":
		text = fmt.Sprintf("%s ended with status %d and said nothing", c.plan.Exe, status)
	}
	if status == 127 && !strings.Contains(text, c.plan.Method) {
		text = c.plan.Exe + ": " + text
	}
	return &remote.BecomeError{Msg: fmt.Sprintf("cannot become %s: %s", c.plan.User, text)}
}

// lastWords is what the program said, without our own lines and prompts.
func (c *conversation) lastWords() string {
	text := string(c.all)
	if !c.plan.pty {
		text = c.p.stderr.String()
	}
	var l []string
	for _, s := range strings.Split(strings.ReplaceAll(text, c.plan.prompt, ""), "\n") {
		s = strings.TrimSpace(s)
		if s != "" && !strings.HasPrefix(s, "GOPLAY-") {
			l = append(l, s)
		}
	}
	if len(l) > 6 {
		l = l[len(l)-6:]
	}
	return strings.Join(l, "\n")
}
