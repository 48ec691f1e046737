package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// signatures are the algorithms by hash: identifiers with RSA and with ECDSA.
var signatures = map[string]struct {
	hash     crypto.Hash
	rsa, ecc string
}{
	"sha1":   {crypto.SHA1, "1.2.840.113549.1.1.5", "1.2.840.10045.4.1"},
	"sha224": {crypto.SHA224, "1.2.840.113549.1.1.14", "1.2.840.10045.4.3.1"},
	"sha256": {crypto.SHA256, "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2"},
	"sha384": {crypto.SHA384, "1.2.840.113549.1.1.12", "1.2.840.10045.4.3.3"},
	"sha512": {crypto.SHA512, "1.2.840.113549.1.1.13", "1.2.840.10045.4.3.4"},
}

// signatureNames are identifiers as OpenSSL names them.
var signatureNames = map[string]string{
	"1.2.840.113549.1.1.4":    "md5WithRSAEncryption",
	"1.2.840.113549.1.1.5":    "sha1WithRSAEncryption",
	"1.2.840.113549.1.1.14":   "sha224WithRSAEncryption",
	"1.2.840.113549.1.1.11":   "sha256WithRSAEncryption",
	"1.2.840.113549.1.1.12":   "sha384WithRSAEncryption",
	"1.2.840.113549.1.1.13":   "sha512WithRSAEncryption",
	"1.2.840.113549.1.1.10":   "rsassaPss",
	"1.2.840.10045.4.1":       "ecdsa-with-SHA1",
	"1.2.840.10045.4.3.1":     "ecdsa-with-SHA224",
	"1.2.840.10045.4.3.2":     "ecdsa-with-SHA256",
	"1.2.840.10045.4.3.3":     "ecdsa-with-SHA384",
	"1.2.840.10045.4.3.4":     "ecdsa-with-SHA512",
	"1.3.101.112":             "ED25519",
	"1.3.101.113":             "ED448",
	"2.16.840.1.101.3.4.3.1":  "dsa_with_SHA224",
	"2.16.840.1.101.3.4.3.2":  "dsa_with_SHA256",
	"1.2.840.10040.4.3":       "dsaWithSHA1",
	"1.2.840.113549.1.1.15":   "sha512-224WithRSAEncryption",
	"1.2.840.113549.1.1.16":   "sha512-256WithRSAEncryption",
	"2.16.840.1.101.3.4.3.14": "RSA-SHA3-256",
}

// signer signs with one key and digest.
type signer struct {
	key       crypto.Signer
	hash      crypto.Hash // 0 for keys that hash themselves
	algorithm []byte      // DER of the algorithm's identifier
}

func newSigner(key crypto.PrivateKey, digest string) (*signer, error) {
	s, ok := signatures[digest]
	if !ok {
		return nil, fmt.Errorf("Unsupported digest \"%s\"", digest)
	}
	var oid string
	null := false
	out := &signer{hash: s.hash}
	switch k := key.(type) {
	case *rsa.PrivateKey:
		out.key, oid, null = k, s.rsa, true
	case *ecdsa.PrivateKey:
		out.key, oid = k, s.ecc
	case ed25519.PrivateKey:
		out.key, oid, out.hash = k, "1.3.101.112", 0
	default:
		return nil, fmt.Errorf("a key of type %s cannot sign", KeyType(key))
	}
	id, err := parseOID(oid)
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(id)
		if null {
			b.AddASN1NULL()
		}
	})
	out.algorithm, err = b.Bytes()
	return out, err
}

// sign completes what is signed with algorithm and signature.
func (s *signer) sign(body []byte) ([]byte, error) {
	data := body
	if s.hash != 0 {
		data = sum(s.hash, body)
	}
	sig, err := s.key.Sign(rand.Reader, data, s.hash)
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(body)
		b.AddBytes(s.algorithm)
		b.AddASN1BitString(sig)
	})
	return b.Bytes()
}

// verify checks a signature over body that has the algorithm with that identifier.
func verify(pub crypto.PublicKey, oid asn1.ObjectIdentifier, body, sig []byte) bool {
	switch k := pub.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(k, body, sig)
	case *rsa.PublicKey:
		for _, s := range signatures {
			if s.rsa == oid.String() {
				return rsa.VerifyPKCS1v15(k, s.hash, sum(s.hash, body), sig) == nil
			}
		}
	case *ecdsa.PublicKey:
		for _, s := range signatures {
			if s.ecc == oid.String() {
				return ecdsa.VerifyASN1(k, sum(s.hash, body), sig)
			}
		}
	}
	return false
}

// signatureOf reads the algorithm and signature that follow what is signed.
func signatureOf(der []byte) (body []byte, oid asn1.ObjectIdentifier, sig []byte) {
	var s struct {
		Body      asn1.RawValue
		Algorithm struct {
			OID    asn1.ObjectIdentifier
			Params asn1.RawValue `asn1:"optional"`
		}
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &s); err != nil {
		return nil, nil, nil
	}
	return s.Body.FullBytes, s.Algorithm.OID, s.Signature.RightAlign()
}

// decodePEM returns the first block whose type ends as given.
func decodePEM(data []byte, types ...string) ([]byte, error) {
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, fmt.Errorf("there is no PEM block %q", types[0])
		}
		for _, t := range types {
			if block.Type == t {
				return block.Bytes, nil
			}
		}
	}
}

func encodePEM(typ string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: typ, Bytes: der})
}

func parsePublic(der []byte) crypto.PublicKey {
	k, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil
	}
	return k
}
