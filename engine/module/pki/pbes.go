package pki

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"

	"golang.org/x/crypto/scrypt"
)

var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidScrypt = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}
	oidSHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
	oidAES256 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
)

// prfs are the hashes of PBKDF2 by the identifier of their HMAC.
var prfs = map[string]func() hash.Hash{
	"1.2.840.113549.2.7":  sha1.New,
	"1.2.840.113549.2.8":  sha256.New224,
	"1.2.840.113549.2.9":  sha256.New,
	"1.2.840.113549.2.10": sha512.New384,
	"1.2.840.113549.2.11": sha512.New,
}

// ciphers are block ciphers in CBC mode, with their key length in bytes.
var ciphers = map[string]struct {
	size int
	make func([]byte) (cipher.Block, error)
}{
	"1.2.840.113549.3.7":      {24, des.NewTripleDESCipher},
	"2.16.840.1.101.3.4.1.2":  {16, aes.NewCipher},
	"2.16.840.1.101.3.4.1.22": {24, aes.NewCipher},
	"2.16.840.1.101.3.4.1.42": {32, aes.NewCipher},
}

type encryptedKey struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

type pbes2Params struct{ KDF, Cipher pkix.AlgorithmIdentifier }

type pbkdf2Params struct {
	Salt   []byte
	Rounds int
	Length int                      `asn1:"optional"`
	PRF    pkix.AlgorithmIdentifier `asn1:"optional"`
}

type scryptParams struct {
	Salt    []byte
	N, R, P int
	Length  int `asn1:"optional"`
}

// decryptPKCS8 opens an EncryptedPrivateKeyInfo.
func decryptPKCS8(der, passphrase []byte) ([]byte, error) {
	var e encryptedKey
	if _, err := asn1.Unmarshal(der, &e); err != nil {
		return nil, err
	}
	if !e.Algorithm.Algorithm.Equal(oidPBES2) {
		return nil, fmt.Errorf("the private key is encrypted by a method that cannot be read (%s)", e.Algorithm.Algorithm)
	}
	var p pbes2Params
	if _, err := asn1.Unmarshal(e.Algorithm.Parameters.FullBytes, &p); err != nil {
		return nil, err
	}
	c, ok := ciphers[p.Cipher.Algorithm.String()]
	if !ok {
		return nil, fmt.Errorf("the private key is encrypted with a cipher that cannot be read (%s)", p.Cipher.Algorithm)
	}
	key, err := deriveKey(p.KDF, passphrase, c.size)
	if err != nil {
		return nil, err
	}
	block, err := c.make(key)
	if err != nil {
		return nil, err
	}
	var iv []byte
	if _, err := asn1.Unmarshal(p.Cipher.Parameters.FullBytes, &iv); err != nil {
		return nil, err
	}
	n := len(e.Data)
	if len(iv) != block.BlockSize() || n == 0 || n%block.BlockSize() != 0 {
		return nil, errors.New("the encrypted private key is damaged")
	}
	out := make([]byte, n)
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(out, e.Data)
	pad := int(out[n-1])
	if pad == 0 || pad > block.BlockSize() {
		return nil, ErrPassphrase
	}
	for _, b := range out[n-pad:] {
		if int(b) != pad {
			return nil, ErrPassphrase
		}
	}
	return out[:n-pad], nil
}

func deriveKey(kdf pkix.AlgorithmIdentifier, passphrase []byte, size int) ([]byte, error) {
	switch {
	case kdf.Algorithm.Equal(oidPBKDF2):
		var p pbkdf2Params
		if _, err := asn1.Unmarshal(kdf.Parameters.FullBytes, &p); err != nil {
			return nil, err
		}
		if p.Rounds < 1 || p.Rounds > 10_000_000 {
			return nil, errors.New("the private key wants more work for its passphrase than is sensible")
		}
		h := sha1.New
		if len(p.PRF.Algorithm) > 0 {
			if h = prfs[p.PRF.Algorithm.String()]; h == nil {
				return nil, fmt.Errorf("the private key is encrypted with a hash that cannot be read (%s)", p.PRF.Algorithm)
			}
		}
		return pbkdf2.Key(h, string(passphrase), p.Salt, p.Rounds, size)
	case kdf.Algorithm.Equal(oidScrypt):
		var p scryptParams
		if _, err := asn1.Unmarshal(kdf.Parameters.FullBytes, &p); err != nil {
			return nil, err
		}
		// More than 1 GiB of memory is no sensible key but an attack.
		if p.N <= 0 || p.R <= 0 || p.P <= 0 || p.R > 1<<10 || p.P > 1<<10 || p.N > (1<<30)/128/p.R/p.P {
			return nil, errors.New("the private key wants more work for its passphrase than is sensible")
		}
		return scrypt.Key(passphrase, p.Salt, p.N, p.R, p.P, size)
	}
	return nil, fmt.Errorf("the private key is encrypted by a method that cannot be read (%s)", kdf.Algorithm)
}

// encryptPKCS8 seals a key with AES-256 and PBKDF2, which every tool can read.
func encryptPKCS8(der, passphrase []byte) ([]byte, error) {
	salt, iv := make([]byte, 16), make([]byte, aes.BlockSize)
	if _, err := rand.Read(salt); err != nil {
		return nil, err
	}
	if _, err := rand.Read(iv); err != nil {
		return nil, err
	}
	null := asn1.RawValue{Tag: asn1.TagNull}
	const rounds = 100_000
	kdf, err := algorithm(oidPBKDF2, pbkdf2Params{Salt: salt, Rounds: rounds, PRF: pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: null}})
	if err != nil {
		return nil, err
	}
	enc, err := algorithm(oidAES256, iv)
	if err != nil {
		return nil, err
	}
	alg, err := algorithm(oidPBES2, pbes2Params{kdf, enc})
	if err != nil {
		return nil, err
	}
	key, err := pbkdf2.Key(sha256.New, string(passphrase), salt, rounds, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	pad := aes.BlockSize - len(der)%aes.BlockSize
	data := append([]byte(nil), der...)
	for range pad {
		data = append(data, byte(pad))
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(data, data)
	return asn1.Marshal(encryptedKey{alg, data})
}

func algorithm(oid asn1.ObjectIdentifier, params any) (pkix.AlgorithmIdentifier, error) {
	b, err := asn1.Marshal(params)
	return pkix.AlgorithmIdentifier{Algorithm: oid, Parameters: asn1.RawValue{FullBytes: b}}, err
}
