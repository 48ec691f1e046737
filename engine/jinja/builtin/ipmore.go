package builtin

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// netOf reads a network: an address keeps its host part.
func netOf(v Value) (ipnet, bool) {
	n, _, ok := ipArg(v, 0)
	return n, ok
}

func ipsubnetFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "query", "index")
	if err != nil {
		return nil, err
	}
	if err := Defined(c.in(), a.v[0], a.v[1]); err != nil {
		return nil, err
	}
	n, ok := netOf(c.in())
	if !ok {
		return false, nil
	}
	q := value.Str(a.Value(0, ""))
	if q == "" || q == "None" || a.v[0] == int64(0) {
		return n.cidr().String(), nil
	}
	if strings.Trim(q, "0123456789") != "" {
		o, ok := netOf(q)
		if !ok {
			return nil, fail("You must pass a valid subnet or IP address; %s is invalid", q)
		}
		if !o.contains(n) {
			return nil, fail("%s is not in the subnet %s", n.cidr(), o.cidr())
		}
		i := new(big.Int).Rsh(new(big.Int).Sub(n.network(), o.network()), uint(n.width()-n.plen))
		return i.Add(i, big.NewInt(1)).String(), nil
	}
	plen, err := strconv.Atoi(q)
	bad := fail("Requested subnet size of %s is invalid", q)
	if a.Has(1) {
		idx, err := py.ToInt(a.v[1])
		if err != nil {
			return nil, err
		}
		i, err := py.Index(idx)
		if err != nil || plen > n.width() {
			return false, nil
		}
		if plen >= n.plen && n.sizeCmp(1) > 0 {
			count := pow2(plen - n.plen)
			k := big.NewInt(i)
			if i < 0 {
				k.Add(k, count)
			}
			if k.Sign() < 0 || k.Cmp(count) >= 0 {
				return false, nil
			}
			k.Lsh(k, uint(n.width()-plen))
			return ipnet{n.v, k.Add(k, n.network()), plen}.String(), nil
		}
		if n.sizeCmp(1) > 0 { // a wider network is named by this one's address
			if i != 0 {
				return false, nil
			}
			return ipnet{n.v, n.network(), plen}.String(), nil
		}
		// The wider networks around it, from the widest asked for on.
		if i < 0 {
			i += int64(n.plen - plen)
		}
		if i < 0 || int(i) >= n.plen-plen {
			return false, nil
		}
		return ipnet{n.v, n.ip, plen + int(i)}.cidr().String(), nil
	}
	if err != nil || plen > n.width() {
		return nil, bad
	}
	if n.sizeCmp(1) > 0 {
		if plen < n.plen {
			return nil, bad
		}
		return pow2(plen - n.plen).String(), nil
	}
	if plen >= n.plen {
		return nil, bad
	}
	return ipnet{n.v, n.ip, plen}.cidr().String(), nil
}

func ipmathFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "amount")
	if err != nil {
		return nil, err
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	bad := fail("You must pass a valid IP address; %s is invalid", t)
	var v int
	var ip *big.Int
	if strings.Contains(t, "/") {
		n, ok := parseNet(t)
		if !ok {
			return nil, bad
		}
		v, ip = n.v, n.ip
	} else {
		var ok bool
		if v, ip, ok = parseLoose(t); !ok {
			return nil, bad
		}
	}
	amount, err := py.ToInt(a.v[0])
	if err != nil {
		return nil, fail("You must pass an integer for arithmetic; %s is not a valid integer", value.Str(a.v[0]))
	}
	k, _ := new(big.Int).SetString(value.Str(amount), 10)
	k.Add(k, ip)
	if !inRange(v, k) {
		return nil, py.Raise("IndexError", "result outside valid IP address boundary!")
	}
	return formatIP(v, k), nil
}

func nthhostFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "query")
	if err != nil {
		return nil, err
	}
	n, ok := netOf(c.in())
	if !ok {
		return false, nil
	}
	k, err := a.Int(0, 0)
	if err != nil {
		return false, nil
	}
	ip, ok := n.index(k)
	if !ok && k < 0 {
		return nil, py.Raise("IndexError", "index out range for address range size!")
	}
	if !ok || n.sizeCmp(1) <= 0 {
		return false, nil
	}
	return formatIP(n.v, ip), nil
}

// nthUsable makes next_nth_usable and previous_nth_usable.
func nthUsable(sign int64) Func {
	return func(c *Call) (Value, error) {
		a, err := c.Bind(1, "offset")
		if err != nil {
			return nil, err
		}
		n, ok := netOf(c.in())
		if !ok {
			return false, nil
		}
		k, err := a.Int(0, 0)
		if err != nil {
			return nil, fail("Must pass in an integer")
		}
		return n.near(sign * k), nil
	}
}

func usableRangeFilter(c *Call) (Value, error) {
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	n, ok := strictNet(t)
	if !ok {
		return nil, fail("Error while using plugin 'usable_range': %s does not appear to be an IPv4 or IPv6 network", value.Quote(t))
	}
	if !n.isNetwork() {
		return nil, fail("Error while using plugin 'usable_range': %s has host bits set", t)
	}
	if n.sizeCmp(1<<20) > 0 {
		return nil, fail("usable_range: %s has %s addresses, more than %d", t, n.size(), 1<<20)
	}
	l := value.NewList()
	ip := n.network()
	for range n.size().Int64() {
		l.Append(formatIP(n.v, ip))
		ip = new(big.Int).Add(ip, big.NewInt(1))
	}
	return value.DictOf("usable_ips", l, "number_of_ips", int64(len(l.Items))), nil
}

// strictNet reads a network as Python's ipaddress does, host bits allowed.
func strictNet(t string) (ipnet, bool) {
	addr, _, _ := strings.Cut(t, "/")
	if _, _, ok := parseStrict(addr); !ok || strings.TrimSpace(t) != t {
		return ipnet{}, false
	}
	return parseNet(t)
}

func ip4HexFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "delimiter")
	if err != nil {
		return nil, err
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	sep, err := a.Text(0, "")
	if err != nil {
		return nil, err
	}
	parts := strings.Split(t, ".")
	var out []string
	for _, p := range parts {
		v, err := py.ParseInt(p, 10)
		if err != nil {
			return nil, err
		}
		n, _ := v.(int64)
		out = append(out, fmt.Sprintf("%02x", n))
	}
	if len(out) < 4 {
		return nil, py.Raise("IndexError", "Replacement index 3 out of range for positional args tuple")
	}
	return strings.Join(out[:4], sep), nil
}

func slaacFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "query")
	if err != nil {
		return nil, err
	}
	n, ok := netOf(c.in())
	if !ok || n.v != 6 {
		return false, nil
	}
	t, err := a.Text(0, "")
	if err != nil {
		return nil, err
	}
	mac, ok := parseMAC(t)
	if !ok || len(mac) != 6 {
		return false, nil
	}
	id := []byte{mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]}
	ip := new(big.Int).SetBytes(id)
	if ip.Add(ip, n.network()); !inRange(6, ip) {
		return false, nil
	}
	return formatIP(6, ip), nil
}
