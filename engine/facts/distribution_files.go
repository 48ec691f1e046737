package facts

import (
	"strings"
)

func centosStream(h *host, _ map[string]string, b distro) (distro, bool) {
	s := h.read("/etc/centos-release")
	switch {
	case strings.Contains(s, "CentOS Stream"):
		b.name, b.release = "CentOS", "Stream"
	case strings.Contains(s, "TencentOS Server"):
		b.name = "TencentOS"
	default:
		return b, false
	}
	b.path, b.variety, b.parsed = "/etc/centos-release", "CentOS", true
	return b, true
}

// redHat reads "Rocky Linux release 9.3 (Blue Onyx)" and its kin.
func redHat(h *host, osr map[string]string, b distro) (distro, bool) {
	s := h.line("/etc/redhat-release")
	if s == "" {
		return b, false
	}
	b.path, b.variety, b.parsed = "/etc/redhat-release", "RedHat", true
	if strings.Contains(s, "Red Hat") {
		b.name, b.search = "RedHat", "Red Hat"
	} else {
		b.name = strings.Fields(s)[0]
		for prefix, name := range map[string]string{"Virtuozzo": "Virtuozzo", "CloudLinux": "CloudLinux", "Kylin": "Kylin Linux Advanced Server"} {
			if strings.HasPrefix(s, prefix) {
				b.name = name
			}
		}
	}
	if m := reRelease.FindStringSubmatch(s); m != nil {
		// CentOS 7 writes 7.9.2009 and is known as 7.9.
		v := strings.Split(m[1], ".")
		if len(v) > 2 {
			v = v[:2]
		}
		b.version = strings.Join(v, ".")
	}
	if m := reParens.FindStringSubmatch(s); m != nil {
		b.release = m[1]
	}
	if b.name == "Fedora" && osr["VERSION_CODENAME"] == "" {
		b.release = ""
	}
	return b, true
}

func oracle(h *host, _ map[string]string, b distro) (distro, bool) {
	s := h.line("/etc/oracle-release")
	if !strings.Contains(s, "Oracle Linux") {
		return b, false
	}
	b.name, b.path, b.variety, b.search, b.parsed = "OracleLinux", "/etc/oracle-release", "OracleLinux", "Oracle Linux", true
	if v := reVersion.FindString(s); v != "" {
		b.version = v
	}
	return b, true
}

func altLinux(h *host, _ map[string]string, b distro) (distro, bool) {
	s := h.line("/etc/altlinux-release")
	if !strings.Contains(s, "ALT") {
		return b, false
	}
	b.name, b.path, b.variety, b.search, b.parsed = "Altlinux", "/etc/altlinux-release", "Altlinux", "ALT", true
	return b, true
}

func slackware(h *host, _ map[string]string, b distro) (distro, bool) {
	s := h.line("/etc/slackware-version")
	if !strings.Contains(s, "Slackware") {
		return b, false
	}
	b.name, b.path, b.variety, b.parsed = "Slackware", "/etc/slackware-version", "Slackware", true
	if v := reVersion.FindString(s); v != "" {
		b.version = v
	}
	if strings.Contains(s, "+") {
		b.release = "current"
	}
	return b, true
}

func vmwareESX(h *host, _ map[string]string, b distro) (distro, bool) {
	if !h.exists("/etc/vmware-release") {
		return b, false
	}
	b.name, b.path, b.variety, b.parsed = "VMwareESX", "/etc/vmware-release", "VMwareESX", true
	return b, true
}

func archLinux(h *host, osr map[string]string, b distro) (distro, bool) {
	if !h.exists("/etc/arch-release") {
		return b, false
	}
	b.path, b.variety, b.name = "/etc/arch-release", "Archlinux", "Archlinux" // the file, empty or Manjaro's, is not read
	if osr["VERSION_ID"] == "" || osr["VERSION_ID"] == "TEMPLATE_VERSION_ID" {
		b.version = "rolling"
	}
	return b, true
}

// systemRelease is Amazon Linux.
func systemRelease(h *host, osr map[string]string, b distro) (distro, bool) {
	s := h.line("/etc/system-release")
	if !strings.Contains(s, "Amazon Linux") {
		return b, false
	}
	b.name, b.path, b.variety, b.parsed, b.release = "Amazon", "/etc/system-release", "Amazon", true, "NA"
	if osr["ID"] == "amzn" {
		b.path = "/etc/os-release"
	}
	if v := osr["VERSION_ID"]; v != "" {
		b.version = v
	} else if v := reVersion.FindString(s); v != "" {
		b.version = v
	}
	major, minor, ok := strings.Cut(b.version, ".")
	b.major, b.minor = major, minor
	if !ok {
		b.minor = "NA"
	}
	return b, true
}

func alpine(h *host, _ map[string]string, b distro) (distro, bool) {
	s := h.line("/etc/alpine-release")
	if s == "" {
		return b, false
	}
	b.name, b.version, b.path, b.variety, b.parsed = "Alpine", s, "/etc/alpine-release", "Alpine", true
	return b, true
}

