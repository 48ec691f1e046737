package lookup

import (
	"fmt"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/pyre"
	"github.com/goplay-engine/goplay/engine/value"
)

func vars(c *call) ([]Value, error) {
	out := []Value{}
	for _, term := range spread(c.terms) {
		name, ok := value.Text(term)
		if !ok {
			if err := builtin.Defined(term); err != nil {
				return nil, err
			}
			return nil, fmt.Errorf("Invalid setting identifier, \"%s\" is not a string, its a %s", value.Str(term), value.TypeName(term))
		}
		v, found, err := c.t.VarNative(name)
		if err != nil {
			return nil, err
		}
		if !found {
			def, given := c.kw.GetStr("default")
			if !given {
				return nil, &value.Undefined{Name: name, Hint: "No variable found with this name: " + name + c.nearest(name)}
			}
			v = def
		}
		out = append(out, v)
	}
	return out, nil
}

// nearest is a hint with a variable that differs in upper and lower case or by
// a dash only.
func (c *call) nearest(name string) string {
	if c.t.Vars() == nil {
		return ""
	}
	for _, n := range c.t.Vars().Names() {
		if same(n, name) {
			return " (did you mean '" + n + "'?)"
		}
	}
	return ""
}

func same(a, b string) bool {
	fold := func(s string) string {
		out := []byte{}
		for i := range len(s) {
			switch b := s[i]; {
			case b == '-' || b == '_':
			case b >= 'A' && b <= 'Z':
				out = append(out, b+32)
			default:
				out = append(out, b)
			}
		}
		return string(out)
	}
	return fold(a) == fold(b)
}

func varnames(c *call) ([]Value, error) {
	var names []string
	if c.t.Vars() != nil {
		names = append(names, c.t.Vars().Names()...)
	}
	out := []Value{}
	for _, term := range spread(c.terms) {
		p, ok := value.Text(term)
		if !ok {
			return nil, fmt.Errorf("Invalid setting identifier, \"%s\" is not a string, it is a %s", value.Str(term), value.TypeName(term))
		}
		re, err := pyre.Compile(p, 0)
		if err != nil {
			return nil, fmt.Errorf("Unable to use \"%s\" as a search parameter: %w", p, err)
		}
		for _, n := range names {
			m, err := re.Search(n)
			if err != nil {
				return nil, err
			}
			if m != nil {
				out = append(out, n)
			}
		}
	}
	return out, nil
}

func inventoryHostnames(c *call) ([]Value, error) {
	names, err := c.texts()
	if err != nil {
		return nil, err
	}
	if c.d.Hosts == nil {
		return nil, c.fail("there is no inventory here")
	}
	out := []Value{}
	pattern := ""
	for i, n := range names {
		if i > 0 {
			pattern += ","
		}
		pattern += n
	}
	hosts, err := c.d.Hosts(pattern)
	for _, h := range hosts {
		out = append(out, h)
	}
	return out, err
}

func config(c *call) ([]Value, error) {
	missing, err := c.str("on_missing", "error")
	if err != nil {
		return nil, err
	}
	switch missing {
	case "error", "warn", "skip":
	default:
		return nil, bare("\"on_missing\" must be one of \"error\", \"warn\" or \"skip\", not %s", missing)
	}
	ptype, pname := value.Str(c.opt("plugin_type", "")), value.Str(c.opt("plugin_name", ""))
	if (ptype == "" || ptype == "None") != (pname == "" || pname == "None") {
		return nil, bare("Both plugin_type and plugin_name are required, cannot use one without the other")
	}
	names, err := c.texts()
	if err != nil {
		return nil, err
	}
	out := []Value{}
	for _, n := range names {
		var v Value
		origin, ok := "", false
		if c.d.Setting != nil {
			v, origin, ok = c.d.Setting(n, ptype, pname)
		}
		switch {
		case ok && c.flag("show_origin", false):
			out = append(out, value.Tuple{v, origin})
		case ok:
			out = append(out, v)
		case missing == "error":
			return nil, bare("Unable to find setting %s", n)
		case missing == "warn":
			c.warn("Skipping, did not find setting %s", n)
		}
	}
	return out, nil
}
