package pki

import (
	"bytes"
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"slices"
	"sort"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/goplay-engine/goplay/engine/value"
)

// Request is a certificate signing request.
type Request struct {
	Subject    Name
	SubjectDER []byte
	PublicDER  []byte
	Public     crypto.PublicKey // nil for kinds that cannot be read
	Extensions []pkix.Extension
	Valid      bool // its signature is right
	PEM        []byte
}

var oidExtensionRequest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 14}

// NewRequest makes a request signed by key.
func NewRequest(key crypto.PrivateKey, subject Name, exts []pkix.Extension, digest string) (*Request, error) {
	s, err := newSigner(key, digest)
	if err != nil {
		return nil, err
	}
	name, err := subject.DER()
	if err != nil {
		return nil, err
	}
	pub, err := PublicDER(s.key.Public())
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(0)
		b.AddBytes(name)
		b.AddBytes(pub)
		b.AddASN1(cbasn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
			if len(exts) == 0 {
				return
			}
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(oidExtensionRequest)
				b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { addExtensions(b, exts) })
			})
		})
	})
	body, err := b.Bytes()
	if err != nil {
		return nil, err
	}
	der, err := s.sign(body)
	if err != nil {
		return nil, err
	}
	return parseRequest(der)
}

func addExtensions(b *cryptobyte.Builder, exts []pkix.Extension) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, e := range exts {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(e.Id)
				if e.Critical {
					b.AddASN1Boolean(true)
				}
				b.AddASN1OctetString(e.Value)
			})
		}
	})
}

// ParseRequest reads a request in PEM form.
func ParseRequest(data []byte) (*Request, error) {
	der, err := decodePEM(data, "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")
	if err != nil {
		return nil, err
	}
	return parseRequest(der)
}

var errRequest = errors.New("the certificate signing request is damaged")

func parseRequest(der []byte) (*Request, error) {
	body, oid, sig := signatureOf(der)
	if body == nil {
		return nil, errRequest
	}
	r := &Request{PEM: encodePEM("CERTIFICATE REQUEST", der)}
	in := cryptobyte.String(body)
	var seq, name, pub, attrs cryptobyte.String
	var there bool
	var version int
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadASN1Integer(&version) || !seq.ReadASN1Element(&name, cbasn1.SEQUENCE) ||
		!seq.ReadASN1Element(&pub, cbasn1.SEQUENCE) || !seq.ReadOptionalASN1(&attrs, &there, cbasn1.Tag(0).ContextSpecific().Constructed()) {
		return nil, errRequest
	}
	var err error
	if r.Subject, err = ParseName(name); err != nil {
		return nil, err
	}
	r.SubjectDER, r.PublicDER, r.Public = name, pub, parsePublic(pub)
	for !attrs.Empty() {
		var attr, set, list cryptobyte.String
		var id asn1.ObjectIdentifier
		if !attrs.ReadASN1(&attr, cbasn1.SEQUENCE) || !attr.ReadASN1ObjectIdentifier(&id) || !attr.ReadASN1(&set, cbasn1.SET) {
			return nil, errRequest
		}
		if !id.Equal(oidExtensionRequest) {
			continue
		}
		if !set.ReadASN1(&list, cbasn1.SEQUENCE) {
			return nil, errRequest
		}
		if r.Extensions, err = readExtensions(list); err != nil {
			return nil, err
		}
	}
	r.Valid = verify(r.Public, oid, body, sig)
	return r, nil
}

func readExtensions(list cryptobyte.String) ([]pkix.Extension, error) {
	var out []pkix.Extension
	for !list.Empty() {
		var one, data cryptobyte.String
		var e pkix.Extension
		if !list.ReadASN1(&one, cbasn1.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&e.Id) ||
			one.PeekASN1Tag(cbasn1.BOOLEAN) && !one.ReadASN1Boolean(&e.Critical) || !one.ReadASN1(&data, cbasn1.OCTET_STRING) {
			return nil, errExtension
		}
		e.Value = data
		out = append(out, e)
	}
	return out, nil
}

// Info describes a request.
func (r *Request) Info() *value.Dict {
	d := describeExtensions(r.Extensions)
	describeConstraints(d, r.Extensions)
	d.Set("signature_valid", r.Valid)
	subject, ordered := r.Subject.Dict()
	d.Set("subject", subject)
	d.Set("subject_ordered", ordered)
	publicInfo(d, r.Public, r.PublicDER)
	return d
}

func publicInfo(d *value.Dict, pub crypto.PublicKey, der []byte) {
	d.Set("public_key", string(encodePEM("PUBLIC KEY", der)))
	d.Set("public_key_type", KeyType(pub))
	d.Set("public_key_data", PublicData(pub))
	d.Set("public_key_fingerprints", Fingerprints(der))
}

// Same tells whether a request asks for what another one does, by the same key.
// The order of names and usages does not count, nor that of the subject unless
// ordered.
func (r *Request) Same(o *Request, ordered bool) bool {
	a, b := subjectKeys(r.Subject, ordered), subjectKeys(o.Subject, ordered)
	return r.Valid && bytes.Equal(r.PublicDER, o.PublicDER) && slices.Equal(a, b) && slices.Equal(extensionKeys(r.Extensions), extensionKeys(o.Extensions))
}

func subjectKeys(n Name, ordered bool) []string {
	var out []string
	for _, a := range n {
		oid, err := attributeOID(a.Kind)
		if err != nil {
			oid = nil
		}
		out = append(out, oid.String()+"="+a.Value)
	}
	if !ordered {
		sort.Strings(out)
	}
	return out
}

// extensionKeys gives each extension a text that is equal for equal meaning.
func extensionKeys(exts []pkix.Extension) []string {
	var out []string
	for _, e := range exts {
		text := string(e.Value)
		read := map[string]func([]byte) ([]string, error){
			oidKeyUsage.String(): keyUsageNames, oidExtKeyUsage.String(): extUsageNames, oidAltName.String(): altNames,
		}[e.Id.String()]
		if read != nil {
			if l, err := read(e.Value); err == nil {
				sort.Strings(l)
				text = strings.Join(l, "\x00")
			}
		}
		flag := ""
		if e.Critical {
			flag = "!"
		}
		out = append(out, e.Id.String()+flag+"="+text)
	}
	sort.Strings(out)
	return out
}
