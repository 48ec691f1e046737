package pki

import (
	"encoding/asn1"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/goplay-engine/goplay/engine/value"
)

// attribute is a kind of entry in a distinguished name.
type attribute struct {
	oid   string
	long  string
	short []string // further names; the first one is the usual one
}

var attributes = []attribute{
	{"2.5.4.3", "commonName", []string{"CN"}},
	{"2.5.4.4", "surname", []string{"SN"}},
	{"2.5.4.5", "serialNumber", nil},
	{"2.5.4.6", "countryName", []string{"C"}},
	{"2.5.4.7", "localityName", []string{"L"}},
	{"2.5.4.8", "stateOrProvinceName", []string{"ST"}},
	{"2.5.4.9", "streetAddress", []string{"street"}},
	{"2.5.4.10", "organizationName", []string{"O"}},
	{"2.5.4.11", "organizationalUnitName", []string{"OU"}},
	{"2.5.4.12", "title", nil},
	{"2.5.4.13", "description", nil},
	{"2.5.4.15", "businessCategory", nil},
	{"2.5.4.16", "postalAddress", nil},
	{"2.5.4.17", "postalCode", nil},
	{"2.5.4.41", "name", nil},
	{"2.5.4.42", "givenName", []string{"GN"}},
	{"2.5.4.43", "initials", nil},
	{"2.5.4.44", "generationQualifier", nil},
	{"2.5.4.45", "x500UniqueIdentifier", nil},
	{"2.5.4.46", "dnQualifier", nil},
	{"2.5.4.65", "pseudonym", nil},
	{"2.5.4.97", "organizationIdentifier", nil},
	{"0.9.2342.19200300.100.1.1", "userId", []string{"UID"}},
	{"0.9.2342.19200300.100.1.25", "domainComponent", []string{"DC"}},
	{"1.2.840.113549.1.9.1", "emailAddress", []string{"E"}},
	{"1.2.840.113549.1.9.2", "unstructuredName", nil},
	{"1.3.6.1.4.1.311.60.2.1.1", "jurisdictionLocalityName", []string{"jurisdictionL"}},
	{"1.3.6.1.4.1.311.60.2.1.2", "jurisdictionStateOrProvinceName", []string{"jurisdictionST"}},
	{"1.3.6.1.4.1.311.60.2.1.3", "jurisdictionCountryName", []string{"jurisdictionC"}},
}

// Attr is one entry of a distinguished name: a kind, by any of its names, and a value.
type Attr struct{ Kind, Value string }

// Name is a distinguished name, in its order.
type Name []Attr

// attributeOID finds the identifier of a kind of entry.
func attributeOID(kind string) (asn1.ObjectIdentifier, error) {
	for _, a := range attributes {
		if strings.EqualFold(a.long, kind) || slices.Contains(a.short, kind) {
			return parseOID(a.oid)
		}
	}
	if oid, err := parseOID(kind); err == nil {
		return oid, nil
	}
	return nil, fmt.Errorf("Cannot find OID for \"%s\"", kind)
}

func parseOID(s string) (asn1.ObjectIdentifier, error) {
	var oid asn1.ObjectIdentifier
	for _, p := range strings.Split(s, ".") {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("%q is no object identifier", s)
		}
		oid = append(oid, n)
	}
	if len(oid) < 2 || oid[0] > 2 || oid[0] < 2 && oid[1] > 39 {
		return nil, fmt.Errorf("%q is no object identifier", s)
	}
	return oid, nil
}

// DER writes the name as certificates hold it, one entry to a level.
func (n Name) DER() ([]byte, error) {
	var b cryptobyte.Builder
	var fail error
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, a := range n {
			oid, err := attributeOID(a.Kind)
			if err != nil {
				fail = err
				return
			}
			b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(oid)
					b.AddASN1(stringTag(oid), func(b *cryptobyte.Builder) { b.AddBytes([]byte(a.Value)) })
				})
			})
			if oid.String() == "2.5.4.6" && len([]rune(a.Value)) != 2 {
				fail = fmt.Errorf("Country name must be a 2 character country code")
			}
		}
	})
	out, err := b.Bytes()
	if fail != nil {
		err = fail
	}
	return out, err
}

