package builtin

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

var macRE = mustRE(`(?i)^(?:[0-9a-f]{1,2}([:-])(?:[0-9a-f]{1,2}\1){4}[0-9a-f]{1,2}|(?:[0-9a-f]{1,4}[.:-]){2}[0-9a-f]{1,4}|[0-9a-f]{5,6}[:-][0-9a-f]{5,6}|[0-9a-f]{10,12})$`)

// parseMAC reads a hardware address in any of the usual forms.
func parseMAC(t string) ([]byte, bool) {
	if m, _ := macRE.Match(t); m == nil {
		return nil, false
	}
	parts := strings.FieldsFunc(t, func(r rune) bool { return r == ':' || r == '-' || r == '.' })
	width := 12 / len(parts)
	full := ""
	for _, p := range parts {
		if len(p) > width {
			return nil, false
		}
		full += strings.Repeat("0", width-len(p)) + p
	}
	b, err := hex.DecodeString(full)
	return b, err == nil && len(b) == 6
}

func hwaddrFilter(alias string) Func {
	return func(c *Call) (Value, error) {
		a, err := c.Bind(0, "query", "alias")
		if err != nil {
			return nil, err
		}
		q, err := a.Text(0, "")
		if err != nil {
			return nil, err
		}
		if err := Defined(c.in()); err != nil {
			return nil, err
		}
		t := value.Str(c.in())
		mac, ok := parseMAC(t)
		if !ok {
			if n, isInt := c.in().(int64); isInt && n >= 0 && n < 1<<48 {
				mac, ok = new(big.Int).SetInt64(n).FillBytes(make([]byte, 6)), true
			}
		}
		if !ok {
			if q == "" || q == "bool" {
				return nil, nil
			}
			return nil, fail("%s: not a hardware address: %s", alias, t)
		}
		join := func(sep, format string, size int) string {
			var parts []string
			for i := 0; i < 6; i += size {
				n := new(big.Int).SetBytes(mac[i : i+size])
				parts = append(parts, fmt.Sprintf(format, n))
			}
			return strings.Join(parts, sep)
		}
		switch q {
		case "":
			return c.in(), nil
		case "bare":
			return strings.ToUpper(hex.EncodeToString(mac)), nil
		case "bool":
			return true, nil
		case "int":
			return new(big.Int).SetBytes(mac).Int64(), nil
		case "cisco":
			return join(".", "%04x", 2), nil
		case "eui48", "win":
			return strings.ToUpper(join("-", "%02x", 1)), nil
		case "linux":
			return join(":", "%02x", 1), nil
		case "unix":
			return join(":", "%x", 1), nil
		case "pgsql", "postgresql", "psql":
			return join(":", "%06x", 3), nil
		}
		return nil, fail("%s: unknown filter type: %s", alias, q)
	}
}

// netTest makes a test of addresses and networks as Python's ipaddress reads
// them; what is neither is false.
func netTest(f func(n ipnet, isNet bool) bool) Func {
	return func(c *Call) (Value, error) {
		if _, err := c.Bind(0); err != nil {
			return nil, err
		}
		t, err := c.text()
		if err != nil {
			return nil, err
		}
		n, ok := strictNet(t)
		ok = ok && n.isNetwork() // host bits make it no network
		if i, isInt := c.in().(int64); isInt && i >= 0 {
			n, _, ok = ipArg(i, 0)
		}
		if !ok {
			return false, nil
		}
		return f(n, strings.Contains(t, "/")), nil
	}
}

func inNetworks(want func(hits int) bool) Func {
	return func(c *Call) (Value, error) {
		a, err := c.Bind(1, "networks")
		if err != nil {
			return nil, err
		}
		t, err := c.text()
		if err != nil {
			return nil, err
		}
		n, ok := strictNet(t)
		if !ok || !n.isNetwork() {
			return false, nil
		}
		list := []Value{a.v[0]}
		if isSequence(a.v[0]) {
			list = itemsOf(a.v[0])
		}
		hits := 0
		for _, v := range list {
			s, err := Str(v)
			if err != nil {
				return nil, err
			}
			if o, ok := strictNet(s); ok && o.contains(n) {
				hits++
			}
		}
		return want(hits), nil
	}
}

func subnetTest(super bool) Func {
	return func(c *Call) (Value, error) {
		a, err := c.Bind(1, "network")
		if err != nil {
			return nil, err
		}
		x, err := c.text()
		if err != nil {
			return nil, err
		}
		y, err := a.Text(0, "")
		if err != nil {
			return nil, err
		}
		n, ok := strictNet(x)
		o, ok2 := strictNet(y)
		if !ok || !ok2 || !n.isNetwork() || !o.isNetwork() {
			return false, nil
		}
		if super {
			return n.contains(o), nil
		}
		return o.contains(n), nil
	}
}

func macTest(c *Call) (Value, error) {
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	_, ok := parseMAC(t)
	return ok, nil
}

func resolvableTest(c *Call) (Value, error) {
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	return resolvable(t), nil
}

