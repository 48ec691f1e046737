package builtin

import (
	"errors"

	"github.com/goplay-engine/goplay/engine/crypt"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

func passwordHashFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "hashtype", "salt", "salt_size", "rounds", "ident")
	if err != nil {
		return nil, err
	}
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	pw, ok := textOf(c.in())
	if b, isBytes := c.in().(py.Bytes); isBytes {
		pw, ok = string(b), true
	}
	if !ok {
		return nil, py.Raise("TypeError", "secret must be unicode or bytes, not %s", value.TypeName(c.in()))
	}
	alg, err := a.Text(0, "sha512")
	if err != nil {
		return nil, err
	}
	var o crypt.Options
	if a.Has(1) {
		if o.Salt, err = a.Text(1, ""); err != nil {
			return nil, err
		}
	}
	if a.Has(2) {
		n, err := a.Int(2, 0)
		if err != nil {
			return nil, err
		}
		o.SaltSize = int(n)
	}
	if a.Has(3) {
		n, err := a.Int(3, 0)
		if err != nil {
			return nil, err
		}
		o.Rounds = int(n)
	}
	if a.Has(4) {
		if o.Ident, err = a.Text(4, ""); err != nil {
			return nil, err
		}
	}
	h, err := crypt.Hash(alg, pw, o)
	var unknown *crypt.UnknownError
	if errors.As(err, &unknown) {
		return nil, fail("%s", err)
	}
	if err != nil {
		return nil, fail("Could not hash the secret.. %s", err)
	}
	return h, nil
}

// Vault is what the vault and unvault filters use; the package that knows the
// format sets it when the program starts.
var Vault struct {
	Encrypt func(clear, password, salt, id string) (string, error)
	Decrypt func(cipher, password, id string) (string, error)
}

func vaultFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "secret", "salt", "vault_id", "wrap_object", "vaultid")
	if err != nil {
		return nil, err
	}
	t, err := vaultText(c.in(), "data")
	if err != nil {
		return nil, err
	}
	secret, err := vaultText(a.v[0], "Secret")
	if err != nil {
		return nil, err
	}
	if Vault.Encrypt == nil {
		return nil, fail("vault is not available here")
	}
	salt, id := "", "filter_default"
	if a.Has(1) {
		salt = value.Str(a.v[1])
	}
	for _, i := range []int{4, 2} {
		if a.Has(i) {
			id = value.Str(a.v[i])
		}
	}
	out, err := Vault.Encrypt(t, secret, salt, id)
	if err != nil {
		return nil, fail("Unable to encrypt: %s", err)
	}
	if value.Truth(a.v[3]) {
		return &value.Secret{Cipher: out, Open: func(cipher string) (string, error) { return Vault.Decrypt(cipher, secret, id) }}, nil
	}
	return out, nil
}

func vaultText(v Value, what string) (string, error) {
	if err := Defined(v); err != nil {
		return "", err
	}
	t, ok := textOf(v)
	if b, isBytes := v.(py.Bytes); isBytes {
		t, ok = string(b), true
	}
	if !ok {
		if what == "Secret" {
			return "", fail("Secret passed is required to be a string, instead we got: %s", className(v))
		}
		return "", fail("Can only vault strings, instead we got: %s", className(v))
	}
	return t, nil
}

func unvaultFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "secret", "vault_id", "vaultid")
	if err != nil {
		return nil, err
	}
	secret, err := vaultText(a.v[0], "Secret")
	if err != nil {
		return nil, err
	}
	t := ""
	if s, ok := c.in().(*value.Secret); ok {
		t = s.Cipher // opened with the password given, not with those of the run
	} else if t, err = vaultText(c.in(), "data"); err != nil {
		return nil, err
	}
	if !isVault(t) {
		return c.in(), nil
	}
	if Vault.Decrypt == nil {
		return nil, fail("vault is not available here")
	}
	id := "filter_default"
	for _, i := range []int{2, 1} {
		if a.Has(i) {
			id = value.Str(a.v[i])
		}
	}
	out, err := Vault.Decrypt(t, secret, id)
	if err != nil {
		return nil, fail("Unable to decrypt: %s", err)
	}
	return out, nil
}

func isVault(t string) bool { return len(t) > 15 && t[:15] == "$ANSIBLE_VAULT;" }
