package module

import (
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"
	"time"

	"github.com/goplay-engine/goplay/engine/module/pki"
	"github.com/goplay-engine/goplay/engine/value"
)

// certArgs say what a certificate holds and who signs it; x509_certificate and
// x509_certificate_pipe share them.
type certArgs struct {
	CSRContent        *string `arg:"csr_content" doc:"The signing request itself."`
	CSRPath           *Path   `arg:"csr_path" doc:"File of the signing request."`
	EntrustClientKey  *Path   `arg:"entrust_api_client_cert_key_path" doc:"For the provider entrust, which is not supported."`
	EntrustClientCert *Path   `arg:"entrust_api_client_cert_path" doc:"For the provider entrust, which is not supported."`
	EntrustKey        *string `arg:"entrust_api_key,no_log" doc:"For the provider entrust, which is not supported."`
	EntrustSpec       Path    `arg:"entrust_api_specification_path,default=https://cloud.entrust.net/EntrustCloud/documentation/cms-api-2.1.0.yaml" doc:"For the provider entrust, which is not supported."`
	EntrustUser       *string `arg:"entrust_api_user" doc:"For the provider entrust, which is not supported."`
	EntrustType       string  `arg:"entrust_cert_type,default=STANDARD_SSL,choices=STANDARD_SSL|ADVANTAGE_SSL|UC_SSL|EV_SSL|WILDCARD_SSL|PRIVATE_SSL|PD_SSL|CDS_ENT_LITE|CDS_ENT_PRO|SMIME_ENT" doc:"For the provider entrust, which is not supported."`
	EntrustNotAfter   string  `arg:"entrust_not_after,default=+365d" doc:"For the provider entrust, which is not supported."`
	EntrustEmail      *string `arg:"entrust_requester_email" doc:"For the provider entrust, which is not supported."`
	EntrustName       *string `arg:"entrust_requester_name" doc:"For the provider entrust, which is not supported."`
	EntrustPhone      *string `arg:"entrust_requester_phone" doc:"For the provider entrust, which is not supported."`
	Force             bool    `arg:"force,default=false" doc:"Make a new certificate even if there is one."`
	IgnoreTimestamps  bool    `arg:"ignore_timestamps,default=true" doc:"Take an existing certificate whatever its times are."`
	CAContent         *string `arg:"ownca_content" doc:"The CA's certificate itself."`
	CACreateAKI       bool    `arg:"ownca_create_authority_key_identifier,default=true" doc:"Make the authority key identifier from the CA's certificate."`
	CACreateSKI       string  `arg:"ownca_create_subject_key_identifier,default=create_if_not_provided,choices=create_if_not_provided|always_create|never_create" doc:"When to make the subject key identifier."`
	CADigest          string  `arg:"ownca_digest,default=sha256" doc:"Hash of the signature."`
	CANotAfter        string  `arg:"ownca_not_after,default=+3650d" doc:"Until when the certificate is valid: +32w1d2h from now, or an ASN.1 time."`
	CANotBefore       string  `arg:"ownca_not_before,default=+0s" doc:"From when the certificate is valid."`
	CAPath            *Path   `arg:"ownca_path" doc:"File of the CA's certificate."`
	CAKeyContent      *string `arg:"ownca_privatekey_content,no_log" doc:"The CA's private key itself."`
	CAKeyPassphrase   *string `arg:"ownca_privatekey_passphrase,no_log" doc:"Passphrase of the CA's private key."`
	CAKeyPath         *Path   `arg:"ownca_privatekey_path" doc:"File of the CA's private key."`
	CAVersion         int     `arg:"ownca_version,default=3" doc:"Version of the certificate, 3."`
	KeyContent        *string `arg:"privatekey_content,no_log" doc:"The private key itself."`
	KeyPassphrase     *string `arg:"privatekey_passphrase,no_log" doc:"Passphrase of the private key."`
	KeyPath           *Path   `arg:"privatekey_path" doc:"File of the private key."`
	Provider          *string `arg:"provider,choices=acme|entrust|ownca|selfsigned" doc:"Who signs: selfsigned or ownca; acme and entrust are not supported."`
	Backend           string  `arg:"select_crypto_backend,default=auto,choices=auto|cryptography" doc:"Has no effect: Go's crypto library is used."`
	SelfCreateSKI     string  `arg:"selfsigned_create_subject_key_identifier,default=create_if_not_provided,choices=create_if_not_provided|always_create|never_create" doc:"When to make the subject key identifier."`
	SelfDigest        string  `arg:"selfsigned_digest,default=sha256" doc:"Hash of the signature."`
	SelfNotAfter      string  `arg:"selfsigned_not_after,alias=selfsigned_notAfter,default=+3650d" doc:"Until when the certificate is valid: +32w1d2h from now, or an ASN.1 time."`
	SelfNotBefore     string  `arg:"selfsigned_not_before,alias=selfsigned_notBefore,default=+0s" doc:"From when the certificate is valid."`
	SelfVersion       int     `arg:"selfsigned_version,default=3" doc:"Version of the certificate, 3."`
}

