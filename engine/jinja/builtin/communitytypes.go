package builtin

import (
	"regexp"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// ansibleType names the type of a value as community.general.reveal_ansible_type
// does: dict[str, int|str], list[bool].
func ansibleType(v Value, alias *value.Dict, depth int) string {
	name := value.TypeName(v)
	switch v.(type) {
	case nil:
		name = "NoneType"
	}
	if a, ok := alias.GetStr(name); ok {
		name = value.Str(a)
	}
	kinds := func(items []Value) string {
		set := map[string]bool{}
		for _, e := range items {
			set[ansibleType(e, alias, depth+1)] = true
		}
		names := make([]string, 0, len(set))
		for n := range set {
			names = append(names, n)
		}
		sort.Strings(names)
		return strings.Join(names, "|")
	}
	switch x := v.(type) {
	case *value.Dict:
		if x.Len() == 0 || depth > 100 {
			return name
		}
		var keys, vals []Value
		for k, e := range x.All() {
			keys, vals = append(keys, k), append(vals, e)
		}
		return name + "[" + kinds(keys) + ", " + kinds(vals) + "]"
	case *value.List:
		if len(x.Items) == 0 || depth > 100 {
			return name
		}
		return name + "[" + kinds(x.Items) + "]"
	}
	return name
}

func revealTypeFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "alias")
	if err != nil {
		return nil, err
	}
	alias, _ := asDict(a.v[0])
	return ansibleType(c.in(), alias, 0), nil
}

func ansibleTypeTest(c *Call) (Value, error) {
	a, err := c.Bind(1, "dtype", "alias")
	if err != nil {
		return nil, err
	}
	alias, _ := asDict(a.v[1])
	got := ansibleType(c.in(), alias, 0)
	if isText(a.v[0]) {
		return value.Str(a.v[0]) == got, nil
	}
	want, err := c.listOf(a.v[0])
	for _, w := range want {
		if value.Str(w) == got {
			return true, nil
		}
	}
	return false, err
}

var domainLabel = regexp.MustCompile(`(?i)^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// fqdnTest is community.general.fqdn_valid.
func fqdnTest(c *Call) (Value, error) {
	a, err := c.Bind(0, "min_labels", "allow_underscores")
	if err != nil {
		return nil, err
	}
	least, err := a.Int(0, 1)
	if err != nil {
		return nil, err
	}
	t, err := Str(c.in())
	if err != nil {
		return nil, err
	}
	labels := strings.Split(strings.TrimSuffix(t, "."), ".")
	if len(t) > 255 || int64(len(labels)) < least {
		return false, nil
	}
	for _, l := range labels {
		if value.Truth(a.v[1]) {
			l = strings.ReplaceAll(l, "_", "a")
		}
		if !domainLabel.MatchString(l) {
			return false, nil
		}
	}
	return true, nil
}

var communityTests = map[string]Func{"ansible_type": ansibleTypeTest, "fqdn_valid": fqdnTest}

// fromINIFilter is community.general.from_ini.
func fromINIFilter(c *Call) (Value, error) {
	if _, err := c.Bind(0); err != nil {
		return nil, err
	}
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	t, ok := value.Text(c.in())
	if !ok {
		return nil, fail("from_ini requires a str, got %s", className(c.in()))
	}
	sections, order, err := ReadINI(t, INIOptions{KeepCase: true})
	if err != nil {
		return nil, fail("from_ini failed to parse given string: %s", err)
	}
	defaults := sections["DEFAULT"]
	out := value.NewDict()
	for _, name := range order {
		if name == "DEFAULT" {
			continue
		}
		d := value.NewDict()
		d.Update(defaults)
		d.Update(sections[name])
		out.Set(name, d)
	}
	if defaults.Len() > 0 {
		out.Set("DEFAULT", defaults)
	}
	return out, nil
}

// toINIFilter is community.general.to_ini.
func toINIFilter(c *Call) (Value, error) {
	if _, err := c.Bind(0); err != nil {
		return nil, err
	}
	d, ok := asDict(c.in())
	if !ok {
		return nil, fail("to_ini requires a dict, got %s", className(c.in()))
	}
	if d.Len() == 0 {
		return nil, fail("to_ini received an empty dict. An empty dict cannot be converted.")
	}
	var b strings.Builder
	for k, v := range d.All() {
		section, ok := asDict(v)
		if !ok {
			return nil, fail("to_ini failed to parse given dict: section %s holds no dict", value.Repr(k))
		}
		b.WriteString("[" + value.Str(k) + "]\n")
		for name, e := range section.All() {
			t := ""
			if e != nil {
				var err error
				if t, err = Str(e); err != nil {
					return nil, err
				}
			}
			b.WriteString(value.Str(name) + " = " + strings.ReplaceAll(t, "\n", "\n\t") + "\n")
		}
		b.WriteByte('\n')
	}
	return b.String(), nil
}

// foreign are filters whose work is done by a Python library.
func foreign(names map[string]string) map[string]Func {
	out := map[string]Func{}
	for name, library := range names {
		out[name] = func(c *Call) (Value, error) {
			return nil, fail("The filter %s is made of the Python library %s, which goplay does not have", c.Name, library)
		}
	}
	return out
}
