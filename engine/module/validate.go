package module

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// validated is what checking arguments against a Spec gave. On an error params
// holds what was reached, for the invocation shown with the failure.
type validated struct {
	params   *value.Dict
	warnings []string
	secrets  []string
	err      string // the first error in Ansible's order, "" when all is well
	unknown  []string
	known    string // the "Supported parameters include" text that goes with unknown
}

type validator struct {
	name string // the module's name as the user wrote it
	env  func(string) string
	out  validated
}

// validate checks args in the order Ansible does: exclusive parameters, required
// ones, types, choices, rules over several, sub-options, unknown names.
func validate(name string, s *Spec, args *value.Dict, env func(string) string) *validated {
	v := &validator{name: name, env: env}
	v.out.params = value.NewDictCap(args.Len() + len(s.Params))
	v.out.params.Update(args)
	v.level(s, v.out.params, nil)
	if len(v.out.unknown) > 0 {
		sort.Strings(v.out.unknown)
		v.fail(fmt.Sprintf("Unsupported parameters for (%s) module: %s. %s", name, strings.Join(v.out.unknown, ", "), v.out.known))
	}
	for _, p := range s.Params {
		if !v.out.params.Has(p.Name) {
			v.out.params.Set(p.Name, value.Copy(p.Default))
		}
	}
	return &v.out
}

func (v *validator) fail(msg string) {
	if v.out.err == "" {
		v.out.err = msg
	}
}

func (v *validator) level(s *Spec, d *value.Dict, path []string) {
	in := ""
	if len(path) > 0 {
		in = " found in " + strings.Join(path, " -> ")
	}
	for _, p := range s.Params {
		given := d.Has(p.Name)
		for _, a := range p.Aliases {
			if !d.Has(a) {
				continue
			}
			if given {
				v.out.warnings = append(v.out.warnings, fmt.Sprintf("Both option %s%s and its alias %s%s are set.", dotted(path), p.Name, dotted(path), a))
			}
			d.Set(p.Name, d.At(a))
			given = true
		}
		if p.NoLog && d.Has(p.Name) {
			v.out.secrets = collectSecrets(v.out.secrets, d.At(p.Name))
		}
	}
	for k := range d.All() {
		if n := value.Str(k); s.byName[n] == nil {
			v.out.unknown = append(v.out.unknown, dotted(path)+n)
			v.out.known = supported(s)
		}
	}
	r := &s.Rules
	var clash []string
	for _, set := range r.MutuallyExclusive {
		if r.countGiven(d, set) > 1 {
			clash = append(clash, strings.Join(set, "|"))
		}
	}
	if len(clash) > 0 {
		v.fail("parameters are mutually exclusive: " + strings.Join(clash, ", ") + in)
	}
	var missing []string
	for _, p := range s.Params {
		if d.Has(p.Name) {
			continue
		}
		if p.Required {
			missing = append(missing, p.Name)
		} else if p.Env != "" && v.env(p.Env) != "" {
			d.Set(p.Name, v.env(p.Env))
		} else if p.Default != nil {
			d.Set(p.Name, value.Copy(p.Default))
		}
	}
	if len(missing) > 0 {
		sort.Strings(missing)
		v.fail("missing required arguments: " + strings.Join(missing, ", ") + in)
	}
	for _, p := range s.Params {
		v.types(p, d, path)
	}
	for _, p := range s.Params {
		v.choices(p, d, in)
	}
	v.rules(r, d, in)
	for _, p := range s.Params {
		v.sub(p, d, path)
		if !d.Has(p.Name) {
			d.Set(p.Name, nil)
		}
	}
}

// privatePrefix marks parameters between an action and its module; they show in
// no text and no result.
const privatePrefix = "_goplay_"

func dotted(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return strings.Join(path, ".") + "."
}

func supported(s *Spec) string {
	var aliases []string
	var names []string
	for _, p := range s.Params {
		if strings.HasPrefix(p.Name, privatePrefix) {
			continue
		}
		names = append(names, p.Name)
		aliases = append(aliases, p.Aliases...)
	}
	sort.Strings(names)
	t := "Supported parameters include: " + strings.Join(names, ", ")
	if len(aliases) > 0 {
		sort.Strings(aliases)
		t += " (" + strings.Join(aliases, ", ") + ")"
	}
	return t + "."
}

func (r *Rules) countGiven(d *value.Dict, names []string) int {
	n := 0
	for _, k := range names {
		if r.given(d, k) {
			n++
		}
	}
	return n
}

