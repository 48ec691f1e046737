package playbook

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

func texts(fs []Field) string {
	var out []string
	for _, f := range fs {
		out = append(out, value.Str(f.Val))
	}
	return strings.Join(out, " ")
}

// TestInheritance: the nearest level wins, but when, tags, environment, notify
// gather from all; a dynamic include hands down its vars only.
func TestInheritance(t *testing.T) {
	files := map[string]string{
		"p.yml": `
- hosts: h
  become: p
  tags: tp
  environment: {A: p}
  roles:
    - {role: r, become: r, when: w1, tags: tr, x: 1}
  tasks:
    - block:
        - name: t
          debug:
          when: [w3, w4]
          notify: n2
          environment: [{A: t}]
        - import_tasks: sub/i.yml
          when: wi
          tags: ti
        - include_tasks: sub/i.yml
          when: wn
          tags: tn
      when: w2
      notify: n1
      become: b
`,
		"sub/i.yml":               "- {name: i, debug: , tags: [t1]}\n",
		"sub/j.yml":               "- {import_tasks: i.yml, when: wj, tags: tj}\n",
		"roles/r/tasks/main.yml":  "- {name: rt, debug: , when: w2}\n",
		"roles/r/meta/main.yml":   "dependencies: [{role: d, when: wd}]\n",
		"roles/d/tasks/main.yml":  "- {name: dt, debug: }\n",
		"roles/r/vars/main/a.yml": "a: 1\nb: 1\n", "roles/r/vars/main/b.yml": "b: 2\n",
		"roles/r/handlers/main.yaml": "- {name: rh, debug: }\n",
	}
	l := NewLoader(testOptions())
	b, err := l.Load(tree(t, files) + "/p.yml")
	if err != nil {
		t.Fatal(err)
	}
	p := b.Plays[0]
	byName := map[string]*Task{}
	var inc *Task
	for _, s := range p.Sections() {
		for _, k := range Flatten(s.Entries) {
			byName[k.Name] = k
			if k.Kind == IncludeTasks {
				inc = k
			}
		}
	}
	got, err := l.LoadTasks(TasksUse{Name: "sub/i.yml", Vars: value.DictOf("item", int64(1))}, inc)
	if err != nil {
		t.Fatal(err)
	}
	byName["dynamic"] = got.Entries[0].(*Task)
	got, err = l.LoadTasks(TasksUse{Name: "sub/j.yml", Apply: value.DictOf("tags", "ta", "when", "wa")}, inc)
	if err != nil {
		t.Fatal(err)
	}
	byName["applied"] = Flatten(got.Entries)[0]
	for _, c := range []struct{ task, become, when, tags, notify, env string }{
		{"t", "b", "w2 w3 w4", "tp", "n1 n2", "{'A': 'p'} {'A': 't'}"},
		{"i", "b", "w2 wi", "tp ti t1", "n1", "{'A': 'p'}"},
		{"dynamic", "b", "w2", "tp t1", "n1", "{'A': 'p'}"},
		{"applied", "b", "w2 wa wj", "tp ta tj t1", "n1", "{'A': 'p'}"},
		{"rt", "r", "w1 w2", "tp tr", "", "{'A': 'p'}"},
		{"dt", "r", "w1 wd", "tp tr", "", "{'A': 'p'}"},
	} {
		k := byName[c.task]
		var env []Field
		for _, f := range k.All(KeyEnvironment) {
			env = append(env, Items(f)...)
		}
		got := []string{value.Str(k.Get(KeyBecome).Val), texts(Conditions(k)), texts(Tags(k)), texts(k.NotifyNames()), texts(env)}
		want := []string{c.become, c.when, c.tags, c.notify, c.env}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %q, want %q", c.task, got, want)
		}
	}
	r := p.Roles[0]
	if string(value.JSON(r.RoleVars)) != `{"a":1,"b":2}` || string(value.JSON(r.Params)) != `{"x":1}` {
		t.Errorf("role vars %s, params %s", value.JSON(r.RoleVars), value.JSON(r.Params))
	}
	if h := p.Handlers(); len(h) != 1 || h[0].Name != "rh" || !h[0].Handler {
		t.Errorf("handlers: %v", h)
	}
	if byName["dynamic"].Parent.(*Task).Origin != inc || byName["dynamic"].Parent.(*Task).Vars.At("item") != int64(1) {
		t.Error("the parent of what an include brings in is a copy with the loop's variables")
	}
}

