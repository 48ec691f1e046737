package connect

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

// khEntry is one line of a known_hosts file.
type khEntry struct {
	file    string
	line    int
	marker  string // "@cert-authority", "@revoked" or ""
	pats    []string
	keyType string
	key64   string
}

// blob returns the key as it is sent, nil when the line is broken.
func (e *khEntry) blob() []byte {
	b, err := base64.StdEncoding.DecodeString(e.key64)
	if err != nil {
		return nil
	}
	return b
}

func (e *khEntry) place() string { return e.file + ":" + strconv.Itoa(e.line) }

// khFile is a known_hosts file, indexed by plain names; hashed names and
// patterns have to be tried one by one.
type khFile struct {
	plain map[string][]*khEntry
	other []*khEntry
}

// khCache reads each file once and serialises additions.
type khCache struct {
	mu    sync.Mutex
	files map[string]*khFile
}

func (c *khCache) load(name string) *khFile {
	if f, ok := c.files[name]; ok {
		return f
	}
	f := &khFile{plain: map[string][]*khEntry{}}
	if data, err := os.ReadFile(name); err == nil {
		for i, l := range bytes.Split(data, []byte{'\n'}) {
			f.addLine(name, i+1, string(l))
		}
	}
	if c.files == nil {
		c.files = map[string]*khFile{}
	}
	c.files[name] = f
	return f
}

func (f *khFile) addLine(name string, num int, l string) {
	w := strings.Fields(l)
	if len(w) == 0 || w[0][0] == '#' {
		return
	}
	e := &khEntry{file: name, line: num}
	if w[0][0] == '@' {
		e.marker, w = w[0], w[1:]
	}
	if len(w) < 3 {
		return
	}
	e.pats, e.keyType, e.key64 = strings.Split(w[0], ","), w[1], w[2]
	for _, p := range e.pats {
		if strings.ContainsAny(p, "*?!|") {
			f.other = append(f.other, e)
			return
		}
	}
	for _, p := range e.pats {
		p = strings.ToLower(p)
		f.plain[p] = append(f.plain[p], e)
	}
}

// find returns the entries for a name in the form known_hosts uses.
func (c *khCache) find(files []string, name string) []*khEntry {
	c.mu.Lock()
	defer c.mu.Unlock()
	name = strings.ToLower(name)
	var l []*khEntry
	for _, fn := range files {
		f := c.load(fn)
		l = append(l, f.plain[name]...)
		for _, e := range f.other {
			if hashedMatch(e.pats[0], name) || matchHosts(e.pats, name) {
				l = append(l, e)
			}
		}
	}
	return l
}

func hashedMatch(pat, name string) bool {
	if !strings.HasPrefix(pat, "|1|") {
		return false
	}
	salt64, hash64, ok := strings.Cut(pat[3:], "|")
	if !ok {
		return false
	}
	salt, err1 := base64.StdEncoding.DecodeString(salt64)
	hash, err2 := base64.StdEncoding.DecodeString(hash64)
	if err1 != nil || err2 != nil {
		return false
	}
	m := hmac.New(sha1.New, salt)
	m.Write([]byte(name))
	return hmac.Equal(m.Sum(nil), hash)
}

// hostKeyName is how known_hosts names a host on a port.
func hostKeyName(host string, port int) string {
	if port == 22 {
		return host
	}
	return "[" + host + "]:" + strconv.Itoa(port)
}

// add appends a host's key to file, hashing the name when asked to.
func (c *khCache) add(file, name string, key ssh.PublicKey, hash bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	shown := name
	if hash {
		salt := make([]byte, sha1.Size)
		rand.Read(salt)
		m := hmac.New(sha1.New, salt)
		m.Write([]byte(strings.ToLower(name)))
		shown = "|1|" + base64.StdEncoding.EncodeToString(salt) + "|" + base64.StdEncoding.EncodeToString(m.Sum(nil))
	}
	line := fmt.Sprintf("%s %s %s\n", shown, key.Type(), base64.StdEncoding.EncodeToString(key.Marshal()))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	// A file that does not end its last line must not swallow ours.
	if st, err := f.Stat(); err == nil && st.Mode().IsRegular() && st.Size() > 0 {
		var last [1]byte
		if _, err := f.ReadAt(last[:], st.Size()-1); err == nil && last[0] != '\n' {
			line = "\n" + line
		}
	}
	if _, err := f.WriteString(line); err != nil {
		return err
	}
	delete(c.files, file) // read anew, so that line numbers are right
	return f.Close()
}

