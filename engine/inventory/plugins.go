package inventory

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// pluginAdvancedList is host_list with ranges: "web[1:5],db".
func (inv *Inventory) pluginAdvancedList(src string) error {
	if !strings.Contains(src, ",") || exists(src) {
		return errSkip
	}
	for _, h := range strings.Split(src, ",") {
		if h = strings.TrimSpace(h); h == "" {
			continue
		}
		names, port, err := expandHosts(h)
		if errors.Is(err, errNumber) {
			return fmt.Errorf("Invalid data from string, could not parse: %w", err)
		}
		if err != nil {
			inv.verbose(3, "Unable to parse address from hostname, leaving unchanged: %s", err)
			names, port = []string{h}, 0
		}
		for _, n := range names {
			if _, err := inv.addHost(n, "ungrouped", port); err != nil {
				return err
			}
		}
	}
	return nil
}

// pluginAuto reads a YAML file that names its plugin.
func (inv *Inventory) pluginAuto(src string) error {
	if ext := filepath.Ext(src); ext != ".yml" && ext != ".yaml" || !isFile(src) {
		return errSkip
	}
	v, err := inv.readValue(src)
	if err != nil {
		return err
	}
	d, _ := v.(*value.Dict)
	if d == nil || !value.Truth(d.At("plugin")) {
		return fmt.Errorf("no root 'plugin' key found, '%s' is not a valid YAML inventory plugin config file", src)
	}
	name := pluginName(d)
	p, ok := inv.plugin(name)
	if !ok {
		return fmt.Errorf("inventory config '%s' specifies unknown plugin '%s'", src, value.Str(d.At("plugin")))
	}
	if err := p(inv, src); err != errSkip {
		return err
	}
	return fmt.Errorf("inventory source '%s' could not be verified by inventory plugin '%s'", src, name)
}

func pluginName(d *value.Dict) string {
	n := value.Str(d.At("plugin"))
	return strings.TrimPrefix(strings.TrimPrefix(n, "ansible.builtin."), "ansible.legacy.")
}

// pluginConfig reads the configuration file of a plugin; errSkip where the file
// is another one's. keys are the options the plugin knows.
func (inv *Inventory) pluginConfig(src, plugin string, keys ...string) (*value.Dict, error) {
	if ext := filepath.Ext(src); ext != ".config" && !contains(inv.opts.VarsExts, ext) || !isFile(src) {
		return nil, errSkip
	}
	v, err := inv.readValue(src)
	if err != nil {
		return nil, fmt.Errorf("%w", err)
	}
	d, _ := v.(*value.Dict)
	if d == nil {
		return nil, fmt.Errorf("%s is empty", src)
	}
	if pluginName(d) != plugin {
		return nil, fmt.Errorf("Incorrect plugin name in file: %s", orNone(value.Str(d.At("plugin"))))
	}
	for k := range d.All() {
		if n := value.Str(k); n != "plugin" && !contains(keys, n) && !contains(commonKeys, n) {
			inv.warn("%s: the %s plugin has no option '%s', it is ignored; there are: %s", d.PosOf(n), plugin, n, strings.Join(keys, ", "))
		}
	}
	if inv.opts.Eval == nil {
		return nil, fmt.Errorf("the %s plugin needs templates, which this program does not evaluate", plugin)
	}
	return d, nil
}

var commonKeys = []string{"cache", "cache_plugin", "cache_timeout", "cache_connection", "cache_prefix"}

func orNone(s string) string {
	if s == "" {
		return "none found"
	}
	return s
}

// pluginGenerator makes hosts from every combination of layers.
func (inv *Inventory) pluginGenerator(src string) error {
	d, err := inv.pluginConfig(src, "generator", "hosts", "layers")
	if err != nil {
		return err
	}
	hosts, _ := d.At("hosts").(*value.Dict)
	layers, _ := d.At("layers").(*value.Dict)
	name, ok := value.Text(hosts.At("name"))
	if !ok || layers == nil {
		return fmt.Errorf("%s: the generator plugin needs 'layers' and 'hosts' with a 'name'", src)
	}
	count := 1
	for k, v := range layers.All() {
		l, ok := v.(*value.List)
		if !ok {
			return fmt.Errorf("%s: layer %s must be a list", layers.PosOf(value.Str(k)), value.Str(k))
		}
		if count *= l.Len(); count > maxRange {
			return fmt.Errorf("%s: the layers give more than %d hosts", src, maxRange)
		}
	}
	for i := range count {
		vars := value.NewDict()
		rest := i
		for n := layers.Len() - 1; n >= 0; n-- {
			k, v := layers.Entry(n)
			l := v.(*value.List)
			vars.Set(k, l.Items[rest%l.Len()])
			rest /= l.Len()
		}
		host, err := inv.opts.Eval.Template(name, ordered(layers, vars))
		if err != nil {
			return fmt.Errorf("%s: %w", hosts.PosOf("name"), err)
		}
		h, err := inv.addHost(value.Str(host), "", 0)
		if err != nil {
			return err
		}
		if err := inv.generatorParents(h, nil, hosts, vars, 0); err != nil {
			return err
		}
	}
	return nil
}

// ordered returns vars in the order of the layers.
func ordered(layers, vars *value.Dict) *value.Dict {
	d := value.NewDictCap(vars.Len())
	for k := range layers.All() {
		v, _ := vars.Get(k)
		d.Set(k, v)
	}
	return d
}

func (inv *Inventory) generatorParents(h *Host, child *Group, d, vars *value.Dict, depth int) error {
	parents, _ := d.At("parents").(*value.List)
	if parents == nil || depth > 100 {
		return nil
	}
	for i, e := range parents.Items {
		p, ok := e.(*value.Dict)
		if !ok || !p.Has("name") {
			return fmt.Errorf("%s: Element %d of parents has no name", parents.PosAt(i), i)
		}
		name, err := inv.opts.Eval.Template(value.Str(p.At("name")), vars)
		if err != nil {
			return fmt.Errorf("%s: %w", p.PosOf("name"), err)
		}
		g := inv.addGroup(value.Str(name))
		if gv, ok := p.At("vars").(*value.Dict); ok {
			for k, v := range gv.All() {
				if s, ok := value.Text(v); ok {
					if v, err = inv.opts.Eval.Template(s, vars); err != nil {
						return fmt.Errorf("%s: %w", gv.PosOf(value.Str(k)), err)
					}
				}
				if err := inv.setGroupVar(g, value.Str(k), v, gv.PosOf(value.Str(k))); err != nil {
					return err
				}
			}
		}
		if child == nil {
			inv.join(g, h)
		} else if err := inv.addChild(g.Name, child.Name); err != nil {
			return err
		}
		if err := inv.generatorParents(h, g, p, vars, depth+1); err != nil {
			return err
		}
	}
	return nil
}
