package facts

import (
	"context"
	"os"
	"strconv"
	"strings"

	"github.com/coreos/go-systemd/v22/dbus"

	"github.com/goplay-engine/goplay/engine/value"
)

// systemdFacts asks a running systemd for its version, bounded like all slow facts.
func systemdFacts(h *host, d *value.Dict) {
	if h.root != "" || !h.exists("/run/systemd/system/") {
		return
	}
	ctx, cancel := context.WithTimeout(h.ctx, h.opt.Timeout)
	defer cancel()
	connect := dbus.NewSystemConnectionContext
	if os.Geteuid() == 0 && h.exists("/run/systemd/private") {
		connect = dbus.NewSystemdConnectionContext
	}
	c, err := connect(ctx)
	if err != nil {
		return
	}
	defer c.Close()
	prop := func(name string) string {
		s, err := c.GetManagerProperty(name)
		if u, uerr := strconv.Unquote(s); err == nil && uerr == nil {
			return u
		}
		return ""
	}
	version := prop("Version")
	end := strings.IndexFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(version)
	}
	if n, err := strconv.ParseInt(version[:end], 10, 64); err == nil {
		d.Set("systemd", value.DictOf("version", n, "features", prop("Features")))
	}
}
