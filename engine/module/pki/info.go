package pki

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"math/big"
	"strconv"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/goplay-engine/goplay/engine/value"
)

// Find returns the extension of that kind, or nil.
func Find(exts []pkix.Extension, oid asn1.ObjectIdentifier) *pkix.Extension {
	for i := range exts {
		if exts[i].Id.Equal(oid) {
			return &exts[i]
		}
	}
	return nil
}

// describeExtensions shows extensions as the info modules do.
func describeExtensions(exts []pkix.Extension) *value.Dict {
	d := value.NewDict()
	byOID := value.NewDict()
	for _, e := range exts {
		byOID.Set(e.Id.String(), value.DictOf("critical", e.Critical, "value", base64.StdEncoding.EncodeToString(e.Value)))
	}
	d.Set("extensions_by_oid", byOID)
	show := func(key string, oid asn1.ObjectIdentifier, read func([]byte) ([]string, error)) {
		e := Find(exts, oid)
		d.Set(key, nil)
		d.Set(key+"_critical", e != nil && e.Critical)
		if e == nil {
			return
		}
		if l, err := read(e.Value); err == nil {
			d.Set(key, value.From(l))
		}
	}
	show("key_usage", oidKeyUsage, keyUsageNames)
	show("extended_key_usage", oidExtKeyUsage, extUsageNames)
	show("basic_constraints", oidBasic, basicEntries)
	show("subject_alt_name", oidAltName, altNames)
	d.Set("ocsp_must_staple", nil)
	e := Find(exts, oidFeature)
	d.Set("ocsp_must_staple_critical", e != nil && e.Critical)
	if e != nil {
		var features []int
		_, err := asn1.Unmarshal(e.Value, &features)
		staple := false
		for _, f := range features {
			staple = staple || f == 5 || f == 17
		}
		d.Set("ocsp_must_staple", err == nil && staple)
	}
	d.Set("subject_key_identifier", nil)
	if id := KeyIDOf(exts); id != nil {
		d.Set("subject_key_identifier", Colons(id))
	}
	id, issuer, serial := authority(exts)
	d.Set("authority_key_identifier", nil)
	if id != nil {
		d.Set("authority_key_identifier", Colons(id))
	}
	d.Set("authority_cert_issuer", nil)
	if issuer != nil {
		d.Set("authority_cert_issuer", value.From(issuer))
	}
	d.Set("authority_cert_serial_number", nil)
	if serial != nil {
		d.Set("authority_cert_serial_number", number(serial))
	}
	return d
}

// KeyIDOf is the subject key identifier among extensions, or nil.
func KeyIDOf(exts []pkix.Extension) []byte {
	e := Find(exts, OIDSubjectKeyID)
	if e == nil {
		return nil
	}
	var id []byte
	if _, err := asn1.Unmarshal(e.Value, &id); err != nil {
		return nil
	}
	return id
}

func authority(exts []pkix.Extension) (id []byte, issuer []string, serial *big.Int) {
	e := Find(exts, OIDAuthorityKeyID)
	if e == nil {
		return nil, nil, nil
	}
	in := cryptobyte.String(e.Value)
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) {
		return nil, nil, nil
	}
	for !seq.Empty() {
		var data cryptobyte.String
		var tag cbasn1.Tag
		if !seq.ReadAnyASN1(&data, &tag) {
			return nil, nil, nil
		}
		switch tag &^ 0xe0 {
		case 0:
			id = data
		case 1:
			issuer, _ = readGeneralNames(data)
		case 2:
			serial = new(big.Int).SetBytes(data)
		}
	}
	return id, issuer, serial
}

func basicEntries(der []byte) ([]string, error) {
	in := cryptobyte.String(der)
	var seq cryptobyte.String
	ca := false
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) {
		return nil, errExtension
	}
	if seq.PeekASN1Tag(cbasn1.BOOLEAN) && !seq.ReadASN1Boolean(&ca) {
		return nil, errExtension
	}
	out := []string{"CA:FALSE"}
	if ca {
		out[0] = "CA:TRUE"
	}
	if !seq.Empty() {
		var n int
		if !seq.ReadASN1Integer(&n) {
			return nil, errExtension
		}
		out = append(out, "pathlen:"+strconv.Itoa(n))
	}
	return out, nil
}

var errExtension = fmt.Errorf("the extension is damaged")

func altNames(der []byte) ([]string, error) {
	in := cryptobyte.String(der)
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) {
		return nil, errExtension
	}
	l, ok := readGeneralNames(seq)
	if !ok {
		return nil, errExtension
	}
	return l, nil
}

// describeConstraints adds the name constraints, which requests show.
func describeConstraints(d *value.Dict, exts []pkix.Extension) {
	e := Find(exts, oidNameConstraints)
	d.Set("name_constraints_permitted", nil)
	d.Set("name_constraints_excluded", nil)
	d.Set("name_constraints_critical", e != nil && e.Critical)
	if e == nil {
		return
	}
	in := cryptobyte.String(e.Value)
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) {
		return
	}
	for i, key := range []string{"name_constraints_permitted", "name_constraints_excluded"} {
		var sub cryptobyte.String
		var there bool
		l := value.NewList()
		if !seq.ReadOptionalASN1(&sub, &there, cbasn1.Tag(i).ContextSpecific().Constructed()) || !there {
			continue
		}
		for !sub.Empty() {
			var one cryptobyte.String
			if !sub.ReadASN1(&one, cbasn1.SEQUENCE) {
				return
			}
			if n, ok := readGeneralName(&one); ok {
				l.Append(n)
			}
		}
		d.Set(key, l)
	}
}

// infoURIs finds the responder and the issuer's certificate, nil for none.
func infoURIs(exts []pkix.Extension) (ocsp, issuer value.Value) {
	e := Find(exts, oidAuthorityInfo)
	if e == nil {
		return nil, nil
	}
	in := cryptobyte.String(e.Value)
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) {
		return nil, nil
	}
	for !seq.Empty() {
		var one, uri cryptobyte.String
		var oid asn1.ObjectIdentifier
		var tag cbasn1.Tag
		if !seq.ReadASN1(&one, cbasn1.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&oid) || !one.ReadAnyASN1(&uri, &tag) {
			break
		}
		if tag != cbasn1.Tag(tagURI).ContextSpecific() {
			continue
		}
		switch oid.String() {
		case "1.3.6.1.5.5.7.48.1":
			if ocsp == nil {
				ocsp = string(uri)
			}
		case "1.3.6.1.5.5.7.48.2":
			if issuer == nil {
				issuer = string(uri)
			}
		}
	}
	return ocsp, issuer
}
