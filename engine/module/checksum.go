package module

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"github.com/goplay-engine/goplay/engine/crypt"
)

// newHash returns the hash of that name, or nil.
func newHash(name string) hash.Hash {
	if name == "sha" {
		name = "sha1"
	}
	return crypt.NewHash(name)
}

// fileChecksum is the checksum of a file's content in hexadecimal.
func fileChecksum(path, algorithm string) (string, error) {
	f, err := openFile(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := newHash(algorithm)
	if h == nil {
		return "", Errorf(fmt.Sprintf("there is no checksum %q", algorithm))
	}
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// sha1Hex is the checksum by which Ansible compares content.
func sha1Hex(data []byte) string {
	s := sha1.Sum(data)
	return hex.EncodeToString(s[:])
}
