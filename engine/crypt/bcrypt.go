package crypt

import (
	"encoding/base64"
	"fmt"
	"strings"

	//lint:ignore SA1019 what others have hashed must be hashed alike
	"golang.org/x/crypto/blowfish"
)

var bcryptBase64 = base64.NewEncoding("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").WithPadding(base64.NoPadding)

// bcryptHash is bcrypt with a given salt, which x/crypto/bcrypt does not offer.
func bcryptHash(password, salt string, cost int, ident string) (string, error) {
	if strings.IndexByte(password, 0) >= 0 {
		return "", fmt.Errorf("bcrypt does not allow NULL bytes in password")
	}
	raw, err := bcryptBase64.DecodeString(salt)
	if err != nil {
		return "", fmt.Errorf("invalid bcrypt salt: %w", err)
	}
	salt = bcryptBase64.EncodeToString(raw) // clears the unused bits of the last character
	key := []byte(password)
	if len(key) > 72 {
		key = key[:72]
	}
	if ident != "2" {
		key = append(key, 0)
	}
	if len(key) == 0 {
		key = []byte{0}
	}
	c, err := blowfish.NewSaltedCipher(key, raw)
	if err != nil {
		return "", err
	}
	for range uint64(1) << cost {
		blowfish.ExpandKey(key, c)
		blowfish.ExpandKey(raw, c)
	}
	data := []byte("OrpheanBeholderScryDoubt")
	for i := 0; i < len(data); i += 8 {
		for range 64 {
			c.Encrypt(data[i:i+8], data[i:i+8])
		}
	}
	return fmt.Sprintf("$%s$%02d$%s%s", ident, cost, salt, bcryptBase64.EncodeToString(data[:23])), nil
}
