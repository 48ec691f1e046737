package inventory

import (
	"fmt"

	"github.com/goplay-engine/goplay/engine/value"
)

// parseGroups reads the tree of a YAML or TOML inventory.
func (inv *Inventory) parseGroups(file string, v value.Value, what string) error {
	switch d := v.(type) {
	case nil:
		return fmt.Errorf("Parsed empty %s file", what)
	case *value.Dict:
		if d.Len() == 0 {
			return fmt.Errorf("Parsed empty %s file", what)
		}
		if d.Has("plugin") {
			return fmt.Errorf("Plugin configuration %s file, not %s inventory", what, what)
		}
		for k, e := range d.All() {
			if err := inv.parseGroup(file, value.Str(k), e); err != nil {
				return err
			}
		}
		return nil
	}
	if !value.Truth(v) {
		return fmt.Errorf("Parsed empty %s file", what)
	}
	return fmt.Errorf("%s inventory has invalid structure, it should be a dictionary, got: %s", what, className(v))
}

// className names a type as Python prints the class of a loaded value.
func className(v value.Value) string {
	n := map[string]string{"dict": "ansible.parsing.yaml.objects.AnsibleMapping", "list": "ansible.parsing.yaml.objects.AnsibleSequence",
		"str": "ansible.parsing.yaml.objects.AnsibleUnicode"}[value.TypeName(v)]
	if n == "" {
		n = value.TypeName(v)
	}
	return "<class '" + n + "'>"
}

// parseGroup reads one group and what is below it.
func (inv *Inventory) parseGroup(file, name string, v value.Value) error {
	var d *value.Dict
	switch x := v.(type) {
	case nil:
	case *value.Dict:
		d = x
	default:
		inv.warn("Skipping '%s' as this is not a valid group definition", name)
		return nil
	}
	g := inv.addGroup(name)
	for _, section := range []string{"vars", "children", "hosts"} {
		if s, ok := value.Text(d.At(section)); ok {
			d = d.Clone()
			d.Set(section, value.DictOf(s, nil))
		}
	}
	for key, e := range d.All() {
		section := value.Str(key)
		entries, isDict := e.(*value.Dict)
		if !isDict && e != nil {
			switch section {
			case "vars", "children", "hosts":
				return fmt.Errorf("Invalid \"%s\" entry for \"%s\" group, requires a dictionary, found \"%s\" instead.", section, g.Name, className(e))
			}
			inv.warn("Skipping key (%s) in group (%s) as it is not a mapping, it is a %s", section, g.Name, className(e))
			continue
		}
		if err := inv.parseSection(file, g, section, entries); err != nil {
			return err
		}
	}
	return nil
}

func (inv *Inventory) parseSection(file string, g *Group, section string, entries *value.Dict) error {
	switch section {
	case "vars":
		for k, v := range entries.All() {
			if err := inv.setGroupVar(g, value.Str(k), v, entries.PosOf(value.Str(k))); err != nil {
				return err
			}
		}
	case "children":
		for k, v := range entries.All() {
			name := value.Str(k)
			if err := inv.parseGroup(file, name, v); err != nil {
				return err
			}
			if err := inv.addChild(g.Name, inv.safeName(name)); err != nil {
				return err
			}
		}
	case "hosts":
		for k, v := range entries.All() {
			var vars *value.Dict
			switch x := v.(type) {
			case nil:
			case *value.Dict:
				vars = x
			default:
				if value.Truth(v) {
					return fmt.Errorf("Invalid data from file, expected dictionary and got:\n\n%s", value.Str(v))
				}
			}
			entry, ok := value.Text(k)
			if !ok {
				return fmt.Errorf("Host pattern %s must be a string. Enclose integers/floats in quotation marks.", value.Str(k))
			}
			if err := inv.hostEntry(g.Name, entry, vars); err != nil {
				return err
			}
		}
	default:
		if entries == nil { // nothing is there to skip
			return nil
		}
		inv.warn("Skipping unexpected key (%s) in group (%s), only \"vars\", \"children\" and \"hosts\" are valid", section, g.Name)
	}
	return nil
}

// hostEntry adds the hosts an entry expands to.
func (inv *Inventory) hostEntry(group, entry string, vars *value.Dict) error {
	names, port, err := expandHosts(entry)
	if err != nil {
		return err
	}
	for i, n := range names {
		h, err := inv.addHost(n, group, port)
		if err != nil {
			return err
		}
		for k, v := range vars.All() {
			if i > 0 {
				v = value.Copy(v)
			}
			inv.setVar(h.Vars, value.Str(k), v, vars.PosOf(value.Str(k)))
		}
	}
	return nil
}
