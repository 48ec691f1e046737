package builtin

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"

	"golang.org/x/crypto/blake2s"
	//lint:ignore SA1019 what others have hashed must be hashed alike
	"golang.org/x/crypto/ripemd160"

	"github.com/goplay-engine/goplay/engine/crypt"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// NewHash returns the hash of that name in Python's hashlib, or nil.
func NewHash(name string) hash.Hash {
	switch name = strings.ToLower(name); name {
	case "ripemd160":
		return ripemd160.New()
	case "blake2s":
		h, _ := blake2s.New256(nil)
		return h
	}
	return crypt.NewHash(name)
}

func (c *Call) bytes() ([]byte, error) {
	if b, ok := c.in().(py.Bytes); ok {
		return []byte(b), nil
	}
	t, err := c.text()
	return []byte(t), err
}

func hashFilter(fixed string) Func {
	return func(c *Call) (Value, error) {
		var names []string
		if fixed == "" {
			names = []string{"hashtype"}
		}
		a, err := c.Bind(0, names...)
		if err != nil {
			return nil, err
		}
		name := fixed
		if name == "" {
			if name, err = a.Text(0, "sha1"); err != nil {
				return nil, err
			}
		}
		h := NewHash(name)
		if h == nil {
			return nil, fail("unsupported hash type %s", name)
		}
		b, err := c.bytes()
		if err != nil {
			return nil, err
		}
		h.Write(b)
		return hex.EncodeToString(h.Sum(nil)), nil
	}
}

const ansibleNamespace = "361E6D51-FAEC-444A-9079-341386DA8E2E"

func toUUIDFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "namespace")
	if err != nil {
		return nil, err
	}
	ns, err := a.Text(0, ansibleNamespace)
	if err != nil {
		return nil, err
	}
	plain := strings.NewReplacer("urn:", "", "uuid:", "", "{", "", "}", "", "-", "").Replace(ns)
	space, err := hex.DecodeString(plain)
	if err != nil || len(space) != 16 {
		return nil, fail("Invalid value '%s' for 'namespace': badly formed hexadecimal UUID string", ns)
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	h := sha1.Sum(append(space, t...))
	u := h[:16]
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:16]), nil
}

func b64encodeFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "encoding", "urlsafe")
	if err != nil {
		return nil, err
	}
	enc, err := a.Text(0, "utf-8")
	if err != nil {
		return nil, err
	}
	b, ok := c.in().(py.Bytes)
	if !ok {
		t, err := c.text()
		if err != nil {
			return nil, err
		}
		if b, err = py.Encode(t, enc, ""); err != nil {
			return nil, err
		}
	}
	if value.Truth(a.v[1]) {
		return base64.URLEncoding.EncodeToString([]byte(b)), nil
	}
	return base64.StdEncoding.EncodeToString([]byte(b)), nil
}

func b64decodeFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "encoding", "urlsafe")
	if err != nil {
		return nil, err
	}
	enc, err := a.Text(0, "utf-8")
	if err != nil {
		return nil, err
	}
	b, err := c.bytes()
	if err != nil {
		return nil, err
	}
	t := string(b)
	if value.Truth(a.v[1]) {
		t = strings.NewReplacer("-", "+", "_", "/").Replace(t)
	}
	raw, err := DecodeBase64(t)
	if err != nil {
		return nil, err
	}
	if py.Bytes(raw) != "" && (enc == "utf-8" || enc == "") {
		return c.like(string(raw)), nil
	}
	out, err := py.Decode(py.Bytes(raw), enc, "")
	if err != nil {
		return nil, err
	}
	return c.like(out), nil
}

// DecodeBase64 is Python's b64decode: other characters are passed over, but the
// padding must be right.
func DecodeBase64(t string) ([]byte, error) {
	var data []byte
	pad := 0
	for i := 0; i < len(t); i++ {
		b := t[i]
		switch {
		case b == '=':
			if len(data)%4 >= 2 {
				pad++
			}
		case b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '+' || b == '/':
			if pad > 0 && len(data)%4+pad >= 4 {
				i = len(t)
				break
			}
			pad = 0
			data = append(data, b)
		}
	}
	switch r := len(data) % 4; {
	case r == 1:
		return nil, py.Raise("binascii.Error", "Invalid base64-encoded string: number of data characters (%d) cannot be 1 more than a multiple of 4", len(data))
	case r > 0 && r+pad < 4:
		return nil, py.Raise("binascii.Error", "Incorrect padding")
	}
	return base64.RawStdEncoding.DecodeString(string(data))
}
