package facts

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// PkgMgr names the host's package manager as ansible_pkg_mgr does, or "unknown".
func PkgMgr() string { return findPkgMgr(&host{}) }

// ServiceMgr names the host's service manager as ansible_service_mgr does.
func ServiceMgr() string { return findServiceMgr(&host{}) }

// Distribution returns the facts distribution, distribution_version,
// os_family ... of this host, unprefixed.
func Distribution() *value.Dict { return (&host{}).distro() }

func pkgMgr(h *host, d *value.Dict)     { d.Set("pkg_mgr", findPkgMgr(h)) }
func serviceMgr(h *host, d *value.Dict) { d.Set("service_mgr", findServiceMgr(h)) }

// Commands and the managers they stand for; the family decides among several.
var pkgCommands = [][2]string{
	{"/usr/bin/rpm-ostree", "atomic_container"}, {"/usr/bin/dnf5", "dnf5"}, {"/usr/bin/dnf-3", "dnf"}, {"/usr/bin/dnf", "dnf"},
	{"/usr/bin/yum", "yum"}, {"/usr/bin/apt-get", "apt"}, {"/usr/bin/zypper", "zypper"}, {"/usr/sbin/urpmi", "urpmi"},
	{"/usr/bin/pacman", "pacman"}, {"/bin/opkg", "opkg"}, {"/usr/pkg/bin/pkgin", "pkgin"}, {"/opt/local/bin/pkgin", "pkgin"},
	{"/opt/tools/bin/pkgin", "pkgin"}, {"/opt/local/bin/port", "macports"}, {"/usr/local/bin/brew", "homebrew"},
	{"/opt/homebrew/bin/brew", "homebrew"}, {"/sbin/apk", "apk"}, {"/usr/sbin/pkg", "pkgng"}, {"/usr/sbin/swlist", "swdepot"},
	{"/usr/bin/emerge", "portage"}, {"/usr/sbin/pkgadd", "svr4pkg"}, {"/usr/bin/pkg", "pkg5"}, {"/usr/bin/xbps-install", "xbps"},
	{"/usr/local/sbin/pkg", "pkgng"}, {"/usr/bin/swupd", "swupd"}, {"/usr/sbin/sorcery", "sorcery"}, {"/usr/bin/installp", "installp"},
	{"/QOpenSys/pkgs/bin/yum", "yum"},
}

func findPkgMgr(h *host) string {
	has := map[string]bool{}
	first := ""
	for _, c := range pkgCommands {
		if h.exists(c[0]) {
			has[c[1]] = true
			if first == "" {
				first = c[1]
			}
		}
	}
	major, _ := strconv.Atoi(h.distroText("distribution_major_version"))
	name := h.distroText("distribution")
	order := []string{}
	switch h.distroText("os_family") {
	case "RedHat":
		if h.exists("/run/ostree-booted") {
			return "atomic_container"
		}
		switch {
		case name == "Fedora" && major >= 41:
			order = []string{"dnf5", "dnf", "yum"}
		case name == "Fedora" && major < 23, name == "Amazon" && major < 2022, name != "Fedora" && name != "Amazon" && major < 8:
			order = []string{"yum", "dnf", "dnf5"}
		default:
			order = []string{"dnf", "dnf5", "yum"}
		}
	case "Debian":
		order = []string{"apt"}
	case "Altlinux":
		if has["apt"] {
			return "apt_rpm"
		}
	case "Suse":
		order = []string{"zypper"}
	case "Archlinux":
		order = []string{"pacman"}
	case "Alpine":
		order = []string{"apk"}
	case "Gentoo":
		order = []string{"portage"}
	}
	for _, m := range order {
		if has[m] {
			return m
		}
	}
	if first == "" {
		return "unknown"
	}
	return first
}

func findServiceMgr(h *host) string {
	comm := filepath.Base(h.line("/proc/1/comm"))
	if strings.HasSuffix(comm, "sh") {
		comm = "" // a shell in a container says nothing
	}
	switch comm {
	case "procd":
		return "openwrt_init"
	case "runit-init":
		return "runit"
	case "svscan":
		return "svc"
	case "openrc-init":
		return "openrc"
	case "", ".", "init":
	default:
		return comm
	}
	switch {
	case h.systemdRuns(), h.systemdIsInit():
		return "systemd"
	case h.exists("/etc/init/") && h.find("initctl") != "":
		return "upstart"
	case h.exists("/sbin/openrc"):
		return "openrc"
	case h.find("runit") != "" && h.isDir("/etc/runit"):
		return "runit"
	case h.exists("/etc/init.d/"):
		return "sysvinit"
	case h.exists("/etc/dinit.d/"):
		return "dinit"
	}
	return "service"
}

func (h *host) systemdRuns() bool {
	if h.find("systemctl") == "" {
		return false
	}
	for _, p := range []string{"/run/systemd/system/", "/dev/.run/systemd/", "/dev/.systemd/"} {
		if h.exists(p) {
			return true
		}
	}
	return false
}

// systemdIsInit tells whether init is systemd although it is not running, as
// in an image being built.
func (h *host) systemdIsInit() bool {
	if h.find("systemctl") == "" {
		return false
	}
	t, err := os.Readlink(h.path("/sbin/init"))
	return err == nil && filepath.Base(t) == "systemd"
}
