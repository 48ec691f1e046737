package lookup

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// urlOption is a keyword argument, else the variable ansible_lookup_url_NAME, the
// environment and ansible.cfg.
func (c *call) urlOption(name, envName, ini string, def Value) (Value, error) {
	if v, ok := c.kw.GetStr(name); ok {
		return v, nil
	}
	varName := name
	if ini != "" {
		varName = ini
	}
	v, ok, err := c.t.Var("ansible_lookup_url_" + varName)
	if err != nil {
		return nil, err
	}
	if ok {
		return v, nil
	}
	if c.d.Option != nil && envName != "" {
		if t, ok := c.d.Option([]string{envName}, []string{"url_lookup." + ini}); ok {
			return t, nil
		}
	} else if t, ok := os.LookupEnv(envName); ok && envName != "" {
		return t, nil
	}
	return def, nil
}

func truthy(v Value) bool {
	if t, ok := value.Text(v); ok {
		switch strings.ToLower(t) {
		case "yes", "true", "on", "1", "y", "t", "all", "safe", "urllib2":
			return true
		}
		return false
	}
	return value.Truth(v)
}

func url(c *call) ([]Value, error) {
	o := map[string]Value{}
	for _, s := range []struct {
		name, env, ini string
		def            Value
	}{
		{"validate_certs", "", "", true}, {"split_lines", "", "", true}, {"use_proxy", "", "", true}, {"username", "", "", nil},
		{"password", "", "", nil}, {"headers", "", "", nil}, {"force", "ANSIBLE_LOOKUP_URL_FORCE", "force", false},
		{"timeout", "ANSIBLE_LOOKUP_URL_TIMEOUT", "timeout", int64(10)}, {"http_agent", "ANSIBLE_LOOKUP_URL_AGENT", "agent", "ansible-httpget"},
		{"use_netrc", "ANSIBLE_LOOKUP_URL_USE_NETRC", "use_netrc", true}, {"force_basic_auth", "", "force_basic_auth", false}, {"follow_redirects", "ANSIBLE_LOOKUP_URL_FOLLOW_REDIRECTS", "follow_redirects", "urllib2"},
		{"unix_socket", "ANSIBLE_LOOKUP_URL_UNIX_SOCKET", "unix_socket", nil}, {"ca_path", "ANSIBLE_LOOKUP_URL_CA_PATH", "ca_path", nil},
	} {
		v, err := c.urlOption(s.name, s.env, s.ini, s.def)
		if err != nil {
			return nil, err
		}
		o[s.name] = v
	}
	seconds, err := py.ToFloat(o["timeout"])
	if err != nil || seconds <= 0 {
		return nil, c.fail("timeout must be a number of seconds, not %s", value.Str(o["timeout"]))
	}
	tr := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{InsecureSkipVerify: !truthy(o["validate_certs"])}, DisableKeepAlives: true}
	if !truthy(o["use_proxy"]) {
		tr.Proxy = nil
	}
	if p := o["ca_path"]; p != nil && value.Str(p) != "" {
		pem, err := os.ReadFile(value.Str(p))
		if err != nil {
			return nil, err
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		tr.TLSClientConfig.RootCAs = pool
	}
	if p := o["unix_socket"]; p != nil && value.Str(p) != "" {
		tr.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", value.Str(p))
		}
	}
	client := &http.Client{Transport: tr, Timeout: time.Duration(seconds * float64(time.Second))}
	if f := strings.ToLower(value.Str(o["follow_redirects"])); f == "none" || f == "no" || f == "false" {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	names, err := c.texts()
	if err != nil {
		return nil, err
	}
	out := []Value{}
	for _, n := range names {
		req, err := http.NewRequest(http.MethodGet, n, nil)
		if err != nil {
			return nil, fmt.Errorf("Failed lookup url for %s : %w", n, err)
		}
		req.Header.Set("User-Agent", value.Str(o["http_agent"]))
		if truthy(o["force"]) {
			req.Header.Set("Cache-Control", "no-cache")
		}
		if d, ok := o["headers"].(*value.Dict); ok {
			for k, v := range d.All() {
				req.Header.Set(value.Str(k), value.Str(v))
			}
		}
		if o["username"] != nil && value.Str(o["username"]) != "" {
			pw := ""
			if o["password"] != nil {
				pw = value.Str(o["password"])
			}
			req.SetBasicAuth(value.Str(o["username"]), pw)
		} else if truthy(o["use_netrc"]) {
			if login, pw, ok := netrc(req.URL.Hostname()); ok {
				req.SetBasicAuth(login, pw)
			}
		}
		var res *http.Response
		if req.URL.Scheme == "file" { // named here, never by a server's redirection
			res, err = localFile(req.URL.Path)
		} else {
			res, err = client.Do(req)
		}
		if err != nil {
			return nil, urlError(n, err)
		}
		body, err := io.ReadAll(io.LimitReader(res.Body, 256<<20))
		_ = res.Body.Close()
		if err != nil {
			return nil, fmt.Errorf("Failed lookup url for %s : %w", n, err)
		}
		if res.StatusCode >= 400 {
			return nil, fmt.Errorf("Received HTTP error for %s : HTTP Error %d: %s", n, res.StatusCode, strings.TrimPrefix(res.Status, strconv.Itoa(res.StatusCode)+" "))
		}
		if truthy(o["split_lines"]) {
			for _, l := range py.SplitLines(string(body), false) {
				out = append(out, l)
			}
		} else {
			out = append(out, string(body))
		}
	}
	return out, nil
}

// urlError words a failed request; certificates are named as such.
func urlError(u string, err error) error {
	var host x509.HostnameError
	var verify *tls.CertificateVerificationError
	switch {
	case errors.As(err, &host):
		return fmt.Errorf("Error validating the server's certificate for %s: Hostname mismatch, certificate is not valid for '%s'", u, host.Host)
	case errors.As(err, &verify):
		return fmt.Errorf("Error validating the server's certificate for %s: %w", u, verify.Err)
	}
	return fmt.Errorf("Failed lookup url for %s : %w", u, err)
}

// localFile answers with a file of this machine.
func localFile(path string) (*http.Response, error) {
	name := filepath.FromSlash(path)
	if n := strings.TrimPrefix(name, `\`); filepath.VolumeName(n) != "" { // file:///C:/x
		name = n
	}
	f, err := os.Open(name)
	var no syscall.Errno
	switch {
	case errors.As(err, &no):
		text := no.Error()
		return nil, fmt.Errorf("<urlopen error [Errno %d] %s: '%s'>", int(no), strings.ToUpper(text[:1])+text[1:], path)
	case err != nil:
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: f}, nil
}

// netrc finds the login for a host in ~/.netrc.
func netrc(host string) (login, password string, ok bool) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", "", false
	}
	data, err := os.ReadFile(filepath.Join(home, ".netrc"))
	if err != nil {
		return "", "", false
	}
	words := strings.Fields(string(data))
	here := false
	for i := 0; i < len(words); i++ {
		arg := ""
		if i+1 < len(words) {
			arg = words[i+1]
		}
		switch words[i] {
		case "machine":
			if ok {
				return login, password, ok
			}
			here = arg == host
			i++
		case "default":
			here = !ok
		case "login":
			if here {
				login, ok = arg, true
			}
			i++
		case "password":
			if here {
				password = arg
			}
			i++
		}
	}
	return login, password, ok
}
