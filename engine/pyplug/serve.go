package pyplug

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// Host is what plugins ask of the program that runs them, whatever their kind;
// what is nil has no answer.
type Host struct {
	// Setting returns a setting by its name; kind and plugin name those of plugins.
	Setting func(name, kind, plugin string) (value.Value, bool)
	// Option reads a plugin's own setting from the environment or ansible.cfg
	// (section.key).
	Option func(env, ini []string) (string, bool)
	// Read reads a file and decrypts it where it is a vault.
	Read func(path string) (data []byte, vaulted bool, err error)
	// Say, Verbose, Warn and Deprecated show text to the person at the terminal.
	Say        func(text, color string, stderr, newline bool)
	Verbose    func(level int, host, text string)
	Warn       func(text string)
	Deprecated func(text, version, date, collection string, removed bool)
	// Options are those of the command line, as Ansible names them.
	Options func() *value.Dict
	// TemplateVars are the variables that only a template sees.
	TemplateVars func(path, dest string) (*value.Dict, error)
}

// common answers what plugins of all kinds may ask.
func (p *Plugins) common(what string, q *value.Dict) (value.Value, bool, error) {
	h := p.opts.Host
	text := func(k string) string {
		if q.At(k) == nil {
			return ""
		}
		return value.Str(q.At(k))
	}
	switch {
	case what == "setting" && h.Setting != nil:
		v, ok := h.Setting(text("name"), text("kind"), text("plugin"))
		if value.Truth(q.At("found")) {
			return value.DictOf("found", ok, "value", v), true, nil
		}
		return v, true, nil
	case what == "option" && h.Option != nil:
		var ini []string
		if l, ok := q.At("ini").(*value.List); ok {
			for _, e := range l.Items {
				if pair, ok := e.(*value.List); ok && len(pair.Items) == 2 {
					ini = append(ini, value.Str(pair.Items[0])+"."+value.Str(pair.Items[1]))
				}
			}
		}
		s, ok := h.Option(texts(q.At("env")), ini)
		return value.DictOf("found", ok, "value", s), true, nil
	case what == "read" && h.Read != nil:
		data, vaulted, err := h.Read(text("file"))
		return value.DictOf("data", base64.StdEncoding.EncodeToString(data), "secret", vaulted), true, err
	case what == "yaml":
		v, err := yaml.Load(text("file"), []byte(text("text")), yaml.Options{DuplicateKeys: "ignore"})
		return v, true, err
	case what == "display" && h.Say != nil:
		h.Say(text("text"), text("color"), value.Truth(q.At("stderr")), value.Truth(q.At("newline")))
	case what == "verbose" && h.Verbose != nil:
		n, _ := q.At("level").(int64)
		h.Verbose(int(n), text("host"), text("text"))
	case what == "warning" && h.Warn != nil:
		h.Warn(text("text"))
	case what == "deprecated" && h.Deprecated != nil:
		h.Deprecated(text("text"), text("version"), text("date"), text("collection"), value.Truth(q.At("removed")))
	case what == "cliargs" && h.Options != nil:
		return h.Options(), true, nil
	case what == "templatevars" && h.TemplateVars != nil:
		d, err := h.TemplateVars(text("file"), text("dest"))
		return d, true, err
	default:
		return nil, false, nil
	}
	return nil, true, nil
}

func texts(v value.Value) []string {
	var out []string
	if l, ok := v.(*value.List); ok {
		for _, e := range l.Items {
			out = append(out, value.Str(e))
		}
	}
	return out
}

// rendering answers what plugins ask of the variables and templates of a task.
func (p *Plugins) rendering(t *templar.Templar) server {
	if t == nil {
		return func(what string, _ *value.Dict) (value.Value, bool, error) {
			if slices.Contains([]string{"var", "names", "template", "find", "basedir"}, what) {
				return nil, true, errors.New("there are no variables here")
			}
			return nil, false, nil
		}
	}
	scope := t.Scope()
	scope.Plugin = func(kind, name string) (any, bool) { return p.find(kind, name, true) }
	inner := t.Engine().New(t.Vars(), scope)
	return func(what string, q *value.Dict) (value.Value, bool, error) {
		over := inner
		if d, ok := q.At("vars").(*value.Dict); ok && d.Len() > 0 {
			over = inner.With(templar.DictVars{Dict: d})
		}
		v, ok, err := p.render(over, what, q)
		return v, ok, err
	}
}

