package facts

import (
	"context"
	"net"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

// dnsPatience bounds the wait for a name server when the full name of the host
// is not in /etc/hosts.
const dnsPatience = 2 * time.Second

var reX86 = regexp.MustCompile(`^i[3456]86|i86pc$`)

func platform(h *host, d *value.Dict) {
	u := uname()
	name := u.node
	if name == "" {
		name, _ = os.Hostname()
	}
	d.Set("system", u.system)
	d.Set("kernel", u.release)
	d.Set("kernel_version", u.version)
	d.Set("machine", u.machine)
	d.Set("python_version", h.pythonInfo().version)
	full := h.fullName(name)
	d.Set("fqdn", full)
	short, _, _ := strings.Cut(name, ".")
	d.Set("hostname", short)
	d.Set("nodename", name)
	_, domain, _ := strings.Cut(full, ".")
	d.Set("domain", domain)
	arch, bits := u.machine, "64"
	if reX86.MatchString(arch) {
		arch, bits = "i386", "32"
	} else if strings.HasPrefix(arch, "armv") {
		bits = "32"
	}
	d.Set("userspace_bits", bits)
	d.Set("architecture", arch)
	d.Set("userspace_architecture", arch)
	for _, p := range []string{"/var/lib/dbus/machine-id", "/etc/machine-id"} {
		if id := h.line(p); id != "" {
			d.Set("machine_id", id)
			break
		}
	}
}

// fullName is Python's socket.getfqdn: the name's address, and the first of
// that address's names that has a dot, else its first name.
func (h *host) fullName(name string) string {
	hosts := h.read("/etc/hosts")
	if addr := hostsAddr(hosts, name); addr != "" {
		return pickFull(hostsNames(hosts, addr), name)
	}
	if !strings.Contains(h.read("/etc/resolv.conf"), "nameserver") {
		return name
	}
	ctx, cancel := context.WithTimeout(h.ctx, dnsPatience)
	defer cancel()
	r := net.Resolver{PreferGo: true}
	addrs, err := r.LookupHost(ctx, name)
	if err != nil || len(addrs) == 0 {
		return name
	}
	names, err := r.LookupAddr(ctx, addrs[0])
	if err != nil || len(names) == 0 {
		return name
	}
	for i := range names {
		names[i] = strings.TrimSuffix(names[i], ".")
	}
	return pickFull(names, name)
}

func pickFull(names []string, own string) string {
	for _, n := range names {
		if strings.Contains(n, ".") {
			return n
		}
	}
	if len(names) > 0 {
		return names[0]
	}
	return own
}

func hostsLines(text string, yield func(addr string, names []string) bool) {
	for _, l := range strings.Split(text, "\n") {
		l, _, _ = strings.Cut(l, "#")
		if f := strings.Fields(l); len(f) > 1 && !yield(f[0], f[1:]) {
			return
		}
	}
}

func hostsAddr(text, name string) (found string) {
	hostsLines(text, func(addr string, names []string) bool {
		for _, n := range names {
			if strings.EqualFold(n, name) {
				found = addr
				return false
			}
		}
		return true
	})
	return found
}

func hostsNames(text, want string) (found []string) {
	hostsLines(text, func(addr string, names []string) bool {
		if addr == want {
			found = names
		}
		return found == nil
	})
	return found
}

type utsname struct{ system, node, release, version, machine string }
