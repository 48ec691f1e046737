package run

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

const argsUnsafe = "Using a variable for a task's 'args' is unsafe in some situations (see https://docs.ansible.com/ansible/devel/reference_appendices/faq.html#argsplat-unsafe)"

// arguments renders a task's arguments over its module defaults; those that
// come to `omit` are left out.
func (tr *taskRun) arguments(t *templar.Templar, raw bool) (*value.Dict, error) {
	task := tr.task
	args := task.Args
	if task.ArgsTemplate.Set {
		if tr.r.o.Store.InjectFacts {
			tr.emit(event.Warning{Msg: argsUnsafe})
		}
		v, err := t.Render(task.ArgsTemplate.Val, task.ArgsTemplate.Pos)
		if err != nil {
			return nil, err
		}
		d, ok := v.(*value.Dict)
		if !ok {
			return nil, fmt.Errorf("invalid or malformed argument: '%s'", value.Str(v))
		}
		merged := d.Clone()
		merged.Update(args)
		args = merged
	}
	defaults, err := tr.moduleDefaults(t, task.Action, task.Resolved)
	if err != nil {
		return nil, err
	}
	if raw {
		if defaults.Len() > 0 {
			defaults.Update(args)
			args = defaults
		}
		return withoutOmitted(t, args), nil
	}
	argument := (*templar.Templar).Render
	switch task.Resolved {
	case "ansible.builtin.set_fact", "ansible.builtin.debug", "ansible.builtin.add_host":
		argument = (*templar.Templar).RenderKeeping
	}
	out := value.NewDictCap(args.Len() + defaults.Len())
	render := func(d *value.Dict) error {
		for k, v := range d.All() {
			name, _ := value.Text(k)
			pos := d.PosOf(name)
			if pos.IsZero() {
				pos = task.ArgsPos
			}
			r, err := argument(t, v, pos)
			if err != nil {
				return err
			}
			if r, ok := dropOmitted(t, r); ok {
				out.Set(k, r)
			} else {
				out.Delete(k)
			}
		}
		return nil
	}
	if err := render(defaults); err != nil {
		return nil, err
	}
	return out, render(args)
}

// withoutOmitted leaves out arguments that come to omit; the others stay as they
// are written.
func withoutOmitted(t *templar.Templar, args *value.Dict) *value.Dict {
	out := args
	for k, v := range args.All() {
		s, ok := v.(string)
		if !ok || !strings.Contains(s, "omit") || !templar.IsTemplate(s) {
			continue
		}
		if r, err := t.Render(s, args.PosOf(value.Str(k))); err == nil && isOmit(t, r) {
			if out == args {
				out = args.Clone()
			}
			out.Delete(k)
		}
	}
	return out
}

// dropOmitted removes omitted parts of a value; ok is false where the whole is.
func dropOmitted(t *templar.Templar, v value.Value) (value.Value, bool) {
	switch x := v.(type) {
	case string, value.Unsafe:
		return v, !isOmit(t, v)
	case *value.Dict:
		if !holdsOmit(x) {
			return v, true
		}
		d := value.NewDictCap(x.Len())
		for k, e := range x.All() {
			if e, ok := dropOmitted(t, e); ok {
				d.Set(k, e)
			}
		}
		return d, true
	case *value.List:
		if !holdsOmit(x) {
			return v, true
		}
		l := value.NewList()
		for _, e := range x.Items {
			if e, ok := dropOmitted(t, e); ok {
				l.Append(e)
			}
		}
		return l, true
	}
	return v, true
}

// holdsOmit spares the copy in the common case.
func holdsOmit(v value.Value) bool {
	switch x := v.(type) {
	case string:
		return strings.HasPrefix(x, "__omit_place_holder__")
	case value.Unsafe:
		return strings.HasPrefix(string(x), "__omit_place_holder__")
	case *value.Dict:
		for _, e := range x.All() {
			if holdsOmit(e) {
				return true
			}
		}
	case *value.List:
		for _, e := range x.Items {
			if holdsOmit(e) {
				return true
			}
		}
	}
	return false
}

// moduleDefaults collects module_defaults for this module, groups first, outer
// levels first. The values are as written.
func (tr *taskRun) moduleDefaults(t *templar.Templar, action, resolved string) (*value.Dict, error) {
	out := value.NewDict()
	levels := playbook.All(tr.task, playbook.KeyModuleDefaults)
	if len(levels) == 0 {
		return out, nil
	}
	merged := value.NewDict()
	for _, level := range levels {
		for _, f := range playbook.Items(level) {
			v := f.Val
			if s, ok := v.(string); ok && templar.IsTemplate(s) {
				r, err := t.Render(v, f.Pos)
				if err != nil {
					return nil, err
				}
				v = r
			}
			if d, ok := v.(*value.Dict); ok {
				merged.Update(d)
			}
		}
	}
	for k, v := range merged.All() {
		name, _ := value.Text(k)
		group, ok := strings.CutPrefix(name, "group/")
		if !ok {
			continue
		}
		if actions, _ := tr.r.o.Loader.ActionGroup(group); !slices.Contains(actions, resolved) {
			continue
		}
		if err := mergeDefaults(t, out, v); err != nil {
			return nil, err
		}
	}
	for k, v := range merged.All() {
		name, _ := value.Text(k)
		if !sameModule(name, action, resolved) {
			continue
		}
		if err := mergeDefaults(t, out, v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func mergeDefaults(t *templar.Templar, out *value.Dict, v value.Value) error {
	if s, ok := v.(string); ok {
		r, err := t.Render(s, value.Pos{})
		if err != nil {
			return err
		}
		v = r
	}
	if d, ok := v.(*value.Dict); ok {
		out.Update(d)
	}
	return nil
}

// sameModule tells whether a key of module_defaults names the module.
func sameModule(name, action, resolved string) bool {
	if name == resolved || name == action {
		return true
	}
	builtin := func(n string) string { return strings.Replace(n, "ansible.legacy.", "ansible.builtin.", 1) }
	if !strings.Contains(name, ".") {
		name = "ansible.builtin." + name
	}
	return builtin(name) == builtin(resolved)
}

// otherDefaults are the module_defaults that an action may ask for.
type otherDefaults struct {
	tr *taskRun
	t  *templar.Templar
}

func (o otherDefaults) Any() bool {
	return len(playbook.All(o.tr.task, playbook.KeyModuleDefaults)) > 0
}

func (o otherDefaults) For(modules ...string) (*value.Dict, error) {
	out := value.NewDict()
	for _, name := range modules {
		full := name
		if !strings.Contains(name, ".") {
			full = "ansible.builtin." + name
		}
		d, err := o.tr.moduleDefaults(o.t, name, full)
		if err != nil {
			return nil, err
		}
		for k, v := range d.All() {
			r, err := o.t.Render(v, o.tr.task.ArgsPos)
			if err != nil {
				return nil, err
			}
			if r, ok := dropOmitted(o.t, r); ok {
				out.Set(k, r)
			}
		}
	}
	return out, nil
}
