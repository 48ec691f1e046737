package playbook

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

var yamlEndings = []string{".yml", ".yaml", ".json", ""}

// loadRole reads everything a role consists of.
func (l *Loader) loadRole(r *Role, from From, validate bool) error {
	return l.loadRoleFor(r, from, validate, false)
}

func (l *Loader) loadRoleFor(r *Role, from From, validate, handlers bool) error {
	l.opts.Found(r.Path)
	if err := depError(r); err != nil {
		return err
	}
	r.Hash = roleHash(r, from)
	r.From = from
	var err error
	if r.RoleVars, err = l.roleVars(r, "vars", from.Vars); err != nil {
		return err
	}
	if r.Defaults, err = l.roleVars(r, "defaults", from.Defaults); err != nil {
		return err
	}
	if err = l.readMeta(r); err != nil {
		return err
	}
	validation := []Entry(nil)
	if validate {
		if t := r.validationTask(from.Tasks); t != nil {
			validation = []Entry{t}
		}
	}
	tasks, err := l.roleTasks(r, "tasks", from.Tasks, scope{parent: r, role: r, handlers: handlers})
	if err != nil {
		return err
	}
	r.TaskList = append(validation, tasks...)
	r.Handlers, err = l.roleTasks(r, "handlers", from.Handlers, scope{parent: r, role: r, handlers: true})
	return err
}

// roleFile finds the file name (main by default) of a part of a role. It is ""
// where there is none and none was asked for by name.
func (l *Loader) roleFile(r *Role, part, name string) (string, error) {
	dir := filepath.Join(r.Path, part)
	if name == "" {
		return firstFile(dir, "main"), nil
	}
	if !isDir(dir) {
		return "", nil // nothing is missed where the role has no such part
	}
	p := firstFile(dir, name)
	if p == "" {
		p = firstFile(dir, filepath.Base(name))
	}
	if rel, err := filepath.Rel(dir, p); p != "" && (err != nil || strings.HasPrefix(rel, "..")) {
		return "", parseError(r.Pos, "Failed loading '%s' for role (%s) as it is not inside the expected role path: '%s'", p, r.RoleName, dir)
	}
	if p == "" {
		e := parseError(r.Pos, "Could not find specified file in role: %s/%s", part, name)
		e.Hint = didYouMean(name, baseNames(dir))
		return "", e
	}
	return p, nil
}

func firstFile(dir, name string) string {
	for _, end := range yamlEndings {
		if p := filepath.Join(dir, name+end); isFile(p) {
			return p
		}
	}
	return ""
}

func baseNames(dir string) []string {
	var out []string
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), filepath.Ext(e.Name())))
	}
	return out
}

// roleVars reads vars or defaults: a file, or a folder of files.
func (l *Loader) roleVars(r *Role, part, name string) (*value.Dict, error) {
	file := "main"
	if name != "" {
		file = name
	}
	dir := filepath.Join(r.Path, part, file)
	paths := []string{}
	p, err := l.roleFile(r, part, name)
	switch {
	case p != "":
		paths = append(paths, p)
	case isDir(dir):
		paths = varsFilesIn(dir)
	case err != nil:
		return nil, err
	}
	out := value.NewDict()
	for _, p := range paths {
		n, err := l.node(p)
		if err != nil {
			return nil, err
		}
		d, err := l.varsOf(n, func() error {
			return parseError(n.Pos, "The %s/main.yml file for role '%s' must contain a dictionary of variables", part, r.RoleName)
		})
		if err != nil {
			return nil, err
		}
		if len(paths) == 1 {
			return d, nil
		}
		out.Update(d)
	}
	return out, nil
}

// varsFilesIn lists the YAML and JSON files below dir, in order of their names.
func varsFilesIn(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name() < entries[j].Name() })
	var out []string
	for _, e := range entries {
		name := e.Name()
		p := filepath.Join(dir, name)
		switch {
		case strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~"):
		case isDir(p):
			out = append(out, varsFilesIn(p)...)
		default:
			switch filepath.Ext(name) {
			case ".yml", ".yaml", ".json", "":
				out = append(out, p)
			}
		}
	}
	return out
}

func (l *Loader) roleTasks(r *Role, part, name string, sc scope) ([]Entry, error) {
	p, err := l.roleFile(r, part, name)
	if err != nil || p == "" {
		return nil, err
	}
	n, err := l.node(p)
	if err != nil || n.IsNull() {
		return nil, err
	}
	if n.Kind != yaml.Sequence {
		file := "main"
		if name != "" {
			file = strings.TrimSuffix(name, filepath.Ext(name))
		}
		return nil, parseError(n.Pos, "The %s/%s.yml file for role '%s' must contain a list of tasks", part, file, r.RoleName)
	}
	return l.readEntries(n, sc)
}

