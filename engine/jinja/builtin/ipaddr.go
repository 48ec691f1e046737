package builtin

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

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
