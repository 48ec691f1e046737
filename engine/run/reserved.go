package run

import (
	"sync"

	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

// reserved warns of variables that are named like keywords or like functions of
// templates, each name once a run.
type reserved struct {
	mu   sync.Mutex
	seen map[string]bool
}

// templateFunctions are the functions of templates that a variable would hide.
var templateFunctions = []string{"range", "dict", "lipsum", "cycler", "joiner", "namespace", "lookup", "query", "q", "now", "undef"}

var reservedNames = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{"with_": true, "loop_with": true}
	for _, n := range templateFunctions {
		m[n] = true
	}
	for _, n := range playbook.KeywordNames() {
		m[n] = true
	}
	// vars is a name that may be had; user and listen are no keywords of their own
	for _, n := range []string{"vars", "user", "listen"} {
		delete(m, n)
	}
	return m
})

// warnReservedName warns where a name is reserved.
func (r *Runner) warnReservedName(name string) {
	if !reservedNames()[name] {
		return
	}
	s := &r.reserved
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[name] {
		return
	}
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	s.seen[name] = true
	r.warn("Found variable using reserved name: %s", name)
}

func (r *Runner) warnReserved(sources ...*value.Dict) {
	for _, d := range sources {
		for k := range d.All() {
			if name, ok := value.Text(k); ok {
				r.warnReservedName(name)
			}
		}
	}
}

// warnPlayNames warns of what the play as a whole defines.
func (ps *playState) warnPlayNames() {
	r := ps.r
	r.warnReserved(r.o.Store.Extra, ps.vars.Vars)
	r.warnReserved(ps.varsFiles("")...)
	for _, role := range *ps.exported.Load() {
		r.warnReserved(role.Defaults, role.RoleVars, role.Vars)
	}
}

// warnTaskNames warns of the vars of a task and of the levels around it.
func (ps *playState) warnTaskNames(t *playbook.Task) {
	for n := playbook.Node(t); n != nil; n = n.Keywords().Parent {
		if _, ok := n.(*playbook.Play); ok {
			return
		}
		ps.r.warnReserved(n.Keywords().Vars)
	}
}
