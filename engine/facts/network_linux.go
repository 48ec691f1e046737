package facts

import (
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/goplay-engine/goplay/engine/value"
)

// network sets interfaces, one fact per interface, default_ipv4 and
// default_ipv6, all_ipv4_addresses, all_ipv6_addresses, locally_reachable_ips.
func network(h *host, d *value.Dict) {
	ifaces := value.NewDict()
	links := h.unsorted("/sys/class/net") // roles take the first of all_ipv4_addresses, so the order counts
	for _, name := range links {
		dir := "/sys/class/net/" + name
		if h.isDir(dir) {
			ifaces.Set(name, iface(h, name, dir))
		}
	}
	names := linkNames()
	def4 := defaultRoute(netip.MustParseAddr("8.8.8.8"), names)
	def6 := defaultRoute(netip.MustParseAddr("2404:6800:400a:800::1012"), names)
	held := addresses()
	slices.SortStableFunc(held, func(a, b address) int {
		return slices.Index(links, names[a.index]) - slices.Index(links, names[b.index])
	})
	all4, all6 := addAddresses(ifaces, held, names, def4, def6)
	list := value.NewList()
	for k := range ifaces.All() {
		list.Append(strings.ReplaceAll(value.Str(k), ":", "_"))
	}
	d.Set("interfaces", list)
	d.Update(ifaces)
	d.Set("default_ipv4", def4)
	d.Set("default_ipv6", def6)
	d.Set("all_ipv4_addresses", all4)
	d.Set("all_ipv6_addresses", all6)
	d.Set("locally_reachable_ips", value.DictOf("ipv4", reachable(unix.AF_INET), "ipv6", reachable(unix.AF_INET6)))
}

func reachable(family byte) *value.List {
	var out []string
	for _, p := range localRoutes(family) {
		if p.IsSingleIP() {
			out = append(out, p.Addr().String())
		} else {
			out = append(out, p.String())
		}
	}
	sort.Strings(out)
	return strList(out)
}

func iface(h *host, name, dir string) *value.Dict {
	e := value.DictOf("device", name)
	if mac := h.line(dir + "/address"); mac != "" && mac != "00:00:00:00:00:00" {
		e.Set("macaddress", mac)
	}
	if mtu, err := strconv.ParseInt(h.line(dir+"/mtu"), 10, 64); err == nil {
		e.Set("mtu", mtu)
	}
	if s := h.line(dir + "/operstate"); s != "" {
		e.Set("active", s != "down")
	}
	if m := h.link(dir + "/device/driver/module"); m != "" {
		e.Set("module", m)
	}
	if kind := ifaceType(h.line(dir + "/type")); kind != "" {
		e.Set("type", kind)
	}
	if h.isDir(dir + "/bridge") {
		e.Set("type", "bridge")
		e.Set("interfaces", strList(h.names(dir+"/brif")))
		if id := h.line(dir + "/bridge/bridge_id"); id != "" {
			e.Set("id", id)
		}
		if stp := h.line(dir + "/bridge/stp_state"); stp != "" {
			e.Set("stp", stp == "1")
		}
	}
	if h.isDir(dir + "/bonding") {
		e.Set("type", "bonding")
		first := func(f string) string { s, _, _ := strings.Cut(h.line(dir+"/bonding/"+f), " "); return s }
		e.Set("slaves", strList(strings.Fields(h.line(dir+"/bonding/slaves"))))
		e.Set("mode", first("mode"))
		e.Set("miimon", first("miimon"))
		e.Set("lacp_rate", first("lacp_rate"))
		if p := first("primary"); p != "" {
			e.Set("primary", p)
			e.Set("all_slaves_active", h.line(dir+"/bonding/all_slaves_active") == "1")
		} else if a := h.line(dir + "/bonding/all_slaves_active"); a != "" {
			e.Set("all_slaves_active", a == "1")
		}
	}
	if h.isDir(dir + "/bonding_slave") {
		if mac := h.line(dir + "/bonding_slave/perm_hwaddr"); mac != "" {
			e.Set("perm_macaddress", mac)
		}
	}
	if h.exists(dir + "/device") {
		if pci := h.link(dir + "/device"); pci != "" {
			e.Set("pciid", pci)
		}
	}
	if n, err := strconv.ParseInt(h.line(dir+"/speed"), 10, 64); err == nil {
		e.Set("speed", n)
	}
	if f, err := strconv.ParseUint(strings.TrimPrefix(h.line(dir+"/flags"), "0x"), 16, 32); err == nil {
		e.Set("promisc", f&unix.IFF_PROMISC != 0)
	}
	return e
}

