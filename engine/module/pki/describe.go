package pki

import (
	"crypto"
	"crypto/dsa" //lint:ignore SA1019 certificates with such keys are still to be described
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	_ "crypto/md5" // for fingerprints
	"crypto/rsa"
	_ "crypto/sha1" // for fingerprints
	"crypto/sha3"
	_ "crypto/sha512" // for fingerprints
	"encoding/hex"
	"math/big"
	"strings"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/blake2s"

	"github.com/goplay-engine/goplay/engine/value"
)

func sum(h crypto.Hash, data []byte) []byte {
	d := h.New()
	d.Write(data)
	return d.Sum(nil)
}

// Colons writes bytes in hexadecimal, separated by colons.
func Colons(b []byte) string {
	parts := make([]string, len(b))
	for i, c := range b {
		parts[i] = hex.EncodeToString([]byte{c})
	}
	return strings.Join(parts, ":")
}

// Fingerprints hashes data with every hash that Python's hashlib has.
func Fingerprints(data []byte) *value.Dict {
	b2b, b2s := blake2b.Sum512(data), blake2s.Sum256(data)
	s224, s256, s384, s512 := sha3.Sum224(data), sha3.Sum256(data), sha3.Sum384(data), sha3.Sum512(data)
	return value.DictOf(
		"blake2b", Colons(b2b[:]), "blake2s", Colons(b2s[:]),
		"md5", Colons(sum(crypto.MD5, data)), "sha1", Colons(sum(crypto.SHA1, data)),
		"sha224", Colons(sum(crypto.SHA224, data)), "sha256", Colons(sum(crypto.SHA256, data)), "sha384", Colons(sum(crypto.SHA384, data)),
		"sha3_224", Colons(s224[:]), "sha3_256", Colons(s256[:]), "sha3_384", Colons(s384[:]), "sha3_512", Colons(s512[:]),
		"sha512", Colons(sum(crypto.SHA512, data)),
		"shake_128", Colons(sha3.SumSHAKE128(data, 32)), "shake_256", Colons(sha3.SumSHAKE256(data, 32)))
}

// ShortFingerprints is Fingerprints with SHA-256 alone, as differences show it.
func ShortFingerprints(data []byte) *value.Dict {
	return value.DictOf("sha256", Colons(sum(crypto.SHA256, data)))
}

// KeyType names the type of a public or private key as the modules do.
func KeyType(k any) string {
	switch k.(type) {
	case *rsa.PrivateKey, *rsa.PublicKey:
		return "RSA"
	case *ecdsa.PrivateKey, *ecdsa.PublicKey:
		return "ECC"
	case ed25519.PrivateKey, ed25519.PublicKey:
		return "Ed25519"
	case *ecdh.PrivateKey, *ecdh.PublicKey:
		return "X25519"
	case *dsa.PublicKey:
		return "DSA"
	}
	return "unknown"
}

// CurveName names the curve of a key on an elliptic curve, "" for others.
func CurveName(pub crypto.PublicKey) string {
	if k, ok := pub.(*ecdsa.PublicKey); ok {
		for name, c := range curves {
			if c == k.Curve {
				return name
			}
		}
	}
	return ""
}

func number(n *big.Int) value.Value { return value.NormInt(new(big.Int).Set(n)) }

// PublicData describes a public key by its numbers.
func PublicData(pub crypto.PublicKey) *value.Dict {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		return value.DictOf("exponent", int64(k.E), "modulus", number(k.N), "size", int64(k.N.BitLen()))
	case *ecdsa.PublicKey:
		x, y := point(k)
		return value.DictOf("curve", CurveName(k), "exponent_size", int64(k.Curve.Params().BitSize), "x", x, "y", y)
	case *dsa.PublicKey:
		return value.DictOf("g", number(k.G), "p", number(k.P), "q", number(k.Q), "size", int64(k.P.BitLen()), "y", number(k.Y))
	}
	return value.NewDict()
}

// PrivateData describes the secret part of a private key.
func PrivateData(key crypto.PrivateKey) *value.Dict {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		d := value.DictOf("exponent", number(k.D))
		if len(k.Primes) == 2 {
			d.Set("p", number(k.Primes[0]))
			d.Set("q", number(k.Primes[1]))
		}
		return d
	case *ecdsa.PrivateKey:
		if b, err := k.Bytes(); err == nil {
			return value.DictOf("multiplier", number(new(big.Int).SetBytes(b)))
		}
	}
	return value.NewDict()
}

// point splits the uncompressed form of a public key.
func point(k *ecdsa.PublicKey) (x, y value.Value) {
	b, err := k.Bytes()
	if err != nil || len(b) < 3 {
		return nil, nil
	}
	half := (len(b) - 1) / 2
	return number(new(big.Int).SetBytes(b[1 : 1+half])), number(new(big.Int).SetBytes(b[1+half:]))
}