// stringTag is the kind of text the standards ask for.
func stringTag(oid asn1.ObjectIdentifier) cbasn1.Tag {
	switch oid.String() {
	case "2.5.4.6", "2.5.4.5", "2.5.4.46", "1.3.6.1.4.1.311.60.2.1.3":
		return cbasn1.PrintableString
	case "1.2.840.113549.1.9.1", "0.9.2342.19200300.100.1.25":
		return cbasn1.IA5String
	}
	return cbasn1.UTF8String
}

// ParseName reads a distinguished name; kinds are given by their long names.
func ParseName(der []byte) (Name, error) {
	input := cryptobyte.String(der)
	var seq cryptobyte.String
	if !input.ReadASN1(&seq, cbasn1.SEQUENCE) {
		return nil, errName
	}
	var n Name
	for !seq.Empty() {
		var set cryptobyte.String
		if !seq.ReadASN1(&set, cbasn1.SET) {
			return nil, errName
		}
		for !set.Empty() {
			var pair, text cryptobyte.String
			var oid asn1.ObjectIdentifier
			var tag cbasn1.Tag
			if !set.ReadASN1(&pair, cbasn1.SEQUENCE) || !pair.ReadASN1ObjectIdentifier(&oid) || !pair.ReadAnyASN1(&text, &tag) {
				return nil, errName
			}
			n = append(n, Attr{longName(oid.String()), stringOf(tag, text)})
		}
	}
	return n, nil
}

var errName = fmt.Errorf("the distinguished name is damaged")

// stringOf reads text; BMPString has two bytes to a character.
func stringOf(tag cbasn1.Tag, b []byte) string {
	if tag == cbasn1.Tag(30) && len(b)%2 == 0 {
		var s strings.Builder
		for i := 0; i < len(b); i += 2 {
			s.WriteRune(rune(b[i])<<8 | rune(b[i+1]))
		}
		return s.String()
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

func longName(oid string) string {
	for _, a := range attributes {
		if a.oid == oid {
			return a.long
		}
	}
	return oid
}

func shortName(oid string) string {
	for _, a := range attributes {
		if a.oid == oid && len(a.short) > 0 {
			return a.short[0]
		} else if a.oid == oid {
			return a.long
		}
	}
	return oid
}

// Dict shows a name as a dictionary, the last of equal kinds, and as a list.
func (n Name) Dict() (*value.Dict, *value.List) {
	d, l := value.NewDict(), value.NewList()
	for _, a := range n {
		d.Set(a.Kind, a.Value)
		l.Append(value.NewList(a.Kind, a.Value))
	}
	return d, l
}

// ParseDN reads a name as text: /C=DE/CN=x in its order, or C=DE,CN=x with the
// outermost entry last, as RFC 4514 has it.
func ParseDN(s string) (Name, error) {
	sep := ','
	text := s
	if strings.HasPrefix(s, "/") {
		sep, text = '/', s[1:]
	}
	var n Name
	for _, part := range splitEscaped(text, sep) {
		k, v, ok := strings.Cut(part, "=")
		k = strings.TrimSpace(k)
		if !ok || k == "" {
			return nil, fmt.Errorf("cannot find '=' in %q of the name %q", part, s)
		}
		if _, err := attributeOID(k); err != nil {
			return nil, err
		}
		n = append(n, Attr{k, unescape(strings.TrimLeft(v, " "))})
	}
	if sep == ',' {
		slices.Reverse(n)
	}
	return n, nil
}

func splitEscaped(s string, sep rune) []string {
	var out []string
	var cur strings.Builder
	esc := false
	for _, r := range s {
		switch {
		case esc:
			esc = false
		case r == '\\':
			esc = true
		case r == sep:
			out = append(out, cur.String())
			cur.Reset()
			continue
		}
		cur.WriteRune(r)
	}
	return append(out, cur.String())
}

func unescape(s string) string {
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			continue
		}
		if i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		i++
		out = append(out, s[i])
	}
	return string(out)
}

// text writes a name as RFC 4514 does.
func (n Name) text() string {
	var parts []string
	for i := len(n) - 1; i >= 0; i-- {
		kind := n[i].Kind
		if oid, err := attributeOID(kind); err == nil {
			kind = shortName(oid.String())
		}
		v := strings.NewReplacer(`\`, `\\`, ",", `\,`, "+", `\+`, `"`, `\"`, "<", `\<`, ">", `\>`, ";", `\;`).Replace(n[i].Value)
		parts = append(parts, kind+"="+v)
	}
	return strings.Join(parts, ",")
}
