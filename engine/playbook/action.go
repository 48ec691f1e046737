package playbook

import (
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// freeForm are the actions whose line is a command: words with = in it belong to
// it.
var freeForm = shortSet("command", "shell", "raw", "script", "win_command", "win_shell")

// rawParams are those that may have words beside key=value pairs at all.
var rawParams = shortSet("command", "shell", "raw", "script", "win_command", "win_shell", "include", "include_vars",
	"include_tasks", "include_role", "import_tasks", "import_role", "add_host", "group_by", "set_fact", "meta")

func shortSet(names ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range names {
		m[n] = true
	}
	return m
}

// ShortAction returns the name without ansible.builtin. or ansible.legacy. (and
// ansible.windows. for the two that run command lines).
func ShortAction(name string) string {
	for _, p := range []string{"ansible.builtin.", "ansible.legacy."} {
		if s, ok := strings.CutPrefix(name, p); ok && !strings.Contains(s, ".") {
			return s
		}
	}
	if s, ok := strings.CutPrefix(name, "ansible.windows."); ok && (s == "win_command" || s == "win_shell") {
		return s
	}
	return name
}

// action is the key of a task that says what to do.
type action struct {
	key   string     // as written: action, local_action or the module's name
	name  string     // module, as written
	node  *yaml.Node // its value
	line  string     // for action: and local_action: what follows the name
	local bool
}

// findAction finds the one key of a task that is no keyword.
func (l *Loader) findAction(n *yaml.Node, sc scope) (action, error) {
	var act action
	for _, p := range n.Pairs {
		switch p.Key.Text {
		case "action", "local_action":
			if act.key != "" {
				return act, parseError(n.Pos, "action and local_action are mutually exclusive")
			}
			act = action{key: p.Key.Text, node: p.Value, local: p.Key.Text == "local_action"}
		}
	}
	if act.key != "" {
		if err := l.splitAction(&act, n); err != nil {
			return act, err
		}
	}
	for _, p := range n.Pairs {
		k := p.Key.Text
		kw := keywordByName[k]
		if (kw != nil && kw.on&(onTasks|onInclude) != 0) || k == "static" || strings.HasPrefix(k, "with_") {
			continue
		}
		if act.name != "" {
			e := parseError(n.Pos, "conflicting action statements: %s, %s", act.name, k)
			valid := namesOn(onTasks)
			if e.Hint = didYouMean(k, valid); e.Hint == "" {
				e.Hint = didYouMean(act.name, valid)
			}
			return act, e
		}
		act = action{key: k, name: k, node: p.Value}
	}
	if act.name == "" {
		return act, parseError(n.Pos, "no module/action detected in task.")
	}
	return act, nil
}

// splitAction takes `action:` apart: text, or a dictionary with the key module.
func (l *Loader) splitAction(act *action, n *yaml.Node) error {
	line := act.node
	if line.Kind == yaml.Mapping {
		if line = line.Get("module"); line == nil {
			return nil
		}
	}
	s, ok := l.text(line)
	if !ok {
		return parseError(n.Pos, "unexpected parameter type in action: %s", l.class(line))
	}
	s = strings.TrimSpace(s)
	words, err := SplitArgs(s)
	if err != nil {
		return parseError(n.Pos, "%s", err)
	}
	if len(words) == 0 {
		return nil
	}
	act.name = strings.TrimSpace(words[0]) // {{ name }} is one word
	act.line = strings.TrimLeft(s[len(words[0]):], " \t")
	return nil
}

func (l *Loader) resolveAction(t *Task, act action, sc scope) error {
	t.Action, t.Resolved, t.Short = act.name, act.name, ShortAction(act.name)
	switch t.Short {
	case "include_tasks":
		t.Kind = IncludeTasks
	case "import_tasks":
		t.Kind = ImportTasks
	case "include":
		t.Kind = IncludeTasks
	case "include_role":
		t.Kind = IncludeRole
	case "import_role":
		t.Kind = ImportRole
	}
	if t.Kind != NotInclude || t.Short == "meta" || l.opts.Known == nil || isTemplate(act.name) {
		return nil
	}
	name, ok := l.opts.Known(act.name, Collections(sc.parent))
	if ok {
		t.Resolved, t.Short = name, ShortAction(name)
		return nil
	}
	if l.adHoc {
		return nil // that it is not there is each host's failure
	}
	e := parseError(t.Pos, "couldn't resolve module/action '%s'. This often indicates a misspelling, missing collection, or incorrect module path.", act.name)
	if l.opts.Suggest != nil {
		if s := l.opts.Suggest(act.name); s != "" {
			e.Hint = "did you mean '" + s + "'?"
		}
	}
	if e.Hint == "" {
		e.Hint = didYouMean(act.name, namesOn(onTasks))
	}
	return e
}

// readArgs puts the arguments together: those of args: below the action's own.
func (l *Loader) readArgs(t *Task, n *yaml.Node, act action) error {
	t.Args, t.ArgsPos = value.NewDict(), act.node.Pos
	if a := n.Get("args"); a != nil && !a.IsNull() {
		v, err := l.decode(a)
		if err != nil {
			return err
		}
		switch x := v.(type) {
		case *value.Dict:
			t.Args.Update(x)
		case string:
			if !isTemplate(x) {
				return parseError(t.Pos, "Complex args containing variables cannot use bare variables (without Jinja2 delimiters), and must use the full variable style ('{{var_name}}')")
			}
			t.ArgsTemplate = Field{Val: x, Pos: a.Pos, Set: true}
		default:
			return parseError(t.Pos, "Complex args must be a dictionary or variable string (\"{{var}}\").")
		}
	}
	if act.key == "action" || act.key == "local_action" {
		if act.node.Kind == yaml.Mapping {
			v, err := l.decode(act.node)
			if err != nil {
				return err
			}
			d := v.(*value.Dict).Clone()
			d.Delete("module")
			t.Args.Update(d)
		}
		return l.addLine(t, act.line)
	}
	v, err := l.decode(act.node)
	if err != nil {
		return err
	}
	switch x := v.(type) {
	case nil:
	case *value.Dict:
		t.Args.Update(x)
		for _, k := range x.Keys() {
			if s, _ := value.Text(k); strings.HasPrefix(s, "_ansible_") {
				return parseError(t.Pos, "invalid parameter specified beginning with keyword '_ansible_' for action '%s' : '%s'. The prefix '_ansible_' is reserved for internal use only.", t.Action, s)
			}
		}
	case string, value.Unsafe:
		s, _ := value.Text(x)
		return l.addLine(t, s)
	default:
		return parseError(t.Pos, "unexpected parameter type in action: %s", class(v))
	}
	return nil
}

// addLine adds the arguments of a line of text.
func (l *Loader) addLine(t *Task, line string) error {
	if line == "" {
		return nil
	}
	d, err := ParseKV(line, freeForm[t.Short])
	if err != nil {
		return parseError(t.Pos, "%s", err)
	}
	if raw, ok := d.GetStr("_raw_params"); ok && !rawParams[t.Short] {
		s := value.Str(raw)
		if !isTemplate(s) {
			return parseError(t.Pos, "this task '%s' has extra params, which is only allowed in the following modules: %s", t.Action, rawNames())
		}
		d.Delete("_raw_params")
		t.ArgsTemplate = Field{Val: s, Pos: t.ArgsPos, Set: true}
	} else if ok {
		if freeForm[t.Short] && t.Args.Has("cmd") {
			return parseError(t.Pos, "The 'cmd' argument cannot be used when other raw parameters are specified. Please put everything in one or the other place.")
		}
		t.FreeForm = true
	}
	for k := range d.All() {
		d.SetPos(k.(string), t.ArgsPos)
	}
	t.Args.Update(d)
	return nil
}

func rawNames() string {
	var out []string
	for n := range rawParams {
		out = append(out, n)
	}
	sort.Strings(out)
	return strings.Join(out, ", ")
}
