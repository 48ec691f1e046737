package facts

import (
	"fmt"
	"sort"
	"strings"
)

// entry is one collector: its name, the further names that select it, and the
// collectors it brings along.
type entry struct {
	name  string
	ids   []string
	needs []string
	min   bool // part of the minimal subset
	slow  bool // may wait for something, so it runs beside the others
	raw   bool // keys are not prefixed with ansible_
	run   collector
}

// table lists the collectors in the order their facts appear.
func table() []entry {
	return []entry{
		{name: "apparmor", min: true, run: apparmor},
		{name: "caps", ids: ids("system_capabilities system_capabilities_enforced"), min: true, run: capabilities},
		{name: "chroot", ids: ids("is_chroot"), run: chroot},
		{name: "cmdline", min: true, run: cmdline},
		{name: "date_time", min: true, run: dateTime},
		{name: "distribution", ids: ids("distribution_version distribution_release distribution_major_version os_family"), min: true, run: distribution},
		{name: "dns", min: true, run: dns},
		{name: "env", min: true, run: environment},
		{name: "fibre_channel_wwn", run: fibreChannel},
		{name: "fips", min: true, run: fips},
		{name: "hardware", ids: ids("processor processor_cores processor_count mounts devices"), needs: ids("platform"), slow: true, run: hardware},
		{name: "iscsi", run: iscsi},
		{name: "loadavg", run: loadavg},
		{name: "local", min: true, slow: true, run: localFacts},
		{name: "lsb", min: true, run: lsb},
		{name: "network", ids: ids("interfaces default_ipv4 default_ipv6 all_ipv4_addresses all_ipv6_addresses"), needs: ids("platform distribution"), run: network},
		{name: "nvme", run: nvme},
		{name: "platform", ids: ids("system kernel kernel_version machine python_version architecture machine_id"), min: true, slow: true, run: platform},
		{name: "pkg_mgr", needs: ids("distribution"), min: true, run: pkgMgr},
		{name: "python", min: true, slow: true, run: python},
		{name: "selinux", min: true, run: selinux},
		{name: "service_mgr", needs: ids("platform distribution"), min: true, run: serviceMgr},
		{name: "ssh_pub_keys", ids: ids("ssh_host_pub_keys ssh_host_key_dsa_public ssh_host_key_rsa_public ssh_host_key_ecdsa_public ssh_host_key_ed25519_public"), min: true, run: sshKeys},
		{name: "systemd", min: true, slow: true, run: systemdFacts},
		{name: "user", ids: ids("user_id user_uid user_gid user_gecos user_dir user_shell real_user_id effective_user_id effective_group_ids"), min: true, run: userFacts},
		{name: "virtual", ids: ids("virtualization_type virtualization_role virtualization_tech_guest virtualization_tech_host"), run: virtual},
		{name: "facter", raw: true, slow: true, run: facter},
		{name: "ohai", raw: true, slow: true, run: ohai},
	}
}

func ids(s string) []string { return strings.Fields(s) }

// chooseCollectors applies gather_subset's rules: the minimal subset is always
// there unless excluded; what is named outright beats an exclusion.
func chooseCollectors(subset []string) ([]entry, error) {
	all := table()
	byID := map[string]int{}
	for i, e := range all {
		byID[e.name] = i
		for _, id := range e.ids {
			byID[id] = i
		}
	}
	const named, excluded = 1, 2
	add := make([]bool, len(all))
	mark := make([]int, len(all))
	for i, e := range all {
		add[i] = e.min
	}
	for _, term := range subset {
		term = strings.TrimSpace(term)
		name, not := strings.CutPrefix(term, "!")
		for i, e := range all {
			switch {
			case name == "all" && not:
				if !e.min && mark[i] == 0 {
					mark[i] = excluded
				}
			case name == "min" && not:
				if e.min && mark[i] == 0 {
					mark[i] = excluded
				}
			case name == "all", name == "min" && e.min:
				add[i] = true
			}
		}
		if name == "all" || name == "min" {
			continue
		}
		i, known := byID[name]
		switch {
		case not && known && mark[i] == 0:
			mark[i] = excluded
		case not:
		case !known:
			return nil, fmt.Errorf("Bad subset '%s' given to Ansible. gather_subset options allowed: all, %s%s",
				name, strings.Join(sortedIDs(byID), ", "), suggest(name, byID))
		default:
			add[i], mark[i] = true, named
		}
	}
	take := make([]bool, len(all))
	for i := range all {
		take[i] = add[i] && mark[i] != excluded
	}
	for i, e := range all {
		if take[i] {
			for _, n := range e.needs {
				take[byID[n]] = true
			}
		}
	}
	var out []entry
	for i, e := range all {
		if take[i] {
			out = append(out, e)
		}
	}
	return out, nil
}

func sortedIDs(m map[string]int) []string {
	var s []string
	for k := range m {
		s = append(s, k)
	}
	sort.Strings(s)
	return s
}

// suggest names a subset that contains or shares the beginning of what was written.
func suggest(name string, m map[string]int) string {
	for _, id := range sortedIDs(m) {
		if len(name) > 3 && (strings.Contains(id, name) || strings.Contains(name, id) || strings.HasPrefix(id, name[:4])) {
			return fmt.Sprintf(" (did you mean '%s'?)", id)
		}
	}
	return ""
}
