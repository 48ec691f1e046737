package module

import (
	"github.com/goplay-engine/goplay/engine/module/pki"
)

type csrPipeArgs struct {
	csrArgs
	Content *string `arg:"content" doc:"The existing request; it is returned where it is as wanted."`
}

var csrPipeDef = &Def{
	Name:              "community.crypto.openssl_csr_pipe",
	NullIsMissing:     true,
	Short:             "Generate OpenSSL Certificate Signing Request (CSR)",
	Args:              func() any { return &csrPipeArgs{} },
	Run:               plainly(csrPipe),
	MutuallyExclusive: csrExclusive,
	RequiredTogether:  csrTogether,
	RequiredOneOf:     [][]string{{"privatekey_path", "privatekey_content"}},
}

func csrPipe(c *Context, p *csrPipeArgs) (*Result, error) {
	want, err := p.request()
	if err != nil {
		return nil, err
	}
	f := &pkiFile{c: c}
	if p.Content != nil {
		f.old = []byte(*p.Content)
	}
	old, oldErr := pki.ParseRequest(f.old)
	now, text := want, string(want.PEM)
	r := OK()
	if oldErr == nil && old.Same(want, p.SubjectOrdered != nil) {
		now, text = old, *p.Content
	} else {
		r.Changed = true
	}
	p.describe(r, p.subject())
	f.diff(r, describeCSR(f.old, old, oldErr), describeCSR(now.PEM, now, nil))
	return r.Set("csr", text), nil
}

type x509PipeArgs struct {
	certArgs
	Content *string `arg:"content" doc:"The existing certificate; it is returned where it is as wanted."`
}

var x509PipeDef = &Def{
	Name:              "community.crypto.x509_certificate_pipe",
	Short:             "Generate and/or check OpenSSL certificates",
	Args:              func() any { return &x509PipeArgs{} },
	Run:               plainly(x509Pipe),
	MutuallyExclusive: certExclusive,
}

func x509Pipe(c *Context, p *x509PipeArgs) (*Result, error) {
	if p.Provider == nil {
		return nil, Errorf("missing required arguments: provider")
	}
	i, err := p.issuer()
	if err != nil {
		return nil, err
	}
	f := &pkiFile{c: c}
	if p.Content != nil {
		f.old = []byte(*p.Content)
	}
	old, oldErr := pki.ParseCertificate(f.old)
	r := OK().Set("privatekey", pathValue(p.KeyPath)).Set("csr", pathValue(p.CSRPath))
	now, text := old, ""
	if oldErr == nil && !p.Force && i.fits(old, p.IgnoreTimestamps) {
		text = *p.Content
	} else {
		r.Changed = true
		if now, err = i.make(); err != nil {
			return nil, Errorf(err.Error())
		}
		text = string(now.PEM)
	}
	f.diff(r, describeCert(f.old, old, oldErr), describeCert(now.PEM, now, nil))
	return r.Set("certificate", text).Set("notBefore", pki.ASN1Time(now.NotBefore)).Set("notAfter", pki.ASN1Time(now.NotAfter)).
		Set("serial_number", now.Serial), nil
}
