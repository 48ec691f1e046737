package builtin

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/crypt"
)

// type5PwFilter is ansible.netcommon.type5_pw: the MD5 hash that routers take.
func type5PwFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "salt")
	if err != nil {
		return nil, err
	}
	pw, ok := textOf(c.in())
	if !ok {
		return nil, fail("type5_pw password input should be a string, but was given a input of %s", className(c.in()))
	}
	salt, err := a.Text(0, "")
	if err != nil {
		return nil, err
	}
	if !a.Has(0) {
		salt = crypt.RandomSalt(4)
	}
	if len(salt) > 4 || strings.ContainsFunc(salt, func(r rune) bool {
		return !(r == '.' || r == '/' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}) {
		return nil, fail("type5_pw salt is at most 4 characters of ./0-9A-Za-z, not %s", salt)
	}
	return crypt.Hash("md5", pw, crypt.Options{Salt: salt})
}

// hashSaltFilter is ansible.netcommon.hash_salt: the salt in $id$salt$hash.
func hashSaltFilter(c *Call) (Value, error) {
	t, err := Str(c.in())
	if err != nil {
		return nil, err
	}
	parts := strings.Split(t, "$")
	if len(parts) < 4 || parts[0] != "" || parts[1] == "" || parts[2] == "" {
		return nil, fail("Could not parse salt out password correctly from %s", t)
	}
	return parts[2], nil
}

// compType5Filter is ansible.netcommon.comp_type5: does the password fit the
// hash.
func compType5Filter(c *Call) (Value, error) {
	a, err := c.Bind(1, "encrypted_password", "return_original")
	if err != nil {
		return nil, err
	}
	hash, err := a.Text(0, "")
	if err != nil {
		return nil, err
	}
	pw, err := Str(c.in())
	if err != nil {
		return nil, err
	}
	parts := strings.Split(hash, "$")
	if len(parts) < 4 {
		return nil, fail("Could not parse salt out password correctly from %s", hash)
	}
	got, err := crypt.Hash("md5", pw, crypt.Options{Salt: parts[2]})
	if err != nil {
		return nil, err
	}
	if got != hash {
		return false, nil
	}
	if original, err := a.Bool(1, false); err != nil || original {
		return hash, err
	}
	return true, nil
}
