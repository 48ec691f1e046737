package vars

import (
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

// Play holds what a play adds to every host's variables.
type Play struct {
	Vars  *value.Dict                     // play vars, then what vars_prompt asked
	Files func(host string) []*value.Dict // vars_files, last first
	// Exported are roles whose vars and defaults the whole play sees, last first.
	Exported func() []*playbook.Role
	Private  bool // their defaults only (private_role_vars)
	NoSet    bool // set_fact, register and include_vars do not count
}

// View is the stack of layers one host sees in one task. It implements
// templar.Vars.
type View struct {
	store  *Store
	host   *HostState
	local  *value.Dict                           // loop variables and the like, topmost
	magic  func(name string) (value.Value, bool) // of play and task
	last   func(name string) (value.Value, bool) // below all layers
	layers []*value.Dict                         // below magic, highest first
	depth  int                                   // how many hostvars and vars it was reached through
}

// Last sets what answers names that no layer has.
func (v *View) Last(f func(name string) (value.Value, bool)) { v.last = f }

// magicNames are the names that magic answers, for Names.
var magicNames = []string{"ansible_facts", "groups", "group_names", "hostvars", "inventory_hostname",
	"inventory_hostname_short", "inventory_file", "inventory_dir", "vars"}

// HostView returns the view of hostvars[name]: no play, no task.
func (s *Store) HostView(name string) *View {
	v := &View{store: s, host: s.Host(name)}
	v.layers = append(v.layers, s.Extra)
	v.addHostSet()
	v.addFacts()
	v.layers = append(v.layers, s.Inv.Layers(name)...)
	return v
}

func (v *View) add(d *value.Dict) {
	if d.Len() > 0 {
		v.layers = append(v.layers, d)
	}
}

func (v *View) addHostSet() {
	v.add(v.host.set.Load())
	v.add(v.host.included.Load())
}

func (v *View) addFacts() {
	if v.store.InjectFacts {
		v.add(v.host.injected.Load())
	}
}

// TaskView returns the view of a task (nil: of the play itself) for a host.
// magic answers the names of play and task; may be nil.
func (s *Store) TaskView(host string, play *Play, task *playbook.Task, magic func(string) (value.Value, bool)) *View {
	v := &View{store: s, host: s.Host(host), magic: magic, layers: make([]*value.Dict, 0, 24)}
	v.add(s.Extra)
	var role *playbook.Role
	if task != nil {
		role = task.Role
		v.includeParams(task)
		if role != nil {
			v.layers = append(v.layers, s.layersOf(role).params...)
		}
	}
	if play == nil || !play.NoSet {
		v.addHostSet()
	}
	if task != nil {
		v.taskVars(task)
		if role != nil {
			v.layers = append(v.layers, s.layersOf(role).vars...)
		}
	}
	var exported []*playbook.Role
	if play != nil {
		if play.Exported != nil {
			exported = play.Exported()
		}
		for _, r := range exported {
			if play.Private {
				break
			}
			v.layers = append(v.layers, s.layersOf(r).vars...)
			v.add(broughtInWith(r))
		}
		if play.Files != nil {
			v.layers = append(v.layers, play.Files(host)...)
		}
		v.add(play.Vars)
	}
	v.addFacts()
	v.layers = append(v.layers, s.Inv.Layers(host)...)
	if role != nil {
		v.layers = append(v.layers, s.layersOf(role).defaults...)
	}
	for _, r := range exported {
		v.layers = append(v.layers, s.layersOf(r).defaults...)
	}
	return v
}

// taskVars adds the vars of the task and of the levels around it up to its play,
// nearest first.
func (v *View) taskVars(t *playbook.Task) {
	for n := playbook.Node(t); n != nil; n = n.Keywords().Parent {
		switch n.(type) {
		case *playbook.Play:
			return
		case *playbook.Role: // below what the role itself defines: see layersOf
			continue
		}
		v.add(n.Keywords().Vars)
	}
}

// broughtInWith returns the vars of the task that imported or included a role:
// a role that is visible to the play takes them along.
func broughtInWith(r *playbook.Role) *value.Dict {
	t, ok := r.Parent.(*playbook.Task)
	if !ok {
		return nil
	}
	if t.Origin != nil {
		t = t.Origin // without the variables of a loop
	}
	return t.Vars
}

// includeParams adds the vars written on the dynamic includes that brought the
// task in, nearest first; they outrank set_fact.
func (v *View) includeParams(t *playbook.Task) {
	for n := t.Parent; n != nil; n = n.Keywords().Parent {
		if inc, ok := n.(*playbook.Task); ok && !inc.Static {
			v.add(inc.Vars)
		}
	}
}

// Local returns a view with names above all others: loop variables, results
// seen by until and failed_when.
func (v *View) Local(d *value.Dict) *View {
	c := *v
	if v.local.Len() > 0 {
		n := v.local.Clone()
		n.Update(d)
		d = n
	}
	c.local = d
	return &c
}

// Lookup implements templar.Vars.
func (v *View) Lookup(name string) (value.Value, value.Pos, bool) {
	if v.local != nil {
		if x, ok := v.local.GetStr(name); ok {
			return x, v.local.PosOf(name), true
		}
	}
	if x, ok := v.magicVar(name); ok {
		return x, value.Pos{}, true
	}
	if v.store.Merge {
		return v.merged(name)
	}
	for _, d := range v.layers {
		if x, ok := d.GetStr(name); ok {
			return x, d.PosOf(name), true
		}
	}
	return v.lastly(name)
}

func (v *View) lastly(name string) (value.Value, value.Pos, bool) {
	if v.last == nil {
		return nil, value.Pos{}, false
	}
	x, ok := v.last(name)
	return x, value.Pos{}, ok
}

// merged is Lookup with hash_behaviour = merge: dictionaries of all layers are
// combined until one that is none ends the walk.
func (v *View) merged(name string) (value.Value, value.Pos, bool) {
	var found value.Value
	var pos value.Pos
	ok := false
	for _, d := range v.layers {
		x, here := d.GetStr(name)
		if !here {
			continue
		}
		if !ok {
			found, pos, ok = x, d.PosOf(name), true
			if _, isDict := x.(*value.Dict); !isDict {
				return found, pos, true
			}
			continue
		}
		low, isDict := x.(*value.Dict)
		if !isDict {
			break
		}
		found = value.Combine(low, found.(*value.Dict))
	}
	if !ok {
		return v.lastly(name)
	}
	return found, pos, ok
}

// Names implements templar.Vars.
func (v *View) Names() []string {
	seen := map[string]bool{}
	var out []string
	name := func(n string) {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	add := func(d *value.Dict) {
		for _, k := range d.Keys() {
			if s, ok := value.Text(k); ok {
				name(s)
			}
		}
	}
	// The weakest first, each in its own order, as a merged dictionary has them.
	for i := len(v.layers) - 1; i >= 0; i-- {
		add(v.layers[i])
	}
	add(v.store.Constant)
	for _, n := range magicNames {
		name(n)
	}
	for _, n := range TaskMagicNames {
		if v.magic != nil {
			if _, ok := v.magic(n); ok {
				name(n)
			}
		}
	}
	add(v.local)
	return out
}

// TaskMagicNames are names that play and task may answer.
var TaskMagicNames = []string{"ansible_play_name", "ansible_play_hosts", "ansible_play_hosts_all", "ansible_play_batch",
	"play_hosts", "ansible_play_role_names", "ansible_role_names", "role_names", "ansible_dependent_role_names", "role_name",
	"role_path", "role_uuid", "ansible_role_name", "ansible_collection_name", "ansible_parent_role_names", "ansible_parent_role_paths",
	"ansible_search_path", "ansible_delegated_vars", "ansible_failed_task", "ansible_failed_result", "playbook_dir", "environment"}

var _ templar.Vars = (*View)(nil)

// LocalValue returns a loop variable or the like, as set with Local.
func (v *View) LocalValue(name string) (value.Value, bool) { return v.local.GetStr(name) }
