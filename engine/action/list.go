package action

import (
	"maps"
	"slices"
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