func ifaceType(n string) string {
	switch n {
	case "1":
		return "ether"
	case "32":
		return "infiniband"
	case "512":
		return "ppp"
	case "772":
		return "loopback"
	case "65534":
		return "tunnel"
	}
	return "unknown"
}

func defaultRoute(probe netip.Addr, names map[int32]string) *value.Dict {
	d := value.NewDict()
	r := routeTo(probe)
	if !r.ok || r.unreachable {
		return d
	}
	if r.via.IsValid() {
		d.Set("gateway", r.via.String())
	}
	d.Set("interface", names[r.dev])
	if r.src.IsValid() {
		d.Set("address", r.src.String())
	}
	return d
}

// addAddresses files the addresses under their interfaces, and completes the
// default routes with what is known of their source address.
func addAddresses(ifaces *value.Dict, list []address, names map[int32]string, def4, def6 *value.Dict) (all4, all6 *value.List) {
	all4, all6 = value.NewList(), value.NewList()
	for _, a := range list {
		dev := names[a.index]
		entry, ok := ifaces.At(dev).(*value.Dict)
		if !ok {
			continue
		}
		switch a.family {
		case unix.AF_INET:
			e := ipv4Entry(a)
			if !a.ip.IsLoopback() {
				all4.Append(a.ip.String())
			}
			label := or(a.label, dev)
			target := entry
			if label != dev {
				if target, ok = ifaces.At(label).(*value.Dict); !ok {
					target = value.NewDict()
					ifaces.Set(label, target)
				}
			}
			switch {
			case a.flags&unix.IFA_F_SECONDARY != 0:
				addDict(target, "ipv4_secondaries", e)
				if label != dev { // the device itself has it as well
					addDict(entry, "ipv4_secondaries", e)
				}
			case target.Has("ipv4") && label == dev:
				addDict(target, "ipv4_secondaries", e)
			default:
				target.Set("ipv4", e)
			}
			if value.Str(def4.At("address")) == a.ip.String() && def4.Len() > 0 {
				def4.Update(e)
				def4.Set("macaddress", entry.At("macaddress"))
				def4.Set("mtu", entry.At("mtu"))
				def4.Set("type", or(value.Str(entry.At("type")), "unknown"))
				def4.Set("alias", label)
			}
		case unix.AF_INET6:
			e := value.DictOf("address", a.ip.String(), "prefix", strconv.Itoa(a.prefix), "scope", scopeName(a.scope))
			if !a.ip.IsLoopback() {
				all6.Append(a.ip.String())
			}
			addDict(entry, "ipv6", e)
			if value.Str(def6.At("address")) == a.ip.String() && def6.Len() > 0 {
				def6.Update(e)
				def6.Set("macaddress", entry.At("macaddress"))
				def6.Set("mtu", entry.At("mtu"))
				def6.Set("type", or(value.Str(entry.At("type")), "unknown"))
			}
		}
	}
	return all4, all6
}

func addDict(d *value.Dict, key string, e *value.Dict) {
	l, ok := d.At(key).(*value.List)
	if !ok {
		l = value.NewList()
		d.Set(key, l)
	}
	l.Append(e)
}

func ipv4Entry(a address) *value.Dict {
	mask := uint32(0xffffffff) << (32 - a.prefix)
	if a.prefix == 0 {
		mask = 0
	}
	bcast := ""
	if a.broadcast.IsValid() {
		bcast = a.broadcast.String()
	}
	return value.DictOf(
		"address", a.ip.String(),
		"broadcast", bcast,
		"netmask", fmt.Sprintf("%d.%d.%d.%d", mask>>24, mask>>16&255, mask>>8&255, mask&255),
		"network", netip.PrefixFrom(a.ip, a.prefix).Masked().Addr().String(),
		"prefix", strconv.Itoa(a.prefix),
	)
}

func scopeName(s uint8) string {
	switch s {
	case unix.RT_SCOPE_UNIVERSE:
		return "global"
	case unix.RT_SCOPE_SITE:
		return "site"
	case unix.RT_SCOPE_LINK:
		return "link"
	case unix.RT_SCOPE_HOST:
		return "host"
	}
	return strconv.Itoa(int(s))
}
