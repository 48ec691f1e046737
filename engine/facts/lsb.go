package facts

import (
	"os/exec"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// lsb sets what `lsb_release -a` prints. Debian's and Ubuntu's command only
// echoes release files, which are read directly; others are started.
func lsb(h *host, d *value.Dict) {
	out := value.NewDict()
	d.Set("lsb", out)
	file := OSRelease(h.read("/etc/lsb-release"))
	cmd := h.find("lsb_release")
	osr := OSRelease(firstOf(h, "/etc/os-release", "/usr/lib/os-release"))
	set := func(id, release, desc, code string) {
		for _, kv := range [][2]string{{"id", id}, {"release", release}, {"description", desc}, {"codename", code}} {
			if kv[1] != "" {
				out.Set(kv[0], strings.Trim(kv[1], `"'`))
			}
		}
	}
	switch {
	case cmd != "" && file["DISTRIB_ID"] != "" && file["DISTRIB_CODENAME"] != "":
		set(file["DISTRIB_ID"], file["DISTRIB_RELEASE"], file["DISTRIB_DESCRIPTION"], file["DISTRIB_CODENAME"])
	case cmd != "" && osr["ID"] == "debian" && osr["VERSION_ID"] != "":
		set("Debian", osr["VERSION_ID"], osr["PRETTY_NAME"], osr["VERSION_CODENAME"])
	case cmd != "" && h.root == "":
		b, err := exec.CommandContext(h.ctx, cmd, "-a").Output()
		if err != nil {
			return
		}
		m := map[string]string{}
		for _, l := range strings.Split(string(b), "\n") {
			if k, v, ok := strings.Cut(l, ":"); ok {
				m[k] = strings.TrimSpace(v)
			}
		}
		set(m["Distributor ID"], m["Release"], m["Description"], m["Codename"])
	default:
		set(file["DISTRIB_ID"], file["DISTRIB_RELEASE"], file["DISTRIB_DESCRIPTION"], file["DISTRIB_CODENAME"])
	}
	if r, ok := value.Text(out.At("release")); ok {
		major, _, _ := strings.Cut(r, ".")
		out.Set("major_release", major)
	}
}
