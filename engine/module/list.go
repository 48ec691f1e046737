package module

import (
	"sort"
	"strings"
	"sync"
)

// Every module, by family: one line each in list_files.go (files and text),
// list_commands.go (running programs), list_net.go (network), list_packages.go,
// list_system.go (packages, services, accounts, the system).
var families = [][]*Def{filesList, commandsList, netList, packagesList, systemList, cryptoList}

// index is built at first use: full names, aliases and short names. A short name
// belongs to ansible.builtin first, then to whoever comes first in the lists.
var index = sync.OnceValue(func() map[string]*Def {
	m := map[string]*Def{}
	short := func(full string, d *Def) {
		s := full[strings.LastIndexByte(full, '.')+1:]
		if old := m[s]; old == nil || !isBuiltin(old.Name) && isBuiltin(full) {
			m[s] = d
		}
	}
	for _, f := range families {
		for _, d := range f {
			for _, n := range append([]string{d.Name}, d.Aliases...) {
				m[n] = d
				short(n, d)
				if rest, ok := strings.CutPrefix(n, "ansible.builtin."); ok {
					m["ansible.legacy."+rest] = d
				}
			}
		}
	}
	return m
})

func isBuiltin(name string) bool { return strings.HasPrefix(name, "ansible.builtin.") }

// Lookup returns the module by short name, full name, or ansible.legacy name.
func Lookup(name string) (*Def, bool) { d, ok := index()[name]; return d, ok }

// Names returns the full names of all modules, aliases included, sorted.
func Names() []string {
	var out []string
	for _, f := range families {
		for _, d := range f {
			out = append(append(out, d.Name), d.Aliases...)
		}
	}
	sort.Strings(out)
	return out
}
