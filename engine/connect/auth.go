package connect

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// keyring loads keys once for all hosts.
type keyring struct {
	mu     sync.Mutex
	files  map[string]*keyFile
	agents map[string]*sshAgent
}

type keyFile struct {
	signer ssh.Signer
	pub    []byte // marshalled public key, also where the private one is locked
	note   string // why the key cannot be used
}

type sshAgent struct {
	client  agent.ExtendedAgent
	signers []ssh.Signer
}

func (k *keyring) agent(sock string) *sshAgent {
	k.mu.Lock()
	defer k.mu.Unlock()
	if a, ok := k.agents[sock]; ok {
		return a
	}
	if k.agents == nil {
		k.agents = map[string]*sshAgent{}
	}
	var a *sshAgent
	if c, err := net.Dial("unix", sock); err == nil {
		a = &sshAgent{client: agent.NewClient(c)}
		a.signers, _ = a.client.Signers()
	}
	k.agents[sock] = a
	return a
}

func (k *keyring) file(name, passphrase string) *keyFile {
	k.mu.Lock()
	defer k.mu.Unlock()
	id := name + "\x00" + passphrase
	if f, ok := k.files[id]; ok {
		return f
	}
	if k.files == nil {
		k.files = map[string]*keyFile{}
	}
	f := loadKey(name, passphrase)
	k.files[id] = f
	return f
}

func loadKey(name, passphrase string) *keyFile {
	data, err := os.ReadFile(name)
	if err != nil {
		f := &keyFile{note: fmt.Sprintf("no such identity: %s: %s", name, errText(err))}
		if !errors.Is(err, os.ErrNotExist) {
			f.note = fmt.Sprintf("Load key %q: %s", name, errText(err))
		}
		return f
	}
	if st, err := os.Stat(name); err == nil && runtime.GOOS != "windows" && st.Mode().Perm()&0o077 != 0 && bytes.Contains(data, []byte("PRIVATE KEY")) {
		return &keyFile{note: fmt.Sprintf("Permissions %04o for '%s' are too open, so the key is ignored (chmod 600 it)", st.Mode().Perm(), name)}
	}
	signer, err := ssh.ParsePrivateKey(data)
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		f := &keyFile{}
		if locked.PublicKey != nil {
			f.pub = locked.PublicKey.Marshal()
		} else if p := publicKey(name + ".pub"); p != nil {
			f.pub = p.Marshal()
		}
		if passphrase == "" {
			f.note = fmt.Sprintf("the key %s is protected by a passphrase: add it to ssh-agent", name)
			return f
		}
		if signer, err = ssh.ParsePrivateKeyWithPassphrase(data, []byte(passphrase)); err != nil {
			f.note = fmt.Sprintf("Load key %q: incorrect passphrase supplied to decrypt private key", name)
			return f
		}
	}
	if err != nil {
		// A public key alone names a key of the agent.
		if p, _, _, _, perr := ssh.ParseAuthorizedKey(data); perr == nil {
			return &keyFile{pub: p.Marshal()}
		}
		return &keyFile{note: fmt.Sprintf("Load key %q: %s", name, strings.TrimPrefix(err.Error(), "ssh: "))}
	}
	return &keyFile{signer: signer, pub: signer.PublicKey().Marshal()}
}

func publicKey(name string) ssh.PublicKey {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	p, _, _, _, err := ssh.ParseAuthorizedKey(data)
	if err != nil {
		return nil
	}
	return p
}

// auth is what one login tries.
type auth struct {
	settings *settings
	password string
	signers  []ssh.Signer
	notes    []string // about keys that could not be used
	allowed  []string // what the host said it accepts
	agent    *sshAgent
}

func (o *opener) authFor(s *settings, password, passphrase string) *auth {
	a := &auth{settings: s, password: password}
	if sock := o.agentSocket(s); sock != "" {
		a.agent = o.keys.agent(sock)
	}
	if !s.yes("pubkeyauthentication", true) {
		return a
	}
	explicit := s.vals["identityfile"]
	names := explicit
	if len(names) == 0 {
		names = []string{"~/.ssh/id_rsa", "~/.ssh/id_ecdsa", "~/.ssh/id_ecdsa_sk", "~/.ssh/id_ed25519", "~/.ssh/id_ed25519_sk"}
	}
	var files []*keyFile
	for _, n := range names {
		if n == "none" {
			continue
		}
		n = s.expand(n)
		f := o.keys.file(n, passphrase)
		if f.note != "" && len(explicit) > 0 {
			a.notes = append(a.notes, f.note)
		}
		files = append(files, f)
		if f.signer != nil {
			if c, ok := publicKey(n + "-cert.pub").(*ssh.Certificate); ok {
				a.addCert(c, f.signer)
			}
		}
	}
	for _, n := range s.vals["certificatefile"] {
		if c, ok := publicKey(s.expand(n)).(*ssh.Certificate); ok {
			for _, f := range files {
				if f.signer != nil {
					a.addCert(c, f.signer)
				}
			}
		}
	}
	a.addKeys(files, s.yes("identitiesonly", false))
	return a
}

