// Package crypt hashes passwords as crypt(3) does: md5, sha256, sha512 and
// bcrypt, and has Python's hashlib. It imports nothing else of the engine.
package crypt

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Alphabet is that of salts and hashes.
const Alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Options of Hash. Rounds 0 means the default; Salt "" a random one of SaltSize
// characters.
type Options struct {
	Salt     string
	SaltSize int
	Rounds   int
	Ident    string // of bcrypt: 2, 2a, 2y or 2b
}

// Names are the algorithms, as Ansible calls them.
var Names = map[string]string{
	"md5": "md5_crypt", "sha256": "sha256_crypt", "sha512": "sha512_crypt", "blowfish": "bcrypt",
	"md5_crypt": "md5_crypt", "sha256_crypt": "sha256_crypt", "sha512_crypt": "sha512_crypt", "bcrypt": "bcrypt",
}

// The default numbers of rounds are passlib's, which Ansible uses.
const (
	sha256Rounds = 535000
	sha512Rounds = 656000
	bcryptCost   = 12
)

// otherSchemes are passlib's that Ansible does not offer; it says so in other
// words than of names that mean nothing.
var otherSchemes = strings.Fields("msdcc msdcc2 mysql41 mysql323 postgres_md5 oracle10 oracle11 mssql2000 mssql2005 lmhash nthash bsd_nthash " +
	"des_crypt bsdi_crypt bigcrypt crypt16 sha1_crypt sun_md5_crypt pbkdf2_sha1 pbkdf2_sha256 pbkdf2_sha512 scram argon2 scrypt bcrypt_sha256 " +
	"apr_md5_crypt phpass cisco_pix cisco_asa cisco_type7 hex_md4 hex_md5 hex_sha1 hex_sha256 hex_sha512 htdigest plaintext unix_disabled " +
	"grub_pbkdf2_sha512 fshp cta_pbkdf2_sha1 dlitz_pbkdf2_sha1 atlassian_pbkdf2_sha1 ldap_md5 ldap_sha1 ldap_salted_md5 ldap_salted_sha1 ldap_plaintext")

// UnknownError names an algorithm that does not exist.
type UnknownError struct{ Algorithm string }

func (e *UnknownError) Error() string {
	if !slices.Contains(otherSchemes, e.Algorithm) {
		return fmt.Sprintf("passlib does not support '%s' algorithm; use one of md5, blowfish, sha256, sha512", e.Algorithm)
	}
	return e.Algorithm + " is not in the list of supported passlib algorithms: md5, blowfish, sha256, sha512"
}

// Hash returns the crypt(3) hash of a password.
func Hash(algorithm, password string, o Options) (string, error) {
	name, ok := Names[algorithm]
	if !ok {
		return "", &UnknownError{algorithm}
	}
	if strings.IndexByte(password, 0) >= 0 && name != "bcrypt" {
		return "", errors.New("NULL bytes are not allowed in a password")
	}
	maxSalt := map[string]int{"md5_crypt": 8, "sha256_crypt": 16, "sha512_crypt": 16, "bcrypt": 22}[name]
	salt := o.Salt
	if salt == "" {
		n := o.SaltSize
		if n <= 0 || n > maxSalt {
			n = maxSalt
		}
		salt = RandomSalt(n)
	}
	if strings.Trim(salt, Alphabet) != "" {
		return "", fmt.Errorf("invalid characters in %s salt", name)
	}
	if len(salt) > maxSalt {
		return "", fmt.Errorf("salt too large (%s requires <= %d chars)", name, maxSalt)
	}
	rounds := func(def int) (int, string, error) {
		n := o.Rounds
		if n == 0 {
			n = def
		}
		switch {
		case n < 1000:
			return 0, "", fmt.Errorf("rounds too low (%s requires >= 1000 rounds)", name)
		case n > 999999999:
			return 0, "", fmt.Errorf("rounds too high (%s requires <= 999999999 rounds)", name)
		case n == 5000:
			return n, "", nil
		}
		return n, "rounds=" + strconv.Itoa(n) + "$", nil
	}
	switch name {
	case "md5_crypt":
		return "$1$" + salt + "$" + md5Crypt(password, salt), nil
	case "sha256_crypt":
		n, mark, err := rounds(sha256Rounds)
		if err != nil {
			return "", err
		}
		return "$5$" + mark + salt + "$" + encode(shaCrypt(sha256.New, password, salt, n), order256), nil
	case "sha512_crypt":
		n, mark, err := rounds(sha512Rounds)
		if err != nil {
			return "", err
		}
		return "$6$" + mark + salt + "$" + encode(shaCrypt(sha512.New, password, salt, n), order512), nil
	}
	if len(salt) < 22 {
		return "", fmt.Errorf("salt too small (bcrypt requires exactly 22 chars)")
	}
	cost := o.Rounds
	if cost == 0 {
		cost = bcryptCost
	}
	if cost < 4 || cost > 31 {
		return "", fmt.Errorf("bcrypt rounds must be between 4 and 31, not %d", cost)
	}
	ident := o.Ident
	switch ident {
	case "":
		ident = "2b"
	case "2", "2a", "2b", "2y":
	default:
		return "", fmt.Errorf("invalid ident '%s' for bcrypt; use one of 2, 2a, 2y, 2b", ident)
	}
	return bcryptHash(password, salt, cost, ident)
}

