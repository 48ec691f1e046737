package facts

import (
	"regexp"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// distro is what is known of the distribution.
type distro struct {
	name, version, release, path, variety, search string
	major, minor                                  string // where they do not follow from version
	parsed                                        bool
}

// OSRelease parses an os-release file: NAME=value lines, shell quoting.
func OSRelease(text string) map[string]string {
	m := map[string]string{}
	for _, l := range strings.Split(text, "\n") {
		k, v, ok := strings.Cut(strings.TrimSpace(l), "=")
		if !ok || strings.HasPrefix(k, "#") {
			continue
		}
		v = strings.TrimSpace(v)
		if len(v) >= 2 && (v[0] == '"' || v[0] == '\'') && v[len(v)-1] == v[0] {
			v = v[1 : len(v)-1]
		}
		m[k] = strings.NewReplacer(`\"`, `"`, `\$`, `$`, `\\`, `\`, "\\`", "`").Replace(v)
	}
	return m
}

// distribution sets distribution*, os_family.
func distribution(h *host, d *value.Dict) { d.Update(h.distro()) }

// distro returns the distribution facts, read once.
func (h *host) distro() *value.Dict {
	h.distroOnce.Do(func() {
		d := value.NewDict()
		x := detectDistro(h)
		d.Set("distribution", x.name)
		d.Set("distribution_release", x.release)
		d.Set("distribution_version", x.version)
		major := x.major
		if major == "" {
			major, _, _ = strings.Cut(x.version, ".")
		}
		d.Set("distribution_major_version", major)
		if x.path != "" {
			d.Set("distribution_file_path", x.path)
			d.Set("distribution_file_variety", x.variety)
			if x.parsed {
				d.Set("distribution_file_parsed", true)
			}
		}
		if x.search != "" {
			d.Set("distribution_file_search_string", x.search)
		}
		if x.minor != "" {
			d.Set("distribution_minor_version", x.minor)
		}
		d.Set("os_family", osFamily(x.name))
		h.distroDict = d
	})
	return h.distroDict
}

func (h *host) distroText(key string) string {
	s, _ := value.Text(h.distro().At(key))
	return s
}

var (
	reVersion  = regexp.MustCompile(`\d+(?:\.\d+)*`)
	reParens   = regexp.MustCompile(`\(([^)]*)\)`)
	reRelease  = regexp.MustCompile(`(?i)\brelease\s+(\d+(?:[.\d]+)?)`)
	reCodename = regexp.MustCompile(`\(([^),]+)[^)]*\)`)
)

// detectDistro decides by the release files, most specific first, in the order
// that decides the reference's answer too.
func detectDistro(h *host) distro {
	osr := OSRelease(firstOf(h, "/etc/os-release", "/usr/lib/os-release"))
	base := distro{name: guessName(osr), version: osr["VERSION_ID"], release: osr["VERSION_CODENAME"]}
	if base.version == "" {
		base.version = "NA"
	}
	if base.release == "" {
		if m := reCodename.FindStringSubmatch(osr["VERSION"]); m != nil {
			base.release = m[1]
		} else {
			base.release = "NA"
		}
	}
	for _, try := range []func(*host, map[string]string, distro) (distro, bool){
		altLinux, oracle, slackware, centosStream, redHat, vmwareESX, archLinux, systemRelease, alpine,
		suse, gentoo, debianLike, mandriva, flatcar, clearLinux, anyOSRelease,
	} {
		if x, ok := try(h, osr, base); ok {
			return x
		}
	}
	return base
}

func firstOf(h *host, paths ...string) string {
	for _, p := range paths {
		if s := h.read(p); s != "" {
			return s
		}
	}
	return ""
}

// guessName is the name where no release file says better.
func guessName(osr map[string]string) string {
	known := map[string]string{
		"rhel": "RedHat", "centos": "CentOS", "amzn": "Amazon", "ol": "OracleLinux", "debian": "Debian", "ubuntu": "Ubuntu",
		"arch": "Archlinux", "archarm": "Archlinux", "alpine": "Alpine", "opensuse-leap": "openSUSE Leap", "void": "Void",
		"opensuse-tumbleweed": "openSUSE Tumbleweed", "sles": "SLES", "gentoo": "Gentoo", "almalinux": "AlmaLinux",
		"rocky": "Rocky", "fedora": "Fedora", "clear-linux-os": "Clear Linux OS", "nixos": "NixOS", "photon": "Photon",
		"openwrt": "OpenWrt", "raspbian": "Debian",
	}
	id := osr["ID"]
	if n, ok := known[id]; ok {
		return n
	}
	if id == "" {
		return "OtherLinux"
	}
	return strings.ToUpper(id[:1]) + id[1:]
}

var families = map[string]string{
	"RedHat": "RedHat, RHEL, Fedora, CentOS, Scientific, SLC, Ascendos, CloudLinux, PSBM, OracleLinux, OVS, OEL, Amazon, Amzn, Virtuozzo, XenServer, " +
		"Alibaba, EulerOS, openEuler, AlmaLinux, Rocky, TencentOS, EuroLinux, Kylin Linux Advanced Server, MIRACLE, Anolis",
	"Debian": "Debian, Ubuntu, Raspbian, Neon, KDE neon, Linux Mint, SteamOS, Devuan, Kali, Cumulus Linux, Pop!_OS, Parrot, Pardus GNU/Linux, Uos, Deepin, OSMC, Linuxmint",
	"Suse": "SuSE, SLES, SLED, openSUSE, openSUSE Tumbleweed, SLES_SAP, SUSE_LINUX, openSUSE Leap, ALP-Dolomite, SL-Micro, openSUSE MicroOS, " +
		"openSUSE Leap Micro",
	"Archlinux": "Archlinux, Antergos, Manjaro", "Mandrake": "Mandrake, Mandriva", "Gentoo": "Gentoo, Funtoo",
	"ClearLinux": "Clear Linux OS, Clear Linux Mix", "Darwin": "MacOSX", "FreeBSD": "FreeBSD, TrueOS",
}

func knownFamily(name string) bool {
	for f, members := range families {
		if f == name {
			return true
		}
		for _, m := range strings.Split(members, ", ") {
			if m == name {
				return true
			}
		}
	}
	switch name {
	case "Alpine", "Altlinux", "Slackware", "Void", "NixOS", "OpenWrt", "Photon":
		return true
	}
	return false
}

// osFamily is os_family of a distribution; unlisted ones are their own family.
func osFamily(name string) string {
	for f, members := range families {
		for _, m := range strings.Split(members, ", ") {
			if m == name {
				return f
			}
		}
	}
	return name
}
