package builtin

import (
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

func toPathsFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "prepend", "wantlist")
	if err != nil {
		return nil, err
	}
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	out := value.NewDict()
	var walk func(v Value, path string, depth int)
	walk = func(v Value, path string, depth int) {
		switch x := v.(type) {
		case *value.Dict:
			if x.Len() > 0 && depth < 500 {
				for k, e := range x.All() {
					name := path + "[" + value.Str(k) + "]"
					if t, ok := value.Text(k); ok && path == "" {
						name = t
					} else if ok && isIdentifier(t) {
						name = path + "." + t
					} else if ok {
						name = path + "['" + t + "']"
					}
					walk(e, name, depth+1)
				}
				return
			}
		case *value.List:
			if len(x.Items) > 0 && depth < 500 {
				for i, e := range x.Items {
					walk(e, path+"["+strconv.Itoa(i)+"]", depth+1)
				}
				return
			}
		}
		out.Set(path, v)
	}
	prepend, err := a.Text(0, "")
	if err != nil {
		return nil, err
	}
	var paths Value = out
	if n, ok := c.in().(interface{ Len() int }); ok && n.Len() == 0 && prepend == "" { // which has no path
		paths = c.in()
	} else {
		walk(c.in(), prepend, 0)
	}
	if value.Truth(a.v[1]) {
		return value.NewList(paths), nil
	}
	return paths, nil
}

// isIdentifier tells whether a key can follow a dot.
func isIdentifier(s string) bool {
	for i, r := range s {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

var pathPart = mustRE(`\.?([A-Za-z_][\w-]*)|\[(-?\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]`)

// getPathFilter follows a path such as a.b[1]['c.d'].
func getPathFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "path", "wantlist")
	if err != nil {
		return nil, err
	}
	path, err := a.Text(0, "")
	if err != nil {
		return nil, err
	}
	all, err := pathPart.FindAll(path, 0)
	if err != nil {
		return nil, err
	}
	v, at := c.in(), 0
	for _, m := range all {
		if m.Start(0) != at {
			break
		}
		at = m.End(0)
		if err := Defined(v); err != nil {
			return nil, err
		}
		if n, ok := m.Group(2); ok {
			i, _ := strconv.ParseInt(n, 10, 64)
			v = c.Env.Item(v, i)
			continue
		}
		name := ""
		for _, g := range []int{1, 3, 4} {
			if t, ok := m.Group(g); ok {
				name = t
			}
		}
		v = c.Env.Item(v, name)
	}
	if at != len(path) {
		return nil, fail("get_path: %q cannot be read as a path from %q on", path, path[at:])
	}
	if value.Truth(a.v[1]) {
		return value.NewList(v), nil
	}
	return v, nil
}

func indexOfFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "test", "value", "key", "fail_on_missing", "wantlist")
	if err != nil {
		return nil, err
	}
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	items := itemsOf(c.in())
	switch x := c.in().(type) { // as the parameters of a module become lists
	case bool, int64, float64:
		items = []Value{value.Str(x)}
	case string, value.Unsafe:
		items = nil
		for _, part := range strings.Split(value.Str(x), ",") {
			items = append(items, part)
		}
	default:
		if !isSequence(c.in()) {
			return nil, fail("index_of: a list is required, not %s", className(c.in()))
		}
	}
	name := value.Str(a.v[0])
	invert := false
	test, ok := c.Env.Test(name)
	if !ok {
		for _, p := range []string{"not ", "not_", "!"} {
			if rest, cut := strings.CutPrefix(name, p); cut && !ok {
				test, ok = c.Env.Test(rest)
				invert = ok
			}
		}
	}
	if !ok {
		return nil, fail("index_of: the test '%s' was not found in the Jinja2 environment%s", name, DidYouMean("test", name))
	}
	var args []Value
	if a.given[1] {
		args = []Value{a.v[1]}
	}
	found := value.NewList()
	for i, e := range items {
		v := e
		if a.Has(2) {
			keys := []Value{a.v[2]}
			if isSequence(a.v[2]) {
				keys = itemsOf(a.v[2])
			}
			missing := false
			for _, k := range keys {
				d, ok := asDict(v)
				if !ok {
					return nil, fail("index_of: a list of dictionaries is required where key is given")
				}
				if v, ok = d.Get(k); !ok {
					missing = true
					break
				}
			}
			if missing {
				if value.Truth(a.v[3]) {
					return nil, fail("index_of: '%s' was not found in entry %d", value.Str(a.v[2]), i)
				}
				continue
			}
		}
		r, err := test(&Call{Name: name, Args: append([]Value{v}, args...), Env: c.Env})
		if err != nil {
			return nil, err
		}
		if value.Truth(r) != invert {
			found.Append(int64(i))
		}
	}
	if len(found.Items) == 1 && !value.Truth(a.v[4]) {
		return found.Items[0], nil
	}
	return found, nil
}

// utilsFilters are those of ansible.utils that are not about addresses.
var utilsFilters = map[string]Func{
	"to_paths": toPathsFilter, "get_path": getPathFilter, "index_of": indexOfFilter, "consolidate": consolidateFilter,
	"from_xml": fromXMLFilter, "to_xml": toXMLFilter, "param_list_compare": paramListCompareFilter,
	"keep_keys": pickKeys("keep"), "remove_keys": pickKeys("remove"), "replace_keys": replaceKeysFilter,
}

var utilsForeign = foreign(map[string]string{"validate": "jsonschema", "fact_diff": "difflib"})
