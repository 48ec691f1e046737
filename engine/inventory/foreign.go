package inventory

import (
	"fmt"

	"github.com/goplay-engine/goplay/engine/value"
)

// Foreign finds and runs inventory plugins that goplay does not have itself.
type Foreign interface {
	// Has tells whether there is a plugin of that name.
	Has(name string) bool
	// Parse runs it for a source. state is the inventory as it is; what the plugin
	// does with it comes back as steps (see apply). skip: the source is not its.
	Parse(name, src string, state *value.Dict) (steps *value.List, skip bool, err error)
}

// plugin returns the plugin of that name, goplay's own first.
func (inv *Inventory) plugin(name string) (func(*Inventory, string) error, bool) {
	if p, ok := plugins[name]; ok {
		return p, true
	}
	f := inv.opts.Foreign
	if f == nil || !f.Has(name) {
		return nil, false
	}
	return func(inv *Inventory, src string) error {
		steps, skip, err := f.Parse(name, src, inv.state())
		if err != nil {
			return err
		}
		if skip {
			return errSkip
		}
		return inv.apply(steps)
	}, true
}

// state is what a foreign plugin sees of the inventory.
func (inv *Inventory) state() *value.Dict {
	hosts, groups := value.NewList(), value.NewList()
	for _, n := range inv.hnames {
		h, names := inv.hosts[n], value.NewList()
		for _, g := range h.groups {
			names.Append(g.Name)
		}
		hosts.Append(value.DictOf("name", n, "vars", h.Vars.Clone(), "groups", names))
	}
	for _, n := range inv.gnames {
		g, children := inv.groups[n], value.NewList()
		for _, c := range g.children {
			children.Append(c.Name)
		}
		groups.Append(value.DictOf("name", n, "vars", g.Vars.Clone(), "children", children))
	}
	return value.DictOf("hosts", hosts, "groups", groups)
}

// apply does what a foreign plugin did: lists of group NAME, host NAME GROUP PORT,
// child GROUP NAME, var NAME KEY VALUE.
func (inv *Inventory) apply(steps *value.List) error {
	for _, e := range steps.Items {
		l, ok := e.(*value.List)
		if !ok || l.Len() < 2 {
			return fmt.Errorf("a plugin's step is not understood: %s", value.Repr(e))
		}
		text := func(i int) string {
			if i >= l.Len() || l.Items[i] == nil {
				return ""
			}
			return value.Str(l.Items[i])
		}
		var err error
		switch text(0) {
		case "group":
			inv.addGroup(text(1))
		case "host":
			port, _ := l.Items[3].(int64)
			_, err = inv.addHost(text(1), text(2), int(port))
		case "child":
			if h := inv.hosts[text(2)]; h != nil && inv.groups[text(2)] == nil {
				inv.join(inv.addGroup(text(1)), h)
			} else {
				err = inv.addChild(text(1), text(2))
			}
		case "var":
			if g := inv.groups[text(1)]; g != nil {
				err = inv.setGroupVar(g, text(2), l.Items[3], value.Pos{})
			} else if h := inv.hosts[text(1)]; h != nil {
				inv.setVar(h.Vars, text(2), l.Items[3], value.Pos{})
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
