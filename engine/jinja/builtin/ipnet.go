package builtin

import (
	"fmt"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
)

// ipnet is an address with the network it is in, as netaddr's IPNetwork.
type ipnet struct {
	v    int // 4 or 6
	ip   *big.Int
	plen int
}

func (n ipnet) width() int {
	if n.v == 4 {
		return 32
	}
	return 128
}

func pow2(n int) *big.Int { return new(big.Int).Lsh(big.NewInt(1), uint(n)) }

func (n ipnet) size() *big.Int { return pow2(n.width() - n.plen) }

// sizeIs compares the number of addresses with a small number.
func (n ipnet) sizeCmp(k int64) int { return n.size().Cmp(big.NewInt(k)) }

func (n ipnet) hostmask() *big.Int { return new(big.Int).Sub(n.size(), big.NewInt(1)) }

func (n ipnet) network() *big.Int { return new(big.Int).AndNot(n.ip, n.hostmask()) }

func (n ipnet) last() *big.Int { return new(big.Int).Or(n.ip, n.hostmask()) }

func (n ipnet) isNetwork() bool { return n.ip.Cmp(n.network()) == 0 }

// hasBroadcast tells whether there is room for a broadcast address.
func (n ipnet) hasBroadcast() bool { return n.width()-n.plen > 1 }

func (n ipnet) addr() string { return formatIP(n.v, n.ip) }

func (n ipnet) String() string { return n.addr() + "/" + strconv.Itoa(n.plen) }

func (n ipnet) cidr() ipnet { return ipnet{n.v, n.network(), n.plen} }

func (n ipnet) netmask() string {
	return formatIP(n.v, new(big.Int).Sub(pow2(n.width()), n.size()))
}

func (n ipnet) contains(o ipnet) bool {
	return n.v == o.v && n.plen <= o.plen && n.network().Cmp(ipnet{o.v, o.ip, n.plen}.network()) == 0
}

func toAddr(v int, ip *big.Int) netip.Addr {
	if v == 4 {
		var b [4]byte
		ip.FillBytes(b[:])
		return netip.AddrFrom4(b)
	}
	var b [16]byte
	ip.FillBytes(b[:])
	return netip.AddrFrom16(b)
}

func inRange(v int, ip *big.Int) bool {
	return ip.Sign() >= 0 && (v == 4 && ip.BitLen() <= 32 || v == 6 && ip.BitLen() <= 128)
}

func formatIP(v int, ip *big.Int) string {
	a := toAddr(v, ip)
	if v == 6 && ip.BitLen() <= 32 && ip.BitLen() > 16 {
		// The C library writes ::1.2.3.4 for the old compatible addresses.
		b := a.As16()
		return fmt.Sprintf("::%d.%d.%d.%d", b[12], b[13], b[14], b[15])
	}
	return a.String()
}

func addrToInt(a netip.Addr) (int, *big.Int) {
	if a.Is4() {
		b := a.As4()
		return 4, new(big.Int).SetBytes(b[:])
	}
	b := a.As16()
	return 6, new(big.Int).SetBytes(b[:])
}

func parseStrict(s string) (int, *big.Int, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return 0, nil, false
	}
	v, n := addrToInt(a)
	return v, n, true
}

// parseLoose is inet_aton: fewer than four parts, octal and hexadecimal ones.
func parseLoose(s string) (int, *big.Int, bool) {
	if v, n, ok := parseStrict(s); ok {
		return v, n, true
	}
	parts := strings.Split(s, ".")
	if len(parts) > 4 || s == "" {
		return 0, nil, false
	}
	var total uint64
	for i, p := range parts {
		n, err := strconv.ParseUint(octal(p), 0, 64)
		if err != nil || strings.ContainsAny(p, "_+-") {
			return 0, nil, false
		}
		if i < len(parts)-1 {
			if n > 255 {
				return 0, nil, false
			}
			total |= n << uint(24-8*i)
			continue
		}
		if n >= 1<<uint(32-8*i) {
			return 0, nil, false
		}
		total |= n
	}
	return 4, new(big.Int).SetUint64(total), true
}

func octal(p string) string {
	if len(p) > 1 && p[0] == '0' && p[1] != 'x' && p[1] != 'X' {
		return "0o" + strings.TrimLeft(p[1:], "oO")
	}
	return p
}

// parseNet reads an address with or without a prefix, as netaddr's IPNetwork
// does. Addresses with fewer than four numbers are filled up with zeros.
func parseNet(s string) (n ipnet, ok bool) {
	addr, pre, hasPrefix := strings.Cut(s, "/")
	n.v, n.ip, ok = parseStrict(addr)
	if !ok {
		parts := strings.Split(addr, ".")
		if len(parts) > 4 || strings.Contains(addr, ":") {
			return n, false
		}
		n.v, n.ip = 4, new(big.Int)
		for i := range 4 {
			k := 0
			if i < len(parts) {
				var err error
				if k, err = strconv.Atoi(strings.TrimSpace(parts[i])); err != nil || k < 0 || k > 255 {
					return n, false
				}
			}
			n.ip.Or(n.ip.Lsh(n.ip, 8), big.NewInt(int64(k)))
		}
	}
	n.plen = n.width()
	if !hasPrefix {
		return n, true
	}
	if k, err := strconv.Atoi(strings.TrimSpace(pre)); err == nil {
		n.plen = k
		return n, k >= 0 && k <= n.width()
	}
	v, mask, ok := parseLoose(pre)
	if !ok || v != n.v {
		return n, false
	}
	full := new(big.Int).Sub(pow2(n.width()), big.NewInt(1))
	inv := new(big.Int).Xor(mask, full)
	switch {
	case isMask(inv): // a netmask
		n.plen = n.width() - inv.BitLen()
	case isMask(mask): // a hostmask
		n.plen = n.width() - mask.BitLen()
	default:
		return n, false
	}
	return n, true
}

// isMask tells whether x is one less than a power of two.
func isMask(x *big.Int) bool {
	return new(big.Int).And(x, new(big.Int).Add(x, big.NewInt(1))).Sign() == 0
}

// usable returns the first and last addresses that hosts may have.
func (n ipnet) usable() (first, last *big.Int) {
	first, last = n.network(), n.last()
	if n.sizeCmp(2) > 0 {
		first.Add(first, big.NewInt(1))
		last.Sub(last, big.NewInt(1))
	}
	return first, last
}

var special = func(list ...string) []ipnet {
	var out []ipnet
	for _, s := range list {
		n, _ := parseNet(s)
		out = append(out, n)
	}
	return out
}

var (
	netPrivate  = special("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "239.0.0.0/8", "fc00::/7", "fec0::/10", "169.254.0.0/16", "fe80::/10")
	netLoopback = special("127.0.0.0/8", "::1/128")
	netMulti    = special("224.0.0.0/4", "ff00::/8")
	netLink     = special("169.254.0.0/16", "fe80::/10")
)

func (n ipnet) in(list []ipnet) bool {
	host := ipnet{n.v, n.ip, n.width()}
	for _, o := range list {
		if o.contains(host) {
			return true
		}
	}
	return false
}

// within is in for the whole network.
func (n ipnet) within(list []ipnet) bool {
	for _, o := range list {
		if o.contains(n) {
			return true
		}
	}
	return false
}
