package builtin

import (
	"strings"

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

// keyed refuses what has no keys at any depth.
func keyed(v Value, filter, purpose string) error {
	switch v.(type) {
	case *value.Dict, *value.List:
		return nil
	}
	return fail("Error when using plugin '%s_keys': Input is not valid for %s", filter, purpose)
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
		if err := keyed(c.in(), mode, map[string]string{"keep": "keep operation", "remove": "attribute removal"}[mode]); err != nil {
			return nil, err
		}
		if mode == "keep" {
			return keepKeys(c.in(), hit, 0), nil
		}
		return removeKeys(c.in(), hit, 0), nil
	}
}

// removeKeys leaves out the keys that match, and what is empty in lists.
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
		l := &value.List{Items: []Value{}}
		for _, e := range x.Items {
			r := removeKeys(e, hit, depth+1)
			if _, list := e.(*value.List); list && value.Truth(e) || value.Truth(r) {
				l.Append(r)
			}
		}
		return l
	}
	return v
}

// keepKeys keeps the keys that match, those above them, and lists of anything
// but dictionaries.
func keepKeys(v Value, hit func(Value) bool, depth int) Value {
	if depth > 500 {
		return v
	}
	switch x := v.(type) {
	case *value.Dict:
		d := value.NewDict()
		for k, e := range x.All() {
			if hit(k) { // whole, as ansible.utils 4.1 and later do
				d.Set(k, e)
				continue
			}
			switch y := e.(type) {
			case *value.List:
				if l := keepInList(y, hit, depth+1); len(l.Items) > 0 {
					d.Set(k, l)
				}
			case *value.Dict:
				if in := keepKeys(y, hit, depth+1); value.Truth(in) {
					d.Set(k, in)
				}
			}
		}
		return d
	case *value.List:
		l := &value.List{Items: []Value{}}
		for _, e := range x.Items {
			l.Append(keepKeys(e, hit, depth+1))
		}
		return l
	}
	return v
}

// keepInList is keepKeys for a list under a key that does not match: what is
// empty goes, and the texts with it, should nothing else be left.
func keepInList(x *value.List, hit func(Value) bool, depth int) *value.List {
	l := &value.List{Items: []Value{}}
	onlyText := true
	for _, e := range x.Items {
		r := keepKeys(e, hit, depth+1)
		switch e.(type) {
		case *value.Dict, *value.List:
			if !value.Truth(r) {
				continue
			}
		}
		_, text := value.Text(e)
		onlyText = onlyText && text
		l.Append(r)
	}
	if onlyText {
		l.Items = nil
	}
	return l
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
	if err := keyed(c.in(), "replace", "replace operation"); err != nil {
		return nil, err
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
				d.Set(k, walk(e, depth+1))
			}
			for _, r := range rules { // one after the other: a new name may be replaced again
				for _, k := range d.Keys() {
					if r.test(value.Str(k)) {
						e, _ := d.Get(k)
						d.Delete(k)
						d.Set(r.after, e)
					}
				}
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
