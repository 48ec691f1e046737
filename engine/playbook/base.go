package playbook

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// setKeyword reads one keyword into b; it returns false for keywords that have
// a field of their own, other than name and vars.
func (l *Loader) setKeyword(b *Base, k *keyword, n *yaml.Node, what string) (bool, error) {
	if k.name == "vars" {
		d, err := l.readNamed(n, what)
		b.Vars = d
		return true, err
	}
	f, err := l.field(n)
	if err != nil {
		return true, err
	}
	if k.text {
		switch f.Val.(type) {
		case *value.Dict, *value.List:
			return true, parseError(b.Pos, "The field '%s' is supposed to be a string type, however the incoming data structure is a %s", k.name, l.class(n))
		}
	}
	switch {
	case k.name == "name":
		if f.Val != nil {
			b.Name = value.Str(f.Val)
		}
		return true, nil
	case k.key == keyNone:
		return false, nil
	}
	if err := l.checkKeyword(b, k.key, f, n); err != nil {
		return true, err
	}
	if f.Val == nil && k.key != KeyWhen {
		return true, nil // an empty keyword counts as not written
	}
	b.set(k.key, f)
	return true, nil
}

func (l *Loader) checkKeyword(b *Base, k Key, f Field, n *yaml.Node) error {
	switch k {
	case KeyTags:
		switch f.Val.(type) {
		case nil, string, value.Unsafe, *value.List, int64:
			return nil
		}
		return plainError(n.Pos, "tags must be specified as a list")
	case KeyCollections:
		for _, it := range Items(f) {
			if _, ok := value.Text(it.Val); !ok {
				return parseError(b.Pos, "the field 'collections' should be a list of (<class 'str'>,), but the item '%s' is a %s", value.Str(it.Val), class(it.Val))
			}
		}
	case KeyModuleDefaults:
		for _, it := range Items(f) {
			d, ok := it.Val.(*value.Dict)
			if !ok {
				return parseError(it.Pos, "The field 'module_defaults' is supposed to be a dictionary or list of dictionaries, "+
					"the keys of which must be static action, module, or group names. Only the values may contain templates. "+
					"For example: {'ping': \"{{ ping_defaults }}\"}")
			}
			if err := l.checkDefaults(b, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkDefaults makes sure that the modules and groups named in module_defaults
// exist.
func (l *Loader) checkDefaults(b *Base, d *value.Dict) error {
	if l.opts.Known == nil {
		return nil
	}
	for _, k := range d.Keys() {
		name := value.Str(k)
		if group, ok := strings.CutPrefix(name, "group/"); ok {
			if _, known := l.actionGroup(group); !known {
				return plainError(d.PosOf(name), "Error loading module_defaults: could not resolve the module_defaults group %s", groupName(group))
			}
			continue
		}
		if ShortAction(name) == "setup" || ShortAction(name) == "gather_facts" {
			continue
		}
		if _, ok := l.opts.Known(name, Collections(b)); ok {
			continue
		}
		shown := name
		if !strings.Contains(name, ".") {
			shown = "ansible.legacy." + name
		}
		e := parseError(d.PosOf(name), "Could not resolve action %s in module_defaults", shown)
		if l.opts.Suggest != nil {
			if s := l.opts.Suggest(name); s != "" {
				e.Hint = "did you mean '" + s + "'?"
			}
		}
		return e
	}
	return nil
}

// Collections returns the list of collections searched for short names at n: the
// nearest collections keyword, but a role's own in a role.
func Collections(n Node) []string {
	for n != nil {
		b := n.Keywords()
		if f := b.Own(KeyCollections); f.Set {
			var out []string
			for _, it := range Items(f) {
				out = append(out, value.Str(it.Val))
			}
			return out
		}
		if r, ok := n.(*Role); ok {
			return r.Collections
		}
		n = b.Parent
	}
	return nil
}

// RoleOf returns the role a node was written in, nil where it has none.
func RoleOf(n Node) *Role {
	for n != nil {
		if r, ok := n.(*Role); ok {
			return r
		}
		n = n.Keywords().Parent
	}
	return nil
}
