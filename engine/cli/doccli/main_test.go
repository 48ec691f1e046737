package doccli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/module"
)

func docRun(t *testing.T, args ...string) (int, string, string) {
	t.Helper()
	var o, e bytes.Buffer
	code := Main(args, strings.NewReader(""), &o, &e, "ansible-doc")
	return code, o.String(), e.String()
}

func TestPages(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"stat"}, "= path\n        "},
		{[]string{"ansible.builtin.debug"}, "default: Hello world!"},
		{[]string{"-s", "fail"}, "- name: Fail with a message\n  fail:\n      msg:                   # The message."},
		{[]string{"-j", "ping"}, `"default": "pong"`},
		{[]string{"-t", "keyword", "become_user"}, "become_user:\n  applies_to:\n  - Play\n"},
		{[]string{"-t", "connection", "ssh"}, "ssh_connection.ssh_args"},
		{[]string{"-l", "ansible.builtin"}, "ansible.builtin.template"},
		{[]string{"-l", "-t", "lookup"}, "ansible.builtin.file"},
	} {
		if code, out, errs := docRun(t, c.args...); code != 0 || !strings.Contains(out, c.want) {
			t.Errorf("%v: %d %q %s", c.args, code, out, errs)
		}
	}
	if _, _, errs := docRun(t, "templat"); !strings.Contains(errs, "templat was not found (did you mean ansible.builtin.template?)") {
		t.Error(errs)
	}
}

// Every option of every module has to be described.
func TestNothingUndocumented(t *testing.T) {
	for _, d := range modules() {
		if d.Short == "" {
			t.Errorf("%s has no short description", d.Name)
		}
		for _, o := range d.Options {
			if o.About == "" {
				t.Errorf("%s: %s is not described", d.Name, o.Name)
			}
		}
	}
	if len(modules()) < len(actions()) || len(module.Names()) == 0 {
		t.Error("modules are missing")
	}
}
