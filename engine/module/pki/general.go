package pki

import (
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// context tags of general names
const (
	tagOther = 0
	tagEmail = 1
	tagDNS   = 2
	tagDir   = 4
	tagURI   = 6
	tagIP    = 7
	tagRID   = 8
)

// addGeneralName writes a name given as DNS:..., IP:..., email:..., URI:...,
// RID:..., dirName:... or otherName:.... what says what the name is for; with
// subnets an IP is a network.
func addGeneralName(b *cryptobyte.Builder, s, what string, subnets bool) error {
	kind, v, _ := strings.Cut(s, ":")
	add := func(tag uint8, data []byte) {
		b.AddASN1(cbasn1.Tag(tag).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(data) })
	}
	bad := func(err error) error {
		return fmt.Errorf("Cannot parse %s \"%s\": %s", what, s, err)
	}
	switch strings.ToLower(kind) {
	case "dns":
		add(tagDNS, []byte(v))
	case "email":
		add(tagEmail, []byte(v))
	case "uri":
		add(tagURI, []byte(v))
	case "ip":
		data, err := ipBytes(v, subnets)
		if err != nil {
			return bad(err)
		}
		add(tagIP, data)
	case "rid":
		oid, err := parseOID(v)
		if err != nil {
			return bad(err)
		}
		der, err := asn1.Marshal(oid)
		if err != nil {
			return bad(err)
		}
		var raw asn1.RawValue
		if _, err := asn1.Unmarshal(der, &raw); err != nil {
			return bad(err)
		}
		add(tagRID, raw.Bytes)
	case "dirname":
		n, err := ParseDN(v)
		if err != nil {
			return bad(err)
		}
		der, err := n.DER()
		if err != nil {
			return bad(err)
		}
		b.AddASN1(cbasn1.Tag(tagDir).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddBytes(der) })
	case "othername":
		id, text, _ := strings.Cut(v, ";")
		oid, err := parseOID(id)
		if err != nil {
			return bad(err)
		}
		der, err := otherValue(text)
		if err != nil {
			return bad(err)
		}
		b.AddASN1(cbasn1.Tag(tagOther).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oid)
			b.AddASN1(cbasn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddBytes(der) })
		})
	default:
		return fmt.Errorf("Cannot parse %s \"%s\" (potentially unsupported by cryptography backend)", what, s)
	}
	return nil
}

// otherValue reads UTF8:text, or bytes in hexadecimal that are DER already.
func otherValue(s string) ([]byte, error) {
	if t, ok := strings.CutPrefix(s, "UTF8:"); ok {
		return asn1.MarshalWithParams(t, "utf8")
	}
	b, err := hex.DecodeString(strings.ReplaceAll(s, ":", ""))
	if err != nil {
		return nil, fmt.Errorf("expected otherName:OID;UTF8:text or bytes in hexadecimal")
	}
	return b, nil
}

func ipBytes(s string, subnets bool) ([]byte, error) {
	if !subnets {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return nil, fmt.Errorf("'%s' does not appear to be an IPv4 or IPv6 address", s)
		}
		return a.AsSlice(), nil
	}
	if a, err := netip.ParseAddr(s); err == nil {
		s = netip.PrefixFrom(a, a.BitLen()).String()
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return nil, fmt.Errorf("'%s' does not appear to be an IPv4 or IPv6 network", s)
	}
	mask := net.CIDRMask(p.Bits(), p.Addr().BitLen())
	return append(p.Masked().Addr().AsSlice(), mask...), nil
}

// generalNames writes a list of names under a tag.
func generalNames(b *cryptobyte.Builder, tag cbasn1.Tag, names []string, what string) error {
	var fail error
	b.AddASN1(tag, func(b *cryptobyte.Builder) {
		for _, s := range names {
			if err := addGeneralName(b, s, what, false); err != nil && fail == nil {
				fail = err
			}
		}
	})
	return fail
}

// readGeneralName reads the next name in the form in which it is given.
func readGeneralName(s *cryptobyte.String) (string, bool) {
	var data cryptobyte.String
	var tag cbasn1.Tag
	if !s.ReadAnyASN1(&data, &tag) {
		return "", false
	}
	switch tag &^ 0xe0 {
	case tagEmail:
		return "email:" + string(data), true
	case tagDNS:
		return "DNS:" + string(data), true
	case tagURI:
		return "URI:" + string(data), true
	case tagIP:
		return "IP:" + ipText(data), true
	case tagRID:
		var oid asn1.ObjectIdentifier
		if _, err := asn1.Unmarshal(append([]byte{6, byte(len(data))}, data...), &oid); err != nil {
			return "", false
		}
		return "RID:" + oid.String(), true
	case tagDir:
		n, err := ParseName(data)
		return "dirName:" + n.text(), err == nil
	case tagOther:
		var oid asn1.ObjectIdentifier
		var v cryptobyte.String
		if !data.ReadASN1ObjectIdentifier(&oid) || !data.ReadASN1(&v, cbasn1.Tag(0).ContextSpecific().Constructed()) {
			return "", false
		}
		return "otherName:" + oid.String() + ";" + strings.ToUpper(Colons(v)), true
	}
	return fmt.Sprintf("unknown:%d;%s", tag&^0xe0, Colons(data)), true
}

func ipText(b []byte) string {
	if a, ok := netip.AddrFromSlice(b); ok {
		return a.String()
	}
	if len(b) == 8 || len(b) == 32 {
		a, _ := netip.AddrFromSlice(b[:len(b)/2])
		ones, _ := net.IPMask(b[len(b)/2:]).Size()
		return netip.PrefixFrom(a, ones).String()
	}
	return Colons(b)
}

func readGeneralNames(s cryptobyte.String) ([]string, bool) {
	var out []string
	for !s.Empty() {
		n, ok := readGeneralName(&s)
		if !ok {
			return nil, false
		}
		out = append(out, n)
	}
	return out, true
}
