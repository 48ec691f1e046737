package facts

import (
	"regexp"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// virtFinding collects the technologies seen; the first one that decides gives
// type and role.
type virtFinding struct {
	kind, role  string
	guest, host map[string]bool
}

func (v *virtFinding) in(tech string, also ...string) {
	v.guest[tech] = true
	for _, t := range also {
		v.guest[t] = true
	}
	if v.kind == "" {
		v.kind, v.role = tech, "guest"
	}
}

func (v *virtFinding) on(tech string) {
	v.host[tech] = true
	if v.kind == "" {
		v.kind, v.role = tech, "host"
	}
}

func virtual(h *host, d *value.Dict) {
	v := &virtFinding{guest: map[string]bool{}, host: map[string]bool{}}
	containers(h, v)
	machines(h, v)
	hosts(h, v)
	d.Set("virtualization_type", or(v.kind, "NA"))
	d.Set("virtualization_role", or(v.role, "NA"))
	d.Set("virtualization_tech_guest", setList(v.guest))
	d.Set("virtualization_tech_host", setList(v.host))
}

func setList(m map[string]bool) *value.List {
	var s []string
	for k := range m {
		s = append(s, k)
	}
	sort.Strings(s)
	return strList(s)
}

var (
	reDockerGroup = regexp.MustCompile(`/docker(/|-[0-9a-f]+\.scope)`)
	reLXCGroup    = regexp.MustCompile(`(?m)/lxc(/|$|\.payload)|/machine\.slice/machine-qemu|/machine\.slice/machine-lxc`)
)

func containers(h *host, v *virtFinding) {
	if h.isDir("/proc/xen") {
		v.in("xen")
		if strings.Contains(h.read("/proc/xen/capabilities"), "control_d") {
			v.role = "host"
		}
	}
	if h.exists("/.dockerenv") || h.exists("/.dockerinit") {
		v.in("docker", "container")
	}
	groups := h.read("/proc/1/cgroup")
	switch {
	case reDockerGroup.MatchString(groups):
		v.in("docker", "container")
	case reLXCGroup.MatchString(groups):
		v.in("lxc", "container")
	case strings.Contains(groups, "/system.slice/containerd.service"):
		v.in("containerd", "container")
	}
	for _, e := range strings.Split(h.read("/proc/1/environ"), "\x00") {
		switch kind, is := strings.CutPrefix(e, "container="); {
		case !is || kind == "":
		case kind == "lxc", kind == "podman":
			v.in(kind, "container")
		default:
			v.in("container")
		}
	}
	if h.isDir("/proc/vz") && !h.isDir("/proc/lve") {
		if h.isDir("/proc/bc") {
			v.on("openvz")
		} else {
			v.in("openvz", "container")
		}
	}
	if c := h.line("/run/systemd/container"); c != "" {
		v.in(c, "container")
	}
}

func machines(h *host, v *virtFinding) {
	const dir = "/sys/devices/virtual/dmi/id/"
	product, bios, vendor, family := h.line(dir+"product_name"), h.line(dir+"bios_vendor"), h.line(dir+"sys_vendor"), h.line(dir+"product_family")
	is := func(s string, names ...string) bool {
		for _, n := range names {
			if s == n {
				return true
			}
		}
		return false
	}
	switch {
	case is(product, "KVM", "KVM Server", "Bochs", "AHV"):
		v.in("kvm")
	case vendor == "oVirt":
		v.in("oVirt")
	case vendor == "Red Hat" && is(product, "RHEV Hypervisor") || family == "RHV":
		v.in("RHEV")
	case strings.HasPrefix(product, "VMware"):
		v.in("VMware")
	case is(product, "OpenStack Compute", "OpenStack Nova"):
		v.in("openstack")
	case bios == "Xen" || strings.HasPrefix(product, "HVM domU"):
		v.in("xen")
	case bios == "innotek GmbH":
		v.in("virtualbox")
	case is(bios, "Amazon EC2", "DigitalOcean", "Hetzner") || is(vendor, "Amazon EC2", "DigitalOcean", "Hetzner"):
		v.in("kvm")
	case vendor == "Microsoft Corporation" && strings.Contains(product, "Virtual Machine"):
		v.in("VirtualPC")
	case vendor == "Parallels Software International Inc." || vendor == "Parallels International GmbH.":
		v.in("parallels")
	case vendor == "KubeVirt" || family == "KubeVirt":
		v.in("KubeVirt")
	case is(vendor, "QEMU", "linode") || is(product, "Google Compute Engine", "Standard PC (i440FX + PIIX, 1996)", "Standard PC (Q35 + ICH9, 2009)"):
		v.in("kvm")
	}
	cpu := h.read("/proc/cpuinfo")
	switch {
	case strings.Contains(cpu, "QEMU Virtual CPU"):
		v.in("kvm")
	case strings.Contains(cpu, "User Mode Linux"):
		v.in("uml")
	case strings.Contains(cpu, "PowerVM Lx86"):
		v.in("powervm_lx86")
	case strings.Contains(cpu, "vendor_id\t: IBM/S390"):
		if strings.Contains(h.read("/proc/sysinfo"), "z/VM") {
			v.in("zvm")
		} else {
			v.in("PR/SM")
		}
	}
	if h.exists("/proc/self/status") {
		for _, l := range strings.Split(h.read("/proc/self/status"), "\n") {
			if id, ok := strings.CutPrefix(l, "VxID:"); ok {
				if strings.TrimSpace(id) == "0" {
					v.on("linux_vserver")
				} else {
					v.in("linux_vserver")
				}
			}
		}
	}
}

func hosts(h *host, v *virtFinding) {
	modules := "\n" + h.read("/proc/modules")
	switch {
	case strings.Contains(modules, "\nvboxdrv "):
		v.on("virtualbox")
	case strings.Contains(modules, "\nvirtio "):
		v.in("kvm")
	}
	if h.exists("/dev/kvm") || strings.Contains(modules, "\nkvm ") {
		v.on("kvm")
	}
}
