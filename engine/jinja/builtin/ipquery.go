package builtin

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

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
		if whole, pre, cut := strings.Cut(t, "/"); cut && whole != "" && strings.Trim(whole, "0123456789") == "" {
			if k, good := new(big.Int).SetString(whole, 10); good && k.BitLen() <= 128 { // 42540766...40/64
				v := 4
				if k.BitLen() > 32 {
					v = 6
				}
				t = formatIP(v, k) + "/" + pre
			}
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
