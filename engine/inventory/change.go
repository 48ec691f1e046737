package inventory

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// addGroup makes sure a group exists and returns it.
func (inv *Inventory) addGroup(name string) *Group {
	name = inv.safeName(name)
	if g := inv.groups[name]; g != nil {
		return g
	}
	g := &Group{Name: name, Vars: value.NewDict(), Priority: 1, inv: inv, has: map[*Host]bool{}}
	inv.groups[name] = g
	inv.gnames = append(inv.gnames, name)
	inv.gen++
	return g
}

var unsafeChars = regexp.MustCompile(`^[^\p{L}_]|[^\p{L}\p{N}_]`)

// safeName applies force_valid_group_names to a group's name.
func (inv *Inventory) safeName(name string) string {
	if !unsafeChars.MatchString(name) {
		return name
	}
	switch inv.opts.GroupChars {
	case "always":
		inv.warn("Invalid characters were found in group names and automatically replaced, use -vvvv to see details")
		return unsafeChars.ReplaceAllString(name, "_")
	case "silently":
		return unsafeChars.ReplaceAllString(name, "_")
	case "ignore":
	default:
		inv.warn("Invalid characters were found in group names but not replaced, use -vvvv to see details")
	}
	return name
}

// addHost makes sure a host exists, puts it into group (unless "") and sets its
// port (unless 0).
func (inv *Inventory) addHost(name, group string, port int) (*Host, error) {
	if name == "" {
		return nil, fmt.Errorf("Invalid empty host name provided: %s", name)
	}
	h := inv.hosts[name]
	if h == nil {
		h = &Host{Name: name, Vars: value.NewDict(), Source: inv.current, inv: inv}
		inv.hosts[name] = h
		inv.hnames = append(inv.hnames, name)
		inv.gen++
		if isLocalName(name) {
			if inv.local == nil {
				inv.local = h
			} else if inv.local != h {
				inv.warn("A duplicate localhost-like entry was found (%s). First found localhost was %s", name, inv.local.Name)
			}
		}
		if port != 0 { // one that is written later, at another place, changes nothing
			h.Vars.Set("ansible_port", int64(port))
		}
	}
	if group != "" {
		g := inv.groups[group]
		if g == nil {
			return nil, fmt.Errorf("Could not find group %s in inventory", group)
		}
		inv.join(g, h)
	}
	return h, nil
}

func (inv *Inventory) join(g *Group, h *Host) {
	if g.has[h] {
		return
	}
	g.has[h] = true
	g.hosts = append(g.hosts, h)
	h.groups = append(h.groups, g)
	inv.gen++
}

// addChild puts group child below parent; a loop is an error.
func (inv *Inventory) addChild(parent, child string) error {
	p, c := inv.groups[parent], inv.groups[child]
	switch {
	case p == nil:
		return fmt.Errorf("%s is not a known group", parent)
	case c == nil:
		return fmt.Errorf("%s is not a known host nor group", child)
	case p == c:
		return fmt.Errorf("can't add group to itself")
	}
	for _, have := range p.children {
		if have == c {
			return nil
		}
	}
	for _, d := range c.descendants() {
		if d == p {
			return fmt.Errorf("Adding group '%s' as child to '%s' creates a recursive dependency loop.", c.Name, p.Name)
		}
	}
	p.children = append(p.children, c)
	c.parents = append(c.parents, p)
	inv.gen++
	deepen(c, p.depth+1)
	return nil
}

func deepen(g *Group, depth int) {
	if g.depth >= depth {
		return
	}
	g.depth = depth
	for _, c := range g.children {
		deepen(c, depth+1)
	}
}

// setGroupVar sets a group's variable; ansible_group_priority is its priority.
func (inv *Inventory) setGroupVar(g *Group, k string, v value.Value, pos value.Pos) error {
	if k == "ansible_group_priority" {
		n, err := strconv.Atoi(strings.TrimSpace(value.Str(v)))
		switch x := v.(type) {
		case float64:
			if math.Abs(x) < 1e9 {
				n, err = int(x), nil
			}
		case bool:
			if err = nil; x {
				n = 1
			}
		}
		if err != nil {
			return fmt.Errorf("ansible_group_priority of group %s must be an integer, not %s", g.Name, value.Repr(v))
		}
		g.Priority = n
		return nil
	}
	inv.setVar(g.Vars, k, v, pos)
	return nil
}

