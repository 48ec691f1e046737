package module

import (
	"crypto"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"

	"github.com/goplay-engine/goplay/engine/module/pki"
	"github.com/goplay-engine/goplay/engine/value"
)

// csrArgs say what a request asks for; openssl_csr and openssl_csr_pipe share them.
type csrArgs struct {
	AuthorityCertIssuer     []string      `arg:"authority_cert_issuer" doc:"Names of who issued the authority's certificate."`
	AuthorityCertSerial     value.Value   `arg:"authority_cert_serial_number,type=int" doc:"Serial number of the authority's certificate."`
	AuthorityKeyID          *string       `arg:"authority_key_identifier" doc:"Key identifier of the authority, in hexadecimal with colons."`
	Basic                   []string      `arg:"basic_constraints,alias=basicConstraints" doc:"CA:TRUE or CA:FALSE, and pathlen:N."`
	BasicCritical           bool          `arg:"basic_constraints_critical,alias=basicConstraints_critical,default=false" doc:"Mark basic_constraints as critical."`
	CommonName              *string       `arg:"common_name,alias=CN,alias=commonName" doc:"Common name of the subject."`
	Country                 *string       `arg:"country_name,alias=C,alias=countryName" doc:"Country of the subject, two letters."`
	CreateSubjectKeyID      bool          `arg:"create_subject_key_identifier,default=false" doc:"Make the subject key identifier from the public key."`
	CRLPoints               []csrCRLPoint `arg:"crl_distribution_points" doc:"Where revocation lists are."`
	Digest                  string        `arg:"digest,default=sha256" doc:"Hash of the signature: sha1, sha224, sha256, sha384 or sha512."`
	Email                   *string       `arg:"email_address,alias=E,alias=emailAddress" doc:"Email address of the subject."`
	ExtUsage                []string      `arg:"extended_key_usage,alias=extKeyUsage,alias=extendedKeyUsage" doc:"Purposes such as serverAuth, by name or object identifier."`
	ExtUsageCritical        bool          `arg:"extended_key_usage_critical,alias=extKeyUsage_critical,alias=extendedKeyUsage_critical,default=false" doc:"Mark extended_key_usage as critical."`
	KeyUsage                []string      `arg:"key_usage,alias=keyUsage" doc:"What the key may be used for, such as digitalSignature."`
	KeyUsageCritical        bool          `arg:"key_usage_critical,alias=keyUsage_critical,default=false" doc:"Mark key_usage as critical."`
	Locality                *string       `arg:"locality_name,alias=L,alias=localityName" doc:"Locality of the subject."`
	NameConstraintsCritical bool          `arg:"name_constraints_critical,default=false" doc:"Mark the name constraints as critical."`
	Excluded                []string      `arg:"name_constraints_excluded" doc:"Names the CA may not certify."`
	Permitted               []string      `arg:"name_constraints_permitted" doc:"Names the CA may certify."`
	Staple                  bool          `arg:"ocsp_must_staple,alias=ocspMustStaple,default=false" doc:"Ask for OCSP Must Staple."`
	StapleCritical          bool          `arg:"ocsp_must_staple_critical,alias=ocspMustStaple_critical,default=false" doc:"Mark ocsp_must_staple as critical."`
	Organization            *string       `arg:"organization_name,alias=O,alias=organizationName" doc:"Organization of the subject."`
	Unit                    *string       `arg:"organizational_unit_name,alias=OU,alias=organizationalUnitName" doc:"Unit of the organization."`
	KeyContent              *string       `arg:"privatekey_content,no_log" doc:"The private key itself."`
	KeyPassphrase           *string       `arg:"privatekey_passphrase,no_log" doc:"Passphrase of the private key."`
	KeyPath                 *Path         `arg:"privatekey_path" doc:"File of the private key."`
	Backend                 string        `arg:"select_crypto_backend,default=auto,choices=auto|cryptography" doc:"Has no effect: Go's crypto library is used."`
	Province                *string       `arg:"state_or_province_name,alias=ST,alias=stateOrProvinceName" doc:"State or province of the subject."`
	Subject                 *value.Dict   `arg:"subject" doc:"Further entries of the subject; a list gives several of a kind."`
	AltNames                []string      `arg:"subject_alt_name,alias=subjectAltName" doc:"Alternative names: DNS:, IP:, email:, URI:, RID:, dirName:, otherName:."`
	AltNamesCritical        bool          `arg:"subject_alt_name_critical,alias=subjectAltName_critical,default=false" doc:"Mark subject_alt_name as critical."`
	SubjectKeyID            *string       `arg:"subject_key_identifier" doc:"Subject key identifier, in hexadecimal with colons."`
	SubjectOrdered          []*value.Dict `arg:"subject_ordered,elements=dict" doc:"The subject as a list of entries, in their order."`
	UseCommonName           bool          `arg:"use_common_name_for_san,alias=useCommonNameForSAN,default=true" doc:"Use the common name where there is no alternative name."`
	Version                 int           `arg:"version,default=1,choices=1" doc:"Version of the request."`
}

