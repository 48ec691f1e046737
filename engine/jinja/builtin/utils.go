package builtin

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/pyre"
	"github.com/goplay-engine/goplay/engine/value"
)

// keyMatcher compares keys as matching_parameter says.
func keyMatcher(how, target string) (func(k string) bool, error) {
	switch how {
	case "equality", "equal":
		return func(k string) bool { return k == target }, nil
	case "starts_with":
		return func(k string) bool { return strings.HasPrefix(k, target) }, nil
	case "ends_with":
		return func(k string) bool { return strings.HasSuffix(k, target) }, nil
	case "regex":
		re, err := pyre.Compile(target, 0)
		if err != nil {
			return nil, err
		}
		return func(k string) bool { m, err := re.Match(k); return err == nil && m != nil }, nil
	}
	return nil, fail("matching_parameter must be one of equality, starts_with, ends_with, regex, not %s", how)
}

// pickKeys makes keep_keys and remove_keys. They go through nested data.
func pickKeys(mode string) Func {
	return func(c *Call) (Value, error) {
		a, err := c.Bind(1, "target", "matching_parameter")
		if err != nil {
			return nil, err
		}
		if err := Defined(c.in()); err != nil {
			return nil, err
		}
		targets := []Value{a.v[0]}
		if isSequence(a.v[0]) {
			targets = itemsOf(a.v[0])
		}
		var tests []func(string) bool
		for _, t := range targets {
			f, err := keyMatcher(value.Str(a.Value(1, "equality")), value.Str(t))
			if err != nil {
				return nil, err
			}
			tests = append(tests, f)
		}
		hit := func(k Value) bool {
			for _, f := range tests {
				if f(value.Str(k)) {
					return true
				}
			}
			return false
		}
		if mode == "keep" {
			v, _ := keepKeys(c.in(), hit, 0)
			return v, nil
		}
		return removeKeys(c.in(), hit, 0), nil
	}
}

func removeKeys(v Value, hit func(Value) bool, depth int) Value {
	if depth > 500 {
		return v
	}
	switch x := v.(type) {
	case *value.Dict:
		d := value.NewDict()
		for k, e := range x.All() {
			if !hit(k) {
				d.Set(k, removeKeys(e, hit, depth+1))
			}
		}
		return d
	case *value.List:
		l := value.NewList()
		for _, e := range x.Items {
			l.Append(removeKeys(e, hit, depth+1))
		}
		return l
	}
	return v
}

// keepKeys keeps the keys that match and those above them.
func keepKeys(v Value, hit func(Value) bool, depth int) (Value, bool) {
	if depth > 500 {
		return v, false
	}
	switch x := v.(type) {
	case *value.Dict:
		d := value.NewDict()
		for k, e := range x.All() {
			if hit(k) {
				d.Set(k, e)
			} else if inner, ok := keepKeys(e, hit, depth+1); ok {
				d.Set(k, inner)
			}
		}
		return d, d.Len() > 0
	case *value.List:
		l := &value.List{Items: []Value{}}
		for _, e := range x.Items {
			if inner, ok := keepKeys(e, hit, depth+1); ok {
				l.Append(inner)
			}
		}
		return l, len(l.Items) > 0
	}
	return nil, false
}

func replaceKeysFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "target", "matching_parameter")
	if err != nil {
		return nil, err
	}
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	targets := []Value{a.v[0]}
	if isSequence(a.v[0]) {
		targets = itemsOf(a.v[0])
	}
	type rule struct {
		test  func(string) bool
		after Value
	}
	var rules []rule
	for _, t := range targets {
		d, ok := asDict(t)
		if !ok || !d.Has("before") || !d.Has("after") {
			return nil, fail("replace_keys: each target must be a dictionary with before and after")
		}
		f, err := keyMatcher(value.Str(a.Value(1, "equality")), value.Str(d.At("before")))
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule{f, d.At("after")})
	}
	var walk func(v Value, depth int) Value
	walk = func(v Value, depth int) Value {
		if depth > 500 {
			return v
		}
		switch x := v.(type) {
		case *value.Dict:
			d := value.NewDict()
			for k, e := range x.All() {
				for _, r := range rules {
					if r.test(value.Str(k)) {
						k = r.after
						break
					}
				}
				d.Set(k, walk(e, depth+1))
			}
			return d
		case *value.List:
			l := value.NewList()
			for _, e := range x.Items {
				l.Append(walk(e, depth+1))
			}
			return l
		}
		return v
	}
	return walk(c.in(), 0), nil
}

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
					name := ""
					if t, ok := value.Text(k); ok && strings.ContainsAny(t, ".'\"[] ") {
						name = path + "[" + value.Quote(t) + "]"
					} else if ok && path != "" {
						name = path + "." + t
					} else if ok {
						name = t
					} else {
						name = path + "[" + value.Str(k) + "]"
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
	walk(c.in(), prepend, 0)
	if value.Truth(a.v[1]) {
		return value.NewList(out), nil
	}
	return out, nil
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
	if value.Truth(a.v[1]) && !isSequence(v) {
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
	if !isSequence(c.in()) {
		return nil, fail("index_of: a list is required, not %s", className(c.in()))
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
	for i, e := range itemsOf(c.in()) {
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

// vlanParser joins runs of numbers: 1-3,10.
func vlanParser(c *Call) (Value, error) {
	a, err := c.Bind(0, "first_line_len", "other_line_len")
	if err != nil {
		return nil, err
	}
	first, err := a.Int(0, 48)
	if err != nil {
		return nil, err
	}
	other, err := a.Int(1, 44)
	if err != nil {
		return nil, err
	}
	items, err := c.list()
	if err != nil {
		return nil, err
	}
	var nums []int64
	seen := map[int64]bool{}
	for _, e := range items {
		v, err := py.ToInt(e)
		if err != nil {
			return nil, err
		}
		n, _ := v.(int64)
		if n < 1 || n > 4094 {
			return nil, fail("Valid VLAN range is 1-4094")
		}
		if !seen[n] {
			seen[n] = true
			nums = append(nums, n)
		}
	}
	sort.Slice(nums, func(i, j int) bool { return nums[i] < nums[j] })
	var parts []string
	for i := 0; i < len(nums); {
		j := i
		for j+1 < len(nums) && nums[j+1] == nums[j]+1 {
			j++
		}
		switch {
		case j == i:
			parts = append(parts, fmt.Sprint(nums[i]))
		case j == i+1:
			parts = append(parts, fmt.Sprint(nums[i]), fmt.Sprint(nums[j]))
		default:
			parts = append(parts, fmt.Sprintf("%d-%d", nums[i], nums[j]))
		}
		i = j + 1
	}
	l := value.NewList()
	line, limit := "", int(first)
	for _, p := range parts {
		switch {
		case line == "":
			line = p
		case len(line)+1+len(p) > limit:
			l.Append(line)
			line, limit = p, int(other)
		default:
			line += "," + p
		}
	}
	if line != "" {
		l.Append(line)
	}
	return l, nil
}

func vlanExpander(c *Call) (Value, error) {
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	l := value.NewList()
	for _, p := range strings.Split(t, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(p), "-")
		a, err := strconv.ParseInt(from, 10, 64)
		b := a
		if err == nil && isRange {
			b, err = strconv.ParseInt(to, 10, 64)
		}
		if err != nil || b-a > 5000 {
			return nil, fail("vlan_expander: %q is no VLAN or range of VLANs", p)
		}
		for ; a <= b; a++ {
			l.Append(a)
		}
	}
	return l, nil
}

// utilsFilters are those of ansible.utils that are not about addresses.
var utilsFilters = map[string]Func{
	"to_paths": toPathsFilter, "get_path": getPathFilter, "index_of": indexOfFilter,
	"keep_keys": pickKeys("keep"), "remove_keys": pickKeys("remove"), "replace_keys": replaceKeysFilter,
}

var netcommonFilters = map[string]Func{"vlan_parser": vlanParser, "vlan_expander": vlanExpander}
