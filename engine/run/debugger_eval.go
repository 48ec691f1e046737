package run

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

// debugObject shows fields of the engine as attributes.
type debugObject struct {
	kind, repr string
	fields     *value.Dict
}

func (o *debugObject) TypeName() string { return o.kind }
func (o *debugObject) Str() string      { return o.repr }
func (o *debugObject) Repr() string     { return o.repr }
func (o *debugObject) Truth() bool      { return true }

// Keys implements value.Mapping.
func (o *debugObject) Keys() []value.Value { return o.fields.Keys() }

// GetItem implements value.Mapping.
func (o *debugObject) GetItem(k value.Value) (value.Value, bool, error) {
	v, ok := o.fields.Get(k)
	return v, ok, nil
}

// names are what expressions in the debugger see.
func (d *debugger) names() *value.Dict {
	host := &debugObject{"Host", d.tr.h.name, value.DictOf("name", d.tr.h.name, "vars", d.hostVars(), "groups", value.From(d.tr.r.o.Inventory.GroupNames(d.tr.h.name)))}
	fields := value.DictOf("name", d.task.Name, "action", d.task.Action, "args", d.task.Args, "register", nil, "vars", dictOrNew(d.task.Vars), "loop", d.task.Loop.Val, "when", value.NewList())
	for _, k := range playbook.Keys() {
		if f := playbook.Get(d.task, k); f.Set {
			fields.Set(k.String(), f.Val)
		}
	}
	if d.task.Register != "" {
		fields.Set("register", d.task.Register)
	}
	task := &debugObject{"Task", d.tr.describe(), fields}
	shown := d.o.dict
	if d.o.noLog {
		shown = value.DictOf("censored", event.Censored)
		for _, k := range []string{"changed", "failed", "skipped", "unreachable"} {
			if v, ok := d.o.dict.GetStr(k); ok {
				shown.Set(k, v)
			}
		}
	}
	result := &debugObject{"TaskResult", "<TaskResult of " + d.tr.h.name + ">", value.DictOf("_result", shown, "_host", host, "_task", task)}
	vars, _, _ := d.tr.view.Local(d.over).Lookup("vars")
	out := d.locals.Clone()
	out.Update(value.DictOf("task", task, "host", host, "result", result, "task_vars", vars))
	return out
}

func dictOrNew(d *value.Dict) *value.Dict {
	if d == nil {
		return value.NewDict()
	}
	return d
}

func (d *debugger) hostVars() *value.Dict {
	layers := d.tr.r.o.Inventory.Layers(d.tr.h.name)
	if len(layers) == 0 {
		return value.NewDict()
	}
	return layers[0]
}

// eval evaluates an expression; problems are told.
func (d *debugger) eval(expr string) (value.Value, bool) {
	t := d.tr.r.o.Engine.New(templar.DictVars{Dict: d.names()}, templar.Scope{})
	v, err := t.Eval(expr, value.Pos{})
	if err != nil {
		d.explain(expr, err)
		return nil, false
	}
	return v, true
}

var undefinedName = regexp.MustCompile(`^'(\w+)' is undefined`)
var noAttribute = regexp.MustCompile(`^'(.*?)(?: object)?' has no attribute '?(.*?)'?$`)

// explain words an error as Python does.
func (d *debugger) explain(expr string, err error) {
	var te *templar.Error
	msg := err.Error()
	switch {
	case !errors.As(err, &te) || !te.IsUndefined:
		d.problem("SyntaxError", msg)
	case undefinedName.MatchString(msg):
		d.problem("NameError", "name '"+undefinedName.FindStringSubmatch(msg)[1]+"' is not defined")
	case noAttribute.MatchString(msg):
		m := noAttribute.FindStringSubmatch(msg)
		if strings.Contains(expr, "['"+m[2]+"']") || strings.Contains(expr, `["`+m[2]+`"]`) {
			d.problem("KeyError", m[2])
		} else {
			d.problem("AttributeError", "'"+m[1]+"' object has no attribute '"+m[2]+"'")
		}
	default:
		d.problem("AttributeError", msg)
	}
}

func (d *debugger) print(expr string) {
	v, ok := d.eval(expr)
	if !ok {
		return
	}
	if o, isObject := v.(*debugObject); isObject {
		d.say(o.repr)
		return
	}
	if m, isMap := v.(value.Mapping); isMap {
		whole := value.NewDict()
		for _, k := range m.Keys() {
			e, _, _ := m.GetItem(k)
			whole.Set(k, e)
		}
		v = whole
	}
	t := d.tr.r.o.Engine.New(templar.DictVars{Dict: value.DictOf("it", value.MarkUnsafe(v))}, templar.Scope{})
	shown := "it | pprint"
	if _, isTuple := v.(value.Tuple); isTuple { // a variable would hold a list
		t, shown = d.tr.r.o.Engine.New(templar.DictVars{Dict: d.names()}, templar.Scope{}), "("+expr+") | pprint"
	}
	text, err := t.Eval(shown, value.Pos{})
	if err != nil {
		d.explain(expr, err)
		return
	}
	d.say(value.Str(text))
}

