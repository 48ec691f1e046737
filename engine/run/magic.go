package run

import (
	"path/filepath"
	"slices"

	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/vars"
)

// everyone are the hosts of the play, and those that add_host made meanwhile.
func (ps *playState) everyone() []string {
	if made := ps.made.Load(); made != nil {
		return slices.Concat(ps.all, *made)
	}
	return ps.all
}

// listed is everyone as the inventory has them, whatever order: says.
func (ps *playState) listed() []string {
	return append(slices.Clone(ps.matched), ps.everyone()[len(ps.all):]...)
}

// present leaves out hosts that failed, were not reached or ended the play.
func (ps *playState) present(names []string) []string {
	return slices.DeleteFunc(ps.alive(names), ps.ended.has)
}

// magic answers the variables that tell of play, task and role. h may be nil.
func (ps *playState) magic(task *playbook.Task, h *hostRun) func(string) (value.Value, bool) {
	var role *playbook.Role
	if task != nil {
		role = task.Role
	}
	return func(name string) (value.Value, bool) {
		switch name {
		case "playbook_dir":
			return ps.baseDir(), true
		case "ansible_play_name":
			return ps.playName(), true
		case "ansible_play_hosts", "play_hosts":
			return value.From(ps.present(ps.listed())), true
		case "ansible_play_hosts_all":
			return value.From(ps.listed()), true
		case "ansible_play_batch":
			return value.From(ps.present(ps.batchNames())), true
		case "ansible_play_role_names", "role_names", "ansible_role_names", "ansible_dependent_role_names":
			return ps.roleNames(name), true
		case "ansible_failed_task":
			if h != nil && h.failedTask != nil {
				return h.failedTask, true
			}
			return nil, false
		case "ansible_failed_result":
			if h != nil && h.failedResult != nil {
				return h.failedResult, true
			}
			return nil, false
		case "environment":
			if task == nil {
				return nil, false
			}
			l := value.NewList()
			for _, level := range playbook.All(task, playbook.KeyEnvironment) {
				for _, f := range playbook.Items(level) {
					l.Append(f.Val)
				}
			}
			return l, true
		case "ansible_search_path":
			return value.From(ps.searchStack(task)), true
		}
		if role == nil {
			return nil, false
		}
		switch name {
		case "role_name":
			return role.RoleName, true
		case "ansible_role_name":
			return role.FullName, true
		case "role_path":
			return role.Path, true
		case "role_uuid":
			return role.Hash, true
		case "ansible_collection_name":
			if role.Collection == "" {
				return nil, false
			}
			return role.Collection, true
		case "ansible_parent_role_names", "ansible_parent_role_paths":
			l := value.NewList()
			for _, p := range vars.IncludingRoles(role) {
				if name == "ansible_parent_role_names" {
					l.Append(p.RoleName)
				} else {
					l.Append(p.Path)
				}
			}
			if l.Len() == 0 {
				return nil, false
			}
			return l, true
		}
		return nil, false
	}
}

func (ps *playState) playName() string {
	if ps.ev == nil {
		return ps.play.Name
	}
	return ps.ev.Name
}

// roleNames lists the roles of the play: those it names, those they depend on,
// or both.
func (ps *playState) roleNames(which string) *value.List {
	direct, all := value.NewList(), value.NewList()
	seen := map[string]bool{}
	deps := value.NewList()
	var walk func(rs []*playbook.Role, top bool)
	walk = func(rs []*playbook.Role, top bool) {
		for _, r := range rs {
			walk(r.Deps, false)
			if top {
				direct.Append(r.FullName)
			} else {
				deps.Append(r.FullName)
			}
			if !seen[r.FullName] {
				seen[r.FullName] = true
				all.Append(r.FullName)
			}
		}
	}
	walk(ps.play.Roles, true)
	if taken := ps.taken.Load(); taken != nil {
		walk(*taken, true)
	}
	switch which {
	case "ansible_play_role_names", "role_names":
		return direct
	case "ansible_dependent_role_names":
		return deps
	}
	return all
}

// searchStack lists the folders a task's relative paths start from: its role,
// the roles around that, the folder of its file, the playbook's.
func (ps *playState) searchStack(task *playbook.Task) []string {
	var out []string
	add := func(p string) {
		for _, o := range out {
			if o == p {
				return
			}
		}
		if p != "" && p != "." {
			out = append(out, p)
		}
	}
	if task != nil {
		if task.Role != nil {
			add(task.Role.Path)
			for _, p := range vars.ParentRoles(task.Role) {
				add(p.Path)
			}
		}
		if task.Pos.File != "" {
			if d, err := filepath.Abs(filepath.Dir(task.Pos.File)); err == nil {
				add(d)
			}
		}
	}
	add(ps.baseDir())
	return out
}
