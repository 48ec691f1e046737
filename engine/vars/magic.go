package vars

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/value"
)

// magicVar answers the names that no one may set.
func (v *View) magicVar(name string) (value.Value, bool) {
	if v.magic != nil {
		if x, ok := v.magic(name); ok {
			return x, true
		}
	}
	inv := v.store.Inv
	switch name {
	case "inventory_hostname":
		return v.host.Name, true
	case "inventory_hostname_short":
		short, _, _ := strings.Cut(v.host.Name, ".")
		return short, true
	case "group_names":
		return value.From(inv.GroupNames(v.host.Name)), true
	case "groups":
		return inv.Groups(), true
	case "hostvars":
		return &HostVars{store: v.store, depth: v.depth + 1}, true
	case "ansible_facts":
		if f := v.host.Facts(); f != nil {
			return f, true
		}
		return value.NewDict(), true
	case "inventory_file", "inventory_dir":
		file, dir := inv.Source(v.host.Name)
		if name == "inventory_dir" {
			file = dir
		}
		if file == "" {
			return nil, true
		}
		return file, true
	case "vars":
		inner := *v
		inner.depth++
		return &allVars{view: &inner}, true
	}
	return v.store.Constant.GetStr(name)
}

// HostVars is the magic variable hostvars: every host's variables, rendered
// when asked for.
type HostVars struct {
	store *Store
	depth int
}

// maxDepth bounds variables that reach themselves through hostvars or vars.
const maxDepth = 30

// TypeName, Str, Repr and Truth implement value.Object.
func (h *HostVars) TypeName() string { return "HostVars" }

// Str prints every host's variables.
func (h *HostVars) Str() string { return h.Repr() }

// Repr prints every host's variables.
func (h *HostVars) Repr() string { return value.Repr(toDict(h)) }

// Truth is true where there are hosts.
func (h *HostVars) Truth() bool { return len(h.store.Inv.HostNames()) > 0 }

// Keys returns the names of all hosts.
func (h *HostVars) Keys() []value.Value {
	names := h.store.Inv.HostNames()
	out := make([]value.Value, len(names))
	for i, n := range names {
		out[i] = n
	}
	return out
}

// VarsOf returns hostvars[name], for hosts outside the inventory as well.
func (s *Store) VarsOf(name string) value.Mapping {
	return &hostVarsVars{allVars{view: s.HostView(name)}}
}

// DelegatedVars are the variables of a host delegated to; inventory_hostname
// stays that of the host the task is for.
func (s *Store) DelegatedVars(name, host string) value.Mapping {
	view := s.HostView(name).Local(value.DictOf("inventory_hostname", host))
	return &hostVarsVars{allVars{view: view}}
}

// GetItem returns the variables of one host.
func (h *HostVars) GetItem(key value.Value) (value.Value, bool, error) {
	name, ok := value.Text(key)
	if !ok || !h.store.Inv.Has(name) {
		return nil, false, nil
	}
	view := h.store.HostView(name)
	view.depth = h.depth
	return &hostVarsVars{allVars{view: view}}, true, nil
}

// allVars shows a view as a mapping: the magic variable vars.
type allVars struct {
	view *View
	t    *templar.Templar
}

func (a *allVars) TypeName() string { return "dict" }
func (a *allVars) Str() string      { return a.Repr() }
func (a *allVars) Repr() string     { return value.Repr(toDict(a)) }
func (a *allVars) Truth() bool      { return true }

func (a *allVars) Keys() []value.Value {
	names := a.view.Names()
	out := make([]value.Value, 0, len(names))
	for _, n := range names {
		if n != "vars" && n != "hostvars" { // they would hold themselves
			out = append(out, n)
		}
	}
	return out
}

// GetItem gives a variable as written: templates in it are not rendered.
func (a *allVars) GetItem(key value.Value) (value.Value, bool, error) {
	name, ok := value.Text(key)
	if !ok || name == "vars" {
		return nil, false, nil
	}
	v, _, ok := a.view.Lookup(name)
	return v, ok, nil
}

// rendered is GetItem for the variables of another host.
func (a *allVars) rendered(key value.Value) (value.Value, bool, error) {
	name, ok := value.Text(key)
	if !ok {
		return nil, false, nil
	}
	raw, pos, ok := a.view.Lookup(name)
	if !ok {
		return nil, false, nil
	}
	if a.view.depth > maxDepth {
		return nil, false, fmt.Errorf("recursive loop detected in template string: %s reaches itself through hostvars or vars", name)
	}
	if a.t == nil {
		a.t = a.view.store.Engine.New(a.view, templar.Scope{})
	}
	v, err := a.t.RenderLenient(raw, pos)
	return v, err == nil, err
}

// hostVarsVars is hostvars[h].
type hostVarsVars struct{ allVars }

// GetItem renders a variable of another host. Where something undefined is in
// it (a variable of a role or play, which hostvars does not see), it stays as
// written.
func (h *hostVarsVars) GetItem(key value.Value) (value.Value, bool, error) {
	v, ok, err := h.rendered(key)
	var e *templar.Error
	if errors.As(err, &e) && e.IsUndefined {
		name, _ := value.Text(key)
		raw, pos, _ := h.view.Lookup(name)
		v, err = h.t.RenderLenient(raw, pos)
		return v, err == nil, err
	}
	return v, ok, err
}

func (h *hostVarsVars) TypeName() string { return "ansible.vars.hostvars.HostVarsVars" }

// toDict renders a mapping whole; entries that cannot be rendered show why.
func toDict(m value.Mapping) *value.Dict {
	d := value.NewDict()
	for _, k := range m.Keys() {
		v, ok, err := m.GetItem(k)
		if err != nil {
			v = "<" + err.Error() + ">"
		} else if !ok {
			continue
		}
		d.Set(k, v)
	}
	return d
}
