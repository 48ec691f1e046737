package lookup

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sort"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

// digOptions are what comes as keyword or as name=value among the terms.
type digOptions struct {
	kind, server, port string
	flat, retry, fail  bool
	empty, tcp         bool
}

// dig is community.general.dig: questions to the name service.
func dig(c *call) ([]Value, error) {
	o := digOptions{kind: "A", port: "53", flat: true}
	set := func(name, v string) error {
		yes := v == "1" || strings.EqualFold(v, "true") || strings.EqualFold(v, "yes")
		switch name {
		case "qtype":
			o.kind = strings.ToUpper(v)
		case "flat":
			o.flat = yes
		case "fail_on_error":
			o.fail = yes
		case "real_empty":
			o.empty = yes
		case "tcp":
			o.tcp = yes
		case "port":
			o.port = v
		case "retry_servfail":
			o.retry = yes
		case "class":
			if !strings.EqualFold(v, "IN") {
				return c.fail("only the class IN is known, not %s", v)
			}
		default:
			return c.fail("unknown option %q", name)
		}
		return nil
	}
	for k, v := range c.kw.All() {
		if err := set(value.Str(k), value.Str(v)); err != nil {
			return nil, err
		}
	}
	terms, err := c.texts()
	if err != nil {
		return nil, err
	}
	var domains []string
	for _, t := range terms {
		if server, ok := strings.CutPrefix(t, "@"); ok {
			o.server, _, _ = strings.Cut(server, ",")
			continue
		}
		if k, v, ok := strings.Cut(t, "="); ok {
			if err := set(k, v); err != nil {
				return nil, err
			}
			continue
		}
		if name, kind, ok := strings.Cut(t, "/"); ok && !strings.Contains(kind, "/") {
			t, o.kind = name, strings.ToUpper(kind)
		}
		domains = append(domains, t)
	}
	if !o.flat {
		return nil, c.fail("flat=0 is not supported: answers come as text only")
	}
	out := []Value{}
	for _, d := range domains {
		answers, err := o.ask(d)
		var missing *net.DNSError
		switch {
		case errors.As(err, &missing) && missing.IsNotFound:
			if o.fail {
				return nil, c.fail("no answer for %s %s: %w", d, o.kind, err)
			}
			if !o.empty {
				out = append(out, "NXDOMAIN")
			}
			continue
		case err != nil:
			return nil, c.fail("%s %s: %w", d, o.kind, err)
		}
		if len(answers) == 0 && !o.empty {
			out = append(out, "")
		}
		for _, a := range answers {
			out = append(out, a)
		}
	}
	return out, nil
}

func (o digOptions) ask(name string) ([]string, error) {
	r := net.DefaultResolver
	if o.server != "" {
		r = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			if o.tcp {
				network = "tcp"
			}
			return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, network, net.JoinHostPort(o.server, o.port))
		}}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	var out []string
	addresses := func(network string) error {
		ips, err := r.LookupIP(ctx, network, name)
		for _, ip := range ips {
			out = append(out, ip.String())
		}
		return err
	}
	var err error
	switch o.kind {
	case "A":
		err = addresses("ip4")
	case "AAAA":
		err = addresses("ip6")
	case "TXT":
		out, err = r.LookupTXT(ctx, name)
	case "CNAME":
		var s string
		if s, err = r.LookupCNAME(ctx, name); err == nil && strings.TrimSuffix(s, ".") != strings.TrimSuffix(name, ".") {
			out = []string{s}
		}
	case "NS":
		var l []*net.NS
		l, err = r.LookupNS(ctx, name)
		for _, x := range l {
			out = append(out, x.Host)
		}
	case "MX":
		var l []*net.MX
		l, err = r.LookupMX(ctx, name)
		for _, x := range l {
			out = append(out, fmt.Sprintf("%d %s", x.Pref, x.Host))
		}
	case "SRV":
		var l []*net.SRV
		_, l, err = r.LookupSRV(ctx, "", "", name)
		for _, x := range l {
			out = append(out, fmt.Sprintf("%d %d %d %s", x.Priority, x.Weight, x.Port, x.Target))
		}
	case "PTR":
		out, err = r.LookupAddr(ctx, address(name))
	default:
		return nil, fmt.Errorf("records of type %s cannot be asked for; A, AAAA, CNAME, MX, NS, PTR, SRV and TXT can", o.kind)
	}
	sort.Strings(out)
	return out, err
}

// address turns 4.3.2.1.in-addr.arpa into 1.2.3.4.
func address(name string) string {
	parts, ok := strings.CutSuffix(strings.TrimSuffix(name, "."), ".in-addr.arpa")
	if !ok {
		return name
	}
	p := strings.Split(parts, ".")
	for i, j := 0, len(p)-1; i < j; i, j = i+1, j-1 {
		p[i], p[j] = p[j], p[i]
	}
	return strings.Join(p, ".")
}

// dnstxt is community.general.dnstxt: all TXT records of a name, joined.
func dnstxt(c *call) ([]Value, error) {
	return c.each(one(func(n string) (string, error) {
		l, err := digOptions{kind: "TXT"}.ask(n)
		var missing *net.DNSError
		switch {
		case errors.As(err, &missing) && missing.IsNotFound:
			return "NXDOMAIN", nil
		case err != nil:
			return "", c.fail("%s: %w", n, err)
		}
		return strings.Join(l, ""), nil
	}))
}
