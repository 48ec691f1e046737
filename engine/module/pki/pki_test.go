package pki

import (
	"crypto"
	"encoding/base64"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

func newKey(t testing.TB, typ string) crypto.PrivateKey {
	t.Helper()
	k, err := Generate(typ, 1024, "secp256r1")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeyFormats(t *testing.T) {
	for _, c := range []struct {
		typ, format, pass string
		bad               bool
	}{
		{typ: "RSA", format: PKCS1}, {typ: "RSA", format: PKCS1, pass: "p"}, {typ: "RSA", format: PKCS8, pass: "p"},
		{typ: "ECC", format: PKCS1}, {typ: "ECC", format: PKCS8, pass: "ä"}, {typ: "Ed25519", format: PKCS8}, {typ: "Ed25519", format: Raw},
		{typ: "X25519", format: PKCS8}, {typ: "Ed25519", format: PKCS1, bad: true}, {typ: "RSA", format: Raw, bad: true},
		{typ: "Ed25519", format: Raw, pass: "p", bad: true},
	} {
		key := newKey(t, c.typ)
		data, err := EncodeKey(key, c.format, []byte(c.pass))
		if c.bad {
			if err == nil {
				t.Errorf("%+v: no error", c)
			}
			continue
		}
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		k, err := ParseKey(data, []byte(c.pass))
		if err != nil || k.Format != c.format || KeyType(k.Private) != c.typ || !SamePublic(Public(k.Private), Public(key)) {
			t.Errorf("%+v: read back %+v %v", c, k, err)
		}
		other := []byte("wrong")
		if _, err := ParseKey(data, other); !errors.Is(err, ErrPassphrase) {
			t.Errorf("%+v: another passphrase: %v", c, err)
		}
		if _, err := ParseKey(data, nil); c.pass != "" && !errors.Is(err, ErrPassphrase) {
			t.Errorf("%+v: no passphrase: %v", c, err)
		}
	}
}

// The values are the ones the reference writes for the same arguments.
func TestExtensions(t *testing.T) {
	w := &Wanted{
		AltNames: []string{"DNS:ex.org", "DNS:*.ex.org", "IP:10.0.0.1", "IP:fe80::1", "email:x@ex.org", "URI:https://ex.org/x", "RID:1.2.3.4",
			"dirName:C=DE,CN=foo"}, AltNamesCritical: true,
		KeyUsage: []string{"digitalSignature", "keyAgreement", "Key Encipherment"}, KeyUsageCritical: true,
		ExtKeyUsage: []string{"serverAuth", "clientAuth", "1.3.6.1.5.5.7.3.9", "Time Stamping"},
		Basic:       []string{"CA:TRUE", "pathlen:2"}, BasicCritical: true, Staple: true,
		Permitted: []string{"DNS:ex.org", "IP:10.0.0.0/8"}, Excluded: []string{"email:.com"},
		AuthorityKeyID: []byte{0, 0x11, 0x22, 0x33}, AuthorityIssuer: []string{"DNS:ca.ex.org"}, AuthoritySerial: big.NewInt(12345),
		CRLPoints: []CRLPoint{{FullName: []string{"URI:https://ca.ex.org/crl"}, Issuer: []string{"URI:https://ca.ex.org/"},
			Reasons: []string{"key_compromise", "ca_compromise"}}},
	}
	want := map[string]string{
		"2.5.29.17":          "MGqCBmV4Lm9yZ4IIKi5leC5vcmeHBAoAAAGHEP6AAAAAAAAAAAAAAAAAAAGBCHhAZXgub3JnhhBodHRwczovL2V4Lm9yZy94iAMqAwSkHTAbMQwwCgYDVQQDDANmb28xCzAJBgNVBAYTAkRF",
		"2.5.29.15":          "AwIDqA==",
		"2.5.29.37":          "MCgGCCsGAQUFBwMBBggrBgEFBQcDAgYIKwYBBQUHAwkGCCsGAQUFBwMI",
		"2.5.29.19":          "MAYBAf8CAQI=",
		"1.3.6.1.5.5.7.1.24": "MAMCAQU=",
		"2.5.29.30":          "MCKgFjAIggZleC5vcmcwCocICgAAAP8AAAChCDAGgQQuY29t",
		"2.5.29.35":          "MBeABAARIjOhC4IJY2EuZXgub3JnggIwOQ==",
		"2.5.29.31":          "MDcwNaAZoBeGFWh0dHBzOi8vY2EuZXgub3JnL2NybIECBWCiFIYSaHR0cHM6Ly9jYS5leC5vcmcv",
	}
	exts, err := w.Extensions()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range exts {
		id := e.Id.String()
		if got := base64.StdEncoding.EncodeToString(e.Value); got != want[id] {
			t.Errorf("%s: got %s, want %s", id, got, want[id])
		}
		delete(want, id)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
	d := describeExtensions(exts)
	describeConstraints(d, exts)
	for key, text := range map[string]string{
		"subject_alt_name":           "['DNS:ex.org', 'DNS:*.ex.org', 'IP:10.0.0.1', 'IP:fe80::1', 'email:x@ex.org', 'URI:https://ex.org/x', 'RID:1.2.3.4', 'dirName:C=DE,CN=foo']",
		"key_usage":                  "['Digital Signature', 'Key Agreement', 'Key Encipherment']",
		"extended_key_usage":         "['OCSP Signing', 'TLS Web Client Authentication', 'TLS Web Server Authentication', 'Time Stamping']",
		"basic_constraints":          "['CA:TRUE', 'pathlen:2']",
		"ocsp_must_staple":           "True",
		"authority_key_identifier":   "'00:11:22:33'",
		"authority_cert_issuer":      "['DNS:ca.ex.org']",
		"name_constraints_permitted": "['DNS:ex.org', 'IP:10.0.0.0/8']",
		"name_constraints_excluded":  "['email:.com']",
	} {
		if got := value.Repr(d.At(key)); got != text {
			t.Errorf("%s: got %s, want %s", key, got, text)
		}
	}
	for _, bad := range []*Wanted{{AltNames: []string{"foo:bar"}}, {AltNames: []string{"IP:bar"}}, {KeyUsage: []string{"x"}}, {ExtKeyUsage: []string{"x"}},
		{Basic: []string{"x"}}, {Basic: []string{"pathlen:1"}}, {AltNames: []string{"RID:9.9"}}, {Permitted: []string{"IP:10.0.0.0/99"}}} {
		if _, err := bad.Extensions(); err == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
}

func TestCertificate(t *testing.T) {
	for _, typ := range []string{"RSA", "ECC", "Ed25519"} {
		key := newKey(t, typ)
		w := &Wanted{AltNames: []string{"DNS:b", "DNS:a"}}
		exts, _ := w.Extensions()
		subject := Name{{"C", "DE"}, {"commonName", "x"}}
		req, err := NewRequest(key, subject, exts, "sha256")
		if err != nil {
			t.Fatal(err)
		}
		w.AltNames = []string{"DNS:a", "DNS:b"}
		exts, _ = w.Extensions()
		turned, _ := NewRequest(key, Name{{"CN", "x"}, {"countryName", "DE"}}, exts, "sha256")
		if !req.Same(turned, false) || req.Same(turned, true) {
			t.Errorf("%s: order of names", typ)
		}
		other, _ := NewRequest(newKey(t, typ), subject, req.Extensions, "sha256")
		if req.Same(other, false) {
			t.Errorf("%s: a request by another key is the same", typ)
		}
		at := time.Date(2049, 12, 31, 0, 0, 0, 0, time.UTC)
		cert, err := NewCertificate(&Template{SubjectDER: req.SubjectDER, IssuerDER: req.SubjectDER, PublicDER: req.PublicDER,
			NotBefore: at, NotAfter: at.AddDate(1, 0, 0), Extensions: req.Extensions}, key, "sha512")
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseCertificate(cert.PEM)
		if err != nil || !again.SignedBy(Public(key)) || again.SignedBy(other.Public) || !again.Fits(req) || again.Version != 3 ||
			!again.NotAfter.Equal(at.AddDate(1, 0, 0)) || again.Serial.Sign() <= 0 {
			t.Errorf("%s: read back %+v %v", typ, again, err)
		}
	}
	if _, err := NewRequest(newKey(t, "X25519"), nil, nil, "sha256"); err == nil {
		t.Error("a key that cannot sign signed")
	}
	if _, err := (Name{{"C", "DEU"}}).DER(); err == nil {
		t.Error("a country of three letters")
	}
}

func TestParseTime(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	for in, want := range map[string]string{"+0s": "20260102030405Z", "+1w1d1h1m1s": "20260110040506Z", "-2h": "20260102010405Z",
		"+90": "20260102030535Z", "20300101000000Z": "20300101000000Z", "203001010000Z": "20300101000000Z", "+3x": "", "": "", "+": "",
		"+99999999999999999999d": "", "tomorrow": ""} {
		got, err := ParseTime(in, "k", now)
		if want == "" {
			if err == nil {
				t.Errorf("%q: no error", in)
			}
		} else if err != nil || ASN1Time(got) != want {
			t.Errorf("%q: got %s %v, want %s", in, ASN1Time(got), err, want)
		}
	}
}

// Nothing that is read may end in a panic.
func FuzzParse(f *testing.F) {
	key, err := Generate("ECC", 0, "secp256r1")
	if err != nil {
		f.Fatal(err)
	}
	exts, _ := (&Wanted{AltNames: []string{"DNS:a", "IP:::1", "RID:1.2"}, Basic: []string{"CA:TRUE"}, Permitted: []string{"DNS:a"}}).Extensions()
	req, err := NewRequest(key, Name{{"CN", "x"}}, exts, "sha256")
	if err != nil {
		f.Fatal(err)
	}
	cert, err := NewCertificate(&Template{SubjectDER: req.SubjectDER, IssuerDER: req.SubjectDER, PublicDER: req.PublicDER, Extensions: exts}, key, "sha256")
	if err != nil {
		f.Fatal(err)
	}
	enc, _ := EncodeKey(key, PKCS8, []byte("p"))
	for _, seed := range [][]byte{cert.DER, req.PEM, enc} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, err := FromDER(data); err == nil {
			c.Info(time.Now())
		}
		if r, err := parseRequest(data); err == nil {
			r.Info()
		}
		if r, err := ParseRequest(data); err == nil {
			r.Info()
		}
		_, _ = ParseKey(data, []byte("p"))
	})
}