type csrCRLPoint struct {
	FullName     []string `arg:"full_name" doc:"Where the list is, such as URI:https://..."`
	RelativeName []string `arg:"relative_name" doc:"Name relative to the issuer, such as /CN=example.com."`
	Issuer       []string `arg:"crl_issuer" doc:"Who issues the list."`
	Reasons      []string `arg:"reasons,choices=key_compromise|ca_compromise|affiliation_changed|superseded|cessation_of_operation|certificate_hold|privilege_withdrawn|aa_compromise" doc:"Reasons the list covers."`
}

// Rules of one point.
func (csrCRLPoint) Rules() Rules {
	return Rules{MutuallyExclusive: [][]string{{"full_name", "relative_name"}}, RequiredOneOf: [][]string{{"full_name", "relative_name", "crl_issuer"}}}
}

// csrExclusive: subject_ordered stands for the whole subject.
var csrExclusive = [][]string{{"privatekey_path", "privatekey_content"}, {"subject", "subject_ordered"}, {"subject_ordered", "country_name"},
	{"subject_ordered", "state_or_province_name"}, {"subject_ordered", "locality_name"}, {"subject_ordered", "organization_name"},
	{"subject_ordered", "organizational_unit_name"}, {"subject_ordered", "common_name"}, {"subject_ordered", "email_address"}}

var csrTogether = [][]string{{"authority_cert_issuer", "authority_cert_serial_number"}}

type opensslCSRArgs struct {
	csrArgs
	Backup        bool   `arg:"backup,default=false" doc:"Keep a copy of the request as it was."`
	Force         bool   `arg:"force,default=false" doc:"Make a new request even if there is one."`
	Path          Path   `arg:"path,required" doc:"File of the request."`
	ReturnContent bool   `arg:"return_content,default=false" doc:"Return the request as csr."`
	State         string `arg:"state,default=present,choices=absent|present" doc:"Whether the request is there."`
	FileArgs
}

var csrDef = &Def{
	Name:              "community.crypto.openssl_csr",
	NullIsMissing:     true,
	Short:             "Generate OpenSSL Certificate Signing Request (CSR)",
	Args:              func() any { return &opensslCSRArgs{} },
	FileArgs:          true,
	Run:               plainly(opensslCSR),
	MutuallyExclusive: csrExclusive,
	RequiredTogether:  csrTogether,
	RequiredIf:        []RequiredIf{{Key: "state", Value: "present", Required: []string{"privatekey_path", "privatekey_content"}, AnyOf: true}},
}

func opensslCSR(c *Context, p *opensslCSRArgs) (*Result, error) {
	f := &pkiFile{c: c, path: string(p.Path), backup: p.Backup, attrs: &p.FileArgs}
	if err := f.open(); err != nil {
		return nil, err
	}
	old, oldErr := pki.ParseRequest(f.old)
	if p.State == "absent" {
		r := OK().Set("filename", f.path)
		p.describe(r, p.subject())
		f.diff(r, describeCSR(f.old, old, oldErr), value.NewDict())
		return r, f.remove(r)
	}
	want, err := p.request()
	if err != nil {
		return nil, err
	}
	r := OK().Set("filename", f.path)
	p.describe(r, p.subject())
	now := old
	var data []byte
	if p.Force || oldErr != nil || !old.Same(want, p.SubjectOrdered != nil) {
		now, data = want, want.PEM
	}
	if err := f.write(r, data); err != nil {
		return nil, err
	}
	if p.ReturnContent {
		r.Set("csr", string(now.PEM))
		if data == nil {
			r.Set("csr", string(f.old))
		}
	}
	f.diff(r, describeCSR(f.old, old, oldErr), describeCSR(now.PEM, now, nil))
	return r, nil
}

func describeCSR(data []byte, r *pki.Request, err error) *value.Dict {
	switch {
	case data == nil:
		return value.NewDict()
	case err != nil:
		return value.DictOf("can_parse_csr", false)
	}
	d := shortPrints(r.Info(), "public_key_fingerprints")
	d.Set("can_parse_csr", true)
	return d
}