var printCall = regexp.MustCompile(`^print\s*\((.*)\)$`)

// statement executes an assignment, a deletion or a bare expression.
func (d *debugger) statement(line string) {
	if m := printCall.FindStringSubmatch(line); m != nil {
		if v, ok := d.eval(m[1]); ok {
			d.say(value.Str(v))
		}
		return
	}
	if target, ok := strings.CutPrefix(line, "del "); ok {
		d.assign(target, nil, true)
		return
	}
	at := assignment(line)
	if at < 0 {
		d.eval(line)
		return
	}
	if v, ok := d.eval(line[at+1:]); ok {
		d.assign(line[:at], value.Copy(v), false)
	}
}

// assignment finds the = of an assignment, -1 where there is none.
func assignment(line string) int {
	depth, quote := 0, byte(0)
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case strings.IndexByte(")]}", c) >= 0:
			depth--
		case c == '=' && depth == 0:
			if i+1 < len(line) && line[i+1] == '=' || i > 0 && strings.IndexByte("=!<>", line[i-1]) >= 0 {
				return -1
			}
			return i
		}
	}
	return -1
}

var segment = regexp.MustCompile(`^\s*(?:\.\s*(\w+)|\[(.*?[^\\'"\]]|'[^']*'|"[^"]*")\])`)

// assign sets, or with del removes, what the target names: a name, an attribute
// of the task, or an entry of task.args, task.vars, task_vars or result._result.
func (d *debugger) assign(target string, v value.Value, del bool) {
	target = strings.TrimSpace(target)
	root := firstWord.FindString(target)
	var path []value.Value
	for rest := target[len(root):]; strings.TrimSpace(rest) != ""; {
		m := segment.FindStringSubmatch(rest)
		if root == "" || m == nil {
			d.problem("SyntaxError", "invalid syntax: "+target)
			return
		}
		rest = rest[len(m[0]):]
		if m[1] != "" {
			path = append(path, m[1])
			continue
		}
		k, ok := d.eval(m[2])
		if !ok {
			return
		}
		path = append(path, k)
	}
	switch {
	case len(path) == 0:
		d.locals.Set(root, v)
	case root == "task_vars":
		name := value.Str(path[0])
		if len(path) > 1 {
			if _, ok := d.over.GetStr(name); !ok {
				was, _, _ := d.tr.view.Lookup(name)
				d.over.Set(name, value.Copy(was))
			}
		}
		d.put(d.over, path, v, del)
	case root == "task" && len(path) == 1:
		d.setAttribute(value.Str(path[0]), v)
	default:
		names := d.names()
		if top, ok := names.GetStr(root); ok {
			d.put(top, path, v, del)
			return
		}
		d.problem("NameError", "name '"+root+"' is not defined")
	}
}

func (d *debugger) setAttribute(name string, v value.Value) {
	switch dict, isDict := v.(*value.Dict); {
	case name == "args" && isDict:
		d.task.Args = dict
	case name == "vars" && isDict:
		d.task.Vars = dict
	case name == "name":
		d.task.Name = value.Str(v)
	case name == "register":
		d.task.Register = value.Str(v)
	default:
		for _, k := range playbook.Keys() {
			if k.String() == name {
				d.task.SetOwn(k, v)
				return
			}
		}
		d.problem("AttributeError", "'Task' object has no attribute '"+name+"'")
	}
}

// put changes an entry of nested dictionaries and lists.
func (d *debugger) put(in value.Value, path []value.Value, v value.Value, del bool) {
	for _, k := range path[:len(path)-1] {
		next, ok := entry(in, k)
		if !ok {
			d.problem("KeyError", value.Str(k))
			return
		}
		in = next
	}
	k := path[len(path)-1]
	switch x := in.(type) {
	case *value.Dict:
		if !del {
			x.Set(k, v)
		} else if !x.Delete(k) {
			d.problem("KeyError", value.Str(k))
		}
		return
	case *value.List:
		if i, err := strconv.Atoi(value.Str(k)); err == nil && i >= 0 && i < x.Len() && !del {
			x.Items[i] = v
			return
		}
	}
	d.problem("TypeError", "'"+value.TypeName(in)+"' object does not support item assignment")
}

func entry(in, k value.Value) (value.Value, bool) {
	switch x := in.(type) {
	case *value.Dict:
		return x.Get(k)
	case *value.List:
		if i, err := strconv.Atoi(value.Str(k)); err == nil && i >= 0 && i < x.Len() {
			return x.Items[i], true
		}
	case value.Mapping:
		v, ok, err := x.GetItem(k)
		return v, ok && err == nil
	}
	return nil, false
}
