// Package pki reads and writes what the certificate modules deal in: private
// keys, certificate signing requests, certificates and their extensions.
//
// It works on bytes only, never on files. It imports engine/value and Go's
// crypto libraries; it must not import engine/module, which uses it.
package pki

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
)

// Formats of private keys.
const (
	PKCS1 = "pkcs1" // one kind of PEM block for each kind of key
	PKCS8 = "pkcs8"
	Raw   = "raw" // the bare 32 bytes
)

// ErrPassphrase tells of a passphrase that is wrong, missing or superfluous.
var ErrPassphrase = errors.New("wrong or missing passphrase")

// Key is a private key as it was read.
type Key struct {
	Private   crypto.PrivateKey // *rsa.PrivateKey, *ecdsa.PrivateKey, ed25519.PrivateKey, *ecdh.PrivateKey
	Format    string
	Encrypted bool
}

var curves = map[string]elliptic.Curve{
	"secp224r1": elliptic.P224(), "secp256r1": elliptic.P256(), "secp384r1": elliptic.P384(), "secp521r1": elliptic.P521(),
}

// Generate makes a key of a type as the modules name it; size is in bits and
// counts for RSA, curve for ECC.
func Generate(typ string, size int, curve string) (crypto.PrivateKey, error) {
	switch typ {
	case "RSA":
		if size < 1024 {
			return nil, fmt.Errorf("an RSA key of %d bits is not secure; the size must be at least 1024", size)
		}
		return rsa.GenerateKey(rand.Reader, size)
	case "ECC":
		c := curves[curve]
		if c == nil {
			return nil, fmt.Errorf("keys on the curve %s cannot be made; use secp256r1, secp384r1, secp521r1 or secp224r1", curve)
		}
		return ecdsa.GenerateKey(c, rand.Reader)
	case "Ed25519":
		_, k, err := ed25519.GenerateKey(rand.Reader)
		return k, err
	case "X25519":
		return ecdh.X25519().GenerateKey(rand.Reader)
	}
	return nil, fmt.Errorf("keys of type %s cannot be made; use RSA, ECC, Ed25519 or X25519", typ)
}

// Public returns the public half.
func Public(k crypto.PrivateKey) crypto.PublicKey {
	if p, ok := k.(interface{ Public() crypto.PublicKey }); ok {
		return p.Public()
	}
	return nil
}

// PublicDER is a public key as certificates hold it.
func PublicDER(pub crypto.PublicKey) ([]byte, error) { return x509.MarshalPKIXPublicKey(pub) }

// PublicPEM is PublicDER in text form.
func PublicPEM(pub crypto.PublicKey) ([]byte, error) {
	der, err := PublicDER(pub)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// SamePublic compares two public keys.
func SamePublic(a, b crypto.PublicKey) bool {
	x, err1 := PublicDER(a)
	y, err2 := PublicDER(b)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}

// ParseKey reads a private key. An encrypted one needs its passphrase, another
// one must have none; ErrPassphrase tells where that fails.
func ParseKey(data, passphrase []byte) (*Key, error) {
	block, _ := pem.Decode(data)
	if block == nil {
		return parseRaw(data, passphrase)
	}
	k := &Key{Format: PKCS1}
	der := block.Bytes
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY":
		k.Encrypted = true
		if len(passphrase) == 0 {
			return nil, ErrPassphrase
		}
		plain, err := decryptPKCS8(der, passphrase)
		if err != nil {
			return nil, err
		}
		der = plain
	case block.Headers["DEK-Info"] != "":
		k.Encrypted = true
		if len(passphrase) == 0 {
			return nil, ErrPassphrase
		}
		//lint:ignore SA1019 the traditional format is what the keys have
		plain, err := x509.DecryptPEMBlock(block, passphrase)
		if err != nil {
			return nil, ErrPassphrase
		}
		der = plain
	case len(passphrase) > 0:
		return nil, ErrPassphrase
	}
	var err error
	switch block.Type {
	case "PRIVATE KEY", "ENCRYPTED PRIVATE KEY":
		k.Format = PKCS8
		k.Private, err = x509.ParsePKCS8PrivateKey(der)
	case "RSA PRIVATE KEY":
		k.Private, err = x509.ParsePKCS1PrivateKey(der)
	case "EC PRIVATE KEY":
		k.Private, err = x509.ParseECPrivateKey(der)
	default:
		return nil, fmt.Errorf("a PEM block %q holds no private key that can be read", block.Type)
	}
	if err != nil {
		if k.Encrypted {
			return nil, ErrPassphrase
		}
		return nil, err
	}
	return k, nil
}

// parseRaw takes 32 bytes for an Ed25519 key; X25519 looks the same.
func parseRaw(data, passphrase []byte) (*Key, error) {
	if len(data) != ed25519.SeedSize {
		return nil, errors.New("there is no PEM block in the private key")
	}
	if len(passphrase) > 0 {
		return nil, ErrPassphrase
	}
	return &Key{Private: ed25519.NewKeyFromSeed(data), Format: Raw}, nil
}

// AutoFormat is the format in which a key of that type is written by default.
func AutoFormat(typ string) string {
	switch typ {
	case "Ed25519", "X25519", "Ed448", "X448":
		return PKCS8
	}
	return PKCS1
}

// EncodeKey writes a private key, encrypted where there is a passphrase.
func EncodeKey(key crypto.PrivateKey, format string, passphrase []byte) ([]byte, error) {
	block := &pem.Block{}
	var err error
	switch format {
	case Raw:
		if len(passphrase) > 0 {
			return nil, errors.New("raw keys cannot be encrypted")
		}
		switch k := key.(type) {
		case ed25519.PrivateKey:
			return k.Seed(), nil
		case *ecdh.PrivateKey:
			return k.Bytes(), nil
		}
		return nil, unsupportedFormat(format)
	case PKCS1:
		switch k := key.(type) {
		case *rsa.PrivateKey:
			block.Type, block.Bytes = "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k)
		case *ecdsa.PrivateKey:
			block.Type = "EC PRIVATE KEY"
			if block.Bytes, err = x509.MarshalECPrivateKey(k); err != nil {
				return nil, err
			}
		default:
			return nil, unsupportedFormat(format)
		}
		if len(passphrase) > 0 {
			//lint:ignore SA1019 the traditional format knows no other encryption
			if block, err = x509.EncryptPEMBlock(rand.Reader, block.Type, block.Bytes, passphrase, x509.PEMCipherAES256); err != nil {
				return nil, err
			}
		}
	default:
		block.Type = "PRIVATE KEY"
		if block.Bytes, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
			return nil, err
		}
		if len(passphrase) > 0 {
			block.Type = "ENCRYPTED PRIVATE KEY"
			if block.Bytes, err = encryptPKCS8(block.Bytes, passphrase); err != nil {
				return nil, err
			}
		}
	}
	return pem.EncodeToMemory(block), nil
}

func unsupportedFormat(format string) error {
	return fmt.Errorf("the private key cannot be written in the required format %q", format)
}

// SubjectKeyID is the SHA-1 of the public key's bits, as certificates name a key.
func SubjectKeyID(pub crypto.PublicKey) ([]byte, error) {
	der, err := PublicDER(pub)
	if err != nil {
		return nil, err
	}
	var spki struct {
		Algorithm asn1.RawValue
		Bits      asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &spki); err != nil {
		return nil, err
	}
	return sum(crypto.SHA1, spki.Bits.RightAlign()), nil
}