func (a *auth) addCert(c *ssh.Certificate, s ssh.Signer) {
	if !bytes.Equal(c.Key.Marshal(), s.PublicKey().Marshal()) {
		return
	}
	if cs, err := ssh.NewCertSigner(c, s); err == nil {
		a.signers = append(a.signers, cs)
	}
}

// addKeys orders keys as ssh does: the agent's that files name, the agent's
// others, the files' others.
func (a *auth) addKeys(files []*keyFile, only bool) {
	var rest []ssh.Signer
	held := map[string]bool{}
	if a.agent != nil {
		for _, s := range a.agent.signers {
			blob := s.PublicKey().Marshal()
			named := slices.ContainsFunc(files, func(f *keyFile) bool { return bytes.Equal(f.pub, blob) })
			if named {
				held[string(blob)] = true
				a.signers = append(a.signers, s)
			} else if !only {
				rest = append(rest, s)
			}
		}
	}
	if len(a.settings.vals["identityfile"]) == 0 {
		a.signers = append(a.signers, rest...)
		rest = nil
	}
	for _, f := range files {
		if f.signer != nil && !held[string(f.pub)] {
			a.signers = append(a.signers, f.signer)
		}
	}
	a.signers = append(a.signers, rest...)
}

func (o *opener) agentSocket(s *settings) string {
	v := s.get("identityagent", "SSH_AUTH_SOCK")
	switch {
	case v == "none":
		return ""
	case v == "SSH_AUTH_SOCK":
		return os.Getenv("SSH_AUTH_SOCK")
	case strings.HasPrefix(v, "$"):
		return os.ExpandEnv(v)
	}
	return s.expand(v)
}

// apply puts the ways to log in into c, in the order ssh prefers.
func (a *auth) apply(c *ssh.ClientConfig, h *hostKeys) {
	// A password is not shown to a host whose key has changed.
	safe := func() error {
		if h.changed != "" {
			return errors.New(h.changed)
		}
		return nil
	}
	order := strings.Split(a.settings.get("preferredauthentications", "publickey,keyboard-interactive,password"), ",")
	for _, m := range order {
		switch m {
		case "publickey":
			if len(a.signers) > 0 {
				c.Auth = append(c.Auth, ssh.PublicKeys(a.signers...))
			}
		case "keyboard-interactive":
			if a.password != "" && a.settings.yes("kbdinteractiveauthentication", true) {
				c.Auth = append(c.Auth, ssh.KeyboardInteractive(func(name, text string, q []string, echo []bool) ([]string, error) {
					if err := safe(); err != nil {
						return nil, err
					}
					return a.answer(name, text, q, echo)
				}))
			}
		case "password":
			if a.password != "" && a.settings.yes("passwordauthentication", true) {
				c.Auth = append(c.Auth, ssh.PasswordCallback(func() (string, error) { return a.password, safe() }))
			}
		}
	}
	c.AuthCallback = func(x *ssh.ClientAuthContext) (ssh.AuthMethod, error) {
		a.allowed = x.AllowedMethods
		return nil, nil
	}
}

// answer gives the password to every question that hides its answer.
func (a *auth) answer(_, _ string, questions []string, echos []bool) ([]string, error) {
	l := make([]string, len(questions))
	for i := range questions {
		if echos[i] {
			return nil, fmt.Errorf("the host asks %q, which cannot be answered", strings.TrimSpace(questions[i]))
		}
		l[i] = a.password
	}
	return l, nil
}

// denied is the message for a failed login, in ssh's words.
func (a *auth) denied() string {
	s := a.settings
	msg := fmt.Sprintf("%s@%s: Permission denied", s.user(), s.hostName())
	if len(a.allowed) > 0 {
		msg += " (" + strings.Join(a.allowed, ",") + ")"
	}
	msg += "."
	if len(a.notes) > 0 {
		msg = strings.Join(a.notes, "\n") + "\n" + msg
	}
	return msg
}