type x509Args struct {
	certArgs
	AcmeAccount   *Path  `arg:"acme_accountkey_path" doc:"For the provider acme, which is not supported."`
	AcmeChain     bool   `arg:"acme_chain,default=false" doc:"For the provider acme, which is not supported."`
	AcmeChallenge *Path  `arg:"acme_challenge_path" doc:"For the provider acme, which is not supported."`
	AcmeDirectory string `arg:"acme_directory,default=https://acme-v02.api.letsencrypt.org/directory" doc:"For the provider acme, which is not supported."`
	Backup        bool   `arg:"backup,default=false" doc:"Keep a copy of the certificate as it was."`
	Path          Path   `arg:"path,required" doc:"File of the certificate."`
	ReturnContent bool   `arg:"return_content,default=false" doc:"Return the certificate."`
	State         string `arg:"state,default=present,choices=present|absent" doc:"Whether the certificate is there."`
	FileArgs
}

var certExclusive = [][]string{{"csr_path", "csr_content"}, {"privatekey_path", "privatekey_content"}, {"ownca_path", "ownca_content"},
	{"ownca_privatekey_path", "ownca_privatekey_content"}}

var x509Def = &Def{
	Name:              "community.crypto.x509_certificate",
	Aliases:           []string{"community.crypto.openssl_certificate"},
	Short:             "Generate and/or check OpenSSL certificates",
	Args:              func() any { return &x509Args{} },
	FileArgs:          true,
	Run:               plainly(x509Certificate),
	MutuallyExclusive: certExclusive,
	RequiredIf:        []RequiredIf{{Key: "state", Value: "present", Required: []string{"provider"}}},
}

func x509Certificate(c *Context, p *x509Args) (*Result, error) {
	f := &pkiFile{c: c, path: string(p.Path), backup: p.Backup, attrs: &p.FileArgs}
	if err := f.open(); err != nil {
		return nil, err
	}
	old, oldErr := pki.ParseCertificate(f.old)
	before := describeCert(f.old, old, oldErr)
	r := OK().Set("filename", f.path).Set("privatekey", pathValue(p.KeyPath)).Set("csr", pathValue(p.CSRPath))
	if p.State == "absent" {
		f.diff(r, before, value.NewDict())
		return r, f.remove(r)
	}
	i, err := p.issuer()
	if err != nil {
		return nil, err
	}
	if *p.Provider == "ownca" {
		r.Set("ca_cert", pathValue(p.CAPath)).Set("ca_privatekey", pathValue(p.CAKeyPath))
	}
	now := old
	var data []byte
	if p.Force || oldErr != nil || !i.fits(old, p.IgnoreTimestamps) {
		if now, err = i.make(); err != nil {
			return nil, Errorf(err.Error())
		}
		data = now.PEM
	}
	if err := f.write(r, data); err != nil {
		return nil, err
	}
	r.Set("notBefore", pki.ASN1Time(now.NotBefore)).Set("notAfter", pki.ASN1Time(now.NotAfter)).Set("serial_number", value.NormInt(now.Serial))
	if p.ReturnContent {
		r.Set("certificate", string(now.PEM))
		if data == nil {
			r.Set("certificate", string(f.old))
		}
	}
	f.diff(r, before, describeCert(now.PEM, now, nil))
	return r, nil
}

