package module

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

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
		entries, _ := os.ReadDir(path)
		files = nil
		for _, e := range entries {
			files = append(files, filepath.Join(path, e.Name()))
		}
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