func (inv *Inventory) setVar(d *value.Dict, k string, v value.Value, pos value.Pos) {
	if inv.opts.HashMerge {
		v = mergeDeep(d.At(k), v)
	}
	d.Set(k, v)
	if !pos.IsZero() {
		d.SetPos(k, pos)
	}
}

// mergeDeep merges two dictionaries into a new one; anything else is replaced.
func mergeDeep(old, add value.Value) value.Value {
	a, ok1 := old.(*value.Dict)
	b, ok2 := add.(*value.Dict)
	if !ok1 || !ok2 {
		return add
	}
	return value.Combine(a, b)
}

// reconcile puts hosts of no group into ungrouped and groups without a parent
// below all.
func (inv *Inventory) reconcile() {
	all, un := inv.groups["all"], inv.groups["ungrouped"]
	for _, n := range inv.gnames {
		if g := inv.groups[n]; g != all && len(g.parents) == 0 {
			if err := inv.addChild("all", n); err != nil && inv.loop == nil { // a source put all below n
				inv.loop = err
			}
		}
	}
	for _, n := range inv.hnames {
		h := inv.hosts[n]
		grouped := false
		for _, g := range h.groups {
			if g != all && g != un {
				grouped = true
			}
		}
		if grouped && un.has[h] {
			inv.leave(un, h)
		}
		if !grouped {
			inv.join(un, h)
		}
		if inv.groups[n] != nil {
			inv.warn("Found both group and host with same name: %s", n)
		}
	}
}

func (inv *Inventory) leave(g *Group, h *Host) {
	delete(g.has, h)
	inv.gen++
	for i, e := range g.hosts {
		if e == h {
			g.hosts = append(g.hosts[:i:i], g.hosts[i+1:]...)
			break
		}
	}
	for i, e := range h.groups {
		if e == g {
			h.groups = append(h.groups[:i:i], h.groups[i+1:]...)
			break
		}
	}
}

// AddHost is the module add_host: it makes the host if it is new, adds it to the
// groups (made if new) and sets variables. changed tells whether anything was new.
func (inv *Inventory) AddHost(name string, groups []string, vars *value.Dict) (h *Host, changed bool, err error) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	h, changed, err = inv.addDynamic(name, groups, vars)
	if err == nil && changed {
		inv.dynamic = append(inv.dynamic, func() error { _, _, err := inv.addDynamic(name, groups, vars); return err })
	}
	return h, changed, err
}

func (inv *Inventory) addDynamic(name string, groups []string, vars *value.Dict) (h *Host, changed bool, err error) {
	before := inv.gen
	inv.current = ""
	h = inv.hosts[name]
	isNew := h == nil
	if h, err = inv.addHost(name, "", 0); err != nil {
		return nil, false, err
	}
	if isNew {
		inv.join(inv.groups["all"], h)
	}
	vars = vars.Clone()
	for k, v := range vars.All() {
		if have, ok := h.Vars.Get(k); !ok || !value.Equal(have, v) {
			changed = true
		}
	}
	if changed {
		// A new dictionary, since others may be reading the old one.
		d := h.Vars.Clone()
		d.Update(vars)
		h.Vars = d
		inv.gen++
	}
	for _, name := range groups {
		g := inv.addGroup(name)
		inv.join(g, h)
	}
	if inv.gen != before {
		changed = true
		inv.reconcile()
	}
	return h, changed, nil
}

// AddToGroup is the module group_by: it puts a host into a group, made if new
// and put below the parents given ("all" where there are none).
func (inv *Inventory) AddToGroup(host, group string, parents []string) (changed bool, err error) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	changed, err = inv.groupDynamic(host, group, parents)
	if err == nil && changed {
		inv.dynamic = append(inv.dynamic, func() error { _, err := inv.groupDynamic(host, group, parents); return err })
	}
	return changed, err
}

func (inv *Inventory) groupDynamic(host, group string, parents []string) (changed bool, err error) {
	h := inv.hosts[host]
	if h == nil {
		if h = inv.implied; h == nil || !isLocalName(host) {
			return false, fmt.Errorf("Could not match supplied host '%s' to a known host", host)
		}
	}
	before := inv.gen
	g := inv.addGroup(group)
	for _, p := range parents {
		pg := inv.addGroup(p)
		if err := inv.addChild(pg.Name, g.Name); err != nil {
			return inv.gen != before, err
		}
	}
	inv.join(g, h)
	if inv.gen != before {
		inv.reconcile()
	}
	return inv.gen != before, nil
}