func describeCert(data []byte, c *pki.Certificate, err error) *value.Dict {
	switch {
	case data == nil:
		return value.NewDict()
	case err != nil:
		return value.DictOf("can_parse_certificate", false)
	}
	d := shortPrints(c.Info(time.Now()), "fingerprints", "public_key_fingerprints")
	d.Set("can_parse_certificate", true)
	return d
}

// issuer makes certificates, or tells whether one is as it would make it.
type issuer struct {
	request   *pki.Request     // nil: nothing is asked for but the key
	public    crypto.PublicKey // of the certificate
	key       crypto.PrivateKey
	ca        *pki.Certificate // nil: the certificate signs itself
	authority []byte           // authority key identifier to be made
	ownAKI    bool             // the request's authority key identifier does not count
	ski       string
	digest    string
	notBefore time.Time
	notAfter  time.Time
}

// issuer reads what the provider needs.
func (p *certArgs) issuer() (*issuer, error) {
	own := *p.Provider == "ownca"
	switch *p.Provider {
	case "acme", "entrust":
		return nil, Errorf(fmt.Sprintf("the provider %s is not supported; use selfsigned or ownca, or a tool such as certbot", *p.Provider))
	}
	key := privateKey{p.KeyPath, p.KeyContent, p.KeyPassphrase}
	i := &issuer{ski: p.SelfCreateSKI, digest: p.SelfDigest}
	version, from, to, names := p.SelfVersion, p.SelfNotBefore, p.SelfNotAfter, "selfsigned"
	if own {
		version, from, to, names = p.CAVersion, p.CANotBefore, p.CANotAfter, "ownca"
		key = privateKey{p.CAKeyPath, p.CAKeyContent, p.CAKeyPassphrase}
		i.ski, i.digest, i.ownAKI = p.CACreateSKI, p.CADigest, p.CACreateAKI
		if p.CSRPath == nil && p.CSRContent == nil {
			return nil, Errorf("csr_path or csr_content is required for ownca provider")
		}
		if p.CAPath == nil && p.CAContent == nil {
			return nil, Errorf("One of ownca_path and ownca_content must be specified for the ownca provider.")
		}
		if !key.given() {
			return nil, Errorf("One of ownca_privatekey_path and ownca_privatekey_content must be specified for the ownca provider.")
		}
	} else if !key.given() {
		return nil, Errorf("One of privatekey_path and privatekey_content must be specified for the selfsigned provider.")
	}
	if version != 3 {
		return nil, Errorf(fmt.Sprintf("The cryptography backend does not support v%d certificates", version))
	}
	now := time.Now()
	var err error
	if i.notBefore, err = pki.ParseTime(from, names+"_not_before", now); err == nil {
		i.notAfter, err = pki.ParseTime(to, names+"_not_after", now)
	}
	if err != nil {
		return nil, Errorf(err.Error())
	}
	if p.CSRPath != nil || p.CSRContent != nil {
		data, err := fileOrText(p.CSRPath, p.CSRContent, "The certificate signing request file %s does not exist")
		if err != nil {
			return nil, err
		}
		if i.request, err = pki.ParseRequest(data); err != nil {
			return nil, Errorf("the certificate signing request cannot be read: " + err.Error())
		}
		if !i.request.Valid {
			return nil, Errorf("The certificate signing request has an invalid signature")
		}
	}
	missing := "The private key file %s does not exist"
	if own {
		missing = "The CA private key file %s does not exist"
	}
	if i.key, err = key.load(missing); err != nil {
		return nil, err
	}
	i.public = pki.Public(i.key)
	if own {
		return i, i.readCA(p)
	}
	return i, nil
}

