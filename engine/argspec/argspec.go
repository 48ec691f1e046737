// Package argspec checks values against an argument specification given as data,
// as roles (meta/argument_specs.yml) and the validate_argument_spec action have
// it: required, type, elements, choices, default, aliases, nested options and the
// rules between options, with Ansible's messages.
//
// It imports engine/value and engine/yaml only. Modules of the engine describe
// their arguments by Go structs instead; see engine/module.
package argspec

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// Options change how values are judged and named.
type Options struct {
	// Class names a value's type in messages; nil: Python's name of the plain
	// type, <class 'str'>.
	Class func(v value.Value) string
	// Rules between the options of the top level (mutually_exclusive,
	// required_together, required_one_of, required_if, required_by); nil: none.
	Rules *value.Dict
}

// Validate checks args against spec, a dictionary of options. It returns the
// arguments converted, with defaults filled in, and the messages of what is
// wrong, in Ansible's order. args is not changed.
func Validate(spec, args *value.Dict, o Options) (*value.Dict, []string) {
	if o.Class == nil {
		o.Class = Class
	}
	c := &checker{opts: o}
	out := args.Clone()
	rules := o.Rules
	if rules == nil {
		rules = value.NewDict()
	}
	c.level(spec, out, rules, nil)
	if len(c.unsupported) > 0 {
		sort.Strings(c.unsupported)
		c.errors = append(c.errors, fmt.Sprintf("%s. Supported parameters include: %s.",
			strings.Join(c.unsupported, ", "), strings.Join(c.supported, ", ")))
	}
	return out, c.errors
}

// Class is Python's name of a value's plain type.
func Class(v value.Value) string {
	switch v.(type) {
	case string, value.Unsafe, *value.Secret:
		return "<class 'str'>"
	case nil:
		return "<class 'NoneType'>"
	}
	return "<class '" + value.TypeName(v) + "'>"
}

type checker struct {
	opts        Options
	errors      []string
	unsupported []string
	supported   []string
}

// fail adds a message; path is where within nested options it applies.
func (c *checker) fail(path []string, format string, a ...any) {
	s := fmt.Sprintf(format, a...)
	if len(path) > 0 {
		s += " found in " + strings.Join(path, " -> ")
	}
	c.errors = append(c.errors, s)
}

func option(spec *value.Dict, name string) *value.Dict {
	d, _ := spec.At(name).(*value.Dict)
	if d == nil {
		return value.NewDict()
	}
	return d
}

// level checks one level of options in place.
func (c *checker) level(spec, args, rules *value.Dict, path []string) {
	c.aliases(spec, args)
	c.unknown(spec, args, path)
	c.exclusive(rules, args, path)
	c.defaults(spec, args, path)
	var missing []string
	for k := range spec.All() {
		name := value.Str(k)
		if value.Truth(option(spec, name).At("required")) && !args.Has(name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		sort.Strings(missing)
		c.fail(path, "missing required arguments: %s", strings.Join(missing, ", "))
	}
	for k := range spec.All() {
		c.convert(value.Str(k), option(spec, value.Str(k)), args, path)
	}
	for k := range spec.All() {
		c.choices(value.Str(k), option(spec, value.Str(k)), args, path)
	}
	c.rules(rules, args, path)
	for k := range spec.All() {
		if name := value.Str(k); !args.Has(name) {
			args.Set(name, nil)
		}
	}
	for k := range spec.All() {
		c.nested(value.Str(k), option(spec, value.Str(k)), args, path)
	}
}

// aliases copies values given under another name to the option itself.
func (c *checker) aliases(spec, args *value.Dict) {
	for k := range spec.All() {
		name := value.Str(k)
		for _, a := range list(option(spec, name).At("aliases")) {
			if v, ok := args.GetStr(value.Str(a)); ok {
				args.Set(name, v)
			}
		}
	}
}

func (c *checker) unknown(spec, args *value.Dict, path []string) {
	legal := map[string]bool{}
	var shown []string
	for k := range spec.All() {
		name := value.Str(k)
		legal[name] = true
		var also []string
		for _, a := range list(option(spec, name).At("aliases")) {
			legal[value.Str(a)] = true
			also = append(also, value.Str(a))
		}
		if len(also) > 0 {
			sort.Strings(also)
			name += " (" + strings.Join(also, ", ") + ")"
		}
		shown = append(shown, name)
	}
	found := false
	for k := range args.All() {
		if s := value.Str(k); !legal[s] {
			found = true
			c.unsupported = append(c.unsupported, strings.Join(append(slices.Clone(path), s), "."))
		}
	}
	if found {
		sort.Strings(shown)
		c.supported = append(c.supported, shown...)
	}
}

func (c *checker) defaults(spec, args *value.Dict, path []string) {
	for k := range spec.All() {
		name := value.Str(k)
		o := option(spec, name)
		d, ok := o.GetStr("default")
		if !ok || d == nil {
			continue
		}
		if value.Truth(o.At("required")) {
			c.fail(path, "internal error: required and default are mutually exclusive for %s", name)
		}
		if !args.Has(name) {
			args.Set(name, value.Copy(d))
		}
	}
}

func list(v value.Value) []value.Value {
	switch x := v.(type) {
	case *value.List:
		return x.Items
	case value.Tuple:
		return x
	case nil:
		return nil
	}
	return []value.Value{v}
}

func words(v value.Value) []string {
	var out []string
	for _, e := range list(v) {
		out = append(out, value.Str(e))
	}
	return out
}

// nested checks the options within a dictionary or a list of them.
func (c *checker) nested(name string, o, args *value.Dict, path []string) {
	sub, ok := o.At("options").(*value.Dict)
	if !ok {
		return
	}
	v, _ := args.GetStr(name)
	if v == nil {
		if !value.Truth(o.At("apply_defaults")) {
			return
		}
		v = value.NewDict()
		args.Set(name, v)
	}
	at := append(slices.Clone(path), name)
	kind := value.Str(o.At("type"))
	switch {
	case kind == "list":
		l, ok := v.(*value.List)
		if !ok || value.Str(o.At("elements")) != "dict" {
			return
		}
		for i, e := range l.Items {
			if d, ok := e.(*value.Dict); ok {
				d = d.Clone()
				c.level(sub, d, o, at)
				l.Items[i] = d
			}
		}
	default:
		if d, ok := v.(*value.Dict); ok {
			d = d.Clone()
			c.level(sub, d, o, at)
			args.Set(name, d)
		}
	}
}
