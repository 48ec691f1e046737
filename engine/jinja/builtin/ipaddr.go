package builtin

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// query is one question of the ipaddr filter: net says whether a prefix was
// written, orig is the value as given.
type ipQuery func(n ipnet, net bool, orig Value) (Value, error)

func noNetwork() (Value, error) { return nil, fail("Not a network address") }

var ipQueries map[string]ipQuery

func init() {
	when := func(test func(n ipnet) bool) ipQuery {
		return func(n ipnet, _ bool, orig Value) (Value, error) {
			if test(n) {
				return orig, nil
			}
			return nil, nil
		}
	}
	text := func(f func(n ipnet) string) ipQuery {
		return func(n ipnet, _ bool, _ Value) (Value, error) { return f(n), nil }
	}
	address := func(n ipnet, _ bool, _ Value) (Value, error) {
		if n.v == 6 || n.sizeCmp(1) == 0 || !n.isNetwork() || !n.hasBroadcast() {
			return n.addr(), nil
		}
		return nil, nil
	}
	gateway := func(n ipnet, _ bool, _ Value) (Value, error) {
		if n.sizeCmp(1) == 0 || !n.hasBroadcast() || !n.isNetwork() && n.ip.Cmp(n.last()) != 0 {
			return n.String(), nil
		}
		return false, nil
	}
	hostmask := text(func(n ipnet) string { return formatIP(n.v, n.hostmask()) })
	cidr := text(func(n ipnet) string { return n.cidr().String() })
	network := text(func(n ipnet) string { return formatIP(n.v, n.network()) })
	ipNetmask := func(sep string, second func(n ipnet) string) ipQuery {
		return func(n ipnet, _ bool, _ Value) (Value, error) {
			if n.sizeCmp(2) == 0 || n.sizeCmp(1) > 0 && !n.isNetwork() {
				return n.addr() + sep + second(n), nil
			}
			return nil, nil
		}
	}
	edge := func(last bool) ipQuery {
		return func(n ipnet, net bool, _ Value) (Value, error) {
			if !net {
				return noNetwork()
			}
			if n.sizeCmp(1) == 0 {
				return nil, nil
			}
			a, b := n.usable()
			if last {
				a = b
			}
			return formatIP(n.v, a), nil
		}
	}
	step := func(by int64) ipQuery {
		return func(n ipnet, net bool, _ Value) (Value, error) {
			if !net {
				return noNetwork()
			}
			return n.near(by), nil
		}
	}
	ipQueries = map[string]ipQuery{
		"": func(n ipnet, net bool, _ Value) (Value, error) {
			if net {
				return n.String(), nil
			}
			return n.addr(), nil
		},
		"6to4": to6to4, "address": address, "ip": address,
		"address/prefix": gateway, "gateway": gateway, "gw": gateway, "host/prefix": gateway, "hostnet": gateway, "router": gateway,
		"host": func(n ipnet, _ bool, _ Value) (Value, error) {
			if n.sizeCmp(1) == 0 || n.v == 4 && !n.hasBroadcast() || !n.isNetwork() {
				return n.String(), nil
			}
			return nil, nil
		},
		"bool": func(ipnet, bool, Value) (Value, error) { return true, nil },
		"broadcast": func(n ipnet, _ bool, _ Value) (Value, error) {
			if n.hasBroadcast() {
				return formatIP(n.v, n.last()), nil
			}
			return nil, nil
		},
		"cidr": text(ipnet.String), "first_usable": edge(false), "last_usable": edge(true),
		"hostmask": hostmask, "wildcard": hostmask,
		"int": func(n ipnet, net bool, _ Value) (Value, error) {
			if net {
				return n.ip.String() + "/" + strconv.Itoa(n.plen), nil
			}
			return value.NormInt(new(big.Int).Set(n.ip)), nil
		},
		"ip/prefix":  ipNetmask("/", func(n ipnet) string { return strconv.Itoa(n.plen) }),
		"ip_netmask": ipNetmask(" ", ipnet.netmask),
		"ipv4": func(n ipnet, _ bool, orig Value) (Value, error) {
			if n.v == 4 {
				return orig, nil
			}
			mapped := new(big.Int).Rsh(n.ip, 32)
			if mapped.Cmp(big.NewInt(0xffff)) == 0 || mapped.Sign() == 0 {
				low := new(big.Int).And(n.ip, big.NewInt(0xffffffff))
				if n.plen >= 96 {
					return ipnet{4, low, n.plen - 96}.String(), nil
				}
			}
			return false, nil
		},
		"ipv6": func(n ipnet, _ bool, orig Value) (Value, error) {
			if n.v == 6 {
				return orig, nil
			}
			return ipnet{6, new(big.Int).Or(n.ip, big.NewInt(0xffff<<32)), n.plen + 96}.String(), nil
		},
		"link-local": when(func(n ipnet) bool { return n.within(netLink) }),
		"lo":         when(func(n ipnet) bool { return n.within(netLoopback) }), "loopback": when(func(n ipnet) bool { return n.within(netLoopback) }),
		"multicast": when(func(n ipnet) bool { return n.within(netMulti) }),
		"unicast":   when(func(n ipnet) bool { return !n.within(netMulti) }),
		"private":   when(func(n ipnet) bool { return n.within(netPrivate) }),
		"public": when(func(n ipnet) bool {
			full := new(big.Int).Sub(pow2(n.width()), big.NewInt(1))
			return !n.in(netMulti) && !n.in(netPrivate) && !n.in(netLoopback) &&
				!isMask(n.ip) && !isMask(new(big.Int).Xor(n.ip, full))
		}),
		"net": func(n ipnet, _ bool, _ Value) (Value, error) {
			if n.sizeCmp(1) > 0 && n.isNetwork() {
				return n.String(), nil
			}
			return nil, nil
		},
		"netmask": text(ipnet.netmask), "network": network, "network_id": network, "network/prefix": cidr, "subnet": cidr,
		"network_netmask":  text(func(n ipnet) string { return formatIP(n.v, n.network()) + " " + n.netmask() }),
		"network_wildcard": text(func(n ipnet) string { return formatIP(n.v, n.network()) + " " + formatIP(n.v, n.hostmask()) }),
		"next_usable":      step(1), "previous_usable": step(-1),
		"peer":   peer,
		"prefix": func(n ipnet, _ bool, _ Value) (Value, error) { return int64(n.plen), nil },
		"range_usable": func(n ipnet, net bool, _ Value) (Value, error) {
			if !net {
				return noNetwork()
			}
			if n.sizeCmp(1) == 0 {
				return nil, nil
			}
			a, b := n.usable()
			return formatIP(n.v, a) + "-" + formatIP(n.v, b), nil
		},
		"revdns": text(revdns),
		"size":   func(n ipnet, _ bool, _ Value) (Value, error) { return value.NormInt(n.size()), nil },
		"type": func(n ipnet, _ bool, _ Value) (Value, error) {
			if n.sizeCmp(1) > 0 && n.isNetwork() {
				return "network", nil
			}
			return "address", nil
		},
		"version": func(n ipnet, _ bool, _ Value) (Value, error) { return int64(n.v), nil },
		"wrap": func(n ipnet, net bool, orig Value) (Value, error) {
			switch {
			case n.v == 4:
				return orig, nil
			case net:
				return "[" + n.addr() + "]/" + strconv.Itoa(n.plen), nil
			}
			return "[" + n.addr() + "]", nil
		},
	}
}

