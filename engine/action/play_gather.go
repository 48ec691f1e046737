package action

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// gatherFacts runs the modules that gather facts: setup, or what facts_modules
// names. One that fails does not keep the others from running.
func gatherFacts(c *Context) (*value.Dict, error) {
	modules := []string{"ansible.legacy.setup"}
	if c.FactsModules != nil {
		modules = c.FactsModules
	}
	facts, failed, skipped := value.NewDict(), value.NewDict(), value.NewDict()
	notes := value.DictOf("deprecations", value.NewList(), "warnings", value.NewList())
	for _, m := range modules {
		r, err := c.Module(m, factArgs(c, m), nil)
		if err != nil {
			return nil, err
		}
		switch {
		case value.Truth(r.At("failed")):
			failed.Set(m, without(r, "changed"))
		case value.Truth(r.At("skipped")):
			skipped.Set(m, r)
		}
		if f, ok := r.At("ansible_facts").(*value.Dict); ok {
			facts.Update(f)
		}
		for k, all := range notes.All() {
			if l, ok := r.At(value.Str(k)).(*value.List); ok {
				all.(*value.List).Items = append(all.(*value.List).Items, l.Items...)
			}
		}
	}
	out := value.DictOf("ansible_facts", facts, "changed", false)
	for k, all := range notes.All() {
		if len(modules) > 1 || all.(*value.List).Len() > 0 {
			out.Set(k, all)
		}
	}
	msg := ""
	if skipped.Len() > 0 {
		msg = "The following modules were skipped: " + names(skipped) + "\n"
		out.Set("skipped_modules", skipped)
		if skipped.Len() == len(modules) {
			out.Set("skipped", true)
		}
	}
	if failed.Len() > 0 {
		msg += "The following modules failed to execute: " + names(failed) + "\n"
		out.Set("failed", true)
		out.Set("failed_modules", failed)
	}
	if msg != "" {
		out.Set("msg", msg)
	}
	out.Set("_ansible_verbose_override", true)
	return out, nil
}

func names(d *value.Dict) string {
	var out []string
	for k := range d.All() {
		out = append(out, value.Str(k))
	}
	return strings.Join(out, ", ")
}

// factArgs are the arguments for one module; what says which facts to gather is for setup alone.
func factArgs(c *Context, module string) *value.Dict {
	args := value.NewDict()
	setup := FullName(module) == "ansible.builtin.setup"
	for k, v := range c.Args.All() {
		what := strings.TrimPrefix(value.Str(k), "gather_")
		switch {
		case what == "parallel", v == nil:
		case setup || what != "subset" && what != "timeout" && what != "filter":
			args.Set(k, v)
		case what == "subset" && (value.Str(v) == "all" || value.Str(v) == "['all']"):
		default:
			c.Warn(fmt.Sprintf("Not passing %s(%s) to %s", what, value.Str(v), module))
		}
	}
	return args
}