// RandomSalt returns n random characters of the alphabet.
func RandomSalt(n int) string {
	b := make([]byte, n)
	for i := range b {
		k, err := rand.Int(rand.Reader, big.NewInt(int64(len(Alphabet))))
		if err != nil {
			panic("no random numbers: " + err.Error()) // the system's source never fails
		}
		b[i] = Alphabet[k.Int64()]
	}
	return string(b)
}

// The order in which the bytes of a digest are written, three at a time.
var (
	order256 = []int{0, 10, 20, 21, 1, 11, 12, 22, 2, 3, 13, 23, 24, 4, 14, 15, 25, 5, 6, 16, 26, 27, 7, 17, 18, 28, 8, 9, 19, 29, -1, 31, 30}
	order512 = []int{0, 21, 42, 22, 43, 1, 44, 2, 23, 3, 24, 45, 25, 46, 4, 47, 5, 26, 6, 27, 48, 28, 49, 7, 50, 8, 29, 9, 30, 51,
		31, 52, 10, 53, 11, 32, 12, 33, 54, 34, 55, 13, 56, 14, 35, 15, 36, 57, 37, 58, 16, 59, 17, 38, 18, 39, 60, 40, 61, 19, 62, 20, 41, -1, -1, 63}
	orderMD5 = []int{0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 5, -1, -1, 11}
)

func encode(d []byte, order []int) string {
	var b strings.Builder
	for i := 0; i < len(order); i += 3 {
		w, n := 0, 4
		for k, j := range order[i : i+3] {
			w <<= 8
			if j >= 0 {
				w |= int(d[j])
			} else if k < 2 {
				n--
			}
		}
		for range n {
			b.WriteByte(Alphabet[w&63])
			w >>= 6
		}
	}
	return b.String()
}

func spread(src []byte, n int) []byte {
	out := make([]byte, 0, n+len(src))
	for len(out) < n {
		out = append(out, src...)
	}
	return out[:n]
}

// shaCrypt is Ulrich Drepper's scheme, the digest before its encoding.
func shaCrypt(newHash func() hash.Hash, password, salt string, rounds int) []byte {
	p, s := []byte(password), []byte(salt)
	sum := func(parts ...[]byte) []byte {
		h := newHash()
		for _, b := range parts {
			h.Write(b)
		}
		return h.Sum(nil)
	}
	b := sum(p, s, p)
	h := newHash()
	h.Write(p)
	h.Write(s)
	h.Write(spread(b, len(p)))
	for n := len(p); n > 0; n >>= 1 {
		if n&1 != 0 {
			h.Write(b)
		} else {
			h.Write(p)
		}
	}
	a := h.Sum(nil)
	h = newHash()
	for range len(p) {
		h.Write(p)
	}
	pp := spread(h.Sum(nil), len(p))
	h = newHash()
	for range 16 + int(a[0]) {
		h.Write(s)
	}
	ss := spread(h.Sum(nil), len(s))
	h = newHash()
	for i := range rounds {
		h.Reset()
		if i&1 != 0 {
			h.Write(pp)
		} else {
			h.Write(a)
		}
		if i%3 != 0 {
			h.Write(ss)
		}
		if i%7 != 0 {
			h.Write(pp)
		}
		if i&1 != 0 {
			h.Write(a)
		} else {
			h.Write(pp)
		}
		a = h.Sum(a[:0])
	}
	return a
}

func md5Crypt(password, salt string) string {
	p, s := []byte(password), []byte(salt)
	sum := func(parts ...[]byte) []byte {
		h := md5.New()
		for _, b := range parts {
			h.Write(b)
		}
		return h.Sum(nil)
	}
	b := sum(p, s, p)
	h := md5.New()
	h.Write(p)
	h.Write([]byte("$1$"))
	h.Write(s)
	h.Write(spread(b, len(p)))
	for n := len(p); n > 0; n >>= 1 {
		if n&1 != 0 {
			h.Write([]byte{0})
		} else {
			h.Write(p[:1])
		}
	}
	a := h.Sum(nil)
	for i := range 1000 {
		h := md5.New()
		if i&1 != 0 {
			h.Write(p)
		} else {
			h.Write(a)
		}
		if i%3 != 0 {
			h.Write(s)
		}
		if i%7 != 0 {
			h.Write(p)
		}
		if i&1 != 0 {
			h.Write(a)
		} else {
			h.Write(p)
		}
		a = h.Sum(nil)
	}
	return encode(a, orderMD5)
}
