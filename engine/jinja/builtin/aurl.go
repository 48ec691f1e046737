package builtin

import (
	"net"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

func urlsplitFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "query", "alias")
	if err != nil {
		return nil, err
	}
	t, err := c.onlyText("decode")
	if err != nil {
		return nil, err
	}
	d, err := splitURL(t)
	if err != nil {
		return nil, err
	}
	part, err := a.Text(0, "")
	if err != nil {
		return nil, err
	}
	if part == "" {
		return d, nil
	}
	v, ok := d.GetStr(part)
	if !ok {
		return nil, fail("urlsplit: unknown URL component: %s", part)
	}
	return v, nil
}

// splitURL is urllib.parse.urlsplit as a dictionary.
func splitURL(t string) (*value.Dict, error) {
	t = strings.TrimLeft(t, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f ")
	t = strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(t)
	scheme := ""
	if i := strings.IndexByte(t, ':'); i > 0 {
		s := t[:i]
		ok := s[0] >= 'a' && s[0] <= 'z' || s[0] >= 'A' && s[0] <= 'Z'
		for j := 1; ok && j < len(s); j++ {
			b := s[j]
			ok = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("+-.", b) >= 0
		}
		if ok {
			scheme, t = strings.ToLower(s), t[i+1:]
		}
	}
	netloc, query, fragment := "", "", ""
	if strings.HasPrefix(t, "//") {
		end := strings.IndexAny(t[2:], "/?#")
		if end < 0 {
			end = len(t) - 2
		}
		netloc, t = t[2:2+end], t[2+end:]
		if strings.Contains(netloc, "[") != strings.Contains(netloc, "]") {
			return nil, py.Raise("ValueError", "Invalid IPv6 URL")
		}
	}
	if i := strings.IndexByte(t, '#'); i >= 0 {
		t, fragment = t[:i], t[i+1:]
	}
	if i := strings.IndexByte(t, '?'); i >= 0 {
		t, query = t[:i], t[i+1:]
	}
	var username, password, hostname, port Value
	host := netloc
	if i := strings.LastIndexByte(netloc, '@'); i >= 0 {
		info := netloc[:i]
		host = netloc[i+1:]
		if j := strings.IndexByte(info, ':'); j >= 0 {
			username, password = info[:j], info[j+1:]
		} else {
			username = info
		}
	}
	p := ""
	if strings.HasPrefix(host, "[") {
		end := strings.IndexByte(host, ']')
		p = strings.TrimPrefix(host[end+1:], ":")
		host = host[1:end]
	} else if i := strings.IndexByte(host, ':'); i >= 0 {
		host, p = host[:i], host[i+1:]
	}
	if host != "" {
		hostname = strings.ToLower(host)
	}
	if p != "" {
		n, err := strconv.ParseUint(p, 10, 64)
		if err != nil {
			return nil, py.Raise("ValueError", "Port could not be cast to integer value as %s", value.Quote(p))
		}
		if n > 65535 {
			return nil, py.Raise("ValueError", "Port out of range 0-65535")
		}
		port = int64(n)
	}
	return value.DictOf("fragment", fragment, "hostname", hostname, "netloc", netloc, "password", password, "path", t,
		"port", port, "query", query, "scheme", scheme, "username", username), nil
}

func resolvable(host string) bool {
	_, err := net.LookupHost(host)
	return err == nil
}