func (p *Plugins) render(t *templar.Templar, what string, q *value.Dict) (value.Value, bool, error) {
	switch what {
	case "var":
		v, err := variable(t, texts(q.At("path")), value.Truth(q.At("there")))
		return v, true, err
	case "names":
		return names(t, texts(q.At("path"))), true, nil
	case "template":
		render := (*templar.Templar).Render
		if value.Truth(q.At("lenient")) {
			render = (*templar.Templar).RenderLenient
		}
		v, err := render(t, q.At("value"), value.Pos{})
		return v, true, err
	case "condition":
		ok, err := t.Cond(q.At("value"), value.Pos{})
		return ok, true, err
	case "file":
		v, err := p.renderFile(t, q)
		return v, true, err
	case "find":
		if t.Scope().Find == nil {
			return nil, true, nil
		}
		path, err := t.Scope().Find(value.Str(q.At("kind")), value.Str(q.At("name")))
		if err != nil {
			return nil, true, nil
		}
		return path, true, nil
	case "basedir":
		return t.Scope().Basedir, true, nil
	case "lookup":
		terms, _ := q.At("terms").(*value.List)
		kw, _ := q.At("kwargs").(*value.Dict)
		l, err := t.Lookup(value.Str(q.At("name")), terms.Items, kw)
		return value.NewList(l...), true, err
	case "func":
		v, err := callFunc(t, q)
		return v, true, err
	}
	return nil, false, nil
}

// callFunc runs a filter or test that a plugin asks for.
func callFunc(t *templar.Templar, q *value.Dict) (value.Value, error) {
	vars, sep := value.NewDict(), " | "
	if value.Str(q.At("kind")) == "test" {
		sep = " is "
	}
	var words []string
	add := func(prefix string, v value.Value) {
		name := fmt.Sprintf("_goplay_argument_%d", vars.Len())
		vars.Set(name, v)
		words = append(words, prefix+name)
	}
	if args, ok := q.At("args").(*value.List); ok {
		for _, v := range args.Items {
			add("", v)
		}
	}
	if len(words) == 0 {
		return nil, errors.New("a filter needs a value")
	}
	if kw, ok := q.At("kwargs").(*value.Dict); ok {
		for k, v := range kw.All() {
			add(value.Str(k)+"=", v)
		}
	}
	return t.With(templar.DictVars{Dict: vars}).Eval(words[0]+sep+value.Str(q.At("name"))+"("+strings.Join(words[1:], ", ")+")", value.Pos{})
}

// variable looks a variable up, or an entry of a lazy one such as hostvars. What
// cannot be rendered comes as it is written, as in Ansible's task_vars; there
// asks only whether it is defined.
func variable(t *templar.Templar, path []string, there bool) (value.Value, error) {
	if len(path) == 0 {
		return nil, errors.New("a variable needs a name")
	}
	undefined := value.DictOf("defined", false)
	raw, _, ok := t.Vars().Lookup(path[0])
	if !ok {
		return undefined, nil
	}
	if there && len(path) == 1 {
		return value.DictOf("defined", true), nil
	}
	v, ok, err := t.Var(path[0])
	if err != nil {
		v = raw
	} else if !ok {
		return undefined, nil
	}
	for _, key := range path[1:] {
		if v, ok, err = entry(v, key); err != nil || !ok {
			return undefined, err
		}
	}
	if _, isMap := v.(value.Mapping); isMap {
		return value.DictOf("defined", true, "lazy", true), nil
	}
	return value.DictOf("defined", true, "value", v), nil
}

// names lists the variables, or the entries of a lazy one.
func names(t *templar.Templar, path []string) value.Value {
	out := value.NewList()
	if len(path) == 0 {
		for _, n := range t.Vars().Names() {
			if n != "vars" {
				out.Append(n)
			}
		}
		return out
	}
	v, _, err := t.Var(path[0])
	for _, key := range path[1:] {
		if err == nil {
			v, _, err = entry(v, key)
		}
	}
	if m, ok := v.(value.Mapping); ok && err == nil {
		for _, k := range m.Keys() {
			out.Append(k)
		}
	}
	return out
}

// entry is a key's value in a dictionary or a lazy one.
func entry(v value.Value, key string) (value.Value, bool, error) {
	switch x := v.(type) {
	case *value.Dict:
		e, ok := x.GetStr(key)
		return e, ok, nil
	case value.Mapping:
		return x.GetItem(key)
	}
	return nil, false, nil
}

// renderFile renders text as a template's file, with the settings of Jinja2 that
// a plugin changes.
func (p *Plugins) renderFile(t *templar.Templar, q *value.Dict) (value.Value, error) {
	set, _ := q.At("settings").(*value.Dict)
	text := func(k string) string { s, _ := value.Text(set.At(k)); return s }
	o := templar.FileOptions{LstripBlocks: value.Truth(set.At("lstrip_blocks")), NewlineSequence: text("newline_sequence"),
		BlockStart: text("block_start_string"), BlockEnd: text("block_end_string"), VarStart: text("variable_start_string"), VarEnd: text("variable_end_string"),
		CommentStart: text("comment_start_string"), CommentEnd: text("comment_end_string"), Vars: templar.DictVars{Dict: value.NewDict()}}
	if v, ok := set.GetStr("trim_blocks"); ok {
		o.NoTrimBlocks = !value.Truth(v)
	}
	if dirs := texts(q.At("search")); len(dirs) > 0 {
		o.Path = dirs[0] + "/template" // includes start from here
	}
	return t.RenderFile(value.Str(q.At("text")), o)
}
