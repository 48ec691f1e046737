package playbook

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

// tree writes files ("name: content") below a new folder.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var testModules = map[string]bool{"debug": true, "command": true, "shell": true, "copy": true, "set_fact": true, "meta": true, "file": true}

func testOptions() Options {
	return Options{
		Known: func(name string, _ []string) (string, bool) {
			return "ansible.builtin." + ShortAction(name), testModules[ShortAction(name)]
		},
		KnownLookup: func(name string) bool { return name == "items" || name == "dict" },
		Render: func(v value.Value, _ value.Pos, at Node) (value.Value, error) {
			s := value.Str(v)
			for n := at; n != nil; n = n.Keywords().Parent {
				for k, x := range n.Keywords().Vars.All() {
					s = strings.ReplaceAll(s, "{{ "+value.Str(k)+" }}", value.Str(x))
				}
			}
			if isTemplate(s) {
				return nil, errors.New("'x' is undefined")
			}
			return s, nil
		},
	}
}

func loadText(t testing.TB, files map[string]string) (*Playbook, error) {
	return NewLoader(testOptions()).Load(filepath.Join(tree(t, files), "p.yml"))
}

// Messages and places were recorded from ansible-core.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ book, want, pos string }{
		{"- hosts: h\n  tasks:\n    - name: x\n      debug: msg=hi\n      command: ls\n", "conflicting action statements: debug, command", "3:7"},
		{"- hosts: h\n  tasks:\n    - name: x\n      when: true\n", "no module/action detected in task.", "3:7"},
		{"- hosts: h\n  tasks:\n    - debgu:\n", "couldn't resolve module/action 'debgu'. This often indicates a misspelling, missing collection, or incorrect module path.", "3:7"},
		{"- hosts: h\n  tasks:\n    - debug:\n      whn: true\n", "conflicting action statements: debug, whn", "3:7"},
		{"- hosts: h\n  taks: []\n", "'taks' is not a valid attribute for a Play", "1:3"},
		{"- hosts: h\n  tasks:\n    - block: []\n      loop: [1]\n", "'loop' is not a valid attribute for a Block", "3:7"},
		{"- hosts: h\n  tasks:\n    - block: foo\n", "A malformed block was encountered while loading a block", "3:7"},
		{"- hosts: h\n  tasks:\n    - rescue: [debug: ]\n", "'rescue' keyword cannot be used without 'block'", "3:7"},
		{"- hosts: h\n  tasks: foo\n", "A malformed block was encountered while loading tasks: foo should be a list or None but is <class 'ansible.parsing.yaml.objects.AnsibleUnicode'>", "1:3"},
		{"- hosts: h\n  tasks:\n    - foo\n", "A malformed block was encountered while loading a block. The ds (['foo']) should be a dict but was a <class 'list'>", "3:7"},
		{"- foo\n", "playbook entries must be either valid plays or 'import_playbook' statements", "1:3"},
		{"hosts: h\n", "A playbook must be a list of plays, got a <class 'ansible.parsing.yaml.objects.AnsibleMapping'> instead: FILE", "1:1"},
		{"- tasks: []\n", "the field 'hosts' is required but was not set", "1:3"},
		{"- hosts: []\n", "Hosts list cannot be empty. Please check your playbook", "1:10"},
		{"- hosts: [a, {b: 1}]\n", "Hosts list contains an invalid host value: '{'b': 1}'", "1:14"},
		{"- hosts: h\n  tasks:\n    - debug: msg='hi\n", "failed at splitting arguments, either an unbalanced jinja2 block or quotes: msg='hi", "3:7"},
		{"- hosts: h\n  tasks:\n    - debug:\n      loop: [1]\n      with_items: [2]\n", "duplicate loop in task: items", "3:7"},
		{"- hosts: h\n  tasks:\n    - debug:\n      with_foo: [2]\n", "'with_foo' is not a valid attribute for a Task", "3:7"},
		{"- hosts: h\n  tasks:\n    - debug:\n      with_items:\n", "you must specify a value when using with_items", "3:7"},
		{"- hosts: h\n  tasks:\n    - debug:\n      loop: []\n      loop_control: {lable: x}\n", "'lable' is not a valid attribute for a LoopControl", "5:21"},
		{"- hosts: h\n  tasks:\n    - include_tasks: a.yml\n      become: true\n", "'become' is not a valid attribute for a TaskInclude", "3:7"},
		{"- hosts: h\n  tasks:\n    - import_tasks: a.yml\n      loop: [1]\n", "You cannot use loops on 'import_tasks' statements. You should use 'include_tasks' instead.", "3:7"},
		{"- hosts: h\n  tasks:\n    - include_role: {name: r, foo: 1}\n", "Invalid options for include_role: foo", "3:7"},
		{"- hosts: h\n  tasks:\n    - include_role: {tasks_from: r}\n", "'name' is a required field for include_role.", "3:7"},
		{"- hosts: h\n  tasks:\n    - include_tasks:\n", "No file specified for include_tasks", "3:7"},
		{"- hosts: h\n  tasks:\n    - include_tasks: {file: f, apply: x}\n", "Expected a dict for apply but got <class 'ansible.parsing.yaml.objects.AnsibleUnicode'> instead", "3:7"},
		{"- hosts: h\n  tasks:\n    - command: ls\n      args: foo\n", "Complex args containing variables cannot use bare variables (without Jinja2 delimiters), and must use the full variable style ('{{var_name}}')", "3:7"},
		{"- hosts: h\n  tasks:\n    - action: debug\n      local_action: debug\n", "action and local_action are mutually exclusive", "3:7"},
		{"- hosts: h\n  tasks:\n    - debug: [1]\n", "unexpected parameter type in action: <class 'ansible.parsing.yaml.objects.AnsibleSequence'>", "3:7"},
		{"- hosts: h\n  vars: foo\n", "Vars in a Play must be specified as a dictionary, or a list of dictionaries", "2:9"},
		{"- hosts: h\n  vars:\n     foo-bar: 1\n", "Invalid variable name in vars specified for Play: 'foo-bar' is not a valid variable name", "3:6"},
		{"- hosts: h\n  tags: {a: b}\n", "tags must be specified as a list", "2:9"},
		{"- hosts: h\n  roles: foo\n", "A malformed role declaration was encountered.", "1:3"},
		{"- hosts: h\n  roles:\n   - tags: foo\n", "role definitions must contain a role name", "3:6"},
		{"- hosts: h\n  user: a\n  remote_user: b\n", "both 'user' and 'remote_user' are set for this play. The use of 'user' is deprecated, and should be removed", "1:3"},
		{"- hosts: h\n  vars_prompt:\n    - name: a\n      foo: b\n", "Invalid vars_prompt data structure, found unsupported key 'foo'", "3:5"},
		{"- import_playbook: a.yml\n  hosts: h\n", "'hosts' is not a valid attribute for a PlaybookInclude", "1:3"},
		{"- hosts: h\n  tasks:\n    - name: {a: b}\n      debug:\n", "The field 'name' is supposed to be a string type, however the incoming data structure is a <class 'ansible.parsing.yaml.objects.AnsibleMapping'>", "3:7"},
		{"- hosts: h\n  max_fail_percentage: x\n", "the field 'max_fail_percentage' has an invalid value (x), and could not be converted to an percent.The error was: could not convert string to float: 'x'", "1:3"},
	} {
		_, err := loadText(t, map[string]string{"p.yml": c.book})
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: got %v, want %q", c.book, err, c.want)
			continue
		}
		if want := strings.ReplaceAll(c.want, "FILE", e.Pos.File); e.Msg != want {
			t.Errorf("%q:\n got %q\nwant %q", c.book, e.Msg, want)
		}
		if got := fmt.Sprintf("%d:%d", e.Pos.Line, e.Pos.Col); got != c.pos {
			t.Errorf("%q: at %s, want %s", c.book, got, c.pos)
		}
	}
}

