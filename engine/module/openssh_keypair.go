package module

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

type keypairArgs struct {
	Backend    string  `arg:"backend,default=auto,choices=auto|cryptography|opensshbin" doc:"Has no effect: ssh-keygen is used."`
	Comment    *string `arg:"comment" doc:"Comment of the public key."`
	Force      bool    `arg:"force,default=false" doc:"Make a new pair even if there is one."`
	Passphrase *string `arg:"passphrase,no_log" doc:"Passphrase of the private key."`
	Path       Path    `arg:"path,required" doc:"File of the private key; the public one ends in .pub."`
	Format     string  `arg:"private_key_format,default=auto,choices=auto|pkcs1|pkcs8|ssh" doc:"How the private key is written: auto and ssh are OpenSSH's own form, pkcs1 its PEM form."`
	Regenerate string  `arg:"regenerate,default=partial_idempotence,choices=never|fail|partial_idempotence|full_idempotence|always" doc:"When an existing pair is replaced."`
	Size       *int    `arg:"size" doc:"Size in bits: at least 1024 for rsa (default 4096), 1024 for dsa, 256, 384 or 521 for ecdsa (default 256)."`
	State      string  `arg:"state,default=present,choices=present|absent" doc:"Whether the pair is there."`
	Type       string  `arg:"type,default=rsa,choices=rsa|dsa|rsa1|ecdsa|ed25519" doc:"Kind of key; rsa1 is not supported."`
	FileArgs
}

var keypairDef = &Def{
	Name:     "community.crypto.openssh_keypair",
	Short:    "Generate OpenSSH private and public keys",
	Args:     func() any { return &keypairArgs{} },
	FileArgs: true,
	Run:      plainly(opensshKeypair),
}

// keypair is a pair of files being looked after.
type keypair struct {
	*keypairArgs
	c    *Context
	path string
	size int
}

// keypairState is what is there.
type keypairState struct {
	exists      bool   // the private key
	readable    bool   // with the passphrase
	public      string // made from the private key: type and key
	fingerprint string
	size        int
	typ         string
	line        string // of the public key's file, "" for none
}

const keypairUnread = "Unable to read the key. The key is protected with a passphrase or broken." + howToForce + "`full_idempotence` or `always`, or with `force=true`."

func opensshKeypair(c *Context, p *keypairArgs) (*Result, error) {
	k := &keypair{keypairArgs: p, c: c, path: string(p.Path)}
	if err := k.check(); err != nil {
		return nil, err
	}
	old, err := k.read()
	if err != nil {
		return nil, err
	}
	r := OK().Set("filename", k.path).Set("size", k.size).Set("type", p.Type)
	if p.State == "absent" {
		return k.remove(r, old)
	}
	make, err := k.decide(old)
	if err != nil {
		return nil, err
	}
	now := old
	switch {
	case make:
		r.Changed = true
		if !c.Check {
			if err := k.generate(); err != nil {
				return nil, err
			}
			if now, err = k.read(); err != nil {
				return nil, err
			}
		}
	case k.publicDiffers(old):
		r.Changed = true
		renewed := *old
		now = &renewed
		now.line = k.publicLine(old)
		if !c.Check {
			if err := k.writePublic(now.line); err != nil {
				return nil, err
			}
		}
	}
	if now.exists {
		for _, f := range []string{k.path, k.path + ".pub"} {
			fa := p.FileArgs
			if f != k.path {
				fa.Mode = Mode{} // a private key's mode would hide the public one
			} else if !fa.Mode.Given() {
				fa.Mode = Mode{"0600"}
			}
			if _, err := os.Lstat(f); err != nil {
				continue
			}
			changed, err := c.applyAttrs(f, &fa, nil)
			if err != nil {
				return nil, err
			}
			r.Changed = r.Changed || changed
		}
	}
	k.result(r, now)
	if c.Diff {
		r.AddDiff(Diff{Before: old.describe(), After: now.describe()})
	}
	return r, nil
}

