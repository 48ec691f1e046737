package action

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// UnknownModule says that nothing of that name could be found to run.
type UnknownModule struct{ Action string }

func (e *UnknownModule) Error() string {
	return fmt.Sprintf("The module %s was not found in configured module paths", e.Action)
}

// installPackage runs the module of the host's package manager: the one that
// `use` or the variable ansible_package_use names, else the target finds out.
func installPackage(c *Context) (*value.Dict, error) {
	use, err := chosen(c, "ansible_package_use")
	if err != nil {
		return nil, err
	}
	name, args, err := concrete(c, use, "pkg_mgr")
	if err != nil {
		return nil, err
	}
	switch name {
	case "":
		if args.Has("use") {
			args = without(args, "use")
		}
		return c.Module(c.Name, args, nil)
	case "dnf4", "yum4":
		args = args.Clone()
		args.Set("use_backend", "dnf4")
		name = "dnf"
	}
	d, err := c.as(name, without(args, "use"))
	if errors.As(err, new(*UnknownModule)) {
		return nil, fmt.Errorf("Could not find a matching action for the \"%s\" package manager.", use)
	}
	return d, err
}

// manageService runs the module of the host's service manager: the one `use`
// names, else the target finds out.
func manageService(c *Context) (*value.Dict, error) {
	use, err := chosen(c, "")
	if err != nil {
		return nil, err
	}
	name, args, err := concrete(c, use, "service_mgr")
	if err != nil {
		return nil, err
	}
	switch {
	case name == "systemd" || name == "systemd_service":
		for _, k := range []string{"pattern", "runlevel", "sleep", "arguments", "args"} {
			if args.Has(k) {
				args = without(args, k)
				c.Warn(fmt.Sprintf("Ignoring \"%s\" as it is not used in \"systemd\"", k))
			}
		}
	case name == "" || serviceScripts[name]:
		d, err := c.Module(c.Name, args, nil)
		if d != nil {
			sayIgnored(c, d)
		}
		return d, err
	}
	d, err := c.as(name, without(args, "use"))
	if errors.As(err, new(*UnknownModule)) { // the service module itself does its best
		return c.Module(c.Name, without(args, "use"), nil)
	}
	return d, err
}

// sayIgnored shows what the target ignored as the run's warnings; they are not
// part of the result.
func sayIgnored(c *Context, d *value.Dict) {
	l, ok := d.At("warnings").(*value.List)
	if !ok {
		return
	}
	rest := value.NewList()
	for _, w := range l.Items {
		if text := value.Str(w); strings.HasPrefix(text, "Ignoring \"") {
			c.Warn(text)
		} else {
			rest.Append(w)
		}
	}
	d.Set("warnings", rest)
	if rest.Len() == 0 {
		d.Delete("warnings")
	}
}

// serviceScripts are the managers that the service module itself knows.
var serviceScripts = map[string]bool{"service": true, "openrc": true, "auto": true}

// chosen is the manager a task asks for; auto where it does not.
func chosen(c *Context, variable string) (string, error) {
	use := ""
	if v := c.Args.At("use"); v != nil {
		use = strings.TrimSpace(value.Str(v))
	}
	if variable != "" && (use == "" || use == "auto") {
		v, ok, err := c.Templar.Var(variable)
		if err != nil {
			return "", err
		}
		if ok && v != nil {
			use = strings.TrimSpace(value.Str(v))
		}
	}
	if use == "" {
		use = "auto"
	}
	return use, nil
}

// concrete is the module to run and its arguments, over the module_defaults
// that are set for it. The name is empty where the target may find out by itself,
// which costs no round trip.
func concrete(c *Context, use, fact string) (string, *value.Dict, error) {
	name := use
	if use == "auto" {
		if name = ""; c.Defaults == nil || !c.Defaults.Any() {
			return "", c.Args, nil
		}
		if v, ok := c.Run.Facts().GetStr(fact); ok && c.Task.Delegate == "" {
			name = value.Str(v)
		} else {
			d, err := c.Module("ansible.builtin.setup", value.DictOf("gather_subset", "!all", "filter", "ansible_"+fact), nil)
			if err != nil {
				return "", nil, err
			}
			if f, ok := d.At("ansible_facts").(*value.Dict); ok && f.Has("ansible_"+fact) {
				name = value.Str(f.At("ansible_" + fact))
			}
		}
	}
	if c.Defaults == nil || name == "" {
		return name, c.Args, nil
	}
	names := []string{name}
	if name == "systemd" {
		names = append(names, "systemd_service")
	}
	d, err := c.Defaults.For(names...)
	if err != nil || d.Len() == 0 {
		return name, c.Args, err
	}
	d.Update(c.Args)
	return name, d, nil
}

// as runs another module in place of the task's own, async included.
func (c *Context) as(name string, args *value.Dict) (*value.Dict, error) {
	own := c.Name
	c.Name = name
	defer func() { c.Name = own }()
	return c.Module(name, args, nil)
}
