package inventorycli

import (
	"github.com/goplay-engine/goplay/engine/inventory"
	"github.com/goplay-engine/goplay/engine/value"
)

// lister builds the results of --list.
type lister struct {
	*command
	keep map[*inventory.Host]bool
	seen map[string]bool // hosts whose variables were written

	groups map[*inventory.Group]bool // written in nested form
}

func (l *lister) hosts(g *inventory.Group) []*inventory.Host {
	hosts := g.Hosts()
	if l.keep == nil {
		return hosts
	}
	var out []*inventory.Host
	for _, h := range hosts {
		if l.keep[h] {
			out = append(out, h)
		}
	}
	return out
}

// script is the form of a dynamic inventory script.
func (l *lister) script() (*value.Dict, error) {
	out := value.NewDict()
	done := map[*inventory.Group]bool{}
	var add func(g *inventory.Group) error
	add = func(g *inventory.Group) error {
		if done[g] {
			return nil
		}
		done[g] = true
		d := value.NewDict()
		if g.Name != "all" {
			if hosts := l.hosts(g); len(hosts) > 0 {
				d.Set("hosts", hostNames(hosts))
			}
		}
		kids := g.Children()
		if len(kids) > 0 {
			names := value.NewList()
			for _, k := range kids {
				names.Append(k.Name)
			}
			d.Set("children", names)
		}
		if l.export {
			vars, err := l.groupVars(g)
			if err != nil {
				return err
			}
			if vars.Len() > 0 {
				d.Set("vars", vars)
			}
		}
		if d.Len() > 0 {
			out.Set(g.Name, d)
		}
		for _, k := range kids {
			if err := add(k); err != nil {
				return err
			}
		}
		return nil
	}
	all := l.inv.Group("all")
	if err := add(all); err != nil {
		return nil, err
	}
	hostvars := value.NewDict()
	for _, h := range all.AllHosts() {
		if l.keep != nil && !l.keep[h] {
			continue
		}
		vars, err := l.hostVars(h)
		if err != nil {
			return nil, err
		}
		if vars.Len() > 0 {
			hostvars.Set(h.Name, vars)
		}
	}
	out.Set("_meta", value.DictOf("hostvars", hostvars))
	return out, nil
}

func hostNames(hosts []*inventory.Host) *value.List {
	l := value.NewList()
	for _, h := range hosts {
		l.Append(h.Name)
	}
	return l
}

// nested is the form of a YAML source.
func (l *lister) nested() (*value.Dict, error) {
	all := l.inv.Group("all")
	d, err := l.nest(all)
	if err != nil {
		return nil, err
	}
	return value.DictOf("all", d), nil
}

func (l *lister) nest(g *inventory.Group) (*value.Dict, error) {
	out, kids, hosts := value.NewDict(), value.NewDict(), value.NewDict()
	for _, k := range g.Children() {
		if l.groups[k] { // written where it was met first
			kids.Set(k.Name, value.NewDict())
			continue
		}
		l.groups[k] = true
		d, err := l.nest(k)
		if err != nil {
			return nil, err
		}
		kids.Set(k.Name, d)
	}
	if err := l.members(g, hosts); err != nil {
		return nil, err
	}
	return out, l.assemble(g, out, kids, hosts)
}

// members fills hosts; a host's variables are written the first time only.
func (l *lister) members(g *inventory.Group, hosts *value.Dict) error {
	if g.Name == "all" {
		return nil
	}
	for _, h := range l.hosts(g) {
		vars := value.NewDict()
		if !l.seen[h.Name] {
			l.seen[h.Name] = true
			var err error
			if vars, err = l.hostVars(h); err != nil {
				return err
			}
		}
		hosts.Set(h.Name, vars)
	}
	return nil
}

func (l *lister) assemble(g *inventory.Group, out *value.Dict, kids value.Value, hosts *value.Dict) error {
	if value.Truth(kids) {
		out.Set("children", kids)
	}
	if hosts.Len() > 0 {
		out.Set("hosts", hosts)
	}
	if l.export {
		vars, err := l.groupVars(g)
		if err != nil {
			return err
		}
		if vars.Len() > 0 {
			out.Set("vars", vars)
		}
	}
	return nil
}

// flat is the form of a TOML source: every group at the top.
func (l *lister) flat() (*value.Dict, error) {
	out := value.NewDict()
	var add func(g *inventory.Group) error
	add = func(g *inventory.Group) error {
		if out.Has(g.Name) {
			return nil
		}
		d, hosts := value.NewDict(), value.NewDict()
		out.Set(g.Name, d)
		names := value.NewList()
		kids := g.Children()
		for _, k := range kids {
			if k.Name == "ungrouped" && len(l.hosts(k)) == 0 {
				continue
			}
			if g.Name != "all" {
				names.Append(k.Name)
			}
			if err := add(k); err != nil {
				return err
			}
		}
		if err := l.members(g, hosts); err != nil {
			return err
		}
		if err := l.assemble(g, d, names, hosts); err != nil {
			return err
		}
		if d.Len() == 0 {
			out.Delete(g.Name)
		}
		return nil
	}
	return out, add(l.inv.Group("all"))
}
