package module

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"

	"github.com/goplay-engine/goplay/engine/module/pki"
	"github.com/goplay-engine/goplay/engine/value"
)

type privatekeyArgs struct {
	Backup         bool    `arg:"backup,default=false" doc:"Keep a copy of the key as it was."`
	Cipher         *string `arg:"cipher" doc:"Must be auto where a passphrase is given."`
	Curve          *string `arg:"curve,choices=secp224r1|secp256k1|secp256r1|secp384r1|secp521r1|secp192r1|brainpoolP256r1|brainpoolP384r1|brainpoolP512r1|sect163k1|sect163r2|sect233k1|sect233r1|sect283k1|sect283r1|sect409k1|sect409r1|sect571k1|sect571r1" doc:"Elliptic curve of an ECC key: secp224r1, secp256r1, secp384r1 or secp521r1; others cannot be made."`
	Force          bool    `arg:"force,default=false" doc:"Make a new key even if there is one."`
	Format         string  `arg:"format,default=auto_ignore,choices=pkcs1|pkcs8|raw|auto|auto_ignore" doc:"How the key is written; auto_ignore takes an existing key in any format."`
	FormatMismatch string  `arg:"format_mismatch,default=regenerate,choices=regenerate|convert" doc:"What to do with a key in another format."`
	Passphrase     *string `arg:"passphrase,no_log" doc:"Passphrase that protects the key."`
	Path           Path    `arg:"path,required" doc:"File of the key; mode 0600 unless mode is given."`
	Regenerate     string  `arg:"regenerate,default=full_idempotence,choices=never|fail|partial_idempotence|full_idempotence|always" doc:"When an existing key is replaced."`
	ReturnContent  bool    `arg:"return_content,default=false" doc:"Return the key as privatekey."`
	Backend        string  `arg:"select_crypto_backend,default=auto,choices=auto|cryptography" doc:"Has no effect: Go's crypto library is used."`
	Size           int     `arg:"size,default=4096" doc:"Size of an RSA key, in bits."`
	State          string  `arg:"state,default=present,choices=present|absent" doc:"Whether the key is there."`
	Type           string  `arg:"type,default=RSA,choices=DSA|ECC|Ed25519|Ed448|RSA|X25519|X448" doc:"Kind of key: RSA, ECC, Ed25519 or X25519; others cannot be made."`
	FileArgs
}

var privatekeyDef = &Def{
	Name:             "community.crypto.openssl_privatekey",
	Short:            "Generate OpenSSL private keys",
	Args:             func() any { return &privatekeyArgs{} },
	FileArgs:         true,
	Run:              plainly(opensslPrivatekey),
	RequiredTogether: [][]string{{"cipher", "passphrase"}},
	RequiredIf:       []RequiredIf{{Key: "type", Value: "ECC", Required: []string{"curve"}}},
}

const (
	howToForce  = " Will not proceed. To force regeneration, call the module with `generate` set to "
	keyUnread   = "Unable to read the key. The key is protected with a another passphrase / no passphrase or broken." + howToForce + "`full_idempotence` or `always`, or with `force=true`."
	keyDiffers  = "Key has wrong type and/or size." + howToForce + "`partial_idempotence`, `full_idempotence` or `always`, or with `force=true`."
	formatOther = "Key has wrong format." + howToForce + "`partial_idempotence`, `full_idempotence` or `always`, or with `force=true`. To convert the key, set `format_mismatch` to `convert`."
)