// near is the usable address so many places away, or none.
func (n ipnet) near(by int64) Value {
	if n.sizeCmp(1) == 0 {
		return nil
	}
	first, last := n.usable()
	k := new(big.Int).Add(n.ip, big.NewInt(by))
	if k.Cmp(first) >= 0 && k.Cmp(last) <= 0 {
		return formatIP(n.v, k)
	}
	return nil
}

func peer(n ipnet, net bool, _ Value) (Value, error) {
	if !net {
		return noNetwork()
	}
	switch {
	case n.sizeCmp(2) == 0:
		return formatIP(n.v, new(big.Int).Xor(n.ip, big.NewInt(1))), nil
	case n.sizeCmp(4) == 0:
		r := new(big.Int).And(n.ip, big.NewInt(3)).Int64()
		if r == 0 {
			return nil, fail("Network address of /30 has no peer")
		}
		if r == 3 {
			return nil, fail("Broadcast address of /30 has no peer")
		}
		return formatIP(n.v, new(big.Int).Xor(n.ip, big.NewInt(3))), nil
	}
	return nil, fail("Not a point-to-point network")
}

func to6to4(n ipnet, net bool, orig Value) (Value, error) {
	if n.v == 4 {
		if n.sizeCmp(1) > 0 && n.isNetwork() {
			return false, nil
		}
		host := ipnet{4, n.ip, 32}
		pub, _ := ipQueries["public"](host, false, true)
		if pub == nil && !host.in(netPrivate) {
			return false, nil
		}
		b := toAddr(4, n.ip).As4()
		return fmt.Sprintf("2002:%02x%02x:%02x%02x::1/48", b[0], b[1], b[2], b[3]), nil
	}
	six, _ := parseNet("2002::/16")
	if six.contains(n) && (!net || !n.isNetwork()) {
		return orig, nil
	}
	return false, nil
}

func revdns(n ipnet) string {
	a := toAddr(n.v, n.ip)
	if n.v == 4 {
		b := a.As4()
		return fmt.Sprintf("%d.%d.%d.%d.in-addr.arpa.", b[3], b[2], b[1], b[0])
	}
	h := fmt.Sprintf("%x", a.As16())
	var b strings.Builder
	for i := len(h) - 1; i >= 0; i-- {
		b.WriteByte(h[i])
		b.WriteByte('.')
	}
	return b.String() + "ip6.arpa."
}

