package builtin

import (
	"math/big"
	"sort"

	"github.com/goplay-engine/goplay/engine/value"
)

func (c *Call) networks(v Value) ([]ipnet, error) {
	items, err := c.listOf(v)
	if err != nil {
		return nil, err
	}
	var out []ipnet
	for _, e := range items {
		t, err := Str(e)
		if err != nil {
			return nil, err
		}
		n, ok := parseNet(t)
		if !ok {
			return nil, fail("invalid IPNetwork %s", t)
		}
		out = append(out, n)
	}
	return out, nil
}

func cidrMergeFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "action")
	if err != nil {
		return nil, err
	}
	list := c.in()
	if isText(list) {
		list = value.NewList(list)
	}
	if !isSequence(list) {
		return nil, fail("cidr_merge: expected iterable, got %s", value.Repr(c.in()))
	}
	action := value.Str(a.Value(0, "merge"))
	nets, err := c.networks(list)
	if err != nil {
		return nil, fail("cidr_merge: error in netaddr:\n%s", err)
	}
	switch action {
	case "merge":
		l := value.NewList()
		for _, n := range mergeNets(nets) {
			l.Append(n.String())
		}
		return l, nil
	case "span":
		if len(nets) == 0 {
			return nil, nil
		}
		if len(nets) == 1 {
			return nets[0].String(), nil
		}
		first, last := nets[0].network(), nets[0].last()
		for _, n := range nets {
			if n.v != nets[0].v {
				return nil, fail("cidr_merge: error in netaddr:\nIP sequence cannot contain both IPv4 and IPv6!")
			}
			if n.network().Cmp(first) < 0 {
				first = n.network()
			}
			if n.last().Cmp(last) > 0 {
				last = n.last()
			}
		}
		w := nets[0].width()
		plen := w - new(big.Int).Xor(first, last).BitLen()
		return ipnet{nets[0].v, first, plen}.cidr().String(), nil
	}
	return nil, fail("cidr_merge: invalid action '%s'", action)
}

// mergeNets joins networks to the fewest that hold the same addresses.
func mergeNets(nets []ipnet) []ipnet {
	var out []ipnet
	for _, v := range []int{4, 6} {
		type span struct{ a, b *big.Int }
		var spans []span
		for _, n := range nets {
			if n.v == v {
				spans = append(spans, span{n.network(), n.last()})
			}
		}
		sort.Slice(spans, func(i, j int) bool { return spans[i].a.Cmp(spans[j].a) < 0 })
		var joined []span
		for _, s := range spans {
			if k := len(joined) - 1; k >= 0 && new(big.Int).Sub(s.a, big.NewInt(1)).Cmp(joined[k].b) <= 0 {
				if s.b.Cmp(joined[k].b) > 0 {
					joined[k].b = s.b
				}
				continue
			}
			joined = append(joined, s)
		}
		w := ipnet{v: v}.width()
		for _, s := range joined {
			a := new(big.Int).Set(s.a)
			for a.Cmp(s.b) <= 0 {
				bits := w
				if a.Sign() != 0 {
					bits = int(a.TrailingZeroBits())
				}
				for new(big.Int).Add(a, new(big.Int).Sub(pow2(bits), big.NewInt(1))).Cmp(s.b) > 0 {
					bits--
				}
				out = append(out, ipnet{v, new(big.Int).Set(a), w - bits})
				a.Add(a, pow2(bits))
			}
		}
	}
	return out
}

func networkInFilter(usable bool) Func {
	return func(c *Call) (Value, error) {
		a, err := c.Bind(1, "test")
		if err != nil {
			return nil, err
		}
		if err := Defined(c.in(), a.v[0]); err != nil {
			return nil, err
		}
		n, ok := netOf(c.in())
		o, ok2 := netOf(a.v[0])
		if !ok || !ok2 {
			return false, nil
		}
		if n.v != o.v {
			return false, nil
		}
		if usable {
			return n.insideUsable(o), nil
		}
		return n.inside(o), nil
	}
}

// inside tells whether the addresses of o lie in n.
func (n ipnet) inside(o ipnet) bool {
	return o.network().Cmp(n.network()) >= 0 && o.last().Cmp(n.last()) <= 0
}

func (n ipnet) insideUsable(o ipnet) bool {
	first, last := n.usable()
	return o.network().Cmp(first) >= 0 && o.last().Cmp(last) <= 0
}

func reduceOnNetworkFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "network")
	if err != nil {
		return nil, err
	}
	o, ok := netOf(a.v[0])
	if !ok {
		return nil, fail("You must pass a valid network; %s is invalid", value.Str(a.v[0]))
	}
	items := []Value{c.in()}
	if !isText(c.in()) {
		if items, err = c.list(); err != nil {
			return nil, err
		}
	}
	out := value.NewList()
	for _, e := range items {
		n, ok := netOf(e)
		if ok && n.v == o.v && o.inside(ipnet{n.v, n.ip, n.plen}) {
			out.Append(e)
		}
	}
	return out, nil
}