func (v *validator) types(p *Param, d *value.Dict, path []string) {
	x := d.At(p.Name)
	if x == nil {
		return
	}
	in := ""
	if len(path) > 0 {
		in = fmt.Sprintf(" found in '%s'.", strings.Join(path, " -> "))
	}
	y, err := convert(x, p.Type, v.env)
	if err != nil {
		v.fail(fmt.Sprintf("argument '%s' is of type <class '%s'>%s and we were unable to convert to %s: %s", p.Name, value.TypeName(x), in, p.Type, err))
		return
	}
	d.Set(p.Name, y)
	l, ok := y.(*value.List)
	if !ok || p.Elements == "" || p.Elements == "raw" {
		return
	}
	items := value.NewList()
	d.Set(p.Name, items)
	for _, e := range l.Items {
		c, err := convert(e, p.Elements, v.env)
		if err != nil {
			at := ""
			if len(path) > 0 {
				at = fmt.Sprintf(" found in '%s'", strings.Join(path, " -> "))
			}
			v.fail(fmt.Sprintf("Elements value for option '%s'%s is of type <class '%s'> and we were unable to convert to %s: %s", p.Name, at, value.TypeName(e), p.Elements, err))
			return
		}
		items.Append(c)
	}
}

func (v *validator) choices(p *Param, d *value.Dict, in string) {
	if len(p.Choices) == 0 || !d.Has(p.Name) {
		return
	}
	x := d.At(p.Name)
	if l, ok := x.(*value.List); ok {
		var bad []string
		for _, e := range l.Items {
			if !slices.Contains(p.Choices, value.Str(e)) {
				bad = append(bad, value.Str(e))
			}
		}
		if len(bad) > 0 {
			v.fail(fmt.Sprintf("value of %s must be one or more of: %s. Got no match for: %s%s", p.Name, strings.Join(p.Choices, ", "), strings.Join(bad, ", "), in))
		}
		return
	}
	s := value.Str(x)
	if slices.Contains(p.Choices, s) {
		return
	}
	// An unquoted yes or no arrives as a boolean; it means the one choice of that sense.
	if s == "True" || s == "False" {
		var same []string
		for _, c := range p.Choices {
			if b, ok := boolWords[strings.ToLower(c)]; ok && b == (s == "True") {
				same = append(same, c)
			}
		}
		if len(same) == 1 {
			d.Set(p.Name, same[0])
			return
		}
	}
	v.fail(fmt.Sprintf("value of %s must be one of: %s, got: %s%s", p.Name, strings.Join(p.Choices, ", "), s, in))
}

func (v *validator) rules(r *Rules, d *value.Dict, in string) {
	for _, set := range r.RequiredTogether {
		if n := r.countGiven(d, set); n > 0 && n < len(set) {
			v.fail("parameters are required together: " + strings.Join(set, ", ") + in)
		}
	}
	for _, set := range r.RequiredOneOf {
		if r.countGiven(d, set) == 0 {
			v.fail("one of the following is required: " + strings.Join(set, ", ") + in)
		}
	}
	for _, c := range r.RequiredIf {
		if !d.Has(c.Key) || !value.Equal(d.At(c.Key), c.Value) {
			continue
		}
		var missing []string
		for _, n := range c.Required {
			if !r.given(d, n) {
				missing = append(missing, n)
			}
		}
		if len(missing) == 0 || c.AnyOf && len(missing) < len(c.Required) {
			continue
		}
		which := "all"
		if c.AnyOf {
			which = "any"
		}
		v.fail(fmt.Sprintf("%s is %s but %s of the following are missing: %s%s", c.Key, value.Str(c.Value), which, strings.Join(missing, ", "), in))
	}
	for _, set := range r.RequiredBy {
		if d.At(set[0]) == nil {
			continue
		}
		var missing []string
		for _, n := range set[1:] {
			if d.At(n) == nil {
				missing = append(missing, n)
			}
		}
		if len(missing) > 0 {
			v.fail(fmt.Sprintf("missing parameter(s) required by '%s': %s%s", set[0], strings.Join(missing, ", "), in))
		}
	}
}

func (v *validator) sub(p *Param, d *value.Dict, path []string) {
	if p.Sub == nil || d.At(p.Name) == nil {
		return
	}
	path = append(slices.Clone(path), p.Name)
	one := func(x value.Value) *value.Dict {
		c := x.(*value.Dict).Clone() // the caller's arguments stay as they are
		v.level(p.Sub, c, path)
		return c
	}
	switch x := d.At(p.Name).(type) {
	case *value.Dict:
		d.Set(p.Name, one(x))
	case *value.List:
		l := value.NewList()
		for _, e := range x.Items {
			if _, ok := e.(*value.Dict); ok {
				l.Append(one(e))
			}
		}
		d.Set(p.Name, l)
	}
}
