package run_test

import (
	"strings"
	"testing"
)

// Files whose names hold facts or the host's name; before facts are gathered an
// undefined name is passed over, afterwards it ends the run.
func TestVarsFiles(t *testing.T) {
	const show = `- {name: t, debug: {msg: "{{ x | default('none') }}"}}`
	const gather = "- {name: s, setup: {gather_subset: '!all'}, delegate_to: localhost, delegate_facts: false, connection: local}\n"
	cases := []struct{ files, list, want, err string }{
		{`- "{{ inventory_hostname }}.yml"`, show, "t a ok of a|t b ok of b", ""},
		{`- ["none.yml", "{{ inventory_hostname }}.yml"]`, show, "t a ok of a|t b ok of b", ""},
		{`- "{{ nope }}.yml"`, show, "t a ok none|t b ok none", ""},
		{`- ["{{ nope }}.yml", "a.yml"]`, show, "t a ok none|t b ok none", ""},
		{`- "{{ ansible_system }}.yml"`, gather + show, "s a ok|s b ok|t a ok of the system|t b ok of the system", ""},
		{`- "{{ nope }}.yml"`, "- {name: f, set_fact: {nope: a}}\n" + show, "f a ok|f b ok|t a ok none|t b ok none", ""},
		{`- "{{ nope }}.yml"`, gather + show, "s a ok|s b ok", "an undefined variable was found when attempting to template the vars_files item '{{ nope }}.yml'"},
		{`- "{{ inventory_hostname }}-not.yml"`, show, "", "vars file {{ inventory_hostname }}-not.yml was not found"},
	}
	for _, c := range cases {
		f := tasks("a,b", "vars_files:\n"+indent(c.files, 2), c.list)
		f["hosts"] = "a ansible_connection=local\nb ansible_connection=local\n"
		f["a.yml"], f["vars/b.yml"], f["Linux.yml"] = "x: of a", "x: of b", "x: of the system"
		f["Darwin.yml"], f["Win32NT.yml"] = f["Linux.yml"], f["Linux.yml"]
		tr, _, err := run(t, f, nil)
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: error %v, want %q", c.files, err, c.err)
		}
		same(t, tr, strings.ReplaceAll(c.want, "|", "\n"))
	}
}

// A file of host_vars that cannot be read ends the run before any task, or when
// the host it belongs to is first asked for.
func TestBrokenHostVars(t *testing.T) {
	f := tasks("a", "", "- {name: t, debug: {msg: m}}\n- {name: other, debug: {msg: \"{{ hostvars.b.x }}\"}}\n- {name: after, debug: {msg: m}}")
	f["host_vars/b.yml"] = "x: [1\ny: 2\n"
	tr, sum, err := run(t, f, nil)
	if err == nil || !strings.Contains(err.Error(), "host_vars/b.yml") || sum.Exit != 4 {
		t.Errorf("b's file: error %v, exit %d", err, sum.Exit)
	}
	if all := strings.Join(tr.lines, "\n"); !strings.Contains(all, "t a ok") || strings.Contains(all, "after") {
		t.Errorf("b's file: %s", all)
	}
	f["host_vars/a.yml"] = "- 1\n"
	tr, _, err = run(t, f, nil)
	if err == nil || !strings.Contains(err.Error(), "host_vars/a.yml") {
		t.Errorf("a's file: error %v", err)
	}
	same(t, tr, "")
}

// Names of imported files and of roles may come from vars_files.
func TestImportByVarsFiles(t *testing.T) {
	f := tasks("a", "vars_files: [v.yml]\nroles: [\"{{ role }}\"]", `- import_tasks: "{{ name }}.yml"`)
	f["v.yml"] = "name: one\nrole: r\n"
	f["one.yml"] = "- {name: i, debug: {msg: m}}"
	f["roles/r/tasks/main.yml"] = "- {name: r, debug: {msg: \"{{ name }}\"}}"
	tr, _, err := run(t, f, nil)
	if err != nil {
		t.Fatal(err)
	}
	same(t, tr, "r a ok one\ni a ok m")
}