// keygen runs ssh-keygen. Passphrases go to its standard input: the list of
// processes shows arguments to everyone.
func (k *keypair) keygen(stdin string, args ...string) (*progResult, error) {
	exe, err := k.c.findProgram("ssh-keygen")
	if err != nil {
		return nil, err
	}
	return k.c.run(append([]string{exe}, args...), &progOptions{Env: cLocale, Stdin: []byte(stdin)})
}

// check completes the size and refuses what ssh-keygen would.
func (k *keypair) check() error {
	k.size = map[string]int{"rsa": 4096, "dsa": 1024, "ecdsa": 256, "ed25519": 256}[k.Type]
	if k.Size != nil && k.Type != "ed25519" {
		k.size = *k.Size
	}
	switch {
	case k.Type == "rsa1":
		return Errorf("keys of type rsa1 are not supported; OpenSSH has given them up")
	case k.Type == "rsa" && k.size < 1024:
		return Errorf("For RSA keys, the minimum size is 1024 bits and the default is 4096 bits. Attempting to use bit lengths under 1024 will cause the module to fail.")
	case k.Type == "dsa" && k.size != 1024:
		return Errorf("DSA keys must be exactly 1024 bits as specified by FIPS 186-2.")
	case k.Type == "ecdsa" && k.size != 256 && k.size != 384 && k.size != 521:
		return Errorf("For ECDSA keys, size determines the key length by selecting from one of three elliptic curve sizes: 256, 384 or 521 bits. Attempting to use bit lengths other than these three values for ECDSA keys will cause this module to fail.")
	}
	dir := filepath.Dir(k.path)
	if fi, err := os.Stat(dir); err != nil || !fi.IsDir() {
		return Errorf(fmt.Sprintf("The directory %s does not exist or the file is not a directory", dir), "name", dir)
	}
	if fi, err := os.Stat(k.path); err == nil && fi.IsDir() {
		return Errorf(k.path + " is a directory. Please specify a path to a file.")
	}
	return nil
}

// read asks ssh-keygen about the private key.
func (k *keypair) read() (*keypairState, error) {
	s := &keypairState{}
	if b, err := readFile(k.path + ".pub"); err == nil {
		s.line = strings.TrimSpace(string(b))
	}
	if _, err := os.Stat(k.path); err != nil {
		return s, nil
	}
	s.exists = true
	// An empty passphrase opens keys without one only; a key without one opens
	// with any, so that case is told apart.
	pass := deref(k.Passphrase)
	file, done, err := k.private()
	if err != nil {
		return nil, err
	}
	defer done()
	out, err := k.keygen(pass+"\n", "-y", "-f", file)
	if err != nil {
		return nil, err
	}
	w := strings.Fields(out.Stdout)
	if out.RC != 0 || len(w) < 2 {
		return s, nil
	}
	if pass != "" {
		if bare, err := k.keygen("\n", "-y", "-f", file); err == nil && bare.RC == 0 {
			return s, nil
		}
	}
	s.public = w[0] + " " + w[1]
	print, err := k.keygen(s.public+"\n", "-l", "-f", "-")
	if err != nil {
		return nil, err
	}
	f := strings.Fields(print.Stdout)
	if print.RC != 0 || len(f) < 3 {
		return s, nil
	}
	s.size, _ = strconv.Atoi(f[0])
	s.fingerprint = f[1]
	s.typ = strings.ToLower(strings.Trim(f[len(f)-1], "()"))
	s.readable = true
	return s, nil
}

// private names a file of the key that ssh-keygen reads: it refuses one that
// others may read, so that one is copied.
func (k *keypair) private() (file string, done func(), err error) {
	fi, err := os.Stat(k.path)
	if err != nil || fi.Mode().Perm()&0o077 == 0 {
		return k.path, func() {}, nil
	}
	data, err := readFile(k.path)
	if err != nil {
		return "", nil, Errorf(pyError(err, k.path))
	}
	f, err := os.CreateTemp(k.c.tmpdir(), "keypair")
	if err != nil {
		return "", nil, Errorf("the private key cannot be copied: " + strerror(err))
	}
	_, err = f.Write(data)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		os.Remove(f.Name())
		return "", nil, Errorf("the private key cannot be copied: " + strerror(err))
	}
	return f.Name(), func() { os.Remove(f.Name()) }, nil
}

