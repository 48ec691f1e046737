package galaxy

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// Requirement is one role or collection that is wanted.
type Requirement struct {
	Name, Src, Version string
	SCM, Type, Source  string
}

// Requirements are those of a file.
type Requirements struct{ Roles, Collections []Requirement }

// ReadRequirements reads requirements.yml: a list of roles, or roles and
// collections by their kind. Files named by include are read as well.
func ReadRequirements(file string) (*Requirements, error) {
	src, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("The requirements file '%s' does not exist.", file)
	}
	if err != nil {
		return nil, err
	}
	v, err := yaml.Load(file, src, yaml.Options{DuplicateKeys: "ignore"})
	if err != nil {
		return nil, err
	}
	r := &Requirements{}
	switch x := v.(type) {
	case nil:
		return nil, fmt.Errorf("No requirements found in file '%s'", file)
	case *value.List:
		return r, r.roles(x, file, 0)
	case *value.Dict:
		for k := range x.All() {
			if n := value.Str(k); n != "roles" && n != "collections" {
				return nil, fmt.Errorf("Expecting only 'roles' and/or 'collections' as base keys in the requirements file. Found: %s", n)
			}
		}
		if l, ok := x.At("roles").(*value.List); ok {
			if err := r.roles(l, file, 0); err != nil {
				return nil, err
			}
		}
		if l, ok := x.At("collections").(*value.List); ok {
			for _, e := range l.Items {
				q, err := collectionEntry(e)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", file, err)
				}
				r.Collections = append(r.Collections, q)
			}
		}
		return r, nil
	}
	return nil, fmt.Errorf("%s: requirements are a list of roles, or a dictionary of roles and collections", file)
}

func (r *Requirements) roles(l *value.List, file string, depth int) error {
	for _, e := range l.Items {
		d, ok := e.(*value.Dict)
		if ok && d.Has("include") {
			inc := str(d, "include")
			if !filepath.IsAbs(inc) {
				inc = filepath.Join(filepath.Dir(file), inc)
			}
			src, err := os.ReadFile(inc)
			if err != nil || depth > 20 {
				return fmt.Errorf("%s: Failed to find include requirements file '%s'", file, inc)
			}
			v, err := yaml.Load(inc, src, yaml.Options{DuplicateKeys: "ignore"})
			if err != nil {
				return err
			}
			if more, ok := v.(*value.List); ok {
				if err := r.roles(more, inc, depth+1); err != nil {
					return err
				}
			}
			continue
		}
		q, err := RoleEntry(e)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		r.Roles = append(r.Roles, q)
	}
	return nil
}

// RoleEntry reads an entry of a list of roles: text or a dictionary.
func RoleEntry(v value.Value) (Requirement, error) {
	if s, ok := value.Text(v); ok {
		return ParseRole(s), nil
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return Requirement{}, fmt.Errorf("%s is no role: a name or a dictionary with src or name", value.Repr(v))
	}
	if role := str(d, "role"); role != "" {
		q := ParseRole(role)
		if s := str(d, "version"); s != "" {
			q.Version = s
		}
		if n := str(d, "name"); n != "" {
			q.Name = n
		}
		if s := str(d, "src"); s != "" {
			q.Src = s
		}
		return q, nil
	}
	src := str(d, "src")
	if src == "" {
		src = str(d, "name")
	}
	if src == "" {
		return Requirement{}, errors.New("Must specify name or src for role")
	}
	q := ParseRole(src)
	if n := str(d, "name"); n != "" {
		q.Name = n
	}
	if s := str(d, "version"); s != "" {
		q.Version = s
	}
	if s := str(d, "scm"); s != "" {
		q.SCM = s
	}
	return q, nil
}

