package playbook

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// locate finds the folder of a role.
func (l *Loader) locate(r *Role, name string) error {
	v, err := l.render(name, r.Pos, r)
	if err != nil {
		return plainError(r.Pos, "%s", twice(err))
	}
	name = strings.TrimRight(value.Str(v), "/")
	if name == "" {
		return plainError(r.Pos, "role definitions must contain a role name")
	}
	collections := Collections(r.Parent)
	if up := RoleOf(r.Parent); up != nil && up.Collection != "" && !slices.Contains(collections, up.Collection) {
		collections = append([]string{up.Collection}, collections...)
	}
	if l.locateInCollections(r, name, collections) {
		return nil
	}
	paths := []string{filepath.Join(l.basedir, "roles")}
	for _, p := range l.opts.RolesPath {
		paths = append(paths, absolute(l.basedir, p))
	}
	_, dependency := r.Parent.(*Role)
	if up := RoleOf(r.Parent); dependency { // a dependency may lie beside the role that names it; one that a task includes may not
		if beside := filepath.Dir(up.Path); !slices.Contains(paths, beside) {
			paths = append(paths, beside)
		}
	}
	paths = append(paths, absolute(l.basedir, "."))
	for _, p := range paths {
		if dir := absolute(p, name); isDir(dir) {
			r.RoleName, r.FullName, r.Path = name, name, dir
			return nil
		}
	}
	if dir := absolute(".", name); isDir(dir) {
		r.RoleName, r.Path = filepath.Base(dir), dir
		r.FullName = r.RoleName
		return nil
	}
	shown := paths
	if l.shownDir != "" && filepath.Clean(l.shownDir) == filepath.Clean(l.basedir) {
		shown = slices.Clone(paths)
		shown[0], shown[len(shown)-1] = l.shownDir+"/roles", l.shownDir
	}
	if strings.Contains(name, ",") {
		return plainError(r.Pos, "Invalid old style role requirement: %s", name)
	}
	if up := RoleOf(r.Parent); len(collections) > 0 || dependency {
		last := "ansible.legacy"
		if up != nil && up.Collection != "" {
			last = "ansible.builtin"
		}
		if !slices.Contains(collections, "ansible.legacy") && !slices.Contains(collections, "ansible.builtin") {
			collections = append(slices.Clone(collections), last)
		}
		shown = append(slices.Clone(collections), shown...)
	}
	e := plainError(r.Pos, "the role '%s' was not found in %s", name, strings.Join(shown, ":"))
	e.Hint = didYouMean(name, roleNames(paths))
	return e
}

// roleNames lists the roles in some folders, for hints.
func roleNames(paths []string) []string {
	var out []string
	for _, p := range paths[:max(len(paths)-1, 0)] {
		dirs, _ := filepath.Glob(filepath.Join(p, "*", "tasks"))
		for _, d := range dirs {
			out = append(out, filepath.Base(filepath.Dir(d)))
		}
	}
	return out
}

// locateInCollections finds roles of collections: by full name, or by short name
// in the collections searched.
func (l *Loader) locateInCollections(r *Role, name string, collections []string) bool {
	if parts := strings.Split(name, "."); len(parts) >= 3 && !strings.ContainsAny(name, "/ ") {
		col := strings.Join(parts[:2], ".")
		return l.collectionRole(r, col, filepath.Join(parts[2:]...), name)
	}
	if strings.ContainsAny(name, "./") {
		return false
	}
	for _, c := range collections {
		if l.collectionRole(r, c, name, c+"."+name) {
			return true
		}
	}
	return false
}

func (l *Loader) collectionRole(r *Role, col, sub, full string) bool {
	dir := l.collectionDir(col)
	if dir == "" {
		return false
	}
	dir = filepath.Join(dir, "roles", sub)
	if !isDir(dir) {
		return false
	}
	r.Collection, r.FullName, r.Path = col, full, dir
	r.RoleName = strings.ReplaceAll(sub, string(filepath.Separator), ".")
	return true
}

// collectionDir returns the folder of an installed collection, or "".
func (l *Loader) collectionDir(col string) string {
	ns, name, ok := strings.Cut(col, ".")
	if !ok || strings.Contains(name, ".") {
		return ""
	}
	for _, p := range l.collectionRoots() {
		if dir := filepath.Join(p, ns, name); isDir(dir) {
			return dir
		}
	}
	return ""
}

// collectionRoots are the ansible_collections folders: beside the playbooks given,
// then the configured ones.
func (l *Loader) collectionRoots() []string {
	var out []string
	for _, dir := range l.bookDirs {
		out = append(out, filepath.Join(dir, "collections", "ansible_collections"))
	}
	for _, p := range l.opts.CollectionsPath {
		if filepath.Base(p) != "ansible_collections" {
			p = filepath.Join(p, "ansible_collections")
		}
		out = append(out, p)
	}
	return out
}

// collectionOf returns the collection a playbook file belongs to, or "".
func (l *Loader) collectionOf(file string) string {
	for _, root := range l.collectionRoots() {
		rel, err := filepath.Rel(root, file)
		if err != nil {
			continue
		}
		parts := strings.Split(filepath.ToSlash(rel), "/")
		if len(parts) > 3 && parts[0] != ".." && parts[2] == "playbooks" {
			return parts[0] + "." + parts[1]
		}
	}
	return ""
}