func opensslPrivatekey(c *Context, p *privatekeyArgs) (*Result, error) {
	r := OK().Set("filename", string(p.Path)).Set("size", p.Size).Set("type", p.Type).Set("fingerprint", nil)
	if p.Type == "ECC" {
		r.Set("curve", *p.Curve)
	}
	f := &pkiFile{c: c, path: string(p.Path), backup: p.Backup, attrs: &p.FileArgs, mode: "0600"}
	if err := f.open(); err != nil {
		return nil, err
	}
	pass := []byte(deref(p.Passphrase))
	old, oldErr := pki.ParseKey(f.old, pass)
	if oldErr == nil && old.Format == pki.Raw && p.Type == "X25519" {
		if k, err := ecdh.X25519().NewPrivateKey(f.old); err == nil {
			old.Private = k
		}
	}
	before := describeKey(f.old, old)
	if p.State == "absent" {
		f.diff(r, before, value.NewDict())
		return r, f.remove(r)
	}
	if p.Cipher != nil && *p.Cipher != "auto" {
		return nil, Errorf("Cryptography backend can only use \"auto\" for cipher option.")
	}
	make, convert, err := p.decide(f.old, old, oldErr)
	if err != nil {
		return nil, err
	}
	var key crypto.PrivateKey
	if oldErr == nil {
		key = old.Private
	}
	var data []byte
	switch {
	case make && c.Check:
		r.Changed = true
	case make:
		if key, err = pki.Generate(p.Type, p.Size, deref(p.Curve)); err != nil {
			return nil, Errorf(err.Error())
		}
		fallthrough
	case convert:
		if data, err = pki.EncodeKey(key, p.format(), pass); err != nil {
			return nil, Errorf(err.Error())
		}
	}
	if err := f.write(r, data); err != nil {
		return nil, err
	}
	shown := f.old
	if data != nil {
		shown = data
	}
	after := before
	if key != nil {
		der, err := pki.PublicDER(pki.Public(key))
		if err != nil {
			return nil, Errorf(err.Error())
		}
		r.Set("fingerprint", pki.Fingerprints(der))
		after = describeKey(shown, &pki.Key{Private: key})
	}
	if p.ReturnContent {
		r.Set("privatekey", keyText(shown))
	}
	f.diff(r, before, after)
	return r, nil
}

// keyText is a key as results show it: raw ones in base 64, nil for none.
func keyText(data []byte) value.Value {
	switch {
	case data == nil:
		return nil
	case len(data) == ed25519.SeedSize:
		return base64.StdEncoding.EncodeToString(data)
	}
	return string(data)
}

func (p *privatekeyArgs) format() string {
	if p.Format == "auto" || p.Format == "auto_ignore" {
		return pki.AutoFormat(p.Type)
	}
	return p.Format
}

// decide says whether to make a new key or to write the old one anew.
func (p *privatekeyArgs) decide(data []byte, old *pki.Key, oldErr error) (make, convert bool, err error) {
	if data == nil || p.Force || p.Regenerate == "always" {
		return true, false, nil
	}
	if oldErr != nil {
		if p.Regenerate != "full_idempotence" {
			return false, false, Errorf(keyUnread)
		}
		return true, false, nil
	}
	if !p.fits(old.Private) {
		switch p.Regenerate {
		case "never":
			return false, false, nil
		case "fail":
			return false, false, Errorf(keyDiffers)
		}
		return true, false, nil
	}
	if p.Format == "auto_ignore" || old.Format == p.format() {
		return false, false, nil
	}
	switch {
	case p.FormatMismatch == "convert":
		return false, true, nil
	case p.Regenerate == "never":
		return false, false, nil
	case p.Regenerate == "fail":
		return false, false, Errorf(formatOther)
	}
	return true, false, nil
}

func (p *privatekeyArgs) fits(key crypto.PrivateKey) bool {
	if pki.KeyType(key) != p.Type {
		return false
	}
	switch k := key.(type) {
	case *rsa.PrivateKey:
		return k.N.BitLen() == p.Size
	default:
		return p.Type != "ECC" || pki.CurveName(pki.Public(key)) == *p.Curve
	}
}

// describeKey is a key as differences show it.
func describeKey(data []byte, key *pki.Key) *value.Dict {
	if data == nil {
		return value.NewDict()
	}
	if key == nil {
		return value.DictOf("can_parse_key", false)
	}
	pub := pki.Public(key.Private)
	d := value.DictOf("can_parse_key", true, "key_is_consistent", nil, "public_data", pki.PublicData(pub), "type", pki.KeyType(key.Private))
	if der, err := pki.PublicDER(pub); err == nil {
		d.Set("public_key_fingerprints", pki.ShortFingerprints(der))
	}
	if text, err := pki.PublicPEM(pub); err == nil {
		d.Set("public_key", string(text))
	}
	return d
}