// TestSearch: folders of the including files add up, then role, then playbook.
func TestSearch(t *testing.T) {
	task := func(name string) string { return "- {name: " + name + ", debug: }\n" }
	files := map[string]string{
		"p.yml":                        "- hosts: h\n  roles: [r]\n",
		"roles/r/tasks/main.yml":       "- import_tasks: sub/a.yml\n",
		"roles/r/tasks/sub/a.yml":      "- import_tasks: b.yml\n- import_tasks: c.yml\n- import_tasks: deep/d.yml\n- import_tasks: pb.yml\n- import_tasks: tasks/pb2.yml\n",
		"roles/r/tasks/sub/b.yml":      task("sub/b"),
		"roles/r/tasks/b.yml":          task("b"),
		"roles/r/tasks/c.yml":          task("c"),
		"roles/r/tasks/sub/deep/d.yml": "- import_tasks: e.yml\n",
		"roles/r/tasks/sub/e.yml":      task("sub/e"),
		"roles/r/tasks/e.yml":          task("e"),
		"pb.yml":                       task("pb"), "tasks/pb2.yml": task("pb2"),
		"roles/r/handlers/main.yml": "- import_tasks: c.yml\n",
	}
	b, err := loadText(t, files)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, k := range Flatten(b.Plays[0].Sections()[1].Entries) {
		if !k.Implicit {
			got = append(got, k.Name)
		}
	}
	if s := strings.Join(got, " "); s != "sub/b c e pb pb2" {
		t.Errorf("got %s", s)
	}
	if h := b.Plays[0].Handlers(); len(h) != 1 || h[0].Name != "c" {
		t.Errorf("handlers %v", h)
	}
	delete(files, "roles/r/tasks/b.yml")
	delete(files, "roles/r/tasks/sub/b.yml")
	_, err = loadText(t, files)
	var e *Error
	if !errors.As(err, &e) || e.Exit != ExitError || len(e.Tried) != 8 || !strings.HasSuffix(e.Tried[0], "/roles/r/tasks/sub/b.yml") {
		t.Errorf("missing file: %v", err)
	}
}

func TestRoles(t *testing.T) {
	col := "collections/ansible_collections/n/c/"
	files := map[string]string{
		"p.yml":                           "- import_playbook: n.c.book\n  vars: {v: import}\n  tags: [it]\n- hosts: h\n  vars: {name: r}\n  roles: ['{{ name }}', {role: r, tags: x}, n.c.s]\n",
		col + "playbooks/book.yml":        "- hosts: h\n  vars: {v: play, w: play}\n  roles: [s]\n",
		col + "roles/s/tasks/main.yml":    "- {name: s, debug: }\n- import_role: {name: u}\n",
		col + "roles/u/tasks/main.yml":    "- {name: u, debug: }\n",
		"roles/r/tasks/main.yml":          "- {name: r, debug: }\n",
		"roles/r/meta/argument_specs.yml": "argument_specs:\n  main:\n    short_description: What\n    options: {x: {type: int}}\n",
	}
	b, err := loadText(t, files)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	b.File = "p.yml"
	if err := List(&out, []*Playbook{b}, ListOptions{Tasks: true, Tags: true}); err != nil {
		t.Fatal(err)
	}
	want := `
playbook: p.yml

  play #1 (h): h	TAGS: [it]
    tasks:
      n.c.s : s	TAGS: [it]
      n.c.u : u	TAGS: [it]
      TASK TAGS: [it]

  play #2 (h): h	TAGS: []
    tasks:
      r : Validating arguments against arg spec 'main' - What	TAGS: [always]
      r : r	TAGS: []
      r : Validating arguments against arg spec 'main' - What	TAGS: [always, x]
      r : r	TAGS: [x]
      n.c.s : s	TAGS: []
      n.c.u : u	TAGS: []
      TASK TAGS: [always, x]
`
	if out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
	if v := b.Plays[0].Vars; value.Str(v.At("v")) != "import" || value.Str(v.At("w")) != "play" {
		t.Errorf("import's vars win: %s", value.JSON(v))
	}
	rs := b.Plays[1].Roles
	if rs[0].Hash == rs[1].Hash {
		t.Error("uses with other tags are other uses")
	}
}

func TestTagged(t *testing.T) {
	for _, c := range []struct {
		tags, only, skip string
		want             bool
	}{
		{"", "", "", true}, {"a", "", "", true}, {"never", "", "", false}, {"never a", "a", "", true}, {"a", "b", "", false},
		{"always", "b", "", true}, {"always", "", "always", false}, {"always a", "", "a", false}, {"", "untagged", "", true},
		{"a", "untagged", "", false}, {"a", "tagged", "", true}, {"", "tagged", "", false}, {"never a", "tagged", "", false},
		{"a", "", "tagged", false}, {"", "", "tagged", true}, {"", "", "untagged", false}, {"a", "all", "a", false},
		{"always", "", "all", true}, {"a", "", "all", false}, {"always", "", "all always", false}, {"never", "never", "", true},
	} {
		if got := Tagged(strings.Fields(c.tags), strings.Fields(c.only), strings.Fields(c.skip)); got != c.want {
			t.Errorf("tags %q, --tags %q, --skip-tags %q: %v", c.tags, c.only, c.skip, got)
		}
	}
}
