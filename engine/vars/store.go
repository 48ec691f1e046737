// Package vars answers "what is the value of this name for that host and task"
// by walking layers in Ansible's order of precedence. Nothing is merged and
// nothing copied per host and task.
//
// It imports engine/value, engine/playbook and engine/jinja/templar; never run.
// The inventory comes in through an interface.
package vars

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

// Inventory is what the store asks of the inventory.
type Inventory interface {
	// Layers returns a host's inventory variables, group_vars and host_vars
	// included, highest precedence first. The slice is shared, not changed.
	Layers(host string) []*value.Dict
	// GroupNames returns the names of the host's groups, sorted, without all.
	GroupNames(host string) []string
	// Groups returns group name to list of host names, as the magic variable
	// groups shows it.
	Groups() *value.Dict
	// HostNames returns every host, in inventory order.
	HostNames() []string
	// Has tells whether there is such a host (the implicit localhost too).
	Has(host string) bool
	// Source tells where the host was defined, "" where unknown.
	Source(host string) (file, dir string)
}

// Store holds the variables of a run.
type Store struct {
	Inv         Inventory
	Extra       *value.Dict // -e, highest
	Merge       bool        // hash_behaviour = merge
	InjectFacts bool        // inject_facts_as_vars
	Engine      *templar.Engine
	// Constant are magic variables that hold for the whole run
	// (ansible_version, ansible_run_tags, omit ...).
	Constant *value.Dict

	mu    sync.RWMutex
	hosts map[string]*HostState
	roles sync.Map // *playbook.Role -> *roleLayers
}

// NewStore returns an empty store.
func NewStore(inv Inventory, extra *value.Dict) *Store {
	if extra == nil {
		extra = value.NewDict()
	}
	return &Store{Inv: inv, Extra: extra, InjectFacts: true, Constant: value.NewDict(), hosts: map[string]*HostState{}}
}

// HostState is what a run learns of a host. Readers see whole dictionaries;
// writers replace them, so that hostvars may be read from any goroutine.
type HostState struct {
	Name     string
	facts    atomic.Pointer[value.Dict] // ansible_facts, without prefix
	injected atomic.Pointer[value.Dict] // the same under the names modules gave
	set      atomic.Pointer[value.Dict] // set_fact and register
	included atomic.Pointer[value.Dict] // include_vars
}

// Host returns the state of a host, making it at first use.
func (s *Store) Host(name string) *HostState {
	s.mu.RLock()
	h := s.hosts[name]
	s.mu.RUnlock()
	if h != nil {
		return h
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if h = s.hosts[name]; h == nil {
		h = &HostState{Name: name}
		s.hosts[name] = h
	}
	return h
}

func update(p *atomic.Pointer[value.Dict], d *value.Dict) {
	if d.Len() == 0 {
		return
	}
	old := p.Load()
	if old.Len() == 0 {
		p.Store(d.Clone())
		return
	}
	n := old.Clone()
	n.Update(d)
	p.Store(n)
}

// SetFacts adds what a module returned as ansible_facts: under their own names
// for injection, without the prefix in ansible_facts.
func (h *HostState) SetFacts(d *value.Dict) {
	clean := value.NewDictCap(d.Len())
	for k, v := range d.All() {
		name, _ := value.Text(k)
		clean.Set(StripPrefix(name), v)
	}
	update(&h.facts, clean)
	update(&h.injected, d)
}

// StripPrefix removes ansible_ as ansible_facts does; ansible_local keeps it.
func StripPrefix(name string) string {
	if bare := strings.TrimPrefix(name, "ansible_"); bare != "" && name != "ansible_local" {
		return bare
	}
	return name
}

// Facts returns ansible_facts; it must not be changed.
func (h *HostState) Facts() *value.Dict { return h.facts.Load() }

// Injected returns the facts as modules named them.
func (h *HostState) Injected() *value.Dict { return h.injected.Load() }

// ClearFacts forgets the facts, as meta: clear_facts does.
func (h *HostState) ClearFacts() {
	h.facts.Store(nil)
	h.injected.Store(nil)
}

// Set sets variables as set_fact and register do.
func (h *HostState) Set(d *value.Dict) { update(&h.set, d) }

// SetVar sets one variable as register does.
func (h *HostState) SetVar(name string, v value.Value) { update(&h.set, value.DictOf(name, v)) }

// Include adds variables as include_vars does.
func (h *HostState) Include(d *value.Dict) { update(&h.included, d) }

// roleLayers are the layers a task inside a role sees, highest first.
type roleLayers struct {
	vars, defaults, params []*value.Dict
}

// layersOf works out a role's layers once: its own vars, its dependencies',
// then those of the roles that depend on it.
func (s *Store) layersOf(r *playbook.Role) *roleLayers {
	if l, ok := s.roles.Load(r); ok {
		return l.(*roleLayers)
	}
	l := &roleLayers{}
	add := func(to *[]*value.Dict, d *value.Dict) {
		if d.Len() > 0 {
			*to = append(*to, d)
		}
	}
	addVars := func(r *playbook.Role) {
		add(&l.vars, r.RoleVars)
		add(&l.vars, r.Vars)
	}
	addVars(r)
	add(&l.defaults, r.Defaults)
	parents := ParentRoles(r)
	for _, p := range parents { // the nearest parent counts most
		add(&l.defaults, p.Defaults)
	}
	deps := allDeps(r, nil)
	for i := len(deps) - 1; i >= 0; i-- {
		addVars(deps[i])
		add(&l.defaults, deps[i].Defaults)
	}
	for _, p := range parents {
		addVars(p)
	}
	add(&l.params, r.Params)
	for _, p := range parents {
		add(&l.params, p.Params)
	}
	s.roles.Store(r, l)
	return l
}

// ParentRoles returns the roles that brought r in, as a dependency or by import
// or include from one of their tasks, nearest first.
func ParentRoles(r *playbook.Role) []*playbook.Role {
	var out []*playbook.Role
	add := func(p *playbook.Role) {
		if p != nil && p != r && (len(out) == 0 || out[len(out)-1] != p) {
			out = append(out, p)
		}
	}
	for n := r.Parent; n != nil; n = n.Keywords().Parent {
		switch p := n.(type) {
		case *playbook.Role:
			add(p)
		case *playbook.Task:
			add(p.Role)
		}
	}
	return out
}

// IncludingRoles returns the roles whose import_role or include_role brought r in,
// nearest first.
func IncludingRoles(r *playbook.Role) []*playbook.Role {
	var out []*playbook.Role
	for n := r.Parent; n != nil; n = n.Keywords().Parent {
		t, ok := n.(*playbook.Task)
		if ok && t.Role != nil && t.Role != r && (len(out) == 0 || out[len(out)-1] != t.Role) {
			out = append(out, t.Role)
		}
	}
	return out
}

func allDeps(r *playbook.Role, out []*playbook.Role) []*playbook.Role {
	for _, d := range r.Deps {
		out = allDeps(d, out)
		out = append(out, d)
	}
	return out
}
