package playbook

import (
	"path/filepath"
	"strings"
	"testing"
)

// Recorded from ansible-core 2.14: a dependency is looked for beside the role that names it as well, an imported role is
// not; and what the message says of the places.
func TestRolePlaces(t *testing.T) {
	files := map[string]string{
		"x/dep/meta/main.yml":     "dependencies: [beside]",
		"x/lost/meta/main.yml":    "dependencies: [nosuch]",
		"x/imp/tasks/main.yml":    "- import_role: {name: beside}",
		"x/beside/tasks/x.yml":    "[]",
		"x/beside/tasks/main.yml": "- debug:",
		"collections/ansible_collections/n/m/roles/r/tasks/main.yml": "- import_role: {name: nosuch}",
	}
	for _, c := range []struct{ role, want string }{
		{"x/dep", ""},
		{"x/lost", "the role 'nosuch' was not found in ansible.legacy:D/roles:D/x:D"},
		{"x/imp", "the role 'beside' was not found in D/roles:D"},
		{"n.m.r", "the role 'nosuch' was not found in n.m:ansible.builtin:D/roles:D"},
	} {
		files["p.yml"] = "- hosts: all\n  roles: [" + c.role + "]\n"
		dir := tree(t, files)
		_, err := NewLoader(testOptions()).Load(filepath.Join(dir, "p.yml"))
		got := ""
		if err != nil {
			got, _, _ = strings.Cut(strings.ReplaceAll(err.Error(), dir, "D"), "\n")
		}
		if (c.want == "") != (err == nil) || !strings.HasSuffix(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.role, got, c.want)
		}
	}
}
