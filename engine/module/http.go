package module

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"syscall"
	"time"
)

// httpRequest is one request as the url options of Ansible's modules describe it.
type httpRequest struct {
	URL, Method     string
	Body            []byte
	Headers         map[string]string
	Unredirected    []string
	Agent           string
	Timeout         time.Duration
	User, Password  string
	ForceBasic      bool
	ValidateCerts   bool
	CAPath          string
	CertFile, Key   string
	UseProxy, Netrc bool
	FollowRedirects string // safe, all, none and their synonyms
	UnixSocket      string
	NoCache         bool
	LastModified    *time.Time
	KeepEncoding    bool // do not decompress
}

// httpResponse is the answer; Body has to be closed. Status is -1 and Err set
// where there was none.
type httpResponse struct {
	Status  int
	Msg     string // as Ansible words it: OK (12 bytes), HTTP Error 404: Not Found
	URL     string
	Header  http.Header
	Body    io.ReadCloser
	Cookies []*http.Cookie
	File    bool // file: address, which has no status
}

func (c *Context) http(r *httpRequest) *httpResponse {
	fail := func(msg string) *httpResponse {
		return &httpResponse{Status: -1, Msg: msg, URL: r.URL, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(""))}
	}
	u, err := url.Parse(r.URL)
	if err != nil {
		return fail(fmt.Sprintf("Request failed: <urlopen error %s>", err))
	}
	switch u.Scheme {
	case "http", "https":
	case "file":
		return openFileURL(u, fail)
	default:
		if u.Scheme == "" {
			return fail(fmt.Sprintf("unknown url type: '%s'", r.URL))
		}
		return fail(fmt.Sprintf("Request failed: <urlopen error unknown url type: %s>", u.Scheme))
	}
	if u.User != nil && r.User == "" {
		r.User = u.User.Username()
		r.Password, _ = u.User.Password()
	}
	u.User = nil
	if r.User == "" && r.Netrc {
		if user, pass := c.netrc(u.Hostname()); user != "" {
			r.User, r.Password, r.ForceBasic = user, pass, true
			for k := range r.Headers {
				if strings.EqualFold(k, "authorization") {
					delete(r.Headers, k)
				}
			}
		}
	}
	client, err := c.httpClient(r, u)
	if err != nil {
		return fail(err.Error())
	}
	basic := func(req *http.Request) { req.SetBasicAuth(r.User, r.Password) }
	var auth func(*http.Request)
	if r.ForceBasic && r.User != "" {
		auth = basic
	}
	resp, err := c.send(client, r, u, auth)
	// A password is for the host it was given for, not for one that a redirect leads to.
	if err == nil && resp.StatusCode == http.StatusUnauthorized && r.User != "" && auth == nil && resp.Request.URL.Host == u.Host {
		at := resp.Request.URL
		if d := challengeOf(resp, "digest"); d != "" {
			auth = func(req *http.Request) {
				req.Header.Set("Authorization", digestHeader(d, r.User, r.Password, req.Method, at.RequestURI()))
			}
		} else if challengeOf(resp, "basic") != "" {
			auth = basic
		}
		if auth != nil {
			resp.Body.Close()
			resp, err = c.send(client, r, at, auth)
		}
	}
	if err != nil {
		return fail(httpError(err, u))
	}
	out := &httpResponse{Status: resp.StatusCode, URL: resp.Request.URL.String(), Header: resp.Header, Body: resp.Body}
	if u2, err := url.Parse(r.URL); err == nil && u2.User != nil && resp.Request.URL.Host == u.Host && resp.Request.URL.Path == u.Path {
		out.URL = r.URL
	}
	out.Cookies = append(out.Cookies, client.Jar.Cookies(resp.Request.URL)...)
	if resp.Close && resp.ProtoAtLeast(1, 1) { // net/http takes it out
		out.Header.Set("Connection", "close")
	}
	if resp.StatusCode >= 300 {
		text := resp.Status[strings.IndexByte(resp.Status, ' ')+1:]
		out.Msg = fmt.Sprintf("HTTP Error %d: %s", resp.StatusCode, text)
	} else {
		n := resp.Header.Get("Content-Length")
		if n == "" {
			n = "unknown"
		}
		out.Msg = fmt.Sprintf("OK (%s bytes)", n)
	}
	if !r.KeepEncoding && strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") && r.Method != "HEAD" {
		z, err := gzip.NewReader(resp.Body)
		if err != nil && err != io.EOF {
			resp.Body.Close()
			return fail("Request failed: the compressed content cannot be read: " + err.Error())
		}
		if z != nil {
			out.Body = struct {
				io.Reader
				io.Closer
			}{z, resp.Body}
		}
	}
	return out
}

