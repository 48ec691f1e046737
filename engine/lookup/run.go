package lookup

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/goplay-engine/goplay/engine/crypt"
	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// shell runs a command on the controller in the folder of the play.
func (c *call) shell(cmd string) (string, error) {
	sh := []string{"/bin/sh", "-c", cmd}
	if runtime.GOOS == "windows" {
		sh = []string{"cmd", "/C", cmd}
	}
	p := exec.Command(sh[0], sh[1:]...)
	if b := c.t.Scope().Basedir; b != "" {
		p.Dir = b
	}
	var errOut bytes.Buffer
	p.Stderr = &errOut
	data, err := p.Output()
	if err != nil {
		why := err.Error()
		if x, ok := err.(*exec.ExitError); ok {
			why = fmt.Sprint(x.ExitCode())
		}
		msg := strings.TrimSpace(errOut.String())
		if msg != "" {
			msg = ": " + msg
		}
		return "", fmt.Errorf("lookup_plugin.%s(%s) returned %s%s", c.name, cmd, why, msg)
	}
	if errOut.Len() > 0 {
		_, _ = os.Stderr.Write(errOut.Bytes())
	}
	return string(data), nil
}

func pipe(c *call) ([]Value, error) {
	return c.each(one(func(cmd string) (string, error) {
		s, err := c.shell(cmd)
		return strings.TrimRightFunc(s, py.IsSpace), err
	}))
}

func lines(c *call) ([]Value, error) {
	return c.each(func(cmd string) (out []Value, err error) {
		s, err := c.shell(cmd)
		for _, l := range py.SplitLines(s, false) {
			out = append(out, l)
		}
		return out, err
	})
}

// charSets are the names of Python's string module.
var charSets = map[string]string{
	"ascii_letters":   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
	"ascii_lowercase": "abcdefghijklmnopqrstuvwxyz",
	"ascii_uppercase": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	"digits":          "0123456789",
	"hexdigits":       "0123456789abcdefABCDEF",
	"octdigits":       "01234567",
	"punctuation":     "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
	"whitespace":      " \t\n\r\v\f",
	"printable":       "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \t\n\r\v\f",
}

type passwordOptions struct {
	length         int64
	chars          []string
	encrypt, ident string
	seed           Value
}

func (c *call) passwordOptions(opts map[string]string) (o passwordOptions, err error) {
	for k := range opts {
		switch k {
		case "length", "chars", "encrypt", "ident", "seed":
		default:
			return o, fmt.Errorf("Unrecognized parameter(s) given to password lookup: %s", k)
		}
	}
	o.length = 20
	var length Value
	if v, ok := opts["length"]; ok {
		length = v
	} else {
		length = c.opt("length", int64(20))
	}
	n, err := py.ToInt(length)
	if err != nil {
		return o, err
	}
	o.length, _ = n.(int64)
	if o.length < 1 || o.length > 1<<20 {
		return o, fmt.Errorf("the length of a password must be between 1 and %d, not %s", 1<<20, value.Str(length))
	}
	get := func(name string) string {
		if v, ok := opts[name]; ok {
			return v
		}
		v := c.opt(name, nil)
		if v == nil {
			return ""
		}
		return value.Str(v)
	}
	o.encrypt, o.ident = get("encrypt"), get("ident")
	if v, ok := opts["seed"]; ok {
		o.seed = v
	} else {
		o.seed = c.opt("seed", nil)
	}
	var chars Value = c.opt("chars", nil)
	if v, ok := opts["chars"]; ok {
		chars = v
	}
	o.chars = []string{"ascii_letters", "digits", ".,:-_"}
	if l, ok := asList(chars); ok {
		o.chars = nil
		for _, e := range l {
			o.chars = append(o.chars, value.Str(e))
		}
	} else if chars != nil {
		o.chars = nil
		t := value.Str(chars)
		if strings.Contains(t, ",,") {
			o.chars = append(o.chars, ",")
			t = strings.ReplaceAll(t, ",,", ",")
		}
		for _, p := range strings.Split(t, ",") {
			if p != "" {
				o.chars = append(o.chars, p)
			}
		}
	}
	return o, nil
}

// generate makes a random password; the same seed gives the same one.
func generate(o passwordOptions) (string, error) {
	set := ""
	for _, s := range o.chars {
		if named, ok := charSets[s]; ok {
			s = named
		}
		set += s
	}
	rs := []rune(strings.NewReplacer(`"`, "", "'", "").Replace(set))
	if len(rs) == 0 {
		return "", fmt.Errorf("password lookup: no characters to choose from")
	}
	r, err := builtin.NewRandom(o.seed)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for range o.length {
		b.WriteRune(rs[r.Below(int64(len(rs)))])
	}
	return b.String(), nil
}

var saltSizes = map[string]int{"md5_crypt": 8, "sha256_crypt": 16, "sha512_crypt": 16, "bcrypt": 22}

func password(c *call) ([]Value, error) {
	return c.each(one(func(t string) (string, error) {
		words, opts := keyValues(t)
		o, err := c.passwordOptions(opts)
		if err != nil {
			return "", err
		}
		return c.onePassword(strings.Join(words, " "), o)
	}))
}

// onePassword reads the password from its file or makes one and stores it,
// holding a lock so that two hosts get the same one.
func (c *call) onePassword(path string, o passwordOptions) (string, error) {
	if path == "" {
		return "", fmt.Errorf("password lookup: a file name is required")
	}
	if !filepath.IsAbs(path) {
		if strings.HasPrefix(path, "~") {
			home, _ := os.UserHomeDir()
			path = filepath.Join(home, strings.TrimPrefix(path, "~"))
		} else {
			path = filepath.Join(c.t.Scope().Basedir, path)
		}
	}
	scratch := path == os.DevNull || path == "/dev/null"
	if !scratch {
		unlock, err := lock(path)
		if err != nil {
			return "", err
		}
		defer unlock()
	}
	clear, salt, ident := "", "", ""
	changed := false
	if data, err := os.ReadFile(path); err == nil && !scratch {
		clear = strings.TrimRightFunc(string(data), py.IsSpace)
		if i := strings.LastIndex(clear, " ident="); i >= 0 {
			clear, ident = clear[:i], clear[i+len(" ident="):]
		}
		if i := strings.LastIndex(clear, " salt="); i >= 0 {
			clear, salt = clear[:i], clear[i+len(" salt="):]
		}
	} else if err != nil && !os.IsNotExist(err) {
		return "", err
	}
	var err error
	if clear == "" {
		if clear, err = generate(o); err != nil {
			return "", err
		}
		changed = true
	}
	if o.encrypt != "" && salt == "" {
		n, ok := saltSizes[crypt.Names[o.encrypt]]
		if !ok {
			n = 8
		}
		salt, changed = crypt.RandomSalt(n), true
	}
	if o.encrypt != "" && o.ident == "" {
		o.ident = ident
	}
	if o.encrypt == "bcrypt" && o.ident == "" {
		o.ident = "2b"
	}
	if changed && !scratch {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return "", err
		}
		content := clear
		if salt != "" {
			content += " salt=" + salt
		}
		if o.ident != "" && o.encrypt != "" {
			content += " ident=" + o.ident
		}
		if err := writeWhole(path, content+"\n"); err != nil {
			return "", err
		}
	}
	if o.encrypt == "" {
		return clear, nil
	}
	return crypt.Hash(o.encrypt, clear, crypt.Options{Salt: salt, Ident: o.ident})
}

// writeWhole writes beside the file and renames, so that it is never a part.
func writeWhole(path, content string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".password-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err = f.WriteString(content); err == nil {
		err = f.Chmod(0o600)
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
