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