// The special ranges of Python's ipaddress module.
var (
	pyPrivate = special("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/29", "192.0.0.170/31", "192.0.2.0/24",
		"192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "255.255.255.255/32",
		"::1/128", "::/128", "::ffff:0:0/96", "100::/64", "2001::/23", "2001:2::/48", "2001:db8::/32", "2001:10::/28", "fc00::/7", "fe80::/10")
	pyReserved = special("240.0.0.0/4", "::/8", "100::/8", "200::/7", "400::/6", "800::/5", "1000::/4", "4000::/3", "6000::/3", "8000::/3", "A000::/3",
		"C000::/3", "E000::/4", "F000::/5", "F800::/6", "FE00::/9")
	pyShared = special("100.64.0.0/10")
)

// unmapped is the IPv4 address inside an IPv6 one.
func (n ipnet) unmapped() ipnet {
	if n.v == 6 && new(big.Int).Rsh(n.ip, 32).Cmp(big.NewInt(0xffff)) == 0 {
		return ipnet{4, new(big.Int).And(n.ip, big.NewInt(0xffffffff)), 32}
	}
	return n
}

// ends tells whether both ends of a network are in one of the ranges.
func (n ipnet) ends(list []ipnet) bool {
	last := ipnet{n.v, n.last(), n.plen}
	return n.in(list) && last.in(list)
}

var utilsTests = map[string]Func{
	"in_network":     inNetworks(func(h int) bool { return h > 0 }),
	"in_any_network": inNetworks(func(h int) bool { return h > 0 }),
	"in_one_network": inNetworks(func(h int) bool { return h == 1 }),
	"ip":             netTest(func(n ipnet, isNet bool) bool { return true }),
	"ip_address":     netTest(func(n ipnet, isNet bool) bool { return !isNet }),
	"ipv4":           netTest(func(n ipnet, isNet bool) bool { return n.v == 4 }),
	"ipv6":           netTest(func(n ipnet, isNet bool) bool { return n.v == 6 }),
	"ipv4_address":   netTest(func(n ipnet, isNet bool) bool { return n.v == 4 && !isNet }),
	"ipv6_address":   netTest(func(n ipnet, isNet bool) bool { return n.v == 6 && !isNet }),
	"ipv4_netmask": netTest(func(n ipnet, isNet bool) bool {
		return n.v == 4 && !isNet && isMask(new(big.Int).Xor(n.ip, big.NewInt(0xffffffff)))
	}),
	"ipv4_hostmask": netTest(func(n ipnet, isNet bool) bool { return n.v == 4 && !isNet && isMask(n.ip) }),
	"ipv6_ipv4_mapped": netTest(func(n ipnet, isNet bool) bool {
		return n.v == 6 && !isNet && new(big.Int).Rsh(n.ip, 32).Cmp(big.NewInt(0xffff)) == 0
	}),
	"ipv6_sixtofour": netTest(func(n ipnet, isNet bool) bool {
		return n.v == 6 && !isNet && new(big.Int).Rsh(n.ip, 112).Cmp(big.NewInt(0x2002)) == 0
	}),
	"ipv6_teredo": netTest(func(n ipnet, isNet bool) bool {
		return n.v == 6 && !isNet && new(big.Int).Rsh(n.ip, 96).Cmp(big.NewInt(0x20010000)) == 0
	}),
	"loopback":    netTest(func(n ipnet, isNet bool) bool { return !isNet && n.ends(netLoopback) }),
	"multicast":   netTest(func(n ipnet, isNet bool) bool { return !isNet && n.ends(netMulti) }),
	"private":     netTest(func(n ipnet, isNet bool) bool { return !isNet && n.unmapped().ends(pyPrivate) }),
	"public":      netTest(func(n ipnet, isNet bool) bool { return !isNet && !n.unmapped().ends(pyPrivate) && !n.ends(pyShared) }),
	"reserved":    netTest(func(n ipnet, isNet bool) bool { return !isNet && n.ends(pyReserved) }),
	"unspecified": netTest(func(n ipnet, isNet bool) bool { return !isNet && n.ip.Sign() == 0 && n.last().Sign() == 0 }),
	"subnet_of":   subnetTest(false), "supernet_of": subnetTest(true),
	"mac": macTest, "resolvable": resolvableTest,
}

var utilsIP = map[string]Func{
	"ipaddr": ipFilter("ipaddr", 0), "ipv4": ipFilter("ipv4", 4), "ipv6": ipFilter("ipv6", 6), "ipwrap": ipwrapFilter,
	"ipsubnet": ipsubnetFilter, "ipmath": ipmathFilter, "nthhost": nthhostFilter, "next_nth_usable": nthUsable(1), "previous_nth_usable": nthUsable(-1),
	"usable_range": usableRangeFilter, "ip4_hex": ip4HexFilter, "cidr_merge": cidrMergeFilter, "network_in_network": networkInFilter(false),
	"network_in_usable": networkInFilter(true), "reduce_on_network": reduceOnNetworkFilter, "slaac": slaacFilter,
	"hwaddr": hwaddrFilter("hwaddr"), "macaddr": hwaddrFilter("macaddr"),
}
