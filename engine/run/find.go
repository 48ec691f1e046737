package run

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/playbook"
)

// candidates lists where a relative path may be, in Ansible's order.
func (ps *playState) candidates(task *playbook.Task, kind, name string) []string {
	var out []string
	add := func(parts ...string) {
		p := strings.Join(parts, "/") // ".." stays: the folder before it has to be there
		for _, o := range out {
			if o == p {
				return
			}
		}
		out = append(out, p)
	}
	for _, dir := range ps.searchStack(task) {
		base := dir
		if filepath.Base(dir) == "tasks" {
			base = filepath.Dir(dir)
		}
		if kind != "" && !strings.HasPrefix(name, kind+"/") {
			add(base, kind, name)
		}
		if base != dir {
			add(base, name)
			if kind != "" {
				add(dir, kind, name)
			}
		}
		add(dir, name)
	}
	return out
}

// finder resolves relative paths for one task (nil: the play).
func (ps *playState) finder(task *playbook.Task) func(kind, name string) (string, error) {
	return func(kind, name string) (string, error) {
		name = expandHome(name)
		if filepath.IsAbs(name) {
			if _, err := os.Stat(name); err != nil {
				return "", &NotFoundError{Name: name, Tried: []string{name}}
			}
			return name, nil
		}
		tried := ps.candidates(task, kind, name)
		for _, p := range tried {
			if _, err := os.Stat(p); err == nil {
				return p, nil
			}
		}
		return "", &NotFoundError{Name: name, Tried: tried}
	}
}

// NotFoundError names a controller file that is missing, and where it was
// looked for.
type NotFoundError struct {
	Name  string
	Tried []string
}

func (e *NotFoundError) Error() string {
	if filepath.IsAbs(e.Name) { // there was nowhere to search
		return fmt.Sprintf("Could not find or access '%s' on the Ansible Controller.\nIf you are using a module and expect the file to exist on the remote, see the remote_src option", e.Name)
	}
	return fmt.Sprintf("Could not find or access '%s'\nSearched in:\n\t%s on the Ansible Controller.\nIf you are using a module and expect the file to exist on the remote, see the remote_src option",
		e.Name, strings.Join(e.Tried, "\n\t"))
}

func expandHome(p string) string {
	if p == "~" || strings.HasPrefix(p, "~/") {
		if h, err := os.UserHomeDir(); err == nil {
			return filepath.Join(h, p[1:])
		}
	}
	return p
}
