package playbook

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

var errMissing = errors.New("no such file")

// node reads and keeps a YAML file. A file that is not there is errMissing.
func (l *Loader) node(path string) (*yaml.Node, error) {
	if n, ok := l.nodes[path]; ok {
		return n, nil
	}
	data, err := l.opts.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || (err == nil && data == nil && !isFile(path)):
		return nil, fmt.Errorf("%w: %s", errMissing, path)
	case err != nil:
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, plainError(value.Pos{}, "an error occurred while trying to read the file '%s': %v", path, err)
	}
	hidden := false
	if strings.HasPrefix(string(data[:min(len(data), 14)]), "$ANSIBLE_VAULT") {
		if l.opts.Decrypt == nil {
			return nil, plainError(value.Pos{}, "Attempting to decrypt but no vault secrets found: %s", path)
		}
		if data, err = l.opts.Decrypt(path, data); err != nil {
			return nil, err
		}
		hidden = true
	}
	n, err := yaml.Parse(path, data, yaml.Options{VaultOpen: l.opts.Open, Warn: l.opts.Warn,
		DuplicateKeys: l.opts.DuplicateKeys, HideContent: hidden})
	if err != nil {
		return nil, err
	}
	if n == nil {
		n = &yaml.Node{Plain: true, Pos: value.Pos{File: path, Line: 1, Col: 1}}
	}
	l.nodes[path] = n
	return n, nil
}

func isFile(p string) bool {
	st, err := os.Stat(p)
	return err == nil && !st.IsDir()
}

func isDir(p string) bool {
	st, err := os.Stat(p)
	return err == nil && st.IsDir()
}

// dirOf returns the folder relative paths start from at n: that of its play.
func dirOf(n Node) string {
	if p := PlayOf(n); p != nil {
		return p.BookDir
	}
	return "."
}

// absolute makes a path absolute, from base, expanding ~ and variables of the
// environment.
func absolute(base, p string) string {
	if p == "~" || strings.HasPrefix(p, "~/") {
		if home, err := os.UserHomeDir(); err == nil {
			p = home + p[1:]
		}
	}
	if strings.Contains(p, "$") {
		p = os.Expand(p, func(name string) string {
			if v, ok := os.LookupEnv(name); ok {
				return v
			}
			return "$" + name
		})
	}
	if !filepath.IsAbs(p) {
		p = filepath.Join(base, p)
	}
	return filepath.Clean(p)
}

// findTasks finds a file of tasks. Folders of the files that include each other
// add up, innermost first; then the role's tasks (or handlers) folder, the role,
// and the playbook's folder. Where it is nowhere, the last place tried returns.
func (l *Loader) findTasks(name string, t *Task, sc scope) (path string, tried []string) {
	try := func(rel string) bool {
		for _, p := range l.relative(rel, sc) {
			if !slices.Contains(tried, p) {
				tried = append(tried, p)
			}
			path = p
			if isFile(p) {
				return true
			}
		}
		return false
	}
	above := ""
	for n := t.Parent; n != nil; n = n.Keywords().Parent {
		if _, ok := n.(*Role); ok {
			break
		}
		inc, ok := n.(*Task)
		if !ok || inc.file == "" {
			continue
		}
		dir := filepath.Dir(inc.file)
		if filepath.IsAbs(above) {
			break
		}
		above = filepath.Join(dir, above)
		if filepath.IsAbs(name) {
			break
		}
		if try(filepath.Join(above, name)) {
			return path, tried
		}
	}
	try(name)
	return path, tried
}

// relative returns the places a relative name may be, in order.
func (l *Loader) relative(name string, sc scope) []string {
	if sc.role == nil || filepath.IsAbs(name) || strings.HasPrefix(name, "~") {
		return []string{absolute(l.basedir, name)}
	}
	sub := "tasks"
	if sc.handlers {
		sub = "handlers"
	}
	out := []string{absolute(filepath.Join(sc.role.Path, sub), name)}
	if sc.handlers {
		out = append(out, absolute(filepath.Join(sc.role.Path, "tasks"), name))
	}
	return append(out, absolute(filepath.Join(l.basedir, sub), name), absolute(sc.role.Path, name), absolute(l.basedir, name))
}

func (l *Loader) readVars(path string) (*value.Dict, error) {
	n, err := l.node(path)
	if err != nil {
		return nil, err
	}
	return l.varsOf(n, func() error {
		return parseError(n.Pos, "%s must be stored as a dictionary/hash", path)
	})
}

func (l *Loader) varsOf(n *yaml.Node, bad func() error) (*value.Dict, error) {
	if n.IsNull() {
		return value.NewDict(), nil
	}
	v, err := l.decode(n)
	if err != nil {
		return nil, err
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return nil, bad()
	}
	return d, nil
}
