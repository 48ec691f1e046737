package builtin

import (
	"sort"

	"github.com/goplay-engine/goplay/engine/value"
)

// consolidateFilter is ansible.utils.consolidate: it joins lists of
// dictionaries by the value each has under a key.
func consolidateFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "fail_missing_match_key", "fail_missing_match_value", "fail_duplicate")
	if err != nil {
		return nil, err
	}
	sources, err := c.list()
	if err != nil {
		return nil, err
	}
	wrong := func(format string, x ...any) error {
		return fail("Error when using plugin 'consolidate': "+format, x...)
	}
	type source struct {
		name Value
		by   *value.Dict
	}
	var all []source
	seen := newSet()
	var keys []Value
	for i, s := range sources {
		d, ok := asDict(s)
		if !ok || !d.Has("data") || !d.Has("match_key") || !d.Has("name") {
			return nil, wrong("data source %d needs data, match_key and name", i+1)
		}
		items, err := c.listOf(d.At("data"))
		if err != nil {
			return nil, err
		}
		src := source{d.At("name"), value.NewDict()}
		for j, e := range items {
			item, _ := asDict(e)
			k, ok := item.Get(d.At("match_key"))
			if !ok {
				if value.Truth(a.v[0]) {
					return nil, wrong("fail_missing_match_key Error: missing match key %s in data source %d in list entry %d", value.Repr(d.At("match_key")), i+1, j+1)
				}
				continue
			}
			if _, twice := src.by.Get(k); twice && value.Truth(a.v[2]) {
				return nil, wrong("fail_duplicate Error: duplicate match value %s in data source %d", value.Repr(k), i+1)
			}
			src.by.Set(k, e)
			if seen.add(k) {
				keys = append(keys, k)
			}
		}
		all = append(all, src)
	}
	sort.SliceStable(keys, func(i, j int) bool { return value.Str(keys[i]) < value.Str(keys[j]) })
	out := value.NewDict()
	for i, s := range all {
		for _, k := range keys {
			v, ok := s.by.Get(k)
			if !ok {
				if value.Truth(a.v[1]) {
					return nil, wrong("fail_missing_match_value Error: missing match value %s in data source %d", value.Repr(k), i+1)
				}
				v = value.NewDict()
			}
			row, ok := out.Get(k)
			if !ok {
				row = value.NewDict()
				out.Set(k, row)
			}
			row.(*value.Dict).Set(s.name, v)
		}
	}
	return out, nil
}

// paramListCompareFilter is ansible.utils.param_list_compare: a list of names
// with all, !name and !all in it, against all there are.
func paramListCompareFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "target")
	if err != nil {
		return nil, err
	}
	base, err := c.list()
	if err != nil {
		return nil, err
	}
	wanted, err := c.listOf(a.v[0])
	if err != nil {
		return nil, err
	}
	known := newSet()
	for _, v := range base {
		known.add(v)
	}
	in, out, odd := newSet(), newSet(), listValue(nil)
	for _, v := range wanted {
		t, _ := value.Text(v)
		switch name := t; {
		case name == "all" || name == "!all":
			for _, b := range base {
				if name == "all" {
					in.add(b)
				} else {
					out.add(b)
				}
			}
		case len(name) > 1 && name[0] == '!' && known.has(name[1:]):
			out.add(name[1:])
		case known.has(v):
			in.add(v)
		default:
			odd.Append(v)
		}
	}
	actions := listValue(nil)
	for _, b := range base {
		if in.has(b) && !out.has(b) {
			actions.Append(b)
		}
	}
	return value.DictOf("actionable", actions, "unsupported", odd), nil
}
