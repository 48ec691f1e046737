package facts

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

func apparmor(h *host, d *value.Dict) {
	status := "disabled"
	if h.exists("/sys/kernel/security/apparmor") {
		status = "enabled"
	}
	d.Set("apparmor", value.DictOf("status", status))
}

func chroot(h *host, d *value.Dict) {
	if h.getenv("debian_chroot") != "" {
		d.Set("is_chroot", true)
		return
	}
	own, err := os.Stat(h.path("/"))
	first, err2 := os.Stat(h.path("/proc/1/root/."))
	switch {
	case err != nil:
		d.Set("is_chroot", nil)
	case err2 == nil:
		d.Set("is_chroot", !os.SameFile(own, first))
	default:
		d.Set("is_chroot", !rootInode(own))
	}
}

// shellWords splits as a POSIX shell would; broken quoting falls back to spaces.
func shellWords(s string) []string {
	var out []string
	var cur strings.Builder
	in, quote := false, byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote == 0 && (c == ' ' || c == '\t' || c == '\n'):
			if in {
				out = append(out, cur.String())
				cur.Reset()
				in = false
			}
		case quote == 0 && (c == '\'' || c == '"'):
			quote, in = c, true
		case quote != 0 && c == quote:
			quote = 0
		case c == '\\' && quote != '\'' && i+1 < len(s):
			i++
			cur.WriteByte(s[i])
			in = true
		default:
			cur.WriteByte(c)
			in = true
		}
	}
	if quote != 0 {
		return strings.Fields(s)
	}
	if in {
		out = append(out, cur.String())
	}
	return out
}

func cmdline(h *host, d *value.Dict) {
	text := h.line("/proc/cmdline")
	if text == "" {
		return
	}
	one, all := value.NewDict(), value.NewDict()
	for _, w := range shellWords(text) {
		k, v, ok := strings.Cut(w, "=")
		var val value.Value = true
		if ok {
			val = v
		}
		one.Set(k, val)
		switch old, had := all.GetStr(k); {
		case !had || !ok:
			all.Set(k, val)
		default:
			if l, isList := old.(*value.List); isList {
				l.Append(val)
			} else {
				all.Set(k, value.NewList(old, val))
			}
		}
	}
	d.Set("cmdline", one)
	d.Set("proc_cmdline", all)
}

func dns(h *host, d *value.Dict) {
	out := value.NewDict()
	for _, l := range strings.Split(h.read("/etc/resolv.conf"), "\n") {
		f := strings.Fields(l)
		if len(f) < 2 || strings.HasPrefix(f[0], "#") || strings.HasPrefix(f[0], ";") {
			continue
		}
		switch f[0] {
		case "nameserver":
			if !out.Has("nameservers") {
				out.Set("nameservers", value.NewList())
			}
			l := out.At("nameservers").(*value.List)
			l.Items = append(l.Items, strList(f[1:]).Items...)
		case "domain":
			out.Set("domain", f[1])
		case "search", "sortlist":
			out.Set(f[0], strList(f[1:]))
		case "options":
			opts := value.NewDict()
			for _, o := range f[1:] {
				if k, v, ok := strings.Cut(o, ":"); ok {
					opts.Set(k, v)
				} else {
					opts.Set(k, true)
				}
			}
			out.Set("options", opts)
		}
	}
	d.Set("dns", out)
}

func environment(h *host, d *value.Dict) {
	env := value.NewDict()
	for _, e := range append(os.Environ(), h.opt.Env...) {
		if k, v, ok := strings.Cut(e, "="); ok && k != "" {
			env.Set(k, v)
		}
	}
	d.Set("env", env)
}

func fips(h *host, d *value.Dict) { d.Set("fips", h.line("/proc/sys/crypto/fips_enabled") == "1") }

func fibreChannel(h *host, d *value.Dict) {
	l := value.NewList()
	for _, n := range h.names("/sys/class/fc_host") {
		if p := h.line("/sys/class/fc_host/" + n + "/port_name"); p != "" {
			l.Append(strings.TrimPrefix(p, "0x"))
		}
	}
	d.Set("fibre_channel_wwn", l)
}

func iscsi(h *host, d *value.Dict) {
	iqn := ""
	for _, l := range strings.Split(h.read("/etc/iscsi/initiatorname.iscsi"), "\n") {
		if v, ok := strings.CutPrefix(strings.TrimSpace(l), "InitiatorName="); ok {
			iqn = v
			break
		}
	}
	d.Set("iscsi_iqn", iqn)
}

func nvme(h *host, d *value.Dict) {
	nqn := ""
	for _, l := range strings.Split(h.read("/etc/nvme/hostnqn"), "\n") {
		if l = strings.TrimSpace(l); strings.HasPrefix(l, "nqn.") {
			nqn = l
			break
		}
	}
	d.Set("hostnqn", nqn)
}

// loadavg: the kernel counts in 1/65536, which the text in /proc rounds off.
func loadavg(_ *host, d *value.Dict) {
	if l, ok := sysLoads(); ok {
		d.Set("loadavg", value.DictOf("1m", l[0], "5m", l[1], "15m", l[2]))
	}
}

func selinux(h *host, d *value.Dict) {
	s := value.NewDict()
	d.Set("selinux", s)
	// The module library's presence is asked for by roles before they set
	// booleans or contexts; the native modules need none.
	d.Set("selinux_python_present", true)
	if !h.exists("/sys/fs/selinux/enforce") {
		s.Set("status", "disabled")
		return
	}
	s.Set("status", "enabled")
	s.Set("policyvers", int64(0))
	if v, err := strconv.ParseInt(h.line("/sys/fs/selinux/policyvers"), 10, 64); err == nil {
		s.Set("policyvers", v)
	}
	conf := OSRelease(h.read("/etc/selinux/config"))
	s.Set("config_mode", or(strings.ToLower(conf["SELINUX"]), "unknown"))
	mode := "permissive"
	if h.line("/sys/fs/selinux/enforce") == "1" {
		mode = "enforcing"
	}
	s.Set("mode", mode)
	s.Set("type", or(conf["SELINUXTYPE"], "unknown"))
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func sshKeys(h *host, d *value.Dict) {
	for _, dir := range []string{"/etc/ssh", "/etc/openssh", "/etc", "/usr/local/etc/ssh"} {
		found := false
		for _, algo := range []string{"dsa", "rsa", "ecdsa", "ed25519"} {
			if f := strings.Fields(h.read(fmt.Sprintf("%s/ssh_host_%s_key.pub", dir, algo))); len(f) > 1 {
				d.Set("ssh_host_key_"+algo+"_public", f[1])
				d.Set("ssh_host_key_"+algo+"_public_keytype", f[0])
				found = true
			}
		}
		if found {
			return
		}
	}
}