// ParseRole reads a role of the command line: src[,version[,name]].
func ParseRole(s string) Requirement {
	parts := strings.Split(s, ",")
	q := Requirement{Src: strings.TrimSpace(parts[0])}
	if len(parts) > 1 {
		q.Version = strings.TrimSpace(parts[1])
	}
	if scm, rest, ok := strings.Cut(q.Src, "+"); ok && (scm == "git" || scm == "hg") {
		q.SCM, q.Src = scm, rest
	} else if strings.Contains(q.Src, "github.com") && strings.HasPrefix(q.Src, "http") && !strings.HasSuffix(q.Src, ".tar.gz") {
		q.SCM = "git"
	} else if strings.HasSuffix(q.Src, ".git") || strings.HasPrefix(q.Src, "git@") {
		q.SCM = "git"
	}
	q.Name = repoName(q.Src)
	if len(parts) > 2 {
		q.Name = strings.TrimSpace(parts[2])
	}
	return q
}

// repoName is the name of a role that its source gives.
func repoName(src string) string {
	if !strings.Contains(src, "://") && !strings.Contains(src, "@") {
		if strings.Contains(src, "/") || isFile(src) {
			src = path.Base(filepath.ToSlash(src))
			return strings.TrimSuffix(src, ".tar.gz")
		}
		return src
	}
	name := strings.TrimSuffix(strings.TrimSuffix(path.Base(src), ".git"), ".tar.gz")
	name, _, _ = strings.Cut(name, ",")
	return name
}

func isFile(p string) bool {
	fi, err := os.Stat(p)
	return err == nil && fi.Mode().IsRegular()
}

func isDir(p string) bool {
	fi, err := os.Stat(p)
	return err == nil && fi.IsDir()
}

func collectionEntry(v value.Value) (Requirement, error) {
	if s, ok := value.Text(v); ok {
		return ParseCollection(s)
	}
	d, ok := v.(*value.Dict)
	if !ok || str(d, "name") == "" && str(d, "source") == "" {
		return Requirement{}, errors.New("Collections requirement entry should contain the key name.")
	}
	name := str(d, "name")
	if name == "" {
		name = str(d, "source")
	}
	q, err := ParseCollection(name)
	if v := str(d, "version"); v != "" {
		q.Version = v
	}
	q.Source = str(d, "source")
	if t := str(d, "type"); t != "" {
		q.Type = t
	}
	switch q.Type {
	case "galaxy", "file", "url", "git", "dir", "subdirs":
	default:
		return q, fmt.Errorf("The collection requirement entry key 'type' must be one of file, galaxy, git, url, dir, or subdirs: %s", q.Type)
	}
	return q, err
}

// ParseCollection reads a collection of the command line: a name with a version
// range behind a colon, an archive, a folder, a URL or a git repository with a
// version behind a comma.
func ParseCollection(s string) (Requirement, error) {
	q := Requirement{Name: s, Src: s, Version: "*", Type: "galaxy"}
	switch {
	case strings.HasPrefix(s, "git+") || strings.HasPrefix(s, "git@"):
		q.Type = "git"
		q.Src = strings.TrimPrefix(s, "git+")
		if i := strings.LastIndex(q.Src, ","); i > 0 {
			q.Src, q.Version = q.Src[:i], q.Src[i+1:]
		}
	case strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://"):
		q.Type = "url"
	case isFile(s):
		q.Type = "file"
	case isDir(s) && (isFile(filepath.Join(s, "galaxy.yml")) || isFile(filepath.Join(s, "MANIFEST.json"))):
		q.Type = "dir"
	case isDir(s) && strings.Contains(s, "/"):
		q.Type = "subdirs"
	default:
		name, version, ok := strings.Cut(s, ":")
		if q.Name = name; ok {
			q.Version = version
		}
		if !ValidName(name) {
			return q, fmt.Errorf("Neither the collection requirement entry key 'name', nor 'source' point to a concrete resolvable collection artifact. Also '%s' is not an FQCN. "+
				"A valid collection name must be in the format <namespace>.<collection>. Please make sure that the namespace and the collection name contain characters from [a-zA-Z0-9_] only.", s)
		}
	}
	return q, nil
}
