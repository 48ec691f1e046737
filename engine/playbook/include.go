package playbook

import (
	"errors"
	"slices"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// maxIncludes bounds how deep static imports may nest, so that one that imports
// itself is named instead of filling the memory.
const maxIncludes = 64

var tasksOptions = []string{"file", "_raw_params"}

var roleOptions = []string{"name", "role", "tasks_from", "vars_from", "defaults_from", "handlers_from",
	"allow_duplicates", "public", "rolespec_validate"}

// checkInclude checks the options of the include and import actions.
func (l *Loader) checkInclude(t *Task, n *yaml.Node) error {
	switch t.Kind {
	case IncludeTasks, ImportTasks:
		return l.checkTasksInclude(t, n)
	case IncludeRole, ImportRole:
		return l.checkRoleInclude(t)
	}
	return nil
}

func (l *Loader) checkTasksInclude(t *Task, n *yaml.Node) error {
	_, raw := t.Args.GetStr("_raw_params")
	_, file := t.Args.GetStr("file")
	valid := tasksOptions
	if t.Kind == IncludeTasks && t.Short != "include" {
		valid = append(slices.Clone(valid), "apply")
	}
	if t.Short == "include" {
		l.opts.Warn(`"include" is deprecated and no longer there in ansible-core 2.16 and later; use include_tasks or import_tasks instead.`)
		l.includeParams(t)
		_, apply := t.Args.GetStr("apply")
		if !apply {
			return nil
		}
	}
	if err := badOptions(t, valid); err != nil {
		return err
	}
	if !raw && !file {
		if t.ArgsTemplate.Set {
			return nil
		}
		return parseError(t.Pos, "No file specified for %s", t.Action)
	}
	if a, ok := t.Args.GetStr("apply"); ok && a != nil {
		if _, isDict := a.(*value.Dict); !isDict {
			return parseError(t.Pos, "Expected a dict for apply but got %s instead", class(a))
		}
	}
	if t.Kind == ImportTasks && t.Loop.Set {
		return parseError(t.Pos, "You cannot use loops on 'import_tasks' statements. You should use 'include_tasks' instead.")
	}
	return nil
}

// includeParams moves `include: file a=b` to vars, and tags=x to the tags.
func (l *Loader) includeParams(t *Task) {
	for _, k := range slices.Clone(t.Args.Keys()) {
		name, _ := value.Text(k)
		if slices.Contains(tasksOptions, name) || name == "apply" {
			continue
		}
		v, _ := t.Args.Get(k)
		t.Args.Delete(k)
		if name == "tags" {
			t.set(KeyTags, Field{Val: v, Pos: t.ArgsPos, Set: true})
			continue
		}
		if t.Vars == nil {
			t.Vars = value.NewDict()
		} else {
			t.Vars = t.Vars.Clone()
		}
		t.Vars.Set(k, v)
	}
}

func badOptions(t *Task, valid []string) error {
	var bad []string
	for _, k := range t.Args.Keys() {
		if s := value.Str(k); !slices.Contains(valid, s) {
			bad = append(bad, s)
		}
	}
	if len(bad) == 0 {
		return nil
	}
	sort.Strings(bad)
	e := parseError(t.Pos, "Invalid options for %s: %s", t.Action, strings.Join(bad, ","))
	e.Hint = didYouMean(bad[0], valid)
	return e
}

func (l *Loader) checkRoleInclude(t *Task) error {
	if !t.Args.Has("name") && !t.Args.Has("role") && !t.ArgsTemplate.Set {
		return parseError(t.Pos, "'name' is a required field for %s.", t.Action)
	}
	valid := roleOptions
	if t.Kind == IncludeRole {
		valid = append(slices.Clone(valid), "apply")
	}
	if err := badOptions(t, valid); err != nil {
		return err
	}
	for _, k := range []string{"tasks_from", "vars_from", "defaults_from", "handlers_from"} {
		if v, ok := t.Args.GetStr(k); ok {
			if _, isText := value.Text(v); !isText {
				return parseError(t.Pos, "Expected a string for %s but got %s instead", k, class(v))
			}
		}
	}
	if a, ok := t.Args.GetStr("apply"); ok && a != nil {
		if _, isDict := a.(*value.Dict); !isDict {
			return parseError(t.Pos, "Expected a dict for apply but got %s instead", class(a))
		}
	}
	if t.Kind == ImportRole && t.Loop.Set {
		return parseError(t.Pos, "You cannot use loops on 'import_role' statements. You should use 'include_role' instead.")
	}
	return nil
}

// FileArg returns the file of an include or import of tasks, as written.
func (t *Task) FileArg() Field {
	for _, k := range []string{"_raw_params", "file"} {
		if v, ok := t.Args.GetStr(k); ok {
			return Field{Val: v, Pos: t.ArgsPos, Set: true}
		}
	}
	return Field{}
}

// RoleArg returns the role that include_role or import_role names, as written.
func (t *Task) RoleArg() string { return value.Str(firstArg(t.Args, "name", "role")) }

// render renders v where it is a template.
func (l *Loader) render(v value.Value, pos value.Pos, at Node) (value.Value, error) {
	s, ok := v.(string)
	if !ok || !isTemplate(s) {
		return v, nil
	}
	if l.opts.Render == nil {
		return nil, errors.New("no variables here")
	}
	return l.opts.Render(v, pos, at)
}

// isStatic tells whether `include` is taken as an import: nothing about it or
// above it waits for run time.
func (l *Loader) includeIsStatic(t *Task) bool {
	if t.Loop.Set || isTemplate(value.Str(t.FileArg().Val)) {
		return false
	}
	for n := t.Parent; n != nil; n = n.Keywords().Parent {
		if p, ok := n.(*Task); ok && !p.Static {
			return false
		}
	}
	return true
}

// importTasks reads what an import_tasks task brings in.
func (l *Loader) importTasks(t *Task, sc scope) ([]Entry, error) {
	t.Static = true
	f := t.FileArg()
	v, err := l.render(f.Val, f.Pos, t)
	if err != nil {
		return nil, parseError(t.Pos, "Error when evaluating variable in import path: %s.\n\n"+
			"When using static imports, ensure that any variables used in their names are defined in vars/vars_files\n"+
			"or extra-vars passed in from the command line. Static imports cannot use variables from facts or inventory\n"+
			"sources like group or host vars. (%s)", value.Str(f.Val), err)
	}
	t.file = strings.TrimSpace(value.Str(v))
	path, tried := l.findTasks(t.file, t, sc)
	depth := 0
	for n := Node(t); n != nil; n = n.Keywords().Parent {
		if depth++; depth > maxIncludes {
			return nil, parseError(t.Pos, "import of %s is nested too deep: does the file import itself?", path)
		}
	}
	entries, err := l.tasksFile(path, t, sc)
	if err != nil && errors.Is(err, errMissing) {
		e := plainError(t.Pos, "Unable to retrieve file contents\nCould not find or access '%s' on the Ansible Controller.\n"+
			"If you are using a module and expect the file to exist on the remote, see the remote_src option", path)
		e.Tried = tried
		return nil, e
	}
	return entries, err
}

// tasksFile reads a file of tasks.
func (l *Loader) tasksFile(path string, parent Node, sc scope) ([]Entry, error) {
	n, err := l.node(path)
	if err != nil {
		return nil, err
	}
	if n.IsNull() {
		if t, ok := parent.(*Task); ok && t.Static {
			l.opts.Warn("file " + path + " is empty and had no tasks to include")
		}
		return nil, nil
	}
	if n.Kind != yaml.Sequence {
		if t, ok := parent.(*Task); ok && t.Static {
			return nil, parseError(n.Pos, "included task files must contain a list of tasks")
		}
		return nil, plainError(value.Pos{}, "included task files must contain a list of tasks")
	}
	sc.parent = parent
	return l.readEntries(n, sc)
}

// withVars returns the copy of a dynamic include that becomes the parent of what
// it brings in.
func withVars(at *Task, vars *value.Dict) *Task {
	c := *at
	c.Origin = at
	if vars.Len() > 0 {
		c.Vars = at.Vars.Clone()
		c.Vars.Update(vars)
	}
	return &c
}

func (l *Loader) includeTasks(use TasksUse, at *Task) (*Included, error) {
	parent := withVars(at, use.Vars)
	parent.file = strings.TrimSpace(use.Name)
	sc := scope{parent: parent, role: at.Role, handlers: at.Handler}
	l.basedir = dirOf(at)
	path, tried := l.findTasks(parent.file, parent, sc)
	inc := &Included{File: path}
	done := l.collect(inc)
	defer done()
	var above Node = parent
	b := &Block{Implicit: true}
	if use.Apply.Len() > 0 {
		b.Pos, b.Parent = at.Pos, parent
		if err := l.apply(&b.Base, use.Apply); err != nil {
			return nil, err
		}
		above = b
	}
	entries, err := l.tasksFile(path, above, sc)
	if errors.Is(err, errMissing) {
		e := plainError(at.Pos, "Could not find or access '%s' on the Ansible Controller.", path)
		e.Tried = tried
		return nil, e
	}
	if err != nil {
		return nil, err
	}
	inc.Entries, inc.Empty = entries, entries == nil
	if above != parent {
		b.Block = entries
		inc.Entries = []Entry{b}
	}
	return inc, nil
}

// apply sets the keywords of include's apply on b.
func (l *Loader) apply(b *Base, d *value.Dict) error {
	for k, v := range d.All() {
		name := value.Str(k)
		kw := keywordByName[name]
		switch {
		case name == "vars":
			vars, ok := v.(*value.Dict)
			if !ok {
				return parseError(b.Pos, "Vars in a Block must be specified as a dictionary, or a list of dictionaries")
			}
			b.Vars = b.Vars.Clone()
			b.Vars.Update(vars)
		case name == "name":
		case kw == nil || kw.key == keyNone || kw.on&onBlock == 0:
			e := parseError(b.Pos, "'%s' is not a valid attribute for a Block", name)
			e.Hint = didYouMean(name, namesOn(onBlock))
			return e
		case v != nil:
			b.set(kw.key, Field{Val: v, Pos: d.PosOf(name), Set: true})
		}
	}
	return nil
}
