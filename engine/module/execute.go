package module

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/facts"
	"github.com/goplay-engine/goplay/engine/value"
)

// Getenv looks a name up in the task's environment, then the process's.
func (c *Context) Getenv(name string) string {
	for i := len(c.Env) - 1; i >= 0; i-- {
		if k, v, _ := strings.Cut(c.Env[i], "="); k == name {
			return v
		}
	}
	return os.Getenv(name)
}

// zone is the time zone of the task.
func (c *Context) zone() *time.Location { return facts.Zone(c.Getenv("TZ")) }

// warn adds a warning to the result.
func (c *Context) warn(msg string) { c.warnings = append(c.warnings, msg) }

// setParam corrects a parameter as the invocation shows it.
func (c *Context) setParam(name string, v value.Value) { c.params.Set(name, v) }

// Execute runs the module of that name: arguments are decoded and validated, the
// module runs, and the result is returned in the form that is registered, with
// the invocation, secrets redacted. A failure of any kind, a panic included, is
// in the result. The second value is bulk data for the controller (Result.Blob).
//
// name may be short or full; error texts show it as it is given.
func Execute(c *Context, name string, args *value.Dict) (*value.Dict, []byte) {
	def, ok := Lookup(name)
	if !ok {
		return Fail("The module %s was not found in the helper's list of modules", name).Dict(), nil
	}
	if def.Forward != nil {
		to, toArgs, err := def.Forward(c, args)
		if err != nil {
			return FailErr(err).Dict(), nil
		}
		return Execute(c, to, toArgs)
	}
	return execute(c, def, name, args)
}

func execute(c *Context, def *Def, name string, args *value.Dict) (*value.Dict, []byte) {
	c.Name, c.warnings = name, nil
	shown := name
	if def.ShownAs != "" {
		shown = def.ShownAs
	}
	if args == nil {
		args = value.NewDict()
	}
	if def.Raw != nil {
		return def.Raw(c, args), nil
	}
	if def.FreeForm && args.Has("cmd") && !args.Has("_raw_params") {
		args = args.Clone()
		args.Set("_raw_params", args.At("cmd"))
		args.Delete("cmd")
	}
	spec := SpecOf(def)
	v := validate(shown, spec, plain(args).(*value.Dict), c.Getenv)
	var r *Result
	if v.err != "" {
		r = Fail("%s", v.err)
	} else if c.Check && def.Check == CheckNone {
		r := OK().WithMsg(fmt.Sprintf("remote module (%s) does not support check mode", name))
		r.Skipped = true
		return r.Dict(), nil
	} else {
		c.params, c.secrets = v.params, v.secrets
		if def.Name != PutModule { // it logs as copy
			c.logInvocation(shown, spec, v.params, v.secrets)
		}
		r = runGuarded(c, def, spec, v.params)
	}
	if r.Fields == nil {
		r.Fields = value.NewDict()
	}
	if !r.NoPathInfo {
		addPathInfo(r)
	}
	r.Warnings = slices.Concat(v.warnings, c.warnings, r.Warnings)
	d := r.Dict()
	c.showGiven(d)
	if !d.Has("invocation") {
		for _, p := range spec.Params {
			if strings.HasPrefix(p.Name, privatePrefix) {
				v.params.Delete(p.Name)
			}
		}
		d.Set("invocation", value.DictOf("module_args", v.params))
	}
	return redact(d, v.secrets).(*value.Dict), r.Blob
}

func runGuarded(c *Context, def *Def, spec *Spec, params *value.Dict) (r *Result) {
	defer func() {
		if p := recover(); p != nil {
			r = Fail("module bug: %s: %v", def.Name, p).Set("exception", fmt.Sprintf("%v\n%s", p, debug.Stack()))
		}
	}()
	var args any
	if def.Args != nil {
		args = def.Args()
		if err := decode(spec, c.absolutePaths(def, params), args); err != nil {
			return Fail("%s", err)
		}
	}
	r = def.Run(c, args)
	if r == nil {
		return Fail("module bug: %s returned no result", def.Name)
	}
	return r
}

// absolutePaths gives the parameters with paths as seen from the folder in which the module works. Other paths stay:
// programs are looked for elsewhere, a link's target is text, chdir moves what creates and removes name.
func (c *Context) absolutePaths(def *Def, params *value.Dict) *value.Dict {
	if c.Dir == "" || def.Name == "ansible.posix.mount" {
		return params
	}
	out := params
	for _, name := range []string{"path", "dest", "chdir", "src"} {
		s, ok := params.At(name).(string)
		p := SpecOf(def).byName[name]
		if p == nil || p.Type != "path" || !ok || s == "" || filepath.IsAbs(s) || strings.Contains(s, "://") || name == "src" && def == fileDef {
			continue
		}
		if out == params {
			out = params.Clone()
		}
		abs := filepath.Join(c.Dir, s)
		if strings.HasSuffix(s, "/") {
			abs += "/"
		}
		out.Set(p.Name, abs)
		if c.given == nil {
			c.given = map[string]string{}
		}
		c.given[abs] = s
	}
	return out
}

// showGiven puts the paths of the result as they were given.
func (c *Context) showGiven(d *value.Dict) {
	if len(c.given) == 0 {
		return
	}
	for k, v := range d.All() {
		switch v := v.(type) {
		case string:
			if s, ok := c.given[v]; ok {
				d.Set(k, s)
			}
		case *value.Dict:
			c.showGiven(v)
		}
	}
}

// plain returns v with texts of every kind as strings: arguments that did not
// travel over the wire may still hold unsafe text and secrets.
func plain(v value.Value) value.Value {
	switch x := v.(type) {
	case nil, bool, int64, float64, string:
		return v
	case *value.Dict:
		d := value.NewDictCap(x.Len())
		for k, e := range x.All() {
			d.Set(plain(k), plain(e))
		}
		return d
	case *value.List:
		l := value.NewList()
		for _, e := range x.Items {
			l.Append(plain(e))
		}
		return l
	case value.Tuple:
		return plain(value.NewList(x...))
	case int:
		return int64(x)
	case value.Unsafe:
		return string(x)
	case *value.Secret:
		s, err := x.Reveal()
		if err != nil {
			return ""
		}
		return s
	case value.Iterable:
		l := value.NewList()
		_ = x.Iterate(func(e value.Value) bool { l.Append(plain(e)); return true })
		return l
	case value.Object:
		return x.Str()
	}
	return v
}
