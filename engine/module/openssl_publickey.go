package module

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"

	"golang.org/x/crypto/cryptobyte"

	"github.com/goplay-engine/goplay/engine/module/pki"
	"github.com/goplay-engine/goplay/engine/value"
)

type publickeyArgs struct {
	Backup        bool    `arg:"backup,default=false" doc:"Keep a copy of the key as it was."`
	Force         bool    `arg:"force,default=false" doc:"Write the key even if it is there."`
	Format        string  `arg:"format,default=PEM,choices=OpenSSH|PEM" doc:"How the key is written."`
	Path          Path    `arg:"path,required" doc:"File of the public key."`
	KeyContent    *string `arg:"privatekey_content,no_log" doc:"The private key itself."`
	KeyPassphrase *string `arg:"privatekey_passphrase,no_log" doc:"Passphrase of the private key."`
	KeyPath       *Path   `arg:"privatekey_path" doc:"File of the private key."`
	ReturnContent bool    `arg:"return_content,default=false" doc:"Return the key as publickey."`
	Backend       string  `arg:"select_crypto_backend,default=auto,choices=auto|cryptography" doc:"Has no effect: Go's crypto library is used."`
	State         string  `arg:"state,default=present,choices=present|absent" doc:"Whether the key is there."`
	FileArgs
}

var publickeyDef = &Def{
	Name:              "community.crypto.openssl_publickey",
	NullIsMissing:     true,
	Short:             "Generate an OpenSSL public key from its private key",
	Args:              func() any { return &publickeyArgs{} },
	FileArgs:          true,
	Run:               plainly(opensslPublickey),
	MutuallyExclusive: [][]string{{"privatekey_path", "privatekey_content"}},
	RequiredIf:        []RequiredIf{{Key: "state", Value: "present", Required: []string{"privatekey_path", "privatekey_content"}, AnyOf: true}},
}

func opensslPublickey(c *Context, p *publickeyArgs) (*Result, error) {
	f := &pkiFile{c: c, path: string(p.Path), backup: p.Backup, attrs: &p.FileArgs}
	if err := f.open(); err != nil {
		return nil, err
	}
	r := OK().Set("filename", f.path).Set("format", p.Format).Set("privatekey", pathValue(p.KeyPath))
	before := describePublic(f.old)
	if p.State == "absent" {
		if block, _ := pem.Decode(f.old); block != nil {
			r.Set("fingerprint", pki.Fingerprints(block.Bytes))
		}
		f.diff(r, before, value.NewDict())
		return r, f.remove(r)
	}
	key, err := privateKey{p.KeyPath, p.KeyContent, p.KeyPassphrase}.load("The private key %s does not exist")
	if err != nil {
		return nil, err
	}
	want, err := encodePublic(pki.Public(key), p.Format)
	if err != nil {
		return nil, Errorf(err.Error())
	}
	der, err := pki.PublicDER(pki.Public(key))
	if err != nil {
		return nil, Errorf(err.Error())
	}
	r.Set("fingerprint", pki.Fingerprints(der))
	var data []byte
	if p.Force || !samePublicText(f.old, want) {
		data = want
	}
	if err := f.write(r, data); err != nil {
		return nil, err
	}
	shown := want
	if data == nil {
		shown = f.old
	}
	if p.ReturnContent {
		r.Set("publickey", string(shown))
	}
	f.diff(r, before, describePublic(shown))
	return r, nil
}

// samePublicText leaves white space and the comment of OpenSSH keys aside.
func samePublicText(a, b []byte) bool {
	x, y := strings.Fields(string(a)), strings.Fields(string(b))
	if len(y) == 2 && len(x) > 2 {
		x = x[:2]
	}
	return a != nil && strings.Join(x, " ") == strings.Join(y, " ")
}

func describePublic(data []byte) *value.Dict {
	if data == nil {
		return value.NewDict()
	}
	if block, _ := pem.Decode(data); block != nil {
		if k, err := x509.ParsePKIXPublicKey(block.Bytes); err == nil {
			return value.DictOf("can_parse_key", true, "fingerprints", pki.ShortFingerprints(block.Bytes), "public_data", pki.PublicData(k), "type", pki.KeyType(k))
		}
	}
	return value.DictOf("can_parse_key", false)
}

func encodePublic(pub crypto.PublicKey, format string) ([]byte, error) {
	if format == "PEM" {
		return pki.PublicPEM(pub)
	}
	var b cryptobyte.Builder
	add := func(data []byte) {
		b.AddUint32LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(data) })
	}
	// Numbers carry a leading zero where they would look negative.
	number := func(n *big.Int) {
		data := n.Bytes()
		if len(data) > 0 && data[0] >= 0x80 {
			data = append([]byte{0}, data...)
		}
		add(data)
	}
	name := ""
	switch k := pub.(type) {
	case *rsa.PublicKey:
		name = "ssh-rsa"
		add([]byte(name))
		number(big.NewInt(int64(k.E)))
		number(k.N)
	case ed25519.PublicKey:
		name = "ssh-ed25519"
		add([]byte(name))
		add(k)
	case *ecdsa.PublicKey:
		curve := map[string]string{"secp256r1": "nistp256", "secp384r1": "nistp384", "secp521r1": "nistp521"}[pki.CurveName(k)]
		data, err := k.Bytes()
		if err != nil || curve == "" {
			return nil, fmt.Errorf("OpenSSH knows no keys on the curve %s", pki.CurveName(k))
		}
		name = "ecdsa-sha2-" + curve
		add([]byte(name))
		add([]byte(curve))
		add(data)
	default:
		return nil, fmt.Errorf("OpenSSH knows no keys of type %s", pki.KeyType(pub))
	}
	data, err := b.Bytes()
	return bytes.TrimSpace([]byte(name + " " + base64.StdEncoding.EncodeToString(data))), err
}