func (i *issuer) readCA(p *certArgs) error {
	data, err := fileOrText(p.CAPath, p.CAContent, "The CA certificate file %s does not exist")
	if err != nil {
		return err
	}
	if i.ca, err = pki.ParseCertificate(data); err != nil {
		return Errorf("the CA certificate cannot be read: " + err.Error())
	}
	if !pki.SamePublic(i.ca.Public, i.public) {
		return Errorf("The CA private key does not belong to the CA certificate")
	}
	if i.public = i.request.Public; i.public == nil {
		return Errorf("the certificate signing request is for a kind of key that cannot be read")
	}
	if i.ownAKI {
		if i.authority = pki.KeyIDOf(i.ca.Extensions); i.authority == nil {
			i.authority, err = pki.SubjectKeyID(i.ca.Public)
		}
	}
	return err
}

// keyIDs are the identifiers of keys that the certificate has to have.
func (i *issuer) keyIDs() ([]pkix.Extension, error) {
	var out []pkix.Extension
	add := func(oid asn1.ObjectIdentifier, make bool, w *pki.Wanted) error {
		if i.request != nil && !make {
			if e := pki.Find(i.request.Extensions, oid); e != nil {
				out = append(out, *e)
			}
			return nil
		}
		made, err := w.Extensions()
		out = append(out, made...)
		return err
	}
	id, err := pki.SubjectKeyID(i.public)
	if err != nil {
		return nil, err
	}
	given := i.request != nil && pki.Find(i.request.Extensions, pki.OIDSubjectKeyID) != nil
	make := i.ski == "always_create" || i.ski == "create_if_not_provided" && !given
	if !make {
		id = nil
	}
	if err := add(pki.OIDSubjectKeyID, make, &pki.Wanted{SubjectKeyID: id}); err != nil {
		return nil, err
	}
	return out, add(pki.OIDAuthorityKeyID, i.ownAKI, &pki.Wanted{AuthorityKeyID: i.authority})
}

func (i *issuer) make() (*pki.Certificate, error) {
	pub, err := pki.PublicDER(i.public)
	if err != nil {
		return nil, err
	}
	ids, err := i.keyIDs()
	if err != nil {
		return nil, err
	}
	t := &pki.Template{PublicDER: pub, NotBefore: i.notBefore, NotAfter: i.notAfter, SubjectDER: []byte{0x30, 0}}
	if i.request != nil {
		t.SubjectDER = i.request.SubjectDER
		t.Extensions = pki.WithoutKeyIDs(i.request.Extensions)
	}
	t.Extensions = append(t.Extensions, ids...)
	t.IssuerDER = t.SubjectDER
	if i.ca != nil {
		t.IssuerDER = i.ca.SubjectDER
	}
	return pki.NewCertificate(t, i.key, i.digest)
}

// fits tells whether the certificate need not be made anew.
func (i *issuer) fits(c *pki.Certificate, anyTime bool) bool {
	if !pki.SamePublic(c.Public, i.public) || i.request != nil && !c.Fits(i.request) || !c.SignedBy(pki.Public(i.key)) {
		return false
	}
	if i.ca != nil && !slices.Equal(i.ca.SubjectDER, c.IssuerDER) || i.ca == nil && !slices.Equal(c.SubjectDER, c.IssuerDER) {
		return false
	}
	ids, err := i.keyIDs()
	if err != nil {
		return false
	}
	for _, oid := range []asn1.ObjectIdentifier{pki.OIDSubjectKeyID, pki.OIDAuthorityKeyID} {
		have, want := pki.Find(c.Extensions, oid), pki.Find(ids, oid)
		if want == nil && have == nil || want != nil && have != nil && slices.Equal(want.Value, have.Value) {
			continue
		}
		return false
	}
	return anyTime || c.NotBefore.Equal(i.notBefore) && c.NotAfter.Equal(i.notAfter)
}
