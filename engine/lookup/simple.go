package lookup

import (
	"fmt"
	"os"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/pyre"
	"github.com/goplay-engine/goplay/engine/value"
)

func list(c *call) ([]Value, error) { return c.terms, nil }

func items(c *call) ([]Value, error) { return spread(c.terms), nil }

func indexedItems(c *call) ([]Value, error) {
	out := []Value{}
	for i, v := range spread(c.terms) {
		out = append(out, value.Tuple{int64(i), v})
	}
	return out, nil
}

func dict(c *call) ([]Value, error) {
	out := []Value{}
	for _, t := range c.terms {
		var keys []Value
		get := func(k Value) (Value, error) { return nil, nil }
		switch d := t.(type) {
		case *value.Dict:
			keys = d.Keys()
			get = func(k Value) (Value, error) { v, _ := d.Get(k); return v, nil }
		case value.Mapping:
			keys = d.Keys()
			get = func(k Value) (Value, error) { v, _, err := d.GetItem(k); return v, err }
		case *value.Undefined:
			return nil, d
		default:
			return nil, fmt.Errorf("with_dict expects a dict, got %s", value.TypeName(t))
		}
		for _, k := range keys {
			v, err := get(k)
			if err != nil {
				return nil, err
			}
			out = append(out, value.DictOf("key", k, "value", v))
		}
	}
	return out, nil
}

func env(c *call) ([]Value, error) {
	names, err := c.texts()
	if err != nil {
		return nil, err
	}
	out := []Value{}
	for _, n := range names {
		if v, ok := os.LookupEnv(n); ok {
			out = append(out, v)
		} else {
			out = append(out, c.opt("default", ""))
		}
	}
	return out, nil
}

// lists gives each term as a list.
func (c *call) lists() ([][]Value, error) {
	var out [][]Value
	for _, t := range c.terms {
		if err := builtin.Defined(t); err != nil {
			return nil, err
		}
		l, ok := asList(t)
		if !ok {
			l = []Value{t}
		}
		out = append(out, l)
	}
	return out, nil
}

func nested(c *call) ([]Value, error) {
	if len(c.terms) == 0 {
		return nil, fmt.Errorf("with_nested requires at least one element in the nested list")
	}
	return c.cross()
}

func cartesian(c *call) ([]Value, error) {
	if len(c.terms) == 0 {
		return nil, fmt.Errorf("with_cartesian requires at least one element in each list")
	}
	return c.cross()
}

// cross gives every choice of one item of each list, the last varying fastest.
func (c *call) cross() ([]Value, error) {
	lists, err := c.lists()
	if err != nil {
		return nil, err
	}
	out := []*value.List{value.NewList()}
	for _, l := range lists {
		if len(out)*len(l) > 10<<20 {
			return nil, c.fail("more than %d combinations are too many", 10<<20)
		}
		next := make([]*value.List, 0, len(out)*len(l))
		for _, head := range out {
			for _, v := range l {
				row := value.NewList(head.Items[:len(head.Items):len(head.Items)]...)
				if inner, ok := asList(v); ok {
					row.Append(inner...)
				} else {
					row.Append(v)
				}
				next = append(next, row)
			}
		}
		out = next
	}
	res := make([]Value, len(out))
	for i, l := range out {
		res[i] = l
	}
	return res, nil
}

func together(c *call) ([]Value, error) {
	lists, err := c.lists()
	if err != nil {
		return nil, err
	}
	if len(lists) == 0 {
		return nil, fmt.Errorf("with_together requires at least one element in each list")
	}
	n := 0
	for _, l := range lists {
		n = max(n, len(l))
	}
	out := []Value{}
	for i := range n {
		row := value.NewList()
		for _, l := range lists {
			if i < len(l) {
				row.Append(l[i])
			} else {
				row.Append(nil)
			}
		}
		out = append(out, row)
	}
	return out, nil
}

