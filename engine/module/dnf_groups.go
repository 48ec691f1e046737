package module

import (
	"strings"
)

// group tells what an @name stands for: a module, a group or an environment, by its id or by its name. spec is what
// dnf is to be given, note what the result says of it.
func (r *dnfRun) group(at string, latest bool) (spec, note string, err error) {
	name := strings.TrimSpace(at[1:])
	ask := func(args ...string) (*progResult, error) {
		return r.dnfTolerant(append(append([]string{r.exe}, r.options("info")...), args...))
	}
	p, err := ask("-q", "module", "list", name)
	if err != nil {
		return "", "", err
	}
	if p.RC == 0 && strings.TrimSpace(p.Stdout) != "" {
		return "@" + name, "Module " + name + " installed.", nil
	}
	if p, err = ask("-v", "group", "info", name); err != nil {
		return "", "", err
	}
	for _, l := range strings.Split(p.Stdout, "\n") {
		if id, ok := strings.CutPrefix(strings.TrimSpace(l), "Group-Id: "); ok {
			if latest && r.groupsThere([]string{"@" + id}) {
				return "@" + id, "Group " + id + " upgraded.", nil
			}
			return "@" + id, "Group " + id + " installed.", nil
		}
		if id, ok := strings.CutPrefix(strings.TrimSpace(l), "Environment-Id: "); ok {
			return "@" + id, "", nil
		}
	}
	return "", "", Errorf("No group "+name+" available.", "results", []string{})
}

// groupsThere tells whether dnf has all these groups and environments marked as installed.
func (r *dnfRun) groupsThere(specs []string) bool {
	if r.installed == "" {
		p, err := r.dnfTolerant(append(append([]string{r.exe}, r.options("list")...), "-v", "group", "list", "--installed"))
		if err != nil {
			return false
		}
		r.installed = p.Stdout + "\n"
	}
	for _, s := range specs {
		if !strings.Contains(r.installed, "("+s[1:]+")") {
			return false
		}
	}
	return true
}
