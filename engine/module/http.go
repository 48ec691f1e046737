package module

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
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
	if err == nil && resp.StatusCode == http.StatusUnauthorized && r.User != "" && auth == nil {
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

// socketGrace is how long a Unix socket may take to appear: playbooks start its server in the task before, and
// with Ansible's pace it is always there in time.
const socketGrace = 500 * time.Millisecond

func (c *Context) httpClient(r *httpRequest, u *url.URL) (*http.Client, error) {
	timeout := r.Timeout
	if timeout <= 0 {
		timeout = 10 * time.Second
	}
	d := &net.Dialer{Timeout: timeout}
	t := &http.Transport{TLSHandshakeTimeout: timeout, ResponseHeaderTimeout: timeout, DisableCompression: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: !r.ValidateCerts}}
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if r.UnixSocket != "" {
			network, addr = "unix", r.UnixSocket
		}
		conn, err := d.DialContext(ctx, network, addr)
		for end := time.Now().Add(socketGrace); err != nil && network == "unix" && time.Now().Before(end); {
			time.Sleep(20 * time.Millisecond)
			conn, err = d.DialContext(ctx, network, addr)
		}
		if err != nil {
			return nil, err
		}
		return &patientConn{conn, timeout}, nil
	}
	if r.CAPath != "" {
		pool, err := caPool(r.CAPath)
		if err != nil {
			return nil, err
		}
		t.TLSClientConfig.RootCAs = pool
	}
	if r.CertFile != "" {
		key := r.Key
		if key == "" {
			key = r.CertFile
		}
		cert, err := tls.LoadX509KeyPair(r.CertFile, key)
		if err != nil {
			return nil, fmt.Errorf("Request failed: the client certificate cannot be used: %w", err)
		}
		t.TLSClientConfig.Certificates = []tls.Certificate{cert}
	}
	if r.UseProxy && r.UnixSocket == "" {
		t.Proxy = c.proxyFor
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: t, Jar: jar}
	client.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		if len(via) >= 10 {
			return errors.New("The HTTP server returned a redirect error that would lead to an infinite loop")
		}
		switch strings.ToLower(r.FollowRedirects) {
		case "none", "no", "false":
			return http.ErrUseLastResponse
		case "all", "yes", "true":
		case "urllib2": // Python's own habit: whatever is followed becomes a GET
			m, code := via[len(via)-1].Method, next.Response.StatusCode
			if m != "GET" && m != "HEAD" && (m != "POST" || code == http.StatusTemporaryRedirect || code == http.StatusPermanentRedirect) {
				return http.ErrUseLastResponse
			}
			next.Method = "GET"
		default: // safe
			if m := via[0].Method; m != "GET" && m != "HEAD" {
				return http.ErrUseLastResponse
			}
		}
		for _, h := range r.Unredirected {
			next.Header.Del(h)
		}
		return nil
	}
	return client, nil
}

// patientConn bounds each wait for data, as Python's socket timeout does,
// rather than the whole transfer.
type patientConn struct {
	net.Conn
	wait time.Duration
}

func (p *patientConn) Read(b []byte) (int, error) {
	_ = p.Conn.SetReadDeadline(time.Now().Add(p.wait))
	return p.Conn.Read(b)
}

func caPool(path string) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	files := []string{path}
	if isFolder(path) {
		files, _ = filepath.Glob(filepath.Join(globQuote(path), "*"))
	}
	any := false
	for _, f := range files {
		if pem, err := readFile(f); err == nil && pool.AppendCertsFromPEM(pem) {
			any = true
		}
	}
	if !any {
		return nil, fmt.Errorf("Request failed: no certificates could be read from %s", path)
	}
	return pool, nil
}

// proxyFor reads the proxy variables of the task's environment.
func (c *Context) proxyFor(req *http.Request) (*url.URL, error) {
	get := func(n string) string {
		if v := c.Getenv(strings.ToLower(n)); v != "" {
			return v
		}
		return c.Getenv(strings.ToUpper(n))
	}
	p := get(req.URL.Scheme + "_proxy")
	if p == "" {
		p = get("all_proxy")
	}
	if p == "" {
		return nil, nil
	}
	host := req.URL.Hostname()
	for _, e := range strings.Split(get("no_proxy"), ",") {
		e = strings.TrimSpace(e)
		if e == "" {
			continue
		}
		h, port, err := net.SplitHostPort(e)
		if err != nil {
			h, port = e, ""
		}
		h = strings.TrimPrefix(strings.TrimPrefix(h, "*"), ".")
		if h == "" || (host == h || strings.HasSuffix(host, "."+h)) && (port == "" || port == req.URL.Port()) {
			return nil, nil
		}
		if _, n, err := net.ParseCIDR(e); err == nil {
			if ip := net.ParseIP(host); ip != nil && n.Contains(ip) {
				return nil, nil
			}
		}
	}
	if !strings.Contains(p, "://") {
		p = "http://" + p
	}
	return url.Parse(p)
}

// netrc looks a machine up in ~/.netrc.
func (c *Context) netrc(host string) (user, pass string) {
	path := c.Getenv("NETRC")
	if path == "" {
		path = ExpandPath("~/.netrc", c.Getenv)
	}
	data, err := readFile(path)
	if err != nil {
		return "", ""
	}
	w := strings.Fields(string(data))
	for i := 0; i < len(w); i++ {
		if w[i] != "machine" && w[i] != "default" {
			continue
		}
		match := w[i] == "default"
		if !match && i+1 < len(w) {
			match = w[i+1] == host
			i++
		}
		user, pass = "", ""
		for i+2 < len(w) && w[i+1] != "machine" && w[i+1] != "default" {
			switch w[i+1] {
			case "login":
				user = w[i+2]
			case "password":
				pass = w[i+2]
			}
			i += 2
		}
		if match {
			return user, pass
		}
	}
	return "", ""
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

// fetchURL fetches an address into a temporary file.
func (c *Context) fetchURL(address string, validateCerts bool) (path string, done func(), err error) {
	r := c.http(&httpRequest{URL: address, ValidateCerts: validateCerts, UseProxy: true, Netrc: true, Agent: "ansible-httpget", FollowRedirects: "safe"})
	defer r.Body.Close()
	if r.Status != 200 {
		return "", nil, errors.New(r.Msg)
	}
	dir, err := os.MkdirTemp(c.tmpdir(), "ansible-tmp-")
	if err != nil {
		return "", nil, err
	}
	done = func() { os.RemoveAll(dir) }
	path = filepath.Join(dir, "source")
	f, err := os.Create(path)
	if err == nil {
		_, err = io.Copy(f, r.Body)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		done()
		return "", nil, err
	}
	return path, done, nil
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
