package module

import (
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

// urlArgs are the parameters that get_url and uri share.
type urlArgs struct {
	URL           string      `arg:"url,required" doc:"The address: http, https or file."`
	Force         bool        `arg:"force,default=false" doc:"Do not accept a cached answer."`
	HTTPAgent     string      `arg:"http_agent,default=ansible-httpget" doc:"Header that names the program asking."`
	UseProxy      bool        `arg:"use_proxy,default=true" doc:"Use the proxy that the environment names."`
	ValidateCerts bool        `arg:"validate_certs,default=true" doc:"Check the certificate of an https address."`
	ForceBasic    bool        `arg:"force_basic_auth,default=false" doc:"Send user name and password with the first request."`
	ClientCert    *Path       `arg:"client_cert" doc:"Certificate chain for client authentication, PEM."`
	ClientKey     *Path       `arg:"client_key" doc:"Private key for client authentication, PEM."`
	UseGSSAPI     bool        `arg:"use_gssapi,default=false" doc:"Kerberos authentication; not supported."`
	Decompress    bool        `arg:"decompress,default=true" doc:"Unpack gzip content."`
	Ciphers       *value.List `arg:"ciphers,elements=str" doc:"TLS ciphers; Go's choice is used."`
	UseNetrc      bool        `arg:"use_netrc,default=true" doc:"Look up credentials in ~/.netrc."`
	Unredirected  []string    `arg:"unredirected_headers" default:"" doc:"Headers that are not sent on after a redirect."`
}

func (a *urlArgs) request(user, password *string, headers *value.Dict, timeout int) (*httpRequest, error) {
	if a.UseGSSAPI {
		return nil, Errorf("use_gssapi is not supported: there is no Kerberos library in this build")
	}
	r := &httpRequest{URL: a.URL, Agent: a.HTTPAgent, UseProxy: a.UseProxy, ValidateCerts: a.ValidateCerts, ForceBasic: a.ForceBasic,
		User: deref(user), Password: deref(password), Headers: map[string]string{}, Timeout: time.Duration(timeout) * time.Second,
		NoCache: a.Force, KeepEncoding: !a.Decompress, Netrc: a.UseNetrc, Unredirected: a.Unredirected}
	if a.ClientCert != nil {
		r.CertFile = string(*a.ClientCert)
	}
	if a.ClientKey != nil {
		r.Key = string(*a.ClientKey)
	}
	for k, v := range headers.All() {
		r.Headers[value.Str(k)] = value.Str(v)
	}
	return r, nil
}

// elapsed is whole seconds since start, as results show them.
func elapsed(start time.Time) int { return int(time.Since(start).Seconds()) }