// ipArg reads what the ip filters work on. net tells that a prefix was written.
func ipArg(v Value, version int) (n ipnet, net, ok bool) {
	var num *big.Int
	switch x := v.(type) {
	case int64:
		num = big.NewInt(x)
	case *big.Int:
		num = x
	default:
		t, isT := textOf(v)
		if !isT || t == "" {
			return n, false, false
		}
		if strings.Trim(t, "0123456789") == "" {
			num, _ = new(big.Int).SetString(t, 10)
			break
		}
		n, ok = parseNet(t)
		if !ok || version != 0 && n.v != version {
			return n, false, false
		}
		return n, strings.Contains(t, "/"), true
	}
	if num == nil || num.Sign() < 0 || num.BitLen() > 128 || num.Sign() == 0 {
		return n, false, false
	}
	n = ipnet{4, num, 32}
	if num.BitLen() > 32 || version == 6 {
		n = ipnet{6, num, 128}
	}
	if version != 0 && n.v != version {
		return n, false, false
	}
	return n, false, true
}

// IPAddr is the ipaddr filter. version is 0, 4 or 6.
func IPAddr(v, query Value, version int, alias string) (Value, error) {
	if err := Defined(v, query); err != nil {
		return nil, err
	}
	if items, ok := v.(*value.List); ok {
		out := value.NewList()
		for _, e := range items.Items {
			if _, isB := e.(bool); isB {
				continue
			}
			r, err := IPAddr(e, query, version, alias)
			if err != nil {
				return nil, err
			}
			if value.Truth(r) {
				out.Append(r)
			}
		}
		return out, nil
	}
	if v == nil {
		return nil, fail("Unrecognized type <<class 'NoneType'>> for %s filter <value>", alias)
	}
	if _, isB := v.(bool); isB || !value.Truth(v) {
		return false, nil
	}
	n, net, ok := ipArg(v, version)
	if !ok {
		if _, isD := v.(*value.Dict); isD {
			return nil, fail("Unrecognized type <%s> for %s filter <value>", className(v), alias)
		}
		return false, nil
	}
	orig := v
	if t, isT := textOf(v); !isT || strings.Trim(t, "0123456789") == "" {
		orig = n.String()
	}
	q := value.Str(query)
	if query == nil || query == false {
		q = ""
	}
	if f, ok := ipQueries[q]; ok {
		return f(n, net, orig)
	}
	if k, err := strconv.ParseInt(q, 10, 64); err == nil {
		return n.nth(k, net), nil
	}
	o, ok := parseNet(q)
	if !ok {
		return nil, fail("%s: unknown filter type: %s%s", alias, q, queryHint(q))
	}
	if o.contains(n) {
		return orig, nil
	}
	return nil, nil
}

func queryHint(q string) string {
	best, d := "", 3
	for name := range ipQueries {
		if k := distance(q, name, d); k < d || k == d && name < best && best != "" {
			best, d = name, k
		}
	}
	if best == "" {
		return ""
	}
	return " (did you mean '" + best + "'?)"
}

// nth is address number k of the network with its prefix; negative ones count
// from the end.
func (n ipnet) nth(k int64, net bool) Value {
	if n.sizeCmp(1) == 0 {
		if net {
			return n.String()
		}
		return n.addr()
	}
	ip, ok := n.index(k)
	if !ok {
		return false
	}
	return ipnet{n.v, ip, n.plen}.String()
}

func (n ipnet) index(k int64) (*big.Int, bool) {
	i := big.NewInt(k)
	if k < 0 {
		i.Add(i, n.size())
	}
	if i.Sign() < 0 || i.Cmp(n.size()) >= 0 {
		return nil, false
	}
	return i.Add(i, n.network()), true
}

func ipFilter(alias string, version int) Func {
	return func(c *Call) (Value, error) {
		names := []string{"query", "version"}
		a, err := c.Bind(0, names...)
		if err != nil {
			return nil, err
		}
		v := version
		if a.Has(1) && version == 0 {
			k, err := py.Index(a.v[1])
			if err != nil {
				return nil, err
			}
			v = int(k)
		}
		return IPAddr(c.in(), a.Value(0, ""), v, alias)
	}
}

func ipwrapFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "query")
	if err != nil {
		return nil, err
	}
	one := func(v Value) (Value, error) {
		r, err := IPAddr(v, a.Value(0, ""), 0, "ipwrap")
		if err != nil {
			return nil, err
		}
		if !value.Truth(r) {
			return v, nil
		}
		if _, isB := r.(bool); isB {
			return r, nil
		}
		return IPAddr(r, "wrap", 0, "ipwrap")
	}
	if l, ok := c.in().(*value.List); ok {
		out := value.NewList()
		for _, e := range l.Items {
			r, err := one(e)
			if err != nil {
				return nil, err
			}
			out.Append(r)
		}
		return out, nil
	}
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	return one(c.in())
}