func openFileURL(u *url.URL, fail func(string) *httpResponse) *httpResponse {
	f, err := openFile(u.Path)
	if err != nil {
		return fail(fmt.Sprintf("Request failed: <urlopen error %s>", pyError(err, u.Path)))
	}
	fi, err := f.Stat()
	if err != nil || fi.IsDir() {
		f.Close()
		return fail(fmt.Sprintf("Request failed: <urlopen error [Errno 21] Is a directory: '%s'>", u.Path))
	}
	return &httpResponse{File: true, Status: 200, URL: u.String(), Header: http.Header{}, Body: f, Msg: fmt.Sprintf("OK (%d bytes)", fi.Size())}
}

func (c *Context) send(client *http.Client, r *httpRequest, u *url.URL, auth func(*http.Request)) (*http.Response, error) {
	method := r.Method
	if method == "" {
		method = "GET"
	}
	var body io.Reader
	if r.Body != nil {
		body = bytes.NewReader(r.Body)
	}
	req, err := http.NewRequestWithContext(c, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", r.Agent)
	req.Header.Set("Accept-Encoding", "identity")
	req.Close = true
	if r.NoCache {
		req.Header.Set("Cache-Control", "no-cache")
	}
	if r.LastModified != nil {
		req.Header.Set("If-Modified-Since", r.LastModified.UTC().Format(http.TimeFormat))
	}
	if auth != nil {
		auth(req)
	}
	for k, v := range r.Headers {
		if strings.EqualFold(k, "host") {
			req.Host = v
			continue
		}
		req.Header.Set(k, v)
	}
	if r.Body != nil && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return client.Do(req)
}

// httpError words a failed connection as Ansible does.
func httpError(err error, u *url.URL) string {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	var ne net.Error
	if errors.As(err, &ne) && ne.Timeout() {
		return "Connection failure: timed out"
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return "Request failed: <urlopen error [Errno -2] Name or service not known>"
	}
	var n syscall.Errno
	if errors.As(err, &n) {
		return fmt.Sprintf("Request failed: <urlopen error [Errno %d] %s>", int(n), strerror(n))
	}
	var cert *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	if errors.As(err, &cert) || errors.As(err, &unknown) || errors.As(err, &host) {
		port := u.Port()
		if port == "" {
			port = "443"
		}
		return fmt.Sprintf("Failed to validate the SSL certificate for %s:%s. Make sure your managed systems have a valid CA certificate installed. "+
			"You can use validate_certs=False if you do not need to confirm the servers identity but this is unsafe and not recommended. "+
			"The exception msg was: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: %s.", u.Hostname(), port, err)
	}
	if errors.Is(err, io.EOF) {
		return "Connection failure: Remote end closed connection without response"
	}
	return fmt.Sprintf("Request failed: <urlopen error %s>", err)
}

// fetchFile fetches an address into a temporary file, which the caller removes; in pattern, * is a random text. The error
// is worded as Ansible does.
func (c *Context) fetchFile(address, pattern string, validateCerts bool) (string, error) {
	r := c.http(&httpRequest{URL: address, ValidateCerts: validateCerts, UseProxy: true, Netrc: true, Agent: "ansible-httpget", FollowRedirects: "safe"})
	defer r.Body.Close()
	failed := func(why string) error { return Errorf(fmt.Sprintf("Failure downloading %s, %s", address, why)) }
	if r.Status != http.StatusOK {
		return "", failed(r.Msg)
	}
	f, err := os.CreateTemp(c.tmpdir(), pattern)
	if err != nil {
		return "", failed(err.Error())
	}
	_, err = io.Copy(f, r.Body)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(f.Name())
		return "", failed(err.Error())
	}
	return f.Name(), nil
}

// fetchPackage is fetchFile for packages, whose names keep their suffix.
func (c *Context) fetchPackage(address, suffix string, validateCerts bool) (string, error) {
	base, _, _ := strings.Cut(path.Base(address), "?")
	return c.fetchFile(address, strings.TrimSuffix(base, suffix)+"*"+suffix, validateCerts)
}

// fetchText gets a small text; accept is the content type wanted, "" for any.
func (c *Context) fetchText(address, accept string, validateCerts bool) ([]byte, error) {
	req := &httpRequest{URL: address, ValidateCerts: validateCerts, UseProxy: true, Netrc: true, Agent: "ansible-httpget", FollowRedirects: "safe",
		Timeout: 30 * time.Second}
	if accept != "" {
		req.Headers = map[string]string{"Accept": accept}
	}
	r := c.http(req)
	defer r.Body.Close()
	if r.Status != http.StatusOK && !r.File {
		return nil, errors.New(r.Msg)
	}
	return io.ReadAll(io.LimitReader(r.Body, 4<<20))
}
