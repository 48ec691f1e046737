package action

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/value"
)

// unknown names arguments an action does not have.
func unknown(c *Context, name string, valid ...string) error {
	for _, k := range c.Args.Keys() {
		s, _ := value.Text(k)
		found := false
		for _, v := range valid {
			found = found || v == s
		}
		if !found {
			return fmt.Errorf("Invalid options for %s: %s", name, s)
		}
	}
	return nil
}

// debug prints a message or a variable.
func debug(c *Context) (*value.Dict, error) {
	if err := unknown(c, "debug", "msg", "var", "verbosity"); err != nil {
		return nil, err
	}
	if c.Args.Has("msg") && c.Args.Has("var") {
		return nil, errors.New("'msg' and 'var' are incompatible options")
	}
	level := 0
	if v, ok := c.Args.GetStr("verbosity"); ok {
		r, err := c.Templar.Render(v, c.Args.PosOf("verbosity"))
		if err != nil {
			return nil, err
		}
		if _, err := fmt.Sscan(value.Str(r), &level); err != nil {
			return nil, fmt.Errorf("argument 'verbosity' is of type %s and we were unable to convert to int: %s cannot be converted to an int", value.TypeName(r), value.TypeName(r))
		}
	}
	if level > c.Task.Verbosity {
		return value.DictOf("skipped_reason", "Verbosity threshold not met.", "skipped", true, "failed", false), nil
	}
	d := value.NewDict()
	switch {
	case c.Args.Has("msg"):
		v, err := c.Templar.RenderKeeping(c.Args.At("msg"), c.Args.PosOf("msg"))
		if err != nil {
			return nil, err
		}
		d.Set("msg", v)
	case c.Args.Has("var"):
		if err := debugVar(c, d); err != nil {
			return nil, err
		}
	default:
		d.Set("msg", "Hello world!")
	}
	d.Set("failed", false)
	d.Set("_ansible_verbose_always", true)
	d.Set("_ansible_action", "debug")
	return d, nil
}

// plainPath is a variable, or a part of one: reading it runs nothing.
var plainPath = regexp.MustCompile(`^[\pL_][\pL\pN_]*(\.[\pL\pN_]+|\[-?\d+\]|\['[^'{}\\]*'\]|\["[^"{}\\]*"\])*$`)

// debugVar shows an expression under its own text; one that is not defined is
// said to be so rather than failing.
func debugVar(c *Context, d *value.Dict) error {
	raw := c.Args.At("var")
	switch raw.(type) {
	case *value.Dict, *value.List:
		v, err := c.Templar.Render(raw, c.Args.PosOf("var"))
		if err != nil {
			return err
		}
		d.Set(value.TypeName(raw), v)
		return nil
	}
	name := value.Str(raw)
	if templar.IsTemplate(name) {
		v, err := c.Templar.Render(name, c.Args.PosOf("var"))
		if err != nil {
			return err
		}
		name = value.Str(v)
		if _, unsafe := v.(value.Unsafe); unsafe && !plainPath.MatchString(name) {
			d.Set(name, v) // text from outside is no expression
			return nil
		}
	}
	v, err := c.Templar.Render("{{"+name+"}}", c.Args.PosOf("var"))
	var te *templar.Error
	u, undef := v.(*value.Undefined)
	switch {
	case errors.As(err, &te) && te.IsUndefined || undef:
		v = "VARIABLE IS NOT DEFINED!"
		if c.Task.Verbosity > 0 {
			msg := ""
			if undef {
				msg = u.Error()
			} else {
				msg = te.Error()
			}
			v = "VARIABLE IS NOT DEFINED!: " + msg
		}
	case err != nil:
		return err
	}
	d.Set(name, v)
	return nil
}

// fail stops the host with a message.
func fail(c *Context) (*value.Dict, error) {
	if err := unknown(c, "fail", "msg"); err != nil {
		return nil, err
	}
	msg := "Failed as requested from task"
	if v, ok := c.Args.GetStr("msg"); ok && v != nil {
		return value.DictOf("failed", true, "msg", v), nil
	}
	return Fail(msg), nil
}

// assert tests conditions.
func assert(c *Context) (*value.Dict, error) {
	if err := unknown(c, "assert", "that", "fail_msg", "msg", "success_msg", "quiet"); err != nil {
		return nil, err
	}
	that, ok := c.Args.GetStr("that")
	if !ok {
		return nil, errors.New("conditional required in \"that\" string")
	}
	text := func(keys ...string) (value.Value, bool, error) {
		for _, k := range keys {
			v, ok := c.Args.GetStr(k)
			if !ok {
				continue
			}
			r, err := c.Templar.Render(v, c.Args.PosOf(k))
			if err != nil {
				return nil, false, err
			}
			switch r := r.(type) {
			case string, value.Unsafe:
			case *value.List:
				for _, e := range r.Items {
					if _, ok := value.Text(e); !ok {
						return nil, false, fmt.Errorf("Type of one of the elements in %s list is not string type", strings.Join(keys, " or "))
					}
				}
			default:
				return nil, false, fmt.Errorf("Incorrect type for %s, expected a string or list and got <class '%s'>", strings.Join(keys, " or "), pyClass(r))
			}
			return r, true, nil
		}
		return nil, false, nil
	}
	failMsg, hasFail, err := text("fail_msg", "msg")
	if err != nil {
		return nil, err
	}
	if !hasFail {
		failMsg = "Assertion failed"
	}
	okMsg, hasOK, err := text("success_msg")
	if err != nil {
		return nil, err
	}
	if !hasOK {
		okMsg = "All assertions passed"
	}
	quiet := false
	if v, ok := c.Args.GetStr("quiet"); ok {
		r, err := c.Templar.Render(v, c.Args.PosOf("quiet"))
		if err != nil {
			return nil, err
		}
		quiet = value.Truth(r) && value.Str(r) != "no" && value.Str(r) != "false"
	}
	pos := c.Args.PosOf("that")
	if s, isText := that.(string); isText && templar.IsTemplate(s) {
		// A template may give the whole list of conditions.
		if r, err := c.Templar.Render(that, pos); err == nil {
			if l, ok := r.(*value.List); ok {
				that = l
			}
		}
	}
	conds := []value.Value{that}
	var list *value.List
	if l, ok := that.(*value.List); ok {
		list, conds = l, l.Items
	}
	for i, cond := range conds {
		p := list.PosAt(i)
		if p.IsZero() {
			p = pos
		}
		if text, ok := value.Text(cond); ok {
			if w := templar.CondWarning(text); w != "" {
				c.Warn(w)
			}
		}
		ok, err := c.Templar.Cond(cond, p)
		if err != nil {
			return nil, fmt.Errorf("The conditional check '%s' failed. The error was: %s", value.Str(cond), conditionCause(cond, err))
		}
		if !ok {
			d := value.DictOf("failed", true, "evaluated_to", false, "assertion", cond, "msg", failMsg)
			if !quiet {
				d.Set("_ansible_verbose_always", true)
			}
			return d, nil
		}
	}
	d := value.DictOf("changed", false, "msg", okMsg)
	if !quiet {
		d.Set("_ansible_verbose_always", true)
	}
	return d, nil
}

// conditionCause words an undefined variable in a condition.
func conditionCause(cond value.Value, err error) string {
	var te *templar.Error
	if errors.As(err, &te) && te.IsUndefined {
		return fmt.Sprintf("error while evaluating conditional (%s): %s. %s", value.Str(cond), te.Error(), te.Error())
	}
	return err.Error()
}
