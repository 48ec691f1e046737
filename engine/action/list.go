package action

import (
	"maps"
	"slices"
	"strings"
)

// registry has every action by full name. Each family of actions has a list
// of its own: list_files.go, list_system.go, list_play.go.
var registry = merge(fileActions, playActions, systemActions)

func merge(lists ...map[string]*Def) map[string]*Def {
	all := map[string]*Def{}
	for _, l := range lists {
		maps.Copy(all, l)
	}
	return all
}

// Names returns the full names of all actions, sorted.
func Names() []string { return slices.Sorted(maps.Keys(registry)) }

// FullName is the name under which an action or module of Ansible itself is
// registered: ansible.builtin's for short and legacy names, others stay.
func FullName(name string) string {
	if rest, ok := strings.CutPrefix(name, "ansible.legacy."); ok {
		return "ansible.builtin." + rest
	}
	if !strings.Contains(name, ".") {
		return "ansible.builtin." + name
	}
	return name
}
