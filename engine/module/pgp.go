package module

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// pgpKey is what identifies a public key.
type pgpKey struct{ fingerprint, id string }

// readPGPKeys returns the primary public keys in a file, armoured or binary.
// Only the packet framing is read (RFC 4880); nothing is verified.
func readPGPKeys(file string) ([]pgpKey, error) {
	data, err := readFile(file)
	if err != nil {
		return nil, err
	}
	return parsePGPKeys(data)
}

func parsePGPKeys(data []byte) ([]pgpKey, error) {
	if i := bytes.Index(data, []byte("-----BEGIN PGP PUBLIC KEY BLOCK-----")); i >= 0 {
		var err error
		if data, err = dearmor(string(data[i:])); err != nil {
			return nil, err
		}
	}
	var keys []pgpKey
	for len(data) > 2 {
		tag, body, rest, err := pgpPacket(data)
		if err != nil {
			return keys, err
		}
		data = rest
		if tag != 6 || len(body) < 6 || body[0] != 4 {
			continue
		}
		h := sha1.New()
		h.Write([]byte{0x99, byte(len(body) >> 8), byte(len(body))})
		h.Write(body)
		fp := fmt.Sprintf("%X", h.Sum(nil))
		keys = append(keys, pgpKey{fp, fp[len(fp)-16:]})
	}
	if len(keys) == 0 {
		return nil, errors.New("no public key in it")
	}
	return keys, nil
}

func dearmor(s string) ([]byte, error) {
	s = strings.ReplaceAll(s, "\r", "")
	_, body, ok := strings.Cut(s, "\n\n")
	if !ok {
		return nil, errors.New("no end of the armour's header")
	}
	var b strings.Builder
	for _, l := range strings.Split(body, "\n") {
		if l = strings.TrimSpace(l); strings.HasPrefix(l, "=") || strings.HasPrefix(l, "-----") {
			break
		} else {
			b.WriteString(l)
		}
	}
	return base64.StdEncoding.DecodeString(b.String())
}

// pgpPacket splits the first packet off, in the old or new format.
func pgpPacket(d []byte) (tag int, body, rest []byte, err error) {
	bad := errors.New("damaged key data")
	if d[0]&0x80 == 0 {
		return 0, nil, nil, bad
	}
	var n, head int
	if d[0]&0x40 != 0 {
		tag = int(d[0] & 0x3f)
		switch l := d[1]; {
		case l < 192:
			n, head = int(l), 2
		case l < 224 && len(d) > 2:
			n, head = (int(l)-192)<<8+int(d[2])+192, 3
		case l == 255 && len(d) > 5:
			n, head = int(binary.BigEndian.Uint32(d[2:])), 6
		default:
			return 0, nil, nil, bad
		}
	} else {
		tag = int(d[0]>>2) & 15
		switch d[0] & 3 {
		case 0:
			n, head = int(d[1]), 2
		case 1:
			if len(d) < 3 {
				return 0, nil, nil, bad
			}
			n, head = int(binary.BigEndian.Uint16(d[1:])), 3
		case 2:
			if len(d) < 5 {
				return 0, nil, nil, bad
			}
			n, head = int(binary.BigEndian.Uint32(d[1:])), 5
		default:
			n, head = len(d)-1, 1
		}
	}
	if n < 0 || head+n > len(d) {
		return 0, nil, nil, bad
	}
	return tag, d[head : head+n], d[head+n:], nil
}
