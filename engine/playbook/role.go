package playbook

import (
	"fmt"
	"path"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// readRoles reads a list of role entries: of a play, or the dependencies of a
// role.
func (l *Loader) readRoles(n *yaml.Node, parent Node, static bool) ([]*Role, error) {
	var out []*Role
	for _, it := range n.Items {
		if it.IsNull() {
			continue
		}
		r, err := l.readRole(it, parent)
		if err != nil {
			return nil, err
		}
		r.Static, r.Public = static, true
		if up, ok := parent.(*Role); ok {
			r.Public = up.Public
		}
		out = append(out, r)
	}
	for _, r := range out { // a role that is missing is told before any is read
		if err := l.loadRole(r, From{}, true); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readRole reads one entry of such a list: a name, or a dictionary of keywords
// and parameters.
func (l *Loader) readRole(n *yaml.Node, parent Node) (*Role, error) {
	r := newRole(n.Pos, parent)
	name := ""
	switch n.Kind {
	case yaml.Scalar:
		v, err := l.decode(n)
		if err != nil {
			return nil, err
		}
		switch v.(type) {
		case string, value.Unsafe, *value.Secret:
			name = value.Str(v)
		default:
			return nil, parseError(n.Pos, "Invalid role definition: %s", value.Str(v))
		}
	case yaml.Sequence:
		return nil, parseError(n.Pos, "Invalid role definition: %s", n.Kind)
	case yaml.Mapping:
		var err error
		if name, err = l.readRoleKeys(r, n); err != nil {
			return nil, err
		}
		if name == "" {
			return nil, plainError(n.Pos, "role definitions must contain a role name")
		}
	}
	return r, l.locate(r, name)
}

func newRole(pos value.Pos, parent Node) *Role {
	r := &Role{Params: value.NewDict(), Defaults: value.NewDict(), RoleVars: value.NewDict()}
	r.Pos, r.Parent = pos, parent
	return r
}

func (l *Loader) readRoleKeys(r *Role, n *yaml.Node) (name string, err error) {
	for _, p := range n.Pairs {
		key := p.Key.Text
		k := keywordByName[key]
		switch {
		case key == "role" || key == "name":
			v, err := l.decode(p.Value)
			if err != nil {
				return "", err
			}
			if key == "role" || name == "" {
				if _, ok := value.Text(v); !ok && v != nil {
					return "", plainError(n.Pos, "role definitions must contain a role name")
				}
				name = strings.TrimSpace(value.Str(v))
			}
		case k != nil && k.on&onRole != 0:
			if _, err := l.setKeyword(&r.Base, k, p.Value, "RoleDefinition"); err != nil {
				return "", err
			}
		default:
			k, err := l.decode(p.Key)
			if err != nil {
				return "", err
			}
			v, err := l.decode(p.Value)
			if err != nil {
				return "", err
			}
			r.Params.Set(k, v)
			r.Params.SetPos(key, p.Value.Pos)
		}
	}
	if src := n.Get("src"); name == "" && src != nil {
		// a requirement as role installers write it: the name is that of the repository
		s, _ := l.text(src)
		name = strings.TrimSuffix(path.Base(s), ".git")
	}
	r.Name = ""
	return name, nil
}

// importRole reads the role of an import_role task.
func (l *Loader) importRole(t *Task) ([]Entry, error) {
	t.Static = true
	use := RoleUse{Name: value.Str(firstArg(t.Args, "name", "role")), From: fromArgs(t.Args), Public: true}
	r := newRole(namePos(t), t)
	r.Static = true
	if err := l.locate(r, use.Name); err != nil {
		return nil, err
	}
	if err := l.fromTemplates(&use.From, t); err != nil {
		return nil, err
	}
	r.AllowDup, r.Public = true, true
	validate := true
	if v, ok := l.staticBool(t, "rolespec_validate"); ok {
		validate = v
	}
	depth := 0
	for n := Node(t); n != nil; n = n.Keywords().Parent {
		if depth++; depth > maxIncludes {
			return nil, parseError(t.Pos, "import of role '%s' is nested too deep: does the role import itself?", use.Name)
		}
	}
	if err := l.loadRole(r, use.From, validate); err != nil {
		return nil, err
	}
	if v, ok := l.staticBool(t, "allow_duplicates"); ok {
		r.AllowDup = v
	}
	if l.sink != nil {
		l.sink.Handlers = append(l.sink.Handlers, r.allHandlers()...)
		l.sink.Imported = append(l.sink.Imported, r)
	}
	return r.Compile(), nil
}

// staticBool reads an option that must be known while loading; it may be a
// template.
func (l *Loader) staticBool(t *Task, name string) (b, ok bool) {
	v, ok := t.Args.GetStr(name)
	if !ok {
		return false, false
	}
	if r, err := l.render(v, t.Args.PosOf(name), t); err == nil {
		v = r
	}
	switch strings.ToLower(value.Str(v)) {
	case "true", "yes", "on", "1", "y", "t":
		return true, true
	case "false", "no", "off", "0", "n", "f":
		return false, true
	}
	return false, false
}

func (l *Loader) fromTemplates(f *From, at Node) error {
	for _, p := range []*string{&f.Tasks, &f.Vars, &f.Defaults, &f.Handlers} {
		v, err := l.render(*p, at.Keywords().Pos, at)
		if err != nil {
			return plainError(at.Keywords().Pos, "%s", err)
		}
		*p = value.Str(v)
	}
	return nil
}

// namePos is where the role's name was written.
func namePos(t *Task) value.Pos {
	for _, k := range []string{"name", "role"} {
		if p := t.Args.PosOf(k); !p.IsZero() {
			return p
		}
	}
	return t.Pos
}

func firstArg(d *value.Dict, names ...string) value.Value {
	for _, n := range names {
		if v, ok := d.GetStr(n); ok {
			return v
		}
	}
	return ""
}

func fromArgs(d *value.Dict) From {
	s := func(k string) string {
		v, _ := d.GetStr(k)
		t, _ := value.Text(v)
		return t
	}
	return From{Tasks: s("tasks_from"), Vars: s("vars_from"), Defaults: s("defaults_from"), Handlers: s("handlers_from")}
}

func (l *Loader) includeRole(use RoleUse, at *Task) (*Included, error) {
	parent := withVars(at, use.Vars)
	l.basedir = dirOf(at)
	r := newRole(namePos(at), parent)
	if err := l.apply(&r.Base, use.Apply); err != nil {
		return nil, err
	}
	if err := l.locate(r, use.Name); err != nil {
		return nil, err
	}
	inc := &Included{Role: r}
	defer l.collect(inc)()
	r.Public = use.Public
	if err := l.loadRoleFor(r, use.From, !use.SkipValidation, at.Handler); err != nil {
		return nil, err
	}
	r.AllowDup = use.AllowDup == nil || *use.AllowDup
	inc.Handlers = append(r.allHandlers(), inc.Handlers...)
	inc.Entries = r.Compile()
	return inc, nil
}

// roleHash folds what makes two uses of a role the same. import_role and
// include_role are never the same use as a listed role, and their vars count.
func roleHash(r *Role, f From) string {
	return fmt.Sprintf("%v\x00%s", f, useHash(r))
}

// handlersHash is equal for two uses whose handlers are the same: another file of
// tasks makes no difference to them.
func (r *Role) handlersHash() string { return r.From.Handlers + "\x00" + useHash(r) }

func useHash(r *Role) string {
	d := value.NewDict()
	d.Set("params", r.Params)
	d.Set("vars", r.Vars)
	if t, ok := r.Parent.(*Task); ok { // what apply sets is no part of it
		d.Set("included", t.Vars)
		return r.Path + "\x00" + value.Repr(d)
	}
	for _, k := range []Key{KeyTags, KeyWhen} {
		if v := r.Own(k); v.Set {
			d.Set(k.String(), v.Val)
		}
	}
	return r.Path + "\x00" + value.Repr(d)
}

// depError names the chain of a dependency that leads back to itself.
func depError(r *Role) error {
	for n := r.Parent; n != nil; n = n.Keywords().Parent {
		up, ok := n.(*Role)
		if !ok {
			if _, play := n.(*Play); play {
				return nil
			}
			continue
		}
		if up.Path == r.Path && !crossesTask(r, up) {
			return plainError(r.Pos, "A recursion loop was detected with the roles specified. Make sure child roles do not have dependencies on parent roles")
		}
	}
	return nil
}

func crossesTask(r, up *Role) bool {
	for n := r.Parent; n != nil && n != Node(up); n = n.Keywords().Parent {
		if _, ok := n.(*Task); ok {
			return true
		}
	}
	return false
}
