package playbook

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// scope is where a list of tasks is read: what is above it and which rules hold.
type scope struct {
	parent   Node
	role     *Role
	handlers bool
}

const attributeRemark = `This error can be suppressed as a warning using the "invalid_task_attribute_failed" configuration`

// readTask reads one task or handler, not yet expanding imports.
func (l *Loader) readTask(n *yaml.Node, sc scope) (*Task, error) {
	t := &Task{Handler: sc.handlers, Role: sc.role}
	t.Pos, t.Parent = n.Pos, sc.parent
	act, err := l.findAction(n, sc)
	if err != nil {
		return nil, err
	}
	if err := l.resolveAction(t, act, sc); err != nil {
		return nil, err
	}
	if t.Handler && (t.Kind == IncludeRole || t.Kind == ImportRole) {
		return nil, parseError(t.Pos, "Using '%s' as a handler is not supported.", t.Action)
	}
	what, on := t.describe()
	for _, p := range n.Pairs {
		if p.Value == act.node && p.Key.Text == act.key {
			continue
		}
		if err := l.readTaskKey(t, p, what, on); err != nil {
			return nil, err
		}
	}
	if err := l.readArgs(t, n, act); err != nil {
		return nil, err
	}
	if act.local && !t.Own(KeyDelegateTo).Set {
		t.set(KeyDelegateTo, Field{Val: "localhost", Pos: act.node.Pos, Set: true})
	}
	return t, l.checkInclude(t, n)
}

// describe returns the reference's name for the kind of task, and where its
// keywords must be valid.
func (t *Task) describe() (string, level) {
	on := onTask
	switch t.Kind {
	case IncludeTasks, ImportTasks:
		if t.Kind == IncludeTasks && t.Short != "include" {
			on = onInclude
		}
		if t.Handler {
			return "HandlerTaskInclude", on | onHandler&^onTask
		}
		return "TaskInclude", on
	case IncludeRole:
		return "IncludeRole", onInclude
	case ImportRole:
		return "IncludeRole", on
	}
	if t.Handler {
		return "Handler", onHandler
	}
	return "Task", on
}

func (l *Loader) readTaskKey(t *Task, p yaml.Pair, what string, on level) error {
	name := p.Key.Text
	k := keywordByName[name]
	if loop, ok := strings.CutPrefix(name, "with_"); ok && k == nil {
		if l.opts.KnownLookup == nil || l.opts.KnownLookup(loop) {
			return l.setLoop(t, loop, p.Value)
		}
	}
	listenHere := name == "listen" && t.Handler && t.Kind != IncludeRole && t.Kind != ImportRole
	if !listenHere && (k == nil || k.on&on == 0) {
		if on&onInclude != 0 && l.opts.IgnoreUnknown {
			l.opts.Warn("Ignoring invalid attribute: " + name)
			return nil
		}
		e := parseError(t.Pos, "'%s' is not a valid attribute for a %s", name, what)
		if k == nil || (k.on&onTask == 0 && on&onInclude == 0) {
			e.After = attributeRemark
		}
		e.Hint = didYouMean(name, namesOn(on))
		return e
	}
	switch name {
	case "action", "local_action", "args":
		return nil
	case "loop":
		return l.setLoop(t, "", p.Value)
	case "loop_control":
		return l.readLoopControl(t, p.Value)
	case "register":
		f, err := l.field(p.Value)
		if err == nil && f.Val != nil {
			t.Register = value.Str(f.Val)
			t.RegisterPos = f.Pos
		}
		return err
	case "listen":
		f, err := l.field(p.Value)
		for _, it := range Items(f) {
			t.Listen = append(t.Listen, value.Str(it.Val))
		}
		return err
	}
	_, err := l.setKeyword(&t.Base, k, p.Value, strings.TrimPrefix(what, "Handler"))
	return err
}

func (l *Loader) setLoop(t *Task, with string, n *yaml.Node) error {
	f, err := l.field(n)
	if err != nil {
		return err
	}
	if with == "" {
		if f.Val != nil && !t.Loop.Set { // a loop after with_x gives way
			t.Loop = f
		}
		return nil
	}
	if t.Loop.Set {
		return plainError(t.Pos, "duplicate loop in task: %s", with)
	}
	if f.Val == nil {
		return plainError(t.Pos, "you must specify a value when using with_%s", with)
	}
	t.LoopWith, t.Loop = with, f
	return nil
}

func (l *Loader) readLoopControl(t *Task, n *yaml.Node) error {
	if n.IsNull() {
		return nil
	}
	if n.Kind != yaml.Mapping {
		return parseError(n.Pos, "the `loop_control` value must be specified as a dictionary and cannot be a variable itself (though it can contain variables)")
	}
	lc := &LoopControl{Pos: n.Pos}
	names := map[string]*Field{
		"loop_var": &lc.LoopVar, "index_var": &lc.IndexVar, "label": &lc.Label, "pause": &lc.Pause,
		"extended": &lc.Extended, "extended_allitems": &lc.ExtendedAllitems, "break_when": &lc.BreakWhen,
	}
	for _, p := range n.Pairs {
		dst, ok := names[p.Key.Text]
		if !ok {
			e := parseError(n.Pos, "'%s' is not a valid attribute for a LoopControl", p.Key.Text)
			var known []string
			for k := range names {
				known = append(known, k)
			}
			e.Hint = didYouMean(p.Key.Text, known)
			return e
		}
		f, err := l.field(p.Value)
		if err != nil {
			return err
		}
		if f.Val != nil {
			*dst = f
		}
	}
	t.LoopControl = lc
	return nil
}
