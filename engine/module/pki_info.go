package module

import (
	"crypto/rsa"
	"errors"
	"time"

	"github.com/goplay-engine/goplay/engine/module/pki"
	"github.com/goplay-engine/goplay/engine/value"
)

type x509InfoArgs struct {
	Content      *string     `arg:"content" doc:"The certificate itself."`
	NameEncoding string      `arg:"name_encoding,default=ignore,choices=ignore|idna|unicode" doc:"How internationalized names are shown; ignore leaves them as they are, the others are not supported."`
	Path         *Path       `arg:"path" doc:"File of the certificate."`
	Backend      string      `arg:"select_crypto_backend,default=auto,choices=auto|cryptography" doc:"Has no effect: Go's crypto library is used."`
	ValidAt      *value.Dict `arg:"valid_at" doc:"Points in time, by names; valid_at returns whether the certificate is valid then."`
}

var x509InfoDef = &Def{
	Name:              "community.crypto.x509_certificate_info",
	NullIsMissing:     true,
	Aliases:           []string{"community.crypto.openssl_certificate_info"},
	Short:             "Provide information of OpenSSL X.509 certificates",
	Args:              func() any { return &x509InfoArgs{} },
	Run:               plainly(x509Info),
	RequiredOneOf:     [][]string{{"path", "content"}},
	MutuallyExclusive: [][]string{{"path", "content"}},
}

// infoSource reads what an info module looks at.
func infoSource(path *Path, content *string, what string) ([]byte, error) {
	if content != nil {
		return []byte(*content), nil
	}
	data, err := readFile(string(*path))
	if err != nil {
		return nil, Errorf("Error while reading " + what + " file from disk: " + pyError(err, string(*path)))
	}
	return data, nil
}

func encodingSupported(s string) error {
	if s != "ignore" {
		return Errorf("name_encoding " + s + " is not supported; use ignore")
	}
	return nil
}

func x509Info(c *Context, p *x509InfoArgs) (*Result, error) {
	data, err := infoSource(p.Path, p.Content, "certificate")
	if err == nil {
		err = encodingSupported(p.NameEncoding)
	}
	if err != nil {
		return nil, err
	}
	cert, err := pki.ParseCertificate(data)
	if err != nil {
		return nil, Errorf("the certificate cannot be read: " + err.Error())
	}
	now := time.Now()
	r := OK()
	r.Fields.Update(cert.Info(now))
	at := value.NewDict()
	if p.ValidAt != nil {
		for k, v := range p.ValidAt.All() {
			s, ok := value.Text(v)
			if !ok {
				return nil, Errorf("The value for valid_at." + value.Str(k) + " must be of type string (got " + value.TypeName(v) + ")")
			}
			t, err := pki.ParseTime(s, "valid_at."+value.Str(k), now)
			if err != nil {
				return nil, Errorf(err.Error())
			}
			at.Set(k, !t.Before(cert.NotBefore) && !t.After(cert.NotAfter))
		}
	}
	return r.Set("valid_at", at), nil
}

type csrInfoArgs struct {
	Content      *string `arg:"content" doc:"The request itself."`
	NameEncoding string  `arg:"name_encoding,default=ignore,choices=ignore|idna|unicode" doc:"How internationalized names are shown; ignore leaves them as they are, the others are not supported."`
	Path         *Path   `arg:"path" doc:"File of the request."`
	Backend      string  `arg:"select_crypto_backend,default=auto,choices=auto|cryptography" doc:"Has no effect: Go's crypto library is used."`
}

var csrInfoDef = &Def{
	Name:              "community.crypto.openssl_csr_info",
	NullIsMissing:     true,
	Short:             "Provide information of OpenSSL Certificate Signing Requests (CSR)",
	Args:              func() any { return &csrInfoArgs{} },
	Run:               plainly(csrInfo),
	RequiredOneOf:     [][]string{{"path", "content"}},
	MutuallyExclusive: [][]string{{"path", "content"}},
}

func csrInfo(c *Context, p *csrInfoArgs) (*Result, error) {
	data, err := infoSource(p.Path, p.Content, "CSR")
	if err == nil {
		err = encodingSupported(p.NameEncoding)
	}
	if err != nil {
		return nil, err
	}
	req, err := pki.ParseRequest(data)
	if err != nil {
		return nil, Errorf("the certificate signing request cannot be read: " + err.Error())
	}
	info := req.Info()
	if !req.Valid {
		return nil, &Error{Msg: "CSR signature is invalid!", Fields: info}
	}
	r := OK()
	r.Fields.Update(info)
	return r, nil
}

type keyInfoArgs struct {
	Check      bool    `arg:"check_consistency,default=false" doc:"Check that the parts of the key fit."`
	Content    *string `arg:"content,no_log" doc:"The private key itself."`
	Passphrase *string `arg:"passphrase,no_log" doc:"Passphrase of the key."`
	Path       *Path   `arg:"path" doc:"File of the key."`
	Private    bool    `arg:"return_private_key_data,default=false" doc:"Return the secret numbers of the key too."`
	Backend    string  `arg:"select_crypto_backend,default=auto,choices=auto|cryptography" doc:"Has no effect: Go's crypto library is used."`
}

var keyInfoDef = &Def{
	Name:              "community.crypto.openssl_privatekey_info",
	NullIsMissing:     true,
	Short:             "Provide information for OpenSSL private keys",
	Args:              func() any { return &keyInfoArgs{} },
	Run:               plainly(keyInfo),
	RequiredOneOf:     [][]string{{"path", "content"}},
	MutuallyExclusive: [][]string{{"path", "content"}},
}

func keyInfo(c *Context, p *keyInfoArgs) (*Result, error) {
	fields := value.DictOf("can_load_key", false, "can_parse_key", false, "key_is_consistent", nil)
	fail := func(msg string) (*Result, error) { return nil, &Error{Msg: msg, Fields: fields} }
	data := []byte(deref(p.Content))
	if p.Path != nil {
		var err error
		if data, err = readFile(string(*p.Path)); err != nil {
			return fail("Error while reading private key file from disk: " + pyError(err, string(*p.Path)))
		}
	}
	fields.Set("can_load_key", true)
	pass := deref(p.Passphrase)
	key, err := pki.ParseKey(data, []byte(pass))
	switch {
	case errors.Is(err, pki.ErrPassphrase) && pass != "":
		return fail("Wrong passphrase provided for private key")
	case errors.Is(err, pki.ErrPassphrase):
		return fail("Wrong or empty passphrase provided for private key")
	case err != nil:
		return fail("Error while deserializing key: " + err.Error())
	}
	d := describeKey(data, key)
	if der, err := pki.PublicDER(pki.Public(key.Private)); err == nil {
		d.Set("public_key_fingerprints", pki.Fingerprints(der))
	}
	fields.Update(d)
	if p.Check {
		ok := true // of the other kinds the public half is made from the private one
		if k, rsaKey := key.Private.(*rsa.PrivateKey); rsaKey {
			ok = k.Validate() == nil
		}
		fields.Set("key_is_consistent", ok)
		if !ok {
			return fail("Private key is not consistent! (See return_private_key_data)")
		}
	}
	if p.Private {
		fields.Set("private_data", pki.PrivateData(key.Private))
	}
	r := OK()
	r.Fields.Update(fields)
	return r, nil
}
