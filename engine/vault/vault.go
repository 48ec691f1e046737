// Package vault encrypts and decrypts Ansible's vault format (AES256, headers
// 1.1 and 1.2) and finds the passwords for it: files, scripts and prompts under
// vault ids.
//
// It imports nothing from the rest of the engine. Who reads files, and what is
// in them, is not its business.
package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Header begins every vault text.
const Header = "$ANSIBLE_VAULT"

const (
	iterations = 10000
	keyLen     = 32
	lineWidth  = 80
)

// IsEncrypted tells whether data is vault text.
func IsEncrypted(data []byte) bool { return bytes.HasPrefix(data, []byte(Header+";")) }

// envelope is a vault text taken apart.
type envelope struct {
	version, id string
	body        []byte // still in hex
}

var errNotVault = errors.New("input is not vault encrypted data")

// parse reads the header. Blanks before lines, as an indented block has them,
// do not count.
func parse(data []byte) (envelope, error) {
	var e envelope
	lines := strings.Fields(string(data))
	if len(lines) == 0 || !strings.HasPrefix(lines[0], Header+";") {
		return e, errNotVault
	}
	// A vault id may hold blanks, so the header is read from the raw line.
	first, rest, _ := strings.Cut(strings.TrimLeft(string(data), " \t\r\n"), "\n")
	head := strings.Split(strings.TrimSpace(first), ";")
	if len(head) < 3 {
		return e, fmt.Errorf("vault header %q is incomplete", first)
	}
	e.version = head[1]
	e.id = "default"
	if name := head[2]; name != "AES256" {
		return e, fmt.Errorf("%s cipher could not be found", name)
	}
	if e.version == "1.2" && len(head) > 3 {
		e.id = strings.TrimSpace(strings.Join(head[3:], ";"))
	}
	e.body = []byte(strings.Join(strings.Fields(rest), ""))
	return e, nil
}

// ID returns the vault id a text names, "default" where it names none.
func ID(data []byte) (string, error) {
	e, err := parse(data)
	return e.id, err
}

// errKey says that the password is not the one the data was encrypted with.
var errKey = errors.New("HMAC verification failed: wrong password or damaged data")

func keys(password, salt []byte) (enc, mac, iv []byte, err error) {
	k, err := pbkdf2.Key(sha256.New, string(password), salt, iterations, 2*keyLen+aes.BlockSize)
	if err != nil {
		return nil, nil, nil, err
	}
	return k[:keyLen], k[keyLen : 2*keyLen], k[2*keyLen:], nil
}

// open decrypts the body with one password.
func (e envelope) open(password []byte) ([]byte, error) {
	outer := make([]byte, hex.DecodedLen(len(e.body)))
	if _, err := hex.Decode(outer, e.body); err != nil {
		return nil, fmt.Errorf("Vault format unhexlify error: %w", err)
	}
	parts := bytes.SplitN(outer, []byte("\n"), 3)
	if len(parts) != 3 {
		return nil, errors.New("Vault vaulttext format error: salt, checksum and data expected")
	}
	for i, p := range parts {
		b := make([]byte, hex.DecodedLen(len(p)))
		if _, err := hex.Decode(b, p); err != nil {
			return nil, fmt.Errorf("Vault format unhexlify error: %w", err)
		}
		parts[i] = b
	}
	enc, mac, iv, err := keys(password, parts[0])
	if err != nil {
		return nil, err
	}
	h := hmac.New(sha256.New, mac)
	h.Write(parts[2])
	if !hmac.Equal(h.Sum(nil), parts[1]) {
		return nil, errKey
	}
	block, err := aes.NewCipher(enc)
	if err != nil {
		return nil, err
	}
	clear := make([]byte, len(parts[2]))
	cipher.NewCTR(block, iv).XORKeyStream(clear, parts[2])
	if len(clear) == 0 {
		return clear, nil
	}
	pad := int(clear[len(clear)-1])
	if pad == 0 || pad > aes.BlockSize || pad > len(clear) {
		return nil, errors.New("Vault data has invalid padding")
	}
	return clear[:len(clear)-pad], nil
}

// Seal encrypts clear text and returns vault text ending in a newline. An id
// other than "" and "default" is written into the header. A nil salt is random.
func Seal(clear, password []byte, id string, salt []byte) ([]byte, error) {
	if salt == nil {
		salt = make([]byte, 32)
		if _, err := rand.Read(salt); err != nil {
			return nil, err
		}
	}
	enc, mac, iv, err := keys(password, salt)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(enc)
	if err != nil {
		return nil, err
	}
	pad := aes.BlockSize - len(clear)%aes.BlockSize
	data := append(bytes.Clone(clear), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCTR(block, iv).XORKeyStream(data, data)
	h := hmac.New(sha256.New, mac)
	h.Write(data)
	inner := hex.EncodeToString(salt) + "\n" + hex.EncodeToString(h.Sum(nil)) + "\n" + hex.EncodeToString(data)
	body := hex.EncodeToString([]byte(inner))

	var out strings.Builder
	if id != "" && id != "default" {
		out.WriteString(Header + ";1.2;AES256;" + id + "\n")
	} else {
		out.WriteString(Header + ";1.1;AES256\n")
	}
	for len(body) > 0 {
		n := min(lineWidth, len(body))
		out.WriteString(body[:n] + "\n")
		body = body[n:]
	}
	return []byte(out.String()), nil
}
