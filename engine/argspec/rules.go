package argspec

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

func given(args *value.Dict, name string) bool {
	v, ok := args.GetStr(name)
	return ok && v != nil
}

func count(args *value.Dict, names []string) int {
	n := 0
	for _, s := range names {
		if given(args, s) {
			n++
		}
	}
	return n
}

// groups reads a rule that is a list of lists of names; a plain list of names is
// one group.
func groups(v value.Value) [][]string {
	var out [][]string
	items := list(v)
	for _, g := range items {
		if _, ok := value.Text(g); ok {
			return [][]string{words(v)}
		}
		out = append(out, words(g))
	}
	return out
}

func (c *checker) exclusive(rules, args *value.Dict, path []string) {
	var bad []string
	for _, g := range groups(rules.At("mutually_exclusive")) {
		if count(args, g) > 1 {
			bad = append(bad, strings.Join(g, "|"))
		}
	}
	if len(bad) > 0 {
		c.fail(path, "parameters are mutually exclusive: %s", strings.Join(bad, ", "))
	}
}

// rules checks what options demand of each other. Of each rule the first breach
// is told.
func (c *checker) rules(rules, args *value.Dict, path []string) {
	for _, g := range groups(rules.At("required_together")) {
		if n := count(args, g); n > 0 && n < len(g) {
			c.fail(path, "parameters are required together: %s", strings.Join(g, ", "))
			break
		}
	}
	for _, g := range groups(rules.At("required_one_of")) {
		if count(args, g) == 0 {
			c.fail(path, "one of the following is required: %s", strings.Join(g, ", "))
			break
		}
	}
	for _, r := range list(rules.At("required_if")) {
		if c.requiredIf(list(r), args, path) {
			break
		}
	}
	by, _ := rules.At("required_by").(*value.Dict)
	for k, v := range by.All() {
		name := value.Str(k)
		if !given(args, name) {
			continue
		}
		var missing []string
		for _, w := range words(v) {
			if !given(args, w) {
				missing = append(missing, w)
			}
		}
		if len(missing) > 0 {
			c.fail(path, "missing parameter(s) required by '%s': %s", name, strings.Join(missing, ", "))
		}
	}
}

// requiredIf checks [option, value, names, any] and tells whether it is broken.
func (c *checker) requiredIf(r []value.Value, args *value.Dict, path []string) bool {
	if len(r) < 3 {
		return false
	}
	name := value.Str(r[0])
	v, ok := args.GetStr(name)
	if !ok || !value.Equal(v, r[1]) {
		return false
	}
	names := words(r[2])
	anyOf := len(r) > 3 && value.Truth(r[3])
	var missing []string
	for _, n := range names {
		if !given(args, n) {
			missing = append(missing, n)
		}
	}
	if anyOf && len(missing) < len(names) || len(missing) == 0 {
		return false
	}
	what := "all"
	if anyOf {
		what = "any"
	}
	c.fail(path, "%s is %s but %s of the following are missing: %s", name, value.Str(r[1]), what, strings.Join(missing, ", "))
	return true
}

// choices checks a value, or each of a list, against those allowed.
func (c *checker) choices(name string, o, args *value.Dict, path []string) {
	l, ok := o.At("choices").(*value.List)
	if !ok {
		return
	}
	v, ok := args.GetStr(name)
	if !ok || v == nil {
		return
	}
	in := func(e value.Value) bool {
		for _, w := range l.Items {
			if value.Equal(w, e) {
				return true
			}
		}
		return false
	}
	if many, ok := v.(*value.List); ok {
		var bad []string
		for _, e := range many.Items {
			if !in(e) {
				bad = append(bad, value.Str(e))
			}
		}
		if len(bad) > 0 {
			c.fail(path, "value of %s must be one or more of: %s. Got no match for: %s", name, strings.Join(words(l), ", "), strings.Join(bad, ", "))
		}
		return
	}
	if in(v) {
		return
	}
	// YAML reads yes and no as booleans: where the choices hold one word of that
	// meaning, it is meant.
	if s, ok := value.Text(v); ok && (s == "True" || s == "False") {
		var same []string
		for _, w := range words(l) {
			if b, err := toBool(w); err == nil && b == (s == "True") {
				same = append(same, w)
			}
		}
		if len(same) == 1 {
			args.Set(name, same[0])
			return
		}
	}
	c.fail(path, "value of %s must be one of: %s, got: %s", name, strings.Join(words(l), ", "), value.Str(v))
}
