package vars

import (
	"slices"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

// inv is an inventory of two hosts with the layers given.
type inv struct{ layers []*value.Dict }

func (i *inv) Layers(string) []*value.Dict    { return i.layers }
func (i *inv) GroupNames(string) []string     { return []string{"g"} }
func (i *inv) Groups() *value.Dict            { return value.DictOf("g", value.NewList("h", "o")) }
func (i *inv) HostNames() []string            { return []string{"h", "o"} }
func (i *inv) Has(name string) bool           { return name == "h" || name == "o" }
func (i *inv) Source(string) (string, string) { return "/i/hosts", "/i" }

func x(v string) *value.Dict { return value.DictOf("x", v) }

// scene is a task of an included role with the variable x at every level that
// can have it.
func scene() (*Store, *Play, *playbook.Task) {
	s := NewStore(&inv{[]*value.Dict{x("host_vars"), x("group_vars")}}, x("extra"))
	play := &playbook.Play{}
	listed := &playbook.Role{Defaults: x("other role's defaults"), RoleVars: x("other role's vars"), Params: value.NewDict()}
	include := &playbook.Task{Base: playbook.Base{Parent: play, Vars: x("include params")}, Kind: playbook.IncludeRole}
	role := &playbook.Role{Base: playbook.Base{Parent: include}, Defaults: x("defaults"), RoleVars: x("role vars"), Params: x("role params")}
	block := &playbook.Block{Base: playbook.Base{Parent: role, Vars: x("block vars")}}
	task := &playbook.Task{Base: playbook.Base{Parent: block, Vars: x("task vars")}, Role: role}
	h := s.Host("h")
	h.Set(x("set_fact"))
	h.Include(x("include_vars"))
	h.SetFacts(x("facts"))
	return s, &Play{Vars: x("play vars"), Files: func(string) []*value.Dict { return []*value.Dict{x("vars_files")} },
		Exported: func() []*playbook.Role { return []*playbook.Role{listed} }}, task
}

// The order of precedence, strongest first: every layer is what counts once those
// above it are gone.
func TestPrecedence(t *testing.T) {
	want := []string{"extra", "include params", "role params", "set_fact", "include_vars", "task vars", "block vars", "role vars",
		"other role's vars", "vars_files", "play vars", "facts", "host_vars", "group_vars", "defaults", "other role's defaults"}
	s, play, task := scene()
	v := s.TaskView("h", play, task, nil)
	var got []string
	for _, d := range v.layers {
		if e, ok := d.GetStr("x"); ok && !slices.Contains(got, value.Str(e)) {
			got = append(got, value.Str(e))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if e, _, _ := v.Lookup("x"); e != "extra" {
		t.Errorf("x is %v", e)
	}
	if e, _, _ := v.Local(x("item")).Lookup("x"); e != "item" {
		t.Errorf("a loop variable gives way to %v", e)
	}
}

func TestPlaySeesNoTask(t *testing.T) {
	s, play, _ := scene()
	s.Extra = value.NewDict()
	s.hosts = map[string]*HostState{}
	if e, _, _ := s.TaskView("h", play, nil, nil).Lookup("x"); e != "other role's vars" {
		t.Errorf("the play's x is %v", e)
	}
	if e, _, _ := s.HostView("h").Lookup("x"); e != "host_vars" {
		t.Errorf("hostvars' x is %v", e)
	}
}

// A role's own vars and defaults outrank those of its dependencies, these those
// of the roles that depend on it.
func TestRoleLayers(t *testing.T) {
	d := func(k string) *value.Dict { return value.DictOf(k, "dep", "x", "dep") }
	play := &playbook.Play{}
	top := &playbook.Role{Base: playbook.Base{Parent: play}, Defaults: value.DictOf("d", "top", "only", "top"), RoleVars: value.DictOf("v", "top", "x", "top"), Params: value.DictOf("p", 1)}
	dep := &playbook.Role{Base: playbook.Base{Parent: top}, Defaults: d("d"), RoleVars: d("v"), Params: value.NewDict()}
	top.Deps = []*playbook.Role{dep}
	s := NewStore(&inv{}, nil)
	see := func(r *playbook.Role, name string) value.Value {
		e, _, _ := s.TaskView("h", nil, &playbook.Task{Base: playbook.Base{Parent: r}, Role: r}, nil).Lookup(name)
		return e
	}
	for _, c := range []struct {
		role       *playbook.Role
		name, want string
	}{{top, "x", "top"}, {top, "v", "top"}, {top, "d", "top"}, {dep, "x", "dep"}, {dep, "v", "dep"}, {dep, "d", "dep"}, {dep, "only", "top"}} {
		if got := see(c.role, c.name); got != c.want {
			t.Errorf("%s: got %v, want %s", c.name, got, c.want)
		}
	}
	if got := see(dep, "p"); value.Str(got) != "1" {
		t.Errorf("a dependency's parent's params: %v", got)
	}
}

func TestMergeBehaviour(t *testing.T) {
	s := NewStore(&inv{[]*value.Dict{
		value.DictOf("d", value.DictOf("a", "host", "n", value.DictOf("x", "host")), "s", "text"),
		value.DictOf("d", value.DictOf("b", "group", "n", value.DictOf("y", "group")), "s", value.DictOf("k", "v")),
		value.DictOf("d", "no dictionary"), value.DictOf("d", value.DictOf("c", "below"))}}, nil)
	s.Merge = true
	v := s.HostView("h")
	got, _, _ := v.Lookup("d")
	if r := value.Repr(got); r != "{'b': 'group', 'n': {'y': 'group', 'x': 'host'}, 'a': 'host'}" {
		t.Errorf("merged: %s", r)
	}
	if got, _, _ := v.Lookup("s"); got != "text" {
		t.Errorf("text over a dictionary: %v", got)
	}
}

func TestFacts(t *testing.T) {
	s := NewStore(&inv{}, nil)
	s.Engine = templar.NewEngine(templar.Options{})
	h := s.Host("h")
	h.SetFacts(value.DictOf("ansible_os", "linux", "mine", 1))
	h.SetFacts(value.DictOf("ansible_os", "bsd"))
	v := s.HostView("h")
	if e, _, _ := v.Lookup("ansible_os"); e != "bsd" {
		t.Errorf("injected: %v", e)
	}
	facts, _, _ := v.Lookup("ansible_facts")
	if r := value.Repr(facts); r != "{'os': 'bsd', 'mine': 1}" {
		t.Errorf("ansible_facts: %s", r)
	}
	s.InjectFacts = false
	if _, _, ok := s.HostView("h").Lookup("ansible_os"); ok {
		t.Error("facts are injected though they should not be")
	}
	h.ClearFacts()
	if facts, _, _ := s.HostView("h").Lookup("ansible_facts"); value.Truth(facts) {
		t.Errorf("cleared: %v", facts)
	}
}

func TestMagic(t *testing.T) {
	s, play, task := scene()
	s.Engine = templar.NewEngine(templar.Options{})
	s.Extra = value.DictOf("inventory_hostname", "set by -e")
	v := s.TaskView("h", play, task, func(name string) (value.Value, bool) { return "magic", name == "role_name" })
	for name, want := range map[string]string{"inventory_hostname": "h", "role_name": "magic", "group_names": "['g']", "inventory_dir": "/i", "groups": "{'g': ['h', 'o']}"} {
		e, _, ok := v.Lookup(name)
		if !ok || value.Str(e) != want {
			t.Errorf("%s: %v", name, e)
		}
	}
	t1 := s.Engine.New(v, templar.Scope{})
	for expr, want := range map[string]string{"hostvars['o'].inventory_hostname": "o", "hostvars['h'].x": "set_fact", "hostvars | length": "2",
		"'nosuch' in hostvars": "False", "vars['x']": "include params"} {
		e, err := t1.Eval(expr, value.Pos{})
		if err != nil || value.Str(e) != want {
			t.Errorf("%s: %v, %v", expr, e, err)
		}
	}
}
