package playbook

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

func (l *Loader) load(name string) (*Playbook, error) {
	l.loading = nil
	path := l.bookPath(name, ".")
	if dir := filepath.Dir(path); !slices.Contains(l.bookDirs, dir) {
		l.bookDirs = append(l.bookDirs, dir)
	}
	if !isFile(path) && l.collectionBook(name) == "" {
		return nil, plainError(value.Pos{}, "the playbook: %s could not be found", name)
	}
	b := &Playbook{File: name, Dir: filepath.Dir(path)}
	var err error
	if col := l.collectionOf(path); col != "" {
		l.opts.Warn("running playbook inside collection " + col)
		l.ownCollection = col
	}
	b.Plays, err = l.readBook(path, path, nil)
	return b, err
}

// bookPath returns the absolute path of a playbook: a file, or the full name of a
// collection's.
func (l *Loader) bookPath(name, base string) string {
	if p := l.collectionBook(name); p != "" {
		return p
	}
	if wd, err := filepath.Abs(base); err == nil {
		base = wd
	}
	return absolute(base, name)
}

func (l *Loader) collectionBook(name string) string {
	parts := strings.Split(strings.TrimSuffix(strings.TrimSuffix(name, ".yml"), ".yaml"), ".")
	if len(parts) < 3 || strings.ContainsAny(name, "/ ") || isFile(name) {
		return ""
	}
	dir := l.collectionDir(parts[0] + "." + parts[1])
	if dir == "" {
		return ""
	}
	for _, end := range []string{".yml", ".yaml", ""} {
		if p := filepath.Join(dir, "playbooks", filepath.Join(parts[2:]...)+end); isFile(p) {
			return p
		}
	}
	return ""
}

// importing is what the import_playbook statements above a play put on it.
type importing struct {
	vars *value.Dict
	base Base // keywords of the statement
	when []Field
	up   *importing
}

func (imp *importing) onto(p *Play) {
	if imp.up != nil {
		defer imp.up.onto(p)
	}
	if imp.vars.Len() > 0 {
		p.Vars = p.Vars.Clone()
		p.Vars.Update(imp.vars)
	}
	p.Included = append(slices.Clone(imp.when), p.Included...)
	if tags := Tags(&imp.base); len(tags) > 0 {
		both := value.NewList()
		for _, f := range append(Tags(p), tags...) {
			both.Append(f.Val)
			both.Pos = append(both.Pos, f.Pos)
		}
		p.set(KeyTags, Field{Val: both, Pos: tags[0].Pos, Set: true})
	}
}

// readBook reads a playbook file.
func (l *Loader) readBook(path, shown string, imp *importing) ([]*Play, error) {
	before, beforeShown := l.basedir, l.shownDir
	l.basedir, l.shownDir = filepath.Dir(path), dirAsWritten(shown)
	l.opts.Found(l.basedir)
	l.loading = append(l.loading, path)
	defer func() {
		l.basedir, l.shownDir, l.loading = before, beforeShown, l.loading[:len(l.loading)-1]
	}()
	n, err := l.node(path)
	if err != nil {
		return nil, err
	}
	if n.IsNull() {
		return nil, parseError(n.Pos, "Empty playbook, nothing to do: %s", path)
	}
	if n.Kind != yaml.Sequence {
		return nil, parseError(n.Pos, "A playbook must be a list of plays, got a %s instead: %s", l.class(n), path)
	}
	if len(n.Items) == 0 {
		return nil, parseError(n.Pos, "A playbook must contain at least one play: %s", path)
	}
	var plays []*Play
	for _, it := range n.Items {
		if it.Kind != yaml.Mapping {
			return nil, parseError(it.Pos, "playbook entries must be either valid plays or 'import_playbook' statements")
		}
		if key := importKey(it); key != "" {
			more, err := l.importPlaybook(it, key, imp)
			if err != nil {
				return nil, err
			}
			plays = append(plays, more...)
			continue
		}
		p, err := l.readPlay(it, path, imp)
		if err != nil {
			return nil, err
		}
		plays = append(plays, p)
	}
	return plays, nil
}