// hostKeys judges the key of one host.
type hostKeys struct {
	cache   *khCache
	name    string   // as known_hosts has it
	bare    string   // the name without its port, "" when that is the same
	addr    string   // host as given, for messages
	users   []string // user files; new keys go to the first
	files   []string // user and global files
	strict  string   // yes, no, accept-new, ask
	hash    bool
	ask     func(question, fingerprint string) bool
	pause   func() (resume func()) // stops the clock while the user thinks
	changed string                 // set where a changed key was let through
}

func (o *opener) hostKeysFor(ctx context.Context, s *settings) *hostKeys {
	h := &hostKeys{cache: &o.known, addr: s.hostName(), hash: s.yes("hashknownhosts", false), ask: o.asker(ctx)}
	if s.yes("batchmode", false) {
		h.ask = nil
	}
	name, port := s.hostName(), s.port()
	if a := s.get("hostkeyalias", ""); a != "" {
		h.name = a
	} else {
		h.name = hostKeyName(name, port)
		if port != 22 {
			h.bare = name
		}
	}
	list := func(key, def string) []string {
		var l []string
		for _, f := range configArgs(s.get(key, def)) {
			if f == "none" {
				continue
			}
			l = append(l, s.expand(f))
		}
		return l
	}
	h.users = list("userknownhostsfile", "~/.ssh/known_hosts ~/.ssh/known_hosts2")
	h.files = append(append(h.files, h.users...), list("globalknownhostsfile", "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2")...)
	switch h.strict = strings.ToLower(s.get("stricthostkeychecking", "ask")); h.strict {
	case "off", "false":
		h.strict = "no"
	case "on", "true":
		h.strict = "yes"
	}
	return h
}

func (h *hostKeys) entries() []*khEntry {
	l := h.cache.find(h.files, h.name)
	if len(l) == 0 && h.bare != "" {
		l = h.cache.find(h.files, h.bare)
	}
	return l
}

// algorithms orders host key algorithms so that the host shows a key that is
// known, as ssh does.
func (h *hostKeys) algorithms(all []string) []string {
	known, ca := map[string]bool{}, false
	for _, e := range h.entries() {
		switch e.marker {
		case "@cert-authority":
			ca = true
		case "":
			known[e.keyType] = true
		}
	}
	var first, rest []string
	for _, a := range all {
		if plainType(a) != a && strings.Contains(a, "-cert-") {
			// Certificates only where an authority is known; without one
			// their plain key would be judged anyway.
			if ca {
				first = append(first, a)
			}
			continue
		}
		if known[plainType(a)] {
			first = append(first, a)
		} else {
			rest = append(rest, a)
		}
	}
	return append(first, rest...)
}

// plainType is the key type behind a signature algorithm.
func plainType(alg string) string {
	switch alg {
	case ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSASHA512:
		return ssh.KeyAlgoRSA
	}
	if k, _, ok := strings.Cut(alg, "-cert-"); ok {
		if strings.HasPrefix(k, "rsa-sha2") {
			return ssh.KeyAlgoRSA
		}
		return k
	}
	return alg
}

const verifyFailed = "Host key verification failed."

func keyName(t string) string {
	switch t {
	case ssh.KeyAlgoRSA:
		return "RSA"
	case ssh.KeyAlgoED25519:
		return "ED25519"
	case ssh.KeyAlgoSKED25519:
		return "ED25519-SK"
	case ssh.KeyAlgoSKECDSA256:
		return "ECDSA-SK"
	}
	if strings.HasPrefix(t, "ecdsa-") {
		return "ECDSA"
	}
	return t
}

