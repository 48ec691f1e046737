package pki

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/goplay-engine/goplay/engine/value"
)

// Certificate is an X.509 certificate.
type Certificate struct {
	Version             int
	Serial              *big.Int
	Issuer, Subject     Name
	IssuerDER           []byte
	SubjectDER          []byte
	NotBefore, NotAfter time.Time
	PublicDER           []byte
	Public              crypto.PublicKey
	Extensions          []pkix.Extension
	DER, PEM            []byte

	signature asn1.ObjectIdentifier
}

// Template is what a certificate to be made holds.
type Template struct {
	SubjectDER, IssuerDER, PublicDER []byte
	NotBefore, NotAfter              time.Time
	Extensions                       []pkix.Extension
}

// NewCertificate makes a certificate with a random serial number, signed by key.
func NewCertificate(t *Template, key crypto.PrivateKey, digest string) (*Certificate, error) {
	s, err := newSigner(key, digest)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 159))
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddASN1Int64(2) })
		b.AddASN1BigInt(serial)
		b.AddBytes(s.algorithm)
		b.AddBytes(t.IssuerDER)
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			addTime(b, t.NotBefore)
			addTime(b, t.NotAfter)
		})
		b.AddBytes(t.SubjectDER)
		b.AddBytes(t.PublicDER)
		if len(t.Extensions) > 0 {
			b.AddASN1(cbasn1.Tag(3).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { addExtensions(b, t.Extensions) })
		}
	})
	body, err := b.Bytes()
	if err != nil {
		return nil, err
	}
	der, err := s.sign(body)
	if err != nil {
		return nil, err
	}
	return parseCertificate(der)
}

// addTime writes two-digit years up to 2049, as the standard wants.
func addTime(b *cryptobyte.Builder, t time.Time) {
	t = t.UTC()
	if t.Year() >= 1950 && t.Year() < 2050 {
		b.AddASN1UTCTime(t)
		return
	}
	b.AddASN1GeneralizedTime(t)
}

// ParseCertificate reads the first certificate of a text in PEM form.
func ParseCertificate(data []byte) (*Certificate, error) {
	der, err := decodePEM(data, "CERTIFICATE", "X509 CERTIFICATE")
	if err != nil {
		return nil, err
	}
	return parseCertificate(der)
}

// FromDER reads a certificate in binary form.
func FromDER(der []byte) (*Certificate, error) { return parseCertificate(der) }

var errCertificate = errors.New("the certificate is damaged")

func parseCertificate(der []byte) (*Certificate, error) {
	body, oid, _ := signatureOf(der)
	if body == nil {
		return nil, errCertificate
	}
	c := &Certificate{Version: 1, Serial: new(big.Int), DER: der, PEM: encodePEM("CERTIFICATE", der), signature: oid}
	in := cryptobyte.String(body)
	var seq, version, alg, issuer, times, subject, pub, exts, skip cryptobyte.String
	var there bool
	tag := func(n int) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific() }
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadOptionalASN1(&version, &there, tag(0).Constructed()) ||
		there && !version.ReadASN1Integer(&c.Version) || !seq.ReadASN1Integer(c.Serial) || !seq.ReadASN1(&alg, cbasn1.SEQUENCE) ||
		!seq.ReadASN1Element(&issuer, cbasn1.SEQUENCE) || !seq.ReadASN1(&times, cbasn1.SEQUENCE) ||
		!seq.ReadASN1Element(&subject, cbasn1.SEQUENCE) || !seq.ReadASN1Element(&pub, cbasn1.SEQUENCE) ||
		!readTime(&times, &c.NotBefore) || !readTime(&times, &c.NotAfter) {
		return nil, errCertificate
	}
	if there {
		c.Version++
	}
	if !seq.ReadOptionalASN1(&skip, nil, tag(1)) || !seq.ReadOptionalASN1(&skip, nil, tag(2)) ||
		!seq.ReadOptionalASN1(&exts, &there, tag(3).Constructed()) {
		return nil, errCertificate
	}
	var err error
	if there {
		var list cryptobyte.String
		if !exts.ReadASN1(&list, cbasn1.SEQUENCE) {
			return nil, errCertificate
		}
		if c.Extensions, err = readExtensions(list); err != nil {
			return nil, err
		}
	}
	if c.Issuer, err = ParseName(issuer); err != nil {
		return nil, err
	}
	if c.Subject, err = ParseName(subject); err != nil {
		return nil, err
	}
	c.IssuerDER, c.SubjectDER, c.PublicDER, c.Public = issuer, subject, pub, parsePublic(pub)
	return c, nil
}