func TestErrorLayout(t *testing.T) {
	_, err := loadText(t, map[string]string{"p.yml": "- hosts: h\n  tasks:\n    - debug:\n      lisen: x\n"})
	var e *Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	want := "conflicting action statements: debug, lisen\n\nThe error appears to be in 'FILE': line 3, column 7, but may\n" +
		"be elsewhere in the file depending on the exact syntax problem.\n\nThe offending line appears to be:\n\n" +
		"  tasks:\n    - debug:\n      ^ here\n\nHint: did you mean 'listen'?"
	if got := strings.ReplaceAll(e.Error(), e.Pos.File, "FILE"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTaskForms(t *testing.T) {
	for _, c := range []struct{ task, want string }{
		{"debug: msg=hi", `debug {"msg":"hi"}`},
		{"debug: {msg: hi}", `debug {"msg":"hi"}`},
		{"action: debug msg='a b'", `debug {"msg":"a b"}`},
		{"action: {module: copy src=a, dest: b}", `copy {"dest":"b","src":"a"}`},
		{"local_action: command echo a=b creates=/x", `command {"creates":"/x","_raw_params":"echo a=b"} @localhost`},
		{"{command: ls -l a=b, args: {chdir: /x}}", `command {"chdir":"/x","_raw_params":"ls -l a=b"}`},
		{"{copy: src=a, args: {src: z, dest: b}}", `copy {"src":"a","dest":"b"}`},
		{"{debug: , args: '{{ x }}'}", `debug {} ={{ x }}`},
		{"debug: '{{ x }}'", `debug {} ={{ x }}`},
		{"ansible.builtin.shell: echo", `ansible.builtin.shell {"_raw_params":"echo"}`},
		{"{debug: , with_items: [1]}", `debug {} items [1]`},
		{"{debug: , loop: '{{ l }}'}", `debug {}  "{{ l }}"`},
		{"action: '{{ m }} a=b'", `{{ m }} {"a":"b"}`},
	} {
		b, err := loadText(t, map[string]string{"p.yml": "- hosts: h\n  tasks:\n   - " + c.task + "\n"})
		if err != nil {
			t.Errorf("%s: %v", c.task, err)
			continue
		}
		k := b.Plays[0].Tasks[0].(*Task)
		got := k.Action + " " + string(value.JSON(k.Args))
		if f := k.Own(KeyDelegateTo); f.Set {
			got += " @" + value.Str(f.Val)
		}
		if k.ArgsTemplate.Set {
			got += " =" + value.Str(k.ArgsTemplate.Val)
		}
		if k.Loop.Set {
			got += " " + k.LoopWith + " " + string(value.JSON(k.Loop.Val))
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.task, got, c.want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, s := range []string{
		"- hosts: h\n  tasks: [{debug: msg=hi, when: x}]\n", "- hosts: h\n  roles: [r, {role: r, x: 1}]\n",
		"- import_playbook: p.yml\n", "- hosts: [a]\n  handlers: [{block: [], rescue: }]\n",
		"- hosts: h\n  vars_prompt: {name: x}\n  tasks: [{import_tasks: p.yml}, {include_role: name=x}]\n",
		"- hosts: h\n  tasks:\n   - {action: {module: }, loop_control: {a: }}\n   - local_action: '\n",
	} {
		f.Add(s)
	}
	dir := tree(f, map[string]string{"roles/r/tasks/main.yml": "- debug:\n", "roles/r/meta/main.yml": "dependencies: [r]\n"})
	f.Fuzz(func(t *testing.T, s string) {
		defer time.AfterFunc(2*time.Minute, func() { panic("loading takes too long") }).Stop()
		o := testOptions()
		book := filepath.Join(dir, "roles", "r", "tasks", "main.yml")
		o.ReadFile = func(p string) ([]byte, error) {
			if p == book {
				return []byte(s), nil
			}
			return os.ReadFile(p)
		}
		b, err := NewLoader(o).Load(book)
		if err == nil {
			err = List(&strings.Builder{}, []*Playbook{b}, ListOptions{Tasks: true, Tags: true})
		}
		if err != nil && err.Error() == "" {
			t.Error("empty message")
		}
	})
}
