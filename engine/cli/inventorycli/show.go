package inventorycli

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/inventory"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

var (
	errBadHost  = errors.New("You must pass a single valid host to --host parameter")
	errBadGroup = errors.New("Pattern must be valid group name when using --graph")
)

func (c *command) result() (string, error) {
	if c.Flags.Changed("host") {
		hosts, err := c.inv.Hosts(c.host)
		if err != nil {
			return "", err
		}
		if len(hosts) != 1 {
			return "", errBadHost
		}
		vars, err := c.hostVars(hosts[0])
		if err != nil {
			return "", err
		}
		return c.dump(vars)
	}
	if c.graph {
		name := "all"
		if c.Flags.NArg() > 0 {
			name = c.Flags.Arg(0)
		}
		g := c.inv.Group(name)
		if g == nil {
			return "", errBadGroup
		}
		var b strings.Builder
		err := c.tree(&b, g, 0)
		return b.String(), err
	}
	keep, err := c.available()
	if err != nil {
		return "", err
	}
	l := &lister{command: c, keep: keep, seen: map[string]bool{}, groups: map[*inventory.Group]bool{}}
	var v *value.Dict
	switch {
	case c.yaml:
		v, err = l.nested()
	case c.toml:
		v, err = l.flat()
	default:
		v, err = l.script()
	}
	if err != nil {
		return "", err
	}
	return c.dump(v)
}

// available returns the hosts --limit leaves; nil is all.
func (c *command) available() (map[*inventory.Host]bool, error) {
	if len(c.limit) == 0 {
		return nil, nil
	}
	return c.inv.Limit(c.limit)
}

// hostVars are a host's variables as written; with --export only those that
// the host itself defines.
func (c *command) hostVars(h *inventory.Host) (*value.Dict, error) {
	vars := value.NewDict()
	add := func(d *value.Dict) { inventory.Merge(vars, d, c.Config.HashBehaviour() == "merge") }
	if c.export {
		add(h.Vars)
		for _, dir := range append(c.inv.VarsDirs(), c.base) {
			d, err := c.inv.FileVars(dir, "host_vars", h.Name)
			if err != nil {
				return nil, err
			}
			add(d)
		}
		return c.visible(vars), nil
	}
	layers, err := c.inv.HostLayers(h, c.base)
	if err != nil {
		return nil, err
	}
	for _, l := range layers {
		add(l.Vars)
	}
	add(c.extraVar)
	return c.visible(vars), nil
}

func (c *command) groupVars(g *inventory.Group) (*value.Dict, error) {
	vars := g.Vars.Clone()
	for _, dir := range append(c.inv.VarsDirs(), c.base) {
		d, err := c.inv.FileVars(dir, "group_vars", g.Name)
		if err != nil {
			return nil, err
		}
		inventory.Merge(vars, d, c.Config.HashBehaviour() == "merge")
	}
	if g.Priority != 1 {
		vars.Set("ansible_group_priority", int64(g.Priority))
	}
	return c.visible(vars), nil
}

// internal are names the engine sets itself.
var internal = strings.Fields("ansible_diff_mode ansible_config_file ansible_facts ansible_forks ansible_inventory_sources ansible_limit " +
	"ansible_playbook_python ansible_run_tags ansible_skip_tags ansible_verbosity ansible_version inventory_dir inventory_file inventory_hostname " +
	"inventory_hostname_short groups group_names omit playbook_dir")

func (c *command) visible(d *value.Dict) *value.Dict {
	for _, n := range internal {
		d.Delete(n)
	}
	return d
}

// dump writes a result in the layout asked for.
func (c *command) dump(v value.Value) (string, error) {
	switch {
	case c.yaml:
		return yaml.Dump(v, yaml.DumpOptions{AllowUnicode: true, SortKeys: true})
	case c.toml:
		return dumpTOML(v.(*value.Dict))
	}
	v = jsonSafe(v)
	if s, err := value.DumpJSON(v, value.JSONOptions{Indent: 4, SortKeys: true}); err == nil {
		return s, nil
	} else if !strings.Contains(err.Error(), "not supported between") {
		return "", err
	} else {
		c.Warn("Could not sort JSON output due to issues while sorting keys: " + err.Error())
	}
	return value.DumpJSON(v, value.JSONOptions{Indent: 4})
}

// jsonSafe marks secrets and unsafe text, so that a reader can restore them.
func jsonSafe(v value.Value) value.Value {
	switch x := v.(type) {
	case value.Unsafe:
		return value.DictOf("__ansible_unsafe", string(x))
	case *value.Secret:
		return value.DictOf("__ansible_vault", x.Cipher)
	case *value.Dict:
		d := value.NewDictCap(x.Len())
		for k, e := range x.All() {
			d.Set(k, jsonSafe(e))
		}
		return d
	case *value.List:
		l := &value.List{Items: make([]value.Value, len(x.Items))}
		for i, e := range x.Items {
			l.Items[i] = jsonSafe(e)
		}
		return l
	}
	return v
}

// tree writes a group, the groups below it and its hosts.
func (c *command) tree(b *strings.Builder, g *inventory.Group, depth int) error {
	line := func(depth int, name string) {
		b.WriteString(strings.Repeat("  |", depth))
		if depth > 0 {
			b.WriteString("--")
		}
		b.WriteString(name + "\n")
	}
	line(depth, "@"+g.Name+":")
	for _, k := range g.Children() {
		if err := c.tree(b, k, depth+1); err != nil {
			return err
		}
	}
	if g.Name != "all" {
		for _, h := range g.Hosts() {
			line(depth+1, h.Name)
			if c.vars {
				vars, err := c.hostVars(h)
				if err != nil {
					return err
				}
				if err := c.variables(vars, depth+2, line); err != nil {
					return err
				}
			}
		}
	}
	if c.vars {
		vars, err := c.groupVars(g)
		if err != nil {
			return err
		}
		return c.variables(vars, depth+1, line)
	}
	return nil
}

func (c *command) variables(d *value.Dict, depth int, line func(int, string)) error {
	idx := make([]int, d.Len())
	for i := range idx {
		idx[i] = i
	}
	sort.SliceStable(idx, func(i, j int) bool {
		return value.Str(d.Keys()[idx[i]]) < value.Str(d.Keys()[idx[j]])
	})
	for _, i := range idx {
		k, v := d.Entry(i)
		if err := value.Opens(v); err != nil {
			return err
		}
		line(depth, fmt.Sprintf("{%s = %s}", value.Str(k), value.Str(v)))
	}
	return nil
}