func (k *keypair) decide(s *keypairState) (bool, error) {
	if !s.exists || k.Force || k.Regenerate == "always" {
		return true, nil
	}
	if !s.readable {
		if k.Regenerate == "full_idempotence" {
			return true, nil
		}
		return false, Errorf(keypairUnread)
	}
	if s.typ == k.Type && s.size == k.size {
		return false, nil
	}
	switch k.Regenerate {
	case "never":
		return false, nil
	case "fail":
		return false, Errorf(keyDiffers)
	}
	return true, nil
}

// publicDiffers tells whether the public key's file is to be written anew.
func (k *keypair) publicDiffers(s *keypairState) bool { return s.line != k.publicLine(s) }

// publicLine is the public key with the comment wanted, or the one it has.
func (k *keypair) publicLine(s *keypairState) string {
	comment := ""
	if k.Comment != nil {
		comment = *k.Comment
	} else if strings.HasPrefix(s.line, s.public) {
		comment = commentOf(s.line)
	}
	return strings.TrimSpace(s.public + " " + comment)
}

func commentOf(line string) string {
	if w := strings.SplitN(line, " ", 3); len(w) == 3 {
		return w[2]
	}
	return ""
}

// generate makes the pair beside its place and moves both files there.
func (k *keypair) generate() error {
	dir, err := os.MkdirTemp(filepath.Dir(k.path), ".keypair")
	if err != nil {
		return Errorf("Unable to write to " + filepath.Dir(k.path) + ": " + strerror(err))
	}
	defer os.RemoveAll(dir)
	tmp := filepath.Join(dir, "key")
	args := []string{"-q", "-b", strconv.Itoa(k.size), "-t", k.Type, "-C", deref(k.Comment), "-f", tmp}
	switch k.Format {
	case "pkcs1":
		args = append(args, "-m", "PEM")
	case "pkcs8":
		args = append(args, "-m", "PKCS8")
	}
	pass := deref(k.Passphrase) + "\n"
	if out, err := k.keygen(pass+pass, args...); err != nil {
		return err
	} else if out.RC != 0 {
		return Errorf("ssh-keygen failed: "+strings.TrimSpace(out.Stderr+out.Stdout), "rc", out.RC)
	}
	for _, ext := range []string{".pub", ""} {
		if err := os.Rename(tmp+ext, k.path+ext); err != nil {
			return Errorf(pyError(err, k.path+ext))
		}
	}
	return nil
}

func (k *keypair) writePublic(line string) error {
	n, err := k.c.createBytes(k.path+".pub", []byte(line+"\n"), k.UnsafeWrites)
	if err != nil {
		return err
	}
	return n.Commit(k.UnsafeWrites)
}

func (k *keypair) remove(r *Result, s *keypairState) (*Result, error) {
	for _, f := range []string{k.path, k.path + ".pub"} {
		if _, err := os.Lstat(f); err != nil {
			continue
		}
		r.Changed = true
		if !k.c.Check {
			if err := os.Remove(f); err != nil && !notExist(err) {
				return nil, Errorf(pyError(err, f))
			}
		}
	}
	k.result(r, s)
	return r, nil
}

func (k *keypair) result(r *Result, s *keypairState) {
	comment := deref(k.Comment)
	if k.Comment == nil {
		comment = commentOf(s.line)
	}
	r.Set("fingerprint", s.fingerprint).Set("public_key", s.public).Set("comment", comment)
}

func (s *keypairState) describe() *value.Dict {
	if !s.exists {
		return value.NewDict()
	}
	d := value.DictOf("fingerprint", s.fingerprint, "format", "", "size", s.size, "type", s.typ)
	if s.line != "" {
		d.Set("comment", commentOf(s.line))
		if w := strings.Fields(s.line); len(w) > 1 {
			d.Set("public_key", w[1])
		}
	}
	return d
}