var metaKeys = []string{"allow_duplicates", "dependencies", "galaxy_info", "argument_specs", "collections"}

// readMeta reads meta/main and meta/argument_specs.
func (l *Loader) readMeta(r *Role) error {
	if r.Collection != "" {
		r.Collections = []string{r.Collection}
	} else if l.ownCollection != "" {
		r.Collections = []string{l.ownCollection}
	}
	if err := l.readArgumentSpecs(r); err != nil {
		return err
	}
	p := firstFile(filepath.Join(r.Path, "meta"), "main")
	if p == "" {
		return nil
	}
	n, err := l.node(p)
	if err != nil || n.IsNull() {
		return err
	}
	if n.Kind != yaml.Mapping {
		return parseError(n.Pos, "the 'meta/main.yml' for role %s is not a dictionary", r.RoleName)
	}
	v, err := l.decode(n)
	if err != nil {
		return err
	}
	r.Meta, _ = v.(*value.Dict)
	for _, pair := range n.Pairs {
		if err := l.readMetaKey(r, n, pair); err != nil {
			return err
		}
	}
	return nil
}

func (l *Loader) readMetaKey(r *Role, n *yaml.Node, p yaml.Pair) error {
	v, err := l.decode(p.Value)
	if err != nil {
		return err
	}
	switch p.Key.Text {
	case "galaxy_info":
	case "allow_duplicates":
		switch b := v.(type) {
		case bool:
			r.AllowDup = b
		case string:
			switch strings.ToLower(b) {
			case "yes", "true", "on", "y", "t", "1":
				r.AllowDup = true
			}
		}
	case "argument_specs":
		if d, ok := v.(*value.Dict); ok && r.ArgSpecs == nil {
			r.ArgSpecs, r.ArgSpecsPos = d, p.Value.Pos
		}
	case "collections":
		for _, it := range Items(Field{Val: v, Set: true}) {
			if s, ok := value.Text(it.Val); ok && !slices.Contains(r.Collections, s) {
				r.Collections = append(r.Collections, s)
			}
		}
	case "dependencies":
		if p.Value.IsNull() {
			return nil
		}
		if p.Value.Kind != yaml.Sequence {
			return parseError(n.Pos, "Expected role dependencies to be a list.")
		}
		deps, err := l.readRoles(p.Value, r, r.Static)
		if err != nil {
			return err
		}
		r.Deps = deps
	default:
		e := parseError(n.Pos, "'%s' is not a valid attribute for a RoleMetadata", p.Key.Text)
		e.Hint = didYouMean(p.Key.Text, metaKeys)
		return e
	}
	return nil
}

func (l *Loader) readArgumentSpecs(r *Role) error {
	p := firstFile(filepath.Join(r.Path, "meta"), "argument_specs")
	if p == "" {
		return nil
	}
	d, err := l.readVars(p)
	if err != nil {
		if errors.Is(err, errMissing) {
			return nil
		}
		return err
	}
	if specs, ok := d.At("argument_specs").(*value.Dict); ok {
		r.ArgSpecs, r.ArgSpecsPos = specs, value.Pos{File: p, Line: 1, Col: 1}
	}
	return nil
}

// validationTask returns the task that checks a role's parameters, nil where the
// role has no specification for this entry point.
func (r *Role) validationTask(entry string) *Task {
	if entry == "" {
		entry = "main"
	}
	entry = strings.TrimSuffix(entry, filepath.Ext(entry))
	spec, ok := r.ArgSpecs.At(entry).(*value.Dict)
	if !ok || spec.Len() == 0 {
		return nil
	}
	name := "Validating arguments against arg spec '" + entry + "'"
	if s, ok := value.Text(spec.At("short_description")); ok {
		name += " - " + s
	}
	options, _ := spec.At("options").(*value.Dict)
	if options == nil {
		options = value.NewDict()
	}
	t := &Task{Action: "ansible.builtin.validate_argument_spec", Resolved: "ansible.builtin.validate_argument_spec",
		Short: "validate_argument_spec", Implicit: true, Role: r}
	t.Name, t.Pos, t.Parent = name, r.ArgSpecsPos, r
	t.Args = value.DictOf("argument_spec", options, "provided_arguments", r.Params.Clone(), "validate_args_context",
		value.DictOf("type", "role", "name", r.RoleName, "argument_spec_name", entry, "path", r.Path))
	t.set(KeyTags, Field{Val: value.NewList("always"), Pos: r.ArgSpecsPos, Set: true})
	return t
}
