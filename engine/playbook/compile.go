package playbook

import "github.com/goplay-engine/goplay/engine/value"

// Section is a part of a play.
type Section struct {
	Name    string // pre_tasks, roles, tasks, post_tasks
	Entries []Entry
}

// Sections returns what a play runs, in order, fact gathering and flushing of
// handlers left to the caller: handlers are flushed after pre_tasks, after tasks
// (roles and tasks together) and after post_tasks. The roles section holds each
// role's Compile in turn.
func (p *Play) Sections() []Section {
	var roles []Entry
	for _, r := range p.Roles {
		roles = append(roles, r.Compile()...)
	}
	return []Section{{"pre_tasks", p.PreTasks}, {"roles", roles}, {"tasks", p.Tasks}, {"post_tasks", p.PostTasks}}
}

// Compile returns what using the role runs: its dependencies, its tasks, and at
// the end an implicit `meta: role_complete` task, on which the role counts as
// run for that host. Every call makes a new list of the same entries.
func (r *Role) Compile() []Entry {
	var out []Entry
	for _, d := range r.Deps {
		out = append(out, d.Compile()...)
	}
	out = append(out, r.TaskList...)
	if r.done == nil {
		r.done = &Task{Action: "meta", Resolved: "ansible.builtin.meta", Short: "meta", FreeForm: true, Implicit: true,
			Role: r, Args: value.DictOf("_raw_params", "role_complete")}
		r.done.Pos, r.done.Parent = r.Pos, r
		r.done.set(KeyTags, Field{Val: value.NewList("always"), Pos: r.Pos, Set: true})
	}
	return append(out, r.done)
}

// Handlers returns the play's handlers in definition order: those of its roles
// (dependencies first), its own, then those of roles imported by tasks. Of equal
// names the last counts. Blocks are taken apart.
// A role used twice in the same way has its handlers once, in the place of the
// first use and with the variables of the last.
func (p *Play) Handlers() []*Task {
	var all []Entry
	for _, r := range p.Roles {
		all = append(all, r.allHandlers()...)
	}
	all = append(all, p.OwnHandlers...)
	for _, r := range p.ImportedRoles {
		all = append(all, r.allHandlers()...)
	}
	list, _ := MergeHandlers(nil, Flatten(all))
	return list
}

// MergeHandlers adds handlers to a list. One of a role that was used in the same
// way before also takes the places of its earlier self, so that it stands there
// more than once; replaced tells which, old to new.
func MergeHandlers(list, more []*Task) (merged []*Task, replaced map[*Task]*Task) {
	type origin struct {
		use string
		pos value.Pos
	}
	at := map[origin][]int{}
	merged, replaced = make([]*Task, 0, len(list)+len(more)), map[*Task]*Task{}
	add := func(t *Task) {
		if t.Role != nil {
			k := origin{t.Role.handlersHash(), t.Pos}
			for _, i := range at[k] {
				if merged[i] != t {
					replaced[merged[i]] = t
					merged[i] = t
				}
			}
			at[k] = append(at[k], len(merged))
		}
		merged = append(merged, t)
	}
	for _, t := range list {
		add(t)
	}
	for _, t := range more {
		add(t)
	}
	return merged, replaced
}

// allHandlers returns the handlers of a role after those of its dependencies.
func (r *Role) allHandlers() []Entry {
	var out []Entry
	for _, d := range r.Deps {
		out = append(out, d.allHandlers()...)
	}
	return append(out, r.Handlers...)
}

// AllRoles returns the roles whose names, defaults and vars a play knows from the
// start: those listed, their dependencies before them, and imported ones.
func (p *Play) AllRoles() []*Role {
	var out []*Role
	for _, r := range p.Roles {
		out = r.WithDeps(out)
	}
	for _, r := range p.ImportedRoles {
		out = r.WithDeps(out)
	}
	return out
}

// WithDeps appends the role's dependencies, then the role, to out.
func (r *Role) WithDeps(out []*Role) []*Role {
	for _, d := range r.Deps {
		out = d.WithDeps(out)
	}
	return append(out, r)
}

// Flatten returns the tasks of a list, those of blocks (block, rescue, always) in
// place.
func Flatten(entries []Entry) []*Task {
	var out []*Task
	for _, e := range entries {
		switch x := e.(type) {
		case *Task:
			out = append(out, x)
		case *Block:
			out = append(out, Flatten(x.Block)...)
			out = append(out, Flatten(x.Rescue)...)
			out = append(out, Flatten(x.Always)...)
		}
	}
	return out
}

// NotifyNames returns the names a task notifies, its blocks' included, not
// rendered.
func (t *Task) NotifyNames() []Field {
	var out []Field
	for _, f := range t.All(KeyNotify) {
		out = append(out, Items(f)...)
	}
	return out
}

// Title is the name of a task as reports print it, not rendered: "role : name"
// for a named task of a role (include_role: its name alone), else the name, else
// the action.
func (t *Task) Title() string {
	switch {
	case t.Name == "":
		return t.Action
	case t.Role != nil && t.Kind != IncludeRole:
		return t.Role.FullName + " : " + t.Name
	}
	return t.Name
}