// request makes the request that is asked for.
func (p *csrArgs) request() (*pki.Request, error) {
	k := privateKey{p.KeyPath, p.KeyContent, p.KeyPassphrase}
	key, err := k.load("")
	if err != nil {
		return nil, err
	}
	w, err := p.wanted(key)
	if err != nil {
		return nil, err
	}
	exts, err := w.Extensions()
	if err != nil {
		return nil, Errorf(err.Error())
	}
	req, err := pki.NewRequest(key, p.subject(), exts, p.Digest)
	if err != nil {
		return nil, Errorf(err.Error())
	}
	return req, nil
}

// subject puts the entries together in their order.
func (p *csrArgs) subject() pki.Name {
	var n pki.Name
	for _, e := range []struct {
		kind string
		v    *string
	}{{"C", p.Country}, {"ST", p.Province}, {"L", p.Locality}, {"O", p.Organization}, {"OU", p.Unit}, {"CN", p.CommonName}, {"emailAddress", p.Email}} {
		if e.v != nil {
			n = append(n, pki.Attr{Kind: e.kind, Value: *e.v})
		}
	}
	for _, d := range append([]*value.Dict{p.Subject}, p.SubjectOrdered...) {
		if d == nil {
			continue
		}
		for k, v := range d.All() {
			values := []value.Value{v}
			if l, ok := v.(*value.List); ok {
				values = l.Items
			}
			for _, one := range values {
				if one != nil {
					n = append(n, pki.Attr{Kind: value.Str(k), Value: value.Str(one)})
				}
			}
		}
	}
	return n
}

func (p *csrArgs) wanted(key crypto.PrivateKey) (*pki.Wanted, error) {
	w := &pki.Wanted{AltNames: p.altNames(), AltNamesCritical: p.AltNamesCritical, KeyUsage: p.KeyUsage, KeyUsageCritical: p.KeyUsageCritical,
		ExtKeyUsage: p.ExtUsage, ExtUsageCritical: p.ExtUsageCritical, Basic: p.Basic, BasicCritical: p.BasicCritical,
		Staple: p.Staple, StapleCritical: p.StapleCritical, Permitted: p.Permitted, Excluded: p.Excluded,
		NameConstraintsCritical: p.NameConstraintsCritical, AuthorityIssuer: p.AuthorityCertIssuer}
	var err error
	if p.CreateSubjectKeyID {
		if p.SubjectKeyID != nil {
			return nil, Errorf("subject_key_identifier cannot be specified if create_subject_key_identifier is true")
		}
		if w.SubjectKeyID, err = pki.SubjectKeyID(pki.Public(key)); err != nil {
			return nil, Errorf(err.Error())
		}
	}
	for _, id := range []struct {
		name string
		text *string
		to   *[]byte
	}{{"subject_key_identifier", p.SubjectKeyID, &w.SubjectKeyID}, {"authority_key_identifier", p.AuthorityKeyID, &w.AuthorityKeyID}} {
		if id.text == nil {
			continue
		}
		b, err := hex.DecodeString(strings.ReplaceAll(*id.text, ":", ""))
		if err != nil {
			return nil, Errorf(fmt.Sprintf("Cannot parse %s: %s", id.name, err))
		}
		*id.to = b
	}
	switch n := p.AuthorityCertSerial.(type) {
	case int64:
		w.AuthoritySerial = big.NewInt(n)
	case *big.Int:
		w.AuthoritySerial = n
	}
	for _, d := range p.CRLPoints {
		w.CRLPoints = append(w.CRLPoints, pki.CRLPoint{FullName: d.FullName, RelativeName: d.RelativeName, Issuer: d.Issuer, Reasons: d.Reasons})
	}
	return w, nil
}

// altNames are the names given, or the common name where there are none.
func (p *csrArgs) altNames() []string {
	if len(p.AltNames) > 0 || !p.UseCommonName {
		return p.AltNames
	}
	for _, a := range p.subject() {
		if a.Kind == "CN" || a.Kind == "commonName" {
			return []string{"DNS:" + a.Value}
		}
	}
	return nil
}

// describe returns what the task asked for.
func (p *csrArgs) describe(r *Result, subject pki.Name) {
	_, list := subject.Dict()
	optional := func(l []string) any {
		if len(l) == 0 {
			return nil
		}
		return l
	}
	listed := func(l []string) any {
		if l == nil {
			return []string{}
		}
		return l
	}
	r.Set("privatekey", pathValue(p.KeyPath)).Set("subject", list).Set("subjectAltName", optional(p.altNames())).
		Set("keyUsage", optional(p.KeyUsage)).Set("extendedKeyUsage", optional(p.ExtUsage)).Set("basicConstraints", optional(p.Basic)).
		Set("ocspMustStaple", p.Staple).Set("name_constraints_permitted", listed(p.Permitted)).
		Set("name_constraints_excluded", listed(p.Excluded))
}
