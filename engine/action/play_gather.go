package action

import (
	"github.com/goplay-engine/goplay/engine/value"
)

// gatherFacts runs the modules that gather facts: setup, or what facts_modules
// names.
func gatherFacts(c *Context) (*value.Dict, error) {
	args := value.NewDict()
	for k, v := range c.Args.All() {
		if value.Str(k) != "parallel" && v != nil {
			args.Set(k, v)
		}
	}
	modules := []string{"ansible.builtin.setup"}
	if c.FactsModules != nil {
		modules = c.FactsModules
	}
	facts := value.NewDict()
	out := value.DictOf("ansible_facts", facts, "changed", false)
	for _, m := range modules {
		r, err := c.Module(m, args, nil)
		if err != nil {
			return nil, err
		}
		if value.Truth(r.At("failed")) {
			return r, nil
		}
		if f, ok := r.At("ansible_facts").(*value.Dict); ok {
			facts.Update(f)
		}
		for _, k := range []string{"warnings", "deprecations"} {
			if w, ok := r.GetStr(k); ok {
				out.Set(k, w)
			}
		}
	}
	out.Set("_ansible_verbose_override", true)
	return out, nil
}