// check is the ssh.HostKeyCallback.
func (h *hostKeys) check(_ string, addr net.Addr, key ssh.PublicKey) error {
	if cert, ok := key.(*ssh.Certificate); ok {
		return h.checkCert(addr, cert)
	}
	blob := key.Marshal()
	entries := h.entries()
	for _, e := range entries {
		if e.marker == "@revoked" && bytes.Equal(e.blob(), blob) {
			return fmt.Errorf("the %s host key %s of %s is marked as revoked in %s.\n%s", keyName(key.Type()),
				ssh.FingerprintSHA256(key), h.name, e.place(), verifyFailed)
		}
	}
	var same []*khEntry // of the key's type, yet another key
	for _, e := range entries {
		eq := bytes.Equal(e.blob(), blob)
		switch {
		case e.marker != "":
		case eq:
			return nil
		case e.keyType == key.Type():
			same = append(same, e)
		}
	}
	if len(same) > 0 {
		return h.changedKey(key, same[0])
	}
	return h.newKey(key)
}

func (h *hostKeys) checkCert(addr net.Addr, cert *ssh.Certificate) error {
	c := ssh.CertChecker{IsHostAuthority: func(auth ssh.PublicKey, _ string) bool {
		blob, known := auth.Marshal(), false
		for _, e := range h.entries() {
			switch same := bytes.Equal(e.blob(), blob); {
			case same && e.marker == "@revoked":
				return false
			case same && e.marker == "@cert-authority":
				known = true
			}
		}
		return known
	}, HostKeyFallback: func(string, net.Addr, ssh.PublicKey) error { return nil }}
	name := h.name
	if h.bare != "" {
		name = h.bare
	}
	if err := c.CheckHostKey(net.JoinHostPort(name, "22"), addr, cert); err != nil {
		if !c.IsHostAuthority(cert.SignatureKey, "") {
			return h.check("", addr, cert.Key)
		}
		return fmt.Errorf("the host certificate of %s is not valid: %s\n%s", h.name, strings.TrimPrefix(err.Error(), "ssh: "), verifyFailed)
	}
	return nil
}

func (h *hostKeys) changedKey(key ssh.PublicKey, e *khEntry) error {
	old := "another key"
	if k, err := ssh.ParsePublicKey(e.blob()); err == nil {
		old = ssh.FingerprintSHA256(k)
	}
	msg := fmt.Sprintf("WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! %s shows the %s key %s, but %s has %s. "+
		"Someone could be eavesdropping on you, or the host was installed anew; then remove the old key with: ssh-keygen -f %s -R %s",
		h.name, keyName(key.Type()), ssh.FingerprintSHA256(key), e.place(), old, quote(e.file), quote(h.name))
	if h.strict == "no" {
		h.changed = msg
		return nil
	}
	return fmt.Errorf("%s\n%s", msg, verifyFailed)
}

func (h *hostKeys) newKey(key ssh.PublicKey) error {
	if h.strict == "no" || h.strict == "accept-new" {
		h.remember(key)
		return nil
	}
	if h.strict != "yes" && h.ask != nil {
		q := fmt.Sprintf("The authenticity of host '%s (%s)' can't be established.\n%s key fingerprint is %s.\n"+
			"Are you sure you want to continue connecting (yes/no/[fingerprint])? ", h.name, h.addr, keyName(key.Type()), ssh.FingerprintSHA256(key))
		resume := h.pause()
		ok := h.ask(q, ssh.FingerprintSHA256(key))
		resume()
		if ok {
			h.remember(key)
			return nil
		}
		return fmt.Errorf("%s", verifyFailed)
	}
	where := "any known_hosts file"
	if len(h.users) > 0 {
		where = h.users[0]
	}
	return fmt.Errorf("no %s host key is known for %s in %s (it shows %s); add it with ssh-keyscan, or set host_key_checking = False\n%s",
		keyName(key.Type()), h.name, where, ssh.FingerprintSHA256(key), verifyFailed)
}

// remember adds a new key; where it cannot be written it is only not kept.
func (h *hostKeys) remember(key ssh.PublicKey) {
	if len(h.users) == 0 || h.users[0] == os.DevNull {
		return
	}
	h.cache.add(h.users[0], h.name, key, h.hash)
}