func readTime(s *cryptobyte.String, t *time.Time) bool {
	if s.PeekASN1Tag(cbasn1.UTCTime) {
		return s.ReadASN1UTCTime(t)
	}
	return s.ReadASN1GeneralizedTime(t)
}

// SignedBy tells whether the certificate's signature is by that key.
func (c *Certificate) SignedBy(pub crypto.PublicKey) bool {
	body, oid, sig := signatureOf(c.DER)
	return verify(pub, oid, body, sig)
}

// ASN1Time writes a time as the modules return it.
func ASN1Time(t time.Time) string { return t.UTC().Format("20060102150405Z") }

// Info describes a certificate as of now.
func (c *Certificate) Info(now time.Time) *value.Dict {
	d := describeExtensions(c.Extensions)
	subject, ordered := c.Subject.Dict()
	d.Set("subject", subject)
	d.Set("subject_ordered", ordered)
	issuer, ordered := c.Issuer.Dict()
	d.Set("issuer", issuer)
	d.Set("issuer_ordered", ordered)
	d.Set("version", int64(c.Version))
	d.Set("serial_number", number(c.Serial))
	alg := c.signature.String()
	if n, ok := signatureNames[alg]; ok {
		alg = n
	}
	d.Set("signature_algorithm", alg)
	d.Set("not_before", ASN1Time(c.NotBefore))
	d.Set("not_after", ASN1Time(c.NotAfter))
	d.Set("expired", c.NotAfter.Before(now))
	d.Set("fingerprints", Fingerprints(c.DER))
	ocsp, uri := infoURIs(c.Extensions)
	d.Set("ocsp_uri", ocsp)
	d.Set("issuer_uri", uri)
	publicInfo(d, c.Public, c.PublicDER)
	return d
}

// Fits tells whether the certificate holds what a request asks for; key
// identifiers are the business of who signs.
func (c *Certificate) Fits(r *Request) bool {
	if !bytes.Equal(c.SubjectDER, r.SubjectDER) && !slices.Equal(subjectKeys(c.Subject, true), subjectKeys(r.Subject, true)) {
		return false
	}
	return slices.Equal(extensionKeys(WithoutKeyIDs(c.Extensions)), extensionKeys(WithoutKeyIDs(r.Extensions)))
}

// WithoutKeyIDs leaves the identifiers of keys out.
func WithoutKeyIDs(exts []pkix.Extension) []pkix.Extension {
	var out []pkix.Extension
	for _, e := range exts {
		if !e.Id.Equal(OIDSubjectKeyID) && !e.Id.Equal(OIDAuthorityKeyID) {
			out = append(out, e)
		}
	}
	return out
}

var relativeTime = regexp.MustCompile(`^(\d+[wW])?(\d+[dD])?(\d+[hH])?(\d+[mM])?(\d+[sS]?)?$`)

// ParseTime reads a point in time: +32w1d2h from now, or an ASN.1 time. key
// names the parameter in errors.
func ParseTime(s, key string, now time.Time) (time.Time, error) {
	bad := func() (time.Time, error) {
		return time.Time{}, fmt.Errorf("The time spec \"%s\" for %s is invalid", s, key)
	}
	if s == "" {
		return bad()
	}
	if s[0] != '+' && s[0] != '-' {
		for _, layout := range []string{"20060102150405Z", "200601021504Z", "20060102150405-0700", "200601021504-0700"} {
			if t, err := time.Parse(layout, s); err == nil {
				return t.UTC(), nil
			}
		}
		return bad()
	}
	m := relativeTime.FindStringSubmatch(s[1:])
	if m == nil || len(s) == 1 {
		return bad()
	}
	var d time.Duration
	for i, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second} {
		digits := m[i+1]
		for len(digits) > 0 && (digits[len(digits)-1] < '0' || digits[len(digits)-1] > '9') {
			digits = digits[:len(digits)-1]
		}
		if digits == "" {
			continue
		}
		n, err := strconv.ParseInt(digits, 10, 32)
		if err != nil || int64(time.Duration(1<<62)/unit) < n {
			return bad()
		}
		d += time.Duration(n) * unit
	}
	if s[0] == '-' {
		d = -d
	}
	return now.UTC().Truncate(time.Second).Add(d), nil
}