// dirAsWritten is the folder of a path, ".." in it kept: messages show it so.
func dirAsWritten(p string) string {
	if i := strings.LastIndexAny(p, "/\\"); i > 0 {
		return p[:i]
	}
	return "."
}

func importKey(n *yaml.Node) string {
	for _, k := range []string{"import_playbook", "ansible.builtin.import_playbook", "ansible.legacy.import_playbook"} {
		if n.Get(k) != nil {
			return k
		}
	}
	return ""
}

func (l *Loader) importPlaybook(n *yaml.Node, key string, up *importing) ([]*Play, error) {
	imp := &importing{up: up}
	imp.base.Pos = n.Pos
	if up != nil {
		imp.base.Vars = up.vars
	}
	name := ""
	for _, p := range n.Pairs {
		switch k := keywordByName[p.Key.Text]; {
		case p.Key.Text == key:
			v, err := l.decode(p.Value)
			if err != nil {
				return nil, err
			}
			if v == nil {
				return nil, parseError(n.Pos, "playbook import parameter is missing")
			}
			s, ok := value.Text(v)
			if !ok {
				return nil, parseError(n.Pos, "playbook import parameter must be a string indicating a file path, got %s instead", l.class(p.Value))
			}
			name = s
		case k != nil && (k.on&onPlay != 0 && k.on&onTask != 0 && k.key != KeyCollections || k.name == "when"):
			if _, err := l.setKeyword(&imp.base, k, p.Value, "PlaybookInclude"); err != nil {
				return nil, err
			}
		default:
			e := parseError(n.Pos, "'%s' is not a valid attribute for a PlaybookInclude", p.Key.Text)
			e.Hint = didYouMean(p.Key.Text, []string{"name", "vars", "tags", "when", "import_playbook"})
			return nil, e
		}
	}
	file, err := l.importName(imp, name, n)
	if err != nil {
		return nil, err
	}
	imp.vars = imp.base.Vars
	imp.when = Items(imp.base.Own(KeyWhen))
	v, err := l.render(file, n.Pos, &Play{Base: Base{Pos: n.Pos, Vars: imp.vars}, BookDir: l.basedir, Dir: l.basedir})
	if err != nil {
		return nil, plainError(n.Pos, "%s", twice(err))
	}
	path := l.bookPath(value.Str(v), l.basedir)
	if slices.Contains(l.loading, path) {
		return nil, parseError(n.Pos, "import_playbook of %s is nested in itself", path)
	}
	shown := path
	if s := value.Str(v); !filepath.IsAbs(s) && l.collectionBook(s) == "" {
		shown = l.shownDir + "/" + s
	}
	plays, err := l.readBook(path, shown, imp)
	if errors.Is(err, errMissing) {
		return nil, plainError(n.Pos, "Unable to retrieve file contents\nCould not find or access '%s' on the Ansible Controller.\n"+
			"If you are using a module and expect the file to exist on the remote, see the remote_src option", path)
	}
	return plays, err
}

// importName splits `file.yml a=b`: the pairs are variables.
func (l *Loader) importName(imp *importing, line string, n *yaml.Node) (string, error) {
	words, err := SplitArgs(strings.TrimSpace(line))
	if err != nil {
		return "", parseError(n.Pos, "%s", err)
	}
	if len(words) == 0 {
		return "", parseError(n.Pos, "playbook import parameter is missing")
	}
	if len(words) > 1 {
		d, err := ParseKV(strings.Join(words[1:], " "), false)
		if err != nil {
			return "", parseError(n.Pos, "%s", err)
		}
		d.Delete("_raw_params")
		if t := d.At("tags"); t != nil {
			d.Delete("tags")
			imp.base.set(KeyTags, Field{Val: t, Pos: n.Pos, Set: true})
		}
		imp.base.Vars = imp.base.Vars.Clone()
		imp.base.Vars.Update(d)
	}
	return words[0], nil
}
