package pki

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Identifiers of the extensions that are written here.
var (
	OIDSubjectKeyID   = asn1.ObjectIdentifier{2, 5, 29, 14}
	OIDAuthorityKeyID = asn1.ObjectIdentifier{2, 5, 29, 35}

	oidKeyUsage        = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidAltName         = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidBasic           = asn1.ObjectIdentifier{2, 5, 29, 19}
	oidNameConstraints = asn1.ObjectIdentifier{2, 5, 29, 30}
	oidCRLPoints       = asn1.ObjectIdentifier{2, 5, 29, 31}
	oidExtKeyUsage     = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidFeature         = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}
	oidAuthorityInfo   = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 1}
)

// Wanted are the extensions a request asks for; empty ones are left out.
type Wanted struct {
	AltNames                                               []string
	KeyUsage, ExtKeyUsage, Basic                           []string
	Staple                                                 bool
	Permitted, Excluded                                    []string
	SubjectKeyID, AuthorityKeyID                           []byte
	AuthorityIssuer                                        []string
	AuthoritySerial                                        *big.Int
	CRLPoints                                              []CRLPoint
	AltNamesCritical, KeyUsageCritical, ExtUsageCritical   bool
	BasicCritical, StapleCritical, NameConstraintsCritical bool
}

// CRLPoint says where a revocation list is.
type CRLPoint struct{ FullName, RelativeName, Issuer, Reasons []string }

// crlReasons in the order of their bits; the first bit is not used.
var crlReasons = []string{"", "key_compromise", "ca_compromise", "affiliation_changed", "superseded", "cessation_of_operation",
	"certificate_hold", "privilege_withdrawn", "aa_compromise"}

// Extensions writes what is wanted, in a fixed order.
func (w *Wanted) Extensions() ([]pkix.Extension, error) {
	var out []pkix.Extension
	var fail error
	add := func(when bool, oid asn1.ObjectIdentifier, critical bool, make func() ([]byte, error)) {
		if !when || fail != nil {
			return
		}
		der, err := make()
		if err != nil {
			fail = err
			return
		}
		out = append(out, pkix.Extension{Id: oid, Critical: critical, Value: der})
	}
	add(len(w.AltNames) > 0, oidAltName, w.AltNamesCritical, func() ([]byte, error) {
		var b cryptobyte.Builder
		err := generalNames(&b, cbasn1.SEQUENCE, w.AltNames, "Subject Alternative Name")
		return built(&b, err)
	})
	add(len(w.KeyUsage) > 0, oidKeyUsage, w.KeyUsageCritical, func() ([]byte, error) { return keyUsageDER(w.KeyUsage) })
	add(len(w.ExtKeyUsage) > 0, oidExtKeyUsage, w.ExtUsageCritical, func() ([]byte, error) { return extUsageDER(w.ExtKeyUsage) })
	add(len(w.Basic) > 0, oidBasic, w.BasicCritical, func() ([]byte, error) { return basicDER(w.Basic) })
	add(w.Staple, oidFeature, w.StapleCritical, func() ([]byte, error) { return []byte{0x30, 3, 2, 1, 5}, nil })
	add(len(w.Permitted)+len(w.Excluded) > 0, oidNameConstraints, w.NameConstraintsCritical, w.nameConstraintsDER)
	add(w.SubjectKeyID != nil, OIDSubjectKeyID, false, func() ([]byte, error) { return asn1.Marshal(w.SubjectKeyID) })
	add(w.AuthorityKeyID != nil || len(w.AuthorityIssuer) > 0 || w.AuthoritySerial != nil, OIDAuthorityKeyID, false, w.authorityDER)
	add(len(w.CRLPoints) > 0, oidCRLPoints, false, w.crlDER)
	return out, fail
}

func built(b *cryptobyte.Builder, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return b.Bytes()
}

