package facts

import (
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

var capNames = strings.Fields(`chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable
net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin
sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog
wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore`)

// capabilities sets system_capabilities as the reference derives them from
// capsh's "Current:" line; where capsh is not installed it knows nothing.
func capabilities(h *host, d *value.Dict) {
	if h.find("capsh") == "" {
		d.Set("system_capabilities_enforced", "NA")
		d.Set("system_capabilities", value.NewList())
		return
	}
	text := capText(h)
	enforced, list := "True", value.NewList()
	if text == "=ep" {
		enforced = "False"
	} else if _, after, ok := strings.Cut(text, "="); ok {
		before, _, _ := strings.Cut(after, "=")
		for _, c := range strings.Split(before, ",") {
			list.Append(strings.TrimSpace(c))
		}
	}
	d.Set("system_capabilities_enforced", enforced)
	d.Set("system_capabilities", list)
}

// capText writes the process's capability sets as libcap does: the flags that
// most capabilities share after "=", then the ones that differ.
func capText(h *host) string {
	var sets [3]uint64 // effective, inheritable, permitted
	for _, l := range strings.Split(h.read("/proc/self/status"), "\n") {
		k, v, _ := strings.Cut(l, ":")
		n, err := strconv.ParseUint(strings.TrimSpace(v), 16, 64)
		if err != nil {
			continue
		}
		switch k {
		case "CapEff":
			sets[0] = n
		case "CapInh":
			sets[1] = n
		case "CapPrm":
			sets[2] = n
		}
	}
	last := len(capNames) - 1
	if n, err := strconv.Atoi(h.line("/proc/sys/kernel/cap_last_cap")); err == nil && n < last {
		last = n
	}
	flags := func(c int) (f int) {
		for i, s := range sets {
			if s>>c&1 == 1 {
				f |= 1 << i
			}
		}
		return f
	}
	letters := func(f int) string {
		s := ""
		for i, c := range "eip" {
			if f>>i&1 == 1 {
				s += string(c)
			}
		}
		return s
	}
	var count [8]int
	for c := 0; c <= last; c++ {
		count[flags(c)]++
	}
	base := 7
	for f := 6; f >= 0; f-- {
		if count[f] >= count[base] {
			base = f
		}
	}
	out := "=" + letters(base)
	for f := 7; f >= 0; f-- {
		if f == base || count[f] == 0 {
			continue
		}
		var names []string
		for c := 0; c <= last; c++ {
			if flags(c) == f {
				names = append(names, "cap_"+capNames[c])
			}
		}
		plus, minus := letters(f&^base), letters(base&^f)
		out += " " + strings.Join(names, ",")
		if plus != "" {
			out += "+" + plus
		}
		if minus != "" {
			out += "-" + minus
		}
	}
	if base == 0 && strings.HasPrefix(out, "= ") {
		// libcap leaves the empty base out and writes "caps=flags".
		rest := strings.Fields(out[2:])
		for i, r := range rest {
			rest[i] = strings.Replace(r, "+", "=", 1)
		}
		return strings.Join(rest, " ")
	}
	return out
}
