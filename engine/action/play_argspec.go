package action

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/argspec"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/value"
)

// validateArgumentSpec checks variables of the host, and arguments given with the task, against a
// specification. Roles with meta/argument_specs.yml begin with it.
func validateArgumentSpec(c *Context) (*value.Dict, error) {
	given, ok := c.Args.GetStr("argument_spec")
	if !ok {
		return nil, fmt.Errorf(`"argument_spec" arg is required in args: %s`, value.Repr(c.Args))
	}
	spec, ok := given.(*value.Dict)
	if !ok {
		return nil, fmt.Errorf("Incorrect type for argument_spec, expected dict and got %s", argspec.Class(given))
	}
	provided := value.NewDict()
	if v, ok := c.Args.GetStr("provided_arguments"); ok && v != nil {
		if provided, ok = v.(*value.Dict); !ok {
			return nil, fmt.Errorf("Incorrect type for provided_arguments, expected dict and got %s", argspec.Class(v))
		}
	}
	args, written, err := argumentVars(c, spec)
	if err != nil {
		return nil, err
	}
	args.Update(provided)

	out := value.DictOf("changed", false)
	about, ok := c.Args.GetStr("validate_args_context")
	if !ok {
		about = value.NewDict()
	}
	out.Set("validate_args_context", about)
	_, wrong := argspec.Validate(spec, args, argspec.Options{Class: func(v value.Value) string {
		if s, ok := v.(string); ok && written[s] {
			return "<class 'ansible.parsing.yaml.objects.AnsibleUnicode'>"
		}
		return argspec.Class(v)
	}})
	if len(wrong) == 0 {
		out.Set("msg", "The arg spec validation passed")
		return out, nil
	}
	out.Set("failed", true)
	out.Set("msg", "Validation of arguments failed:\n"+strings.Join(wrong, "\n"))
	out.Set("argument_spec_data", spec)
	out.Set("argument_errors", value.From(wrong))
	return out, nil
}

// argumentVars returns the host's variables that the specification names, rendered, and which texts among them stand in a
// file as they are: messages name their type differently.
func argumentVars(c *Context, spec *value.Dict) (args *value.Dict, written map[string]bool, err error) {
	args, written = value.NewDict(), map[string]bool{}
	for k := range spec.All() {
		name := value.Str(k)
		raw, pos, ok := c.Templar.Vars().Lookup(name)
		if !ok {
			continue
		}
		if pos.Line > 0 {
			noteWritten(raw, written)
		}
		v, ok, err := c.Templar.Var(name)
		if err != nil {
			return nil, nil, err
		}
		if ok {
			args.Set(name, v)
		}
	}
	return args, written, nil
}

// noteWritten notes the texts in a value that are no templates.
func noteWritten(v value.Value, written map[string]bool) {
	switch x := v.(type) {
	case string:
		if !templar.IsTemplate(x) {
			written[x] = true
		}
	case *value.List:
		for _, e := range x.Items {
			noteWritten(e, written)
		}
	case *value.Dict:
		for _, e := range x.All() {
			noteWritten(e, written)
		}
	}
}