func basicDER(entries []string) ([]byte, error) {
	ca, length := false, -1
	for _, e := range entries {
		switch k, v, _ := strings.Cut(e, ":"); {
		case e == "CA:TRUE":
			ca = true
		case e == "CA:FALSE":
			ca = false
		case k == "pathlen":
			n, err := strconv.Atoi(v)
			if err != nil || n < 0 {
				return nil, fmt.Errorf("Cannot parse path length constraint \"%s\"", v)
			}
			length = n
		default:
			return nil, fmt.Errorf("Unknown basic constraint \"%s\"", e)
		}
	}
	if length >= 0 && !ca {
		return nil, fmt.Errorf("pathlen needs CA:TRUE among the basic constraints")
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		if ca {
			b.AddASN1Boolean(true)
		}
		if length >= 0 {
			b.AddASN1Int64(int64(length))
		}
	})
	return b.Bytes()
}

func (w *Wanted) nameConstraintsDER() ([]byte, error) {
	var b cryptobyte.Builder
	var fail error
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for i, names := range [][]string{w.Permitted, w.Excluded} {
			if len(names) == 0 {
				continue
			}
			b.AddASN1(cbasn1.Tag(i).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
				for _, n := range names {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						if err := addGeneralName(b, n, "name constraint", true); err != nil && fail == nil {
							fail = err
						}
					})
				}
			})
		}
	})
	return built(&b, fail)
}

func (w *Wanted) authorityDER() ([]byte, error) {
	var b cryptobyte.Builder
	var fail error
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		if w.AuthorityKeyID != nil {
			b.AddASN1(cbasn1.Tag(0).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(w.AuthorityKeyID) })
		}
		if len(w.AuthorityIssuer) > 0 {
			fail = generalNames(b, cbasn1.Tag(1).ContextSpecific().Constructed(), w.AuthorityIssuer, "authority cert issuer")
		}
		if w.AuthoritySerial != nil {
			var n cryptobyte.Builder
			n.AddASN1BigInt(w.AuthoritySerial)
			der := n.BytesOrPanic()
			der[0] = 0x82
			b.AddBytes(der)
		}
	})
	return built(&b, fail)
}

func (w *Wanted) crlDER() ([]byte, error) {
	var b cryptobyte.Builder
	var fail error
	keep := func(err error) {
		if fail == nil {
			fail = err
		}
	}
	tag := func(n int) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, p := range w.CRLPoints {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				if len(p.FullName)+len(p.RelativeName) > 0 {
					b.AddASN1(tag(0), func(b *cryptobyte.Builder) {
						if len(p.FullName) > 0 {
							keep(generalNames(b, tag(0), p.FullName, "CRL distribution point full name"))
							return
						}
						der, err := relativeDER(p.RelativeName)
						keep(err)
						b.AddASN1(tag(1), func(b *cryptobyte.Builder) { b.AddBytes(der) })
					})
				}
				if len(p.Reasons) > 0 {
					der, err := reasonsDER(p.Reasons)
					keep(err)
					b.AddBytes(der)
				}
				if len(p.Issuer) > 0 {
					keep(generalNames(b, tag(2), p.Issuer, "CRL issuer"))
				}
			})
		}
	})
	return built(&b, fail)
}

// relativeDER is the content of one level of a name.
func relativeDER(parts []string) ([]byte, error) {
	var n Name
	for _, p := range parts {
		more, err := ParseDN(p)
		if err != nil {
			return nil, err
		}
		n = append(n, more...)
	}
	der, err := n.DER()
	if err != nil {
		return nil, err
	}
	s := cryptobyte.String(der)
	var seq, set cryptobyte.String
	var out []byte
	for s.ReadASN1(&seq, cbasn1.SEQUENCE); seq.ReadASN1(&set, cbasn1.SET); {
		out = append(out, set...)
	}
	return out, nil
}

func reasonsDER(reasons []string) ([]byte, error) {
	var bits [2]byte
	last := 0
	for _, r := range reasons {
		found := false
		for i, name := range crlReasons {
			if i > 0 && name == r {
				found = true
				bits[i/8] |= 0x80 >> (i % 8)
				last = max(last, i)
			}
		}
		if !found {
			return nil, fmt.Errorf("unknown reason %q of a CRL distribution point", r)
		}
	}
	der, err := asn1.Marshal(asn1.BitString{Bytes: bits[:last/8+1], BitLength: last + 1})
	if err == nil {
		der[0] = 0x81
	}
	return der, err
}
