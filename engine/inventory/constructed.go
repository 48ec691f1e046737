package inventory

import (
	"fmt"

	"github.com/goplay-engine/goplay/engine/value"
)

// constructed makes variables and groups from the variables of hosts that
// earlier sources named.
type constructed struct {
	inv     *Inventory
	strict  bool
	leading bool // an empty prefix still brings its separator
	compose *value.Dict
	groups  *value.Dict
	keyed   *value.List
}

func (inv *Inventory) pluginConstructed(src string) error {
	d, err := inv.pluginConfig(src, "constructed", "strict", "compose", "groups", "keyed_groups", "use_extra_vars", "use_vars_plugins", "leading_separator")
	if err != nil {
		return err
	}
	c := constructed{inv: inv, strict: value.Truth(d.At("strict")), leading: true}
	if v, ok := d.GetStr("leading_separator"); ok {
		c.leading = value.Truth(v)
	}
	c.compose, _ = d.At("compose").(*value.Dict)
	c.groups, _ = d.At("groups").(*value.Dict)
	c.keyed, _ = d.At("keyed_groups").(*value.List)
	files := value.Truth(d.At("use_vars_plugins"))
	for _, name := range append([]string(nil), inv.hnames...) {
		h := inv.hosts[name]
		vars, err := inv.plainVars(h, files)
		if err != nil {
			return err
		}
		if err := c.host(h, vars); err != nil {
			return fmt.Errorf("failed to parse %s: %w", src, err)
		}
	}
	return nil
}

// plainVars merges what sources say of a host; with files also group_vars and
// host_vars beside them.
func (inv *Inventory) plainVars(h *Host, files bool) (*value.Dict, error) {
	inv.mu.Unlock() // the readers lock for themselves; sources are read by one goroutine
	defer inv.mu.Lock()
	vars := value.NewDict()
	if files {
		layers, err := inv.HostLayers(h, "")
		if err != nil {
			return nil, err
		}
		for _, l := range layers {
			vars.Update(l.Vars)
		}
	} else {
		for _, g := range h.Groups() {
			vars.Update(g.Vars)
		}
		vars.Update(h.Vars)
	}
	names := value.NewList()
	for _, n := range h.GroupNames() {
		names.Append(n)
	}
	vars.Set("inventory_hostname", h.Name)
	vars.Set("group_names", names)
	return vars, nil
}

func (c constructed) host(h *Host, vars *value.Dict) error {
	for k, v := range c.compose.All() {
		r, err := c.inv.opts.Eval.Template("{{"+value.Str(v)+"}}", vars)
		if err != nil {
			if c.strict {
				return fmt.Errorf("Could not set %s for host %s: %w", value.Str(k), h.Name, err)
			}
			continue
		}
		h.Vars.Set(value.Str(k), r)
		vars.Set(value.Str(k), r)
	}
	for k, v := range c.groups.All() {
		name := c.safe(value.Str(k))
		r, err := c.inv.opts.Eval.Expression(value.Str(v), vars)
		if err != nil {
			if c.strict {
				return fmt.Errorf("Could not add host %s to group %s: %w", h.Name, name, err)
			}
			continue
		}
		if value.Truth(r) {
			c.inv.join(c.inv.addGroup(name), h)
		}
	}
	if c.keyed == nil {
		return nil
	}
	for i, e := range c.keyed.Items {
		d, ok := e.(*value.Dict)
		if !ok {
			return fmt.Errorf("%s: Invalid keyed group entry, it must be a dictionary: %s", c.keyed.PosAt(i), value.Repr(e))
		}
		if err := c.keyedGroup(h, vars, d); err != nil {
			return err
		}
	}
	return nil
}

// safe makes a group's name a variable name: constructed groups always are.
func (c constructed) safe(name string) string { return unsafeChars.ReplaceAllString(name, "_") }

func (c constructed) keyedGroup(h *Host, vars, d *value.Dict) error {
	key, err := c.inv.opts.Eval.Template("{{"+value.Str(d.At("key"))+"}}", vars)
	def, hasDefault := d.GetStr("default_value")
	trailing, hasTrailing := d.GetStr("trailing_separator")
	if hasDefault && hasTrailing {
		return fmt.Errorf("parameters are mutually exclusive for keyed groups: default_value|trailing_separator")
	}
	if err != nil {
		if c.strict {
			return fmt.Errorf("Could not generate group for host %s from %s entry: %w", h.Name, value.Str(d.At("key")), err)
		}
		return nil
	}
	if _, isText := value.Text(key); !value.Truth(key) && !(isText && hasDefault) {
		if c.strict {
			return fmt.Errorf("No key or key resulted empty for %s in host %s, invalid entry", value.Str(d.At("key")), h.Name)
		}
		return nil
	}
	prefix, sep := value.Str(orEmpty(d.At("prefix"))), "_"
	if s, ok := d.GetStr("separator"); ok {
		sep = value.Str(s)
	}
	orDefault := func(v value.Value) string {
		s := value.Str(v)
		if s == "" && hasDefault {
			s = value.Str(def)
		}
		return s
	}
	var bare []string
	switch x := key.(type) {
	case *value.List:
		for _, e := range x.Items {
			bare = append(bare, orDefault(e))
		}
	case *value.Dict:
		for k, v := range x.All() {
			name := value.Str(k) + sep + value.Str(v)
			if value.Str(v) == "" {
				if hasDefault {
					name = value.Str(k) + sep + value.Str(def)
				} else if hasTrailing && !value.Truth(trailing) {
					name = value.Str(k)
				}
			}
			bare = append(bare, name)
		}
	default:
		if _, ok := value.Text(key); !ok {
			return fmt.Errorf("Invalid group name format, expected a string or a list of them or dictionary, got: %s", className(key))
		}
		bare = append(bare, orDefault(key))
	}
	return c.join(h, vars, d, prefix, sep, bare)
}

func orEmpty(v value.Value) value.Value {
	if v == nil {
		return ""
	}
	return v
}

func (c constructed) join(h *Host, vars, d *value.Dict, prefix, sep string, bare []string) error {
	for _, b := range bare {
		name := prefix + sep + b
		if prefix == "" && !c.leading {
			name = b
		}
		g := c.inv.addGroup(c.safe(name))
		c.inv.join(g, h)
		parent, ok := value.Text(d.At("parent_group"))
		if !ok || parent == "" {
			continue
		}
		p, err := c.inv.opts.Eval.Template(parent, vars)
		if err != nil {
			if c.strict {
				return fmt.Errorf("Could not generate parent group %s for host %s: %w", parent, h.Name, err)
			}
			continue
		}
		pg := c.inv.addGroup(c.safe(value.Str(p)))
		if err := c.inv.addChild(pg.Name, g.Name); err != nil {
			return err
		}
	}
	return nil
}
