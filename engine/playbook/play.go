package playbook

import (
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// readPlay reads one play. imp are what import_playbook put on it, nil for none.
func (l *Loader) readPlay(n *yaml.Node, file string, imp *importing) (*Play, error) {
	dir := filepath.Dir(file)
	p := &Play{File: file, Dir: dir, BookDir: dir}
	p.Pos = n.Pos
	if n.Get("user") != nil && n.Get("remote_user") != nil {
		return nil, parseError(n.Pos, "both 'user' and 'remote_user' are set for this play. The use of 'user' is deprecated, and should be removed")
	}
	for _, pair := range n.Pairs {
		if err := l.readPlayKey(p, pair); err != nil {
			return nil, err
		}
	}
	if imp != nil {
		imp.onto(p)
	}
	if col := l.collectionOf(file); col != "" {
		// short names in a collection's playbook mean that collection first
		list := value.NewList(col)
		for _, f := range Items(p.Own(KeyCollections)) {
			if value.Str(f.Val) != col {
				list.Append(f.Val)
			}
		}
		p.set(KeyCollections, Field{Val: list, Pos: p.Pos, Set: true})
	}
	if err := checkHosts(p); err != nil {
		return nil, err
	}
	if p.Name == "" {
		p.Name = patternText(p.Hosts.Val)
	} else {
		p.NameSet = true
	}
	inc := &Included{}
	done := l.collect(inc)
	defer done()
	if err := l.readPlayLists(p, n); err != nil {
		return nil, err
	}
	p.ImportedRoles = inc.Imported
	return p, nil
}

func (l *Loader) readPlayKey(p *Play, pair yaml.Pair) error {
	name := pair.Key.Text
	k := keywordByName[name]
	if k == nil || k.on&onPlay == 0 {
		e := parseError(p.Pos, "'%s' is not a valid attribute for a Play", name)
		e.Hint = didYouMean(name, namesOn(onPlay))
		return e
	}
	switch name {
	case "tasks", "pre_tasks", "post_tasks", "handlers", "roles":
		return nil
	case "user":
		k = keywordByName["remote_user"]
	case "hosts":
		var err error
		p.Hosts, err = l.field(pair.Value)
		return err
	case "vars_files":
		f, err := l.field(pair.Value)
		p.VarsFiles = Items(f)
		return err
	case "vars_prompt":
		return l.readPrompts(p, pair.Value)
	}
	if _, err := l.setKeyword(&p.Base, k, pair.Value, "Play"); err != nil || k.key == keyNone || k.on != onPlay {
		return err
	}
	f := p.Own(k.key)
	if s, ok := value.Text(f.Val); ok && isTemplate(s) {
		return nil
	}
	if _, err := Convert(k.key, f.Val, f.Val); err != nil {
		return parseError(p.Pos, "%s", err)
	}
	return nil
}

// readPlayLists reads roles and tasks, when the play's variables are known.
func (l *Loader) readPlayLists(p *Play, n *yaml.Node) error {
	if r := n.Get("roles"); r != nil && !r.IsNull() {
		if r.Kind != yaml.Sequence {
			return parseError(n.Pos, "A malformed role declaration was encountered.")
		}
		var err error
		if p.Roles, err = l.readRoles(r, p, true); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		name string
		dst  *[]Entry
	}{{"pre_tasks", &p.PreTasks}, {"tasks", &p.Tasks}, {"post_tasks", &p.PostTasks}, {"handlers", &p.OwnHandlers}} {
		list := n.Get(part.name)
		if list == nil || list.IsNull() {
			continue
		}
		if list.Kind != yaml.Sequence {
			if part.name != "tasks" {
				return parseError(n.Pos, "A malformed block was encountered while loading %s", part.name)
			}
			v, _ := l.decode(list)
			shown := value.Str(v)
			return parseError(n.Pos, "A malformed block was encountered while loading %s: %s should be a list or None but is %s", part.name, shown, l.class(list))
		}
		entries, err := l.readEntries(list, scope{parent: p, handlers: part.name == "handlers"})
		if err != nil {
			return err
		}
		*part.dst = entries
	}
	return nil
}

func checkHosts(p *Play) error {
	if !p.Hosts.Set {
		return parseError(p.Pos, "the field 'hosts' is required but was not set")
	}
	pos := p.Hosts.Pos
	switch v := p.Hosts.Val.(type) {
	case nil:
		return parseError(pos, "Hosts list cannot be empty. Please check your playbook")
	case string, value.Unsafe:
		if value.Str(v) == "" {
			return parseError(pos, "Hosts list cannot be empty. Please check your playbook")
		}
	case *value.List:
		if v.Len() == 0 {
			return parseError(pos, "Hosts list cannot be empty. Please check your playbook")
		}
		for i, e := range v.Items {
			switch e.(type) {
			case nil:
				return parseError(v.PosAt(i), "Hosts list cannot contain values of 'None'. Please check your playbook")
			case string, value.Unsafe:
			default:
				return parseError(v.PosAt(i), "Hosts list contains an invalid host value: '%s'", value.Str(e))
			}
		}
	default:
		return parseError(pos, "Hosts list must be a sequence or string. Please check your playbook.")
	}
	return nil
}

// patternText is a hosts value on one line.
func patternText(v value.Value) string {
	if v == nil {
		return ""
	}
	l, ok := v.(*value.List)
	if !ok {
		return value.Str(v)
	}
	parts := make([]string, l.Len())
	for i, e := range l.Items {
		parts[i] = value.Str(e)
	}
	return strings.Join(parts, ",")
}

func (l *Loader) readPrompts(p *Play, n *yaml.Node) error {
	if n.IsNull() {
		return nil
	}
	items := []*yaml.Node{n}
	if n.Kind == yaml.Sequence {
		items = n.Items
	}
	for _, it := range items {
		if it.Kind != yaml.Mapping || it.Get("name") == nil {
			return parseError(n.Pos, "Invalid vars_prompt data structure, missing 'name' key")
		}
		pr := Prompt{Pos: it.Pos}
		fields := map[string]*Field{"name": &pr.Name, "prompt": &pr.Prompt, "default": &pr.Default, "private": &pr.Private,
			"confirm": &pr.Confirm, "encrypt": &pr.Encrypt, "salt": &pr.Salt, "salt_size": &pr.SaltSize, "unsafe": &pr.Unsafe}
		for _, pair := range it.Pairs {
			dst, ok := fields[pair.Key.Text]
			if !ok {
				e := parseError(n.Pos, "Invalid vars_prompt data structure, found unsupported key '%s'", pair.Key.Text)
				var names []string
				for k := range fields {
					names = append(names, k)
				}
				e.Hint = didYouMean(pair.Key.Text, names)
				return e
			}
			var err error
			if *dst, err = l.field(pair.Value); err != nil {
				return err
			}
		}
		p.VarsPrompt = append(p.VarsPrompt, pr)
	}
	return nil
}
