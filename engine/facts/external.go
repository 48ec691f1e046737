package facts

import (
	"context"
	"os/exec"

	"github.com/goplay-engine/goplay/engine/value"
)

// facter and ohai add what these tools report, where they are installed.
func facter(h *host, d *value.Dict) {
	cmd := h.find("facter")
	if h.root != "" {
		return
	}
	for _, p := range []string{"/opt/puppetlabs/bin/facter", "/usr/bin/cfacter", cmd} {
		if p != "" && h.exists(p) {
			h.external(d, "facter_", p, "--json")
			return
		}
	}
}

func ohai(h *host, d *value.Dict) {
	if p := h.find("ohai"); p != "" && h.root == "" {
		h.external(d, "ohai_", p)
	}
}

func (h *host) external(d *value.Dict, prefix, cmd string, args ...string) {
	ctx, cancel := context.WithTimeout(h.ctx, h.opt.Timeout)
	defer cancel()
	out, err := exec.CommandContext(ctx, cmd, args...).Output()
	if err != nil {
		return
	}
	v, err := value.ParseJSON(out)
	if m, ok := v.(*value.Dict); ok && err == nil {
		for k, e := range m.All() {
			d.Set(prefix+value.Str(k), e)
		}
	}
}