func flattened(c *call) ([]Value, error) {
	var out []Value
	var add func(v Value, depth int) error
	add = func(v Value, depth int) error {
		if depth > 500 {
			return c.fail("the list is nested too deeply")
		}
		l, ok := asList(v)
		if !ok {
			if t, isText := value.Text(v); v == nil || isText && (t == "None" || t == "null") {
				return nil
			}
			out = append(out, v)
			return nil
		}
		for _, e := range l {
			if err := add(e, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	for _, t := range c.terms {
		if err := add(t, 0); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func randomChoice(c *call) ([]Value, error) {
	terms := c.terms
	if len(terms) == 0 {
		return []Value{}, nil
	}
	r, err := builtin.NewRandom(nil)
	if err != nil {
		return nil, err
	}
	return []Value{terms[r.Below(int64(len(terms)))]}, nil
}

func subelements(c *call) ([]Value, error) {
	const usage = "subelements lookup expects a list of two or three items, "
	terms := c.terms
	if len(terms) < 2 || len(terms) > 3 {
		return nil, fmt.Errorf("%s%d were given", usage, len(terms))
	}
	if _, ok := value.Text(terms[1]); !ok {
		return nil, fmt.Errorf("%sthe second a string pointing to the subkey", usage)
	}
	skip := false
	if len(terms) == 3 {
		d, ok := terms[2].(*value.Dict)
		if !ok {
			return nil, fmt.Errorf("%sthe optional third item must be a dict with flags skip_missing", usage)
		}
		skip = value.Truth(d.At("skip_missing"))
	}
	var elems []Value
	switch x := terms[0].(type) {
	case *value.List:
		elems = x.Items
	case *value.Dict:
		if value.Truth(x.At("skipped")) {
			return []Value{}, nil // the register of a loop that was skipped
		}
		for _, v := range x.All() {
			elems = append(elems, v)
		}
	default:
		return nil, fmt.Errorf("%sthe first a dict or a list, not %s", usage, value.TypeName(x))
	}
	kept := value.NewList()
	for _, e := range elems {
		d, ok := e.(*value.Dict)
		if !ok {
			return nil, fmt.Errorf("subelements lookup expects a dictionary, got '%s'", value.Str(e))
		}
		if !d.Has("skipped") || !value.Truth(d.At("skipped")) {
			kept.Append(e)
		}
	}
	pairs, err := builtin.Subelements(kept, terms[1], skip)
	if err != nil {
		return nil, err
	}
	// The first of each pair comes without the list the second was taken from.
	path := strings.Split(value.Str(terms[1]), ".")
	cut := map[*value.Dict]*value.Dict{}
	for i, p := range pairs {
		t, ok := p.(value.Tuple)
		if !ok {
			continue
		}
		d, ok := t[0].(*value.Dict)
		if !ok {
			continue
		}
		if cut[d] == nil {
			cut[d] = withoutPath(d, path)
		}
		pairs[i] = value.Tuple{cut[d], t[1]}
	}
	return pairs, nil
}

// withoutPath returns a copy without what the path leads to.
func withoutPath(d *value.Dict, path []string) *value.Dict {
	out := d.Clone()
	if len(path) == 1 {
		out.Delete(path[0])
	} else if inner, ok := d.At(path[0]).(*value.Dict); ok {
		out.Set(path[0], withoutPath(inner, path[1:]))
	}
	return out
}

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
		return nil, fmt.Errorf("\"on_missing\" must be one of \"error\", \"warn\" or \"skip\", not %s", missing)
	}
	ptype, pname := value.Str(c.opt("plugin_type", "")), value.Str(c.opt("plugin_name", ""))
	if (ptype == "" || ptype == "None") != (pname == "" || pname == "None") {
		return nil, fmt.Errorf("Both plugin_type and plugin_name are required, cannot use one without the other")
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
			return nil, fmt.Errorf("Unable to find setting %s", n)
		case missing == "warn":
			c.warn("Skipping, did not find setting %s", n)
		}
	}
	return out, nil
}