func suse(_ *host, osr map[string]string, b distro) (distro, bool) {
	if !strings.Contains(strings.ToLower(osr["NAME"]+" "+osr["ID_LIKE"]), "suse") && osr["ID"] != "sles" && osr["ID"] != "sled" &&
		osr["ID"] != "sles_sap" && osr["ID"] != "sl-micro" {
		return b, false
	}
	b.path, b.variety, b.parsed = "/etc/os-release", "SUSE", true
	b.name = osr["NAME"]
	switch osr["ID"] {
	case "sles", "sled":
		b.name = strings.ToUpper(osr["ID"])
	case "sles_sap":
		b.name = "SLES_SAP"
	case "sl-micro":
		b.name = "SL-Micro"
	}
	_, minor, ok := strings.Cut(osr["VERSION_ID"], ".")
	switch {
	case strings.Contains(b.name, "Tumbleweed"):
		b.release = ""
	case ok:
		b.release = minor
	default:
		b.release = "0"
	}
	return b, true
}

func gentoo(h *host, osr map[string]string, b distro) (distro, bool) {
	s := h.line("/etc/gentoo-release")
	if s == "" || osr["NAME"] != "" {
		return b, false
	}
	b.name, b.path, b.variety, b.parsed = "Gentoo", "/etc/gentoo-release", "Gentoo", true
	if v := reVersion.FindString(s); v != "" {
		b.version = v
	}
	return b, true
}

// debianLike covers Debian, Ubuntu and the distributions made from them.
func debianLike(h *host, osr map[string]string, b distro) (distro, bool) {
	name := osr["NAME"]
	b.path, b.variety, b.parsed = "/etc/os-release", "Debian", true
	code := func() {
		if b.release == "NA" {
			if m := reParens.FindStringSubmatch(osr["PRETTY_NAME"]); m != nil {
				b.release = m[1]
			}
		}
	}
	switch {
	case osr["ID"] == "debian" || osr["ID"] == "raspbian" || strings.HasPrefix(name, "Raspbian"):
		b.name = "Debian"
		code()
		if v := h.line("/etc/debian_version"); v != "" && reVersion.FindString(v) == v {
			if osr["ID"] == "debian" {
				b.version = v
			}
			if _, minor, ok := strings.Cut(v, "."); ok {
				b.minor = minor
			}
		}
	case osr["ID"] == "ubuntu":
		b.name = "Ubuntu"
	case strings.Contains(name, "Linux Mint"):
		b.name = "Linux Mint"
	case name == "KDE neon", name == "SteamOS", name == "Devuan", name == "Deepin", name == "OSMC":
		b.name = name
	case strings.HasPrefix(name, "Devuan"):
		b.name = "Devuan"
	case strings.HasPrefix(name, "Kali"):
		b.name = "Kali"
	case strings.HasPrefix(name, "Parrot"):
		b.name = "Parrot"
	case strings.HasPrefix(name, "Cumulus"):
		b.name = "Cumulus Linux"
		b.version = osr["VERSION_ID"]
	case strings.HasPrefix(name, "Pardus"):
		b.name = "Pardus GNU/Linux"
	case strings.HasPrefix(name, "UnionTech") || osr["ID"] == "uos":
		b.name = "Uos"
	default:
		return b, false
	}
	return b, true
}

func mandriva(h *host, _ map[string]string, b distro) (distro, bool) {
	s := h.read("/etc/lsb-release")
	if !strings.Contains(s, "Mandriva") {
		return b, false
	}
	m := OSRelease(s)
	b.name, b.path, b.variety, b.parsed = "Mandriva", "/etc/lsb-release", "Mandriva", true
	b.version, b.release = m["DISTRIB_RELEASE"], m["DISTRIB_CODENAME"]
	return b, true
}

func flatcar(_ *host, osr map[string]string, b distro) (distro, bool) {
	switch osr["ID"] {
	case "flatcar":
		b.name = "Flatcar"
	case "coreos":
		b.name = "Coreos"
	default:
		return b, false
	}
	if g := osr["GROUP"]; g != "" {
		b.release = g
	}
	b.path, b.variety, b.parsed = "/etc/os-release", b.name, true
	return b, true
}

func clearLinux(_ *host, osr map[string]string, b distro) (distro, bool) {
	if !strings.HasPrefix(osr["NAME"], "Clear Linux") {
		return b, false
	}
	b.name, b.release = osr["NAME"], osr["ID"]
	b.path, b.variety, b.parsed = "/usr/lib/os-release", "ClearLinux", true
	return b, true
}

// anyOSRelease takes NAME as it stands.
func anyOSRelease(_ *host, osr map[string]string, b distro) (distro, bool) {
	if osr["NAME"] == "" {
		return b, false
	}
	if b.name == "OtherLinux" || !knownFamily(b.name) {
		b.name = osr["NAME"]
	}
	b.path, b.variety, b.parsed = "/etc/os-release", "NA", true
	return b, true
}
