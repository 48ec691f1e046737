package inventorycli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func run(t *testing.T, args ...string) (int, string, string) {
	t.Helper()
	var o, e bytes.Buffer
	code := Main(args, strings.NewReader(""), &o, &e, "ansible-inventory")
	return code, o.String(), e.String()
}

// Recorded from ansible-inventory 2.14; that a group is written once in YAML is 2.15's.
func TestShow(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("HOME", dir)
	for name, text := range map[string]string{
		"h.yml": `all:
  children:
    a: {children: {c: {hosts: {h1: {u: "ümlaut", w: !unsafe "{{ x }}"}, h2: }, vars: {cv: 1}}}}
    b: {children: {c: , e: }, vars: {bv: [1]}}
`,
		"group_vars/all.yml": "gv: x\n",
		"host_vars/h1.yml":   "hv: 1\n",
	} {
		p := filepath.Join(dir, name)
		os.MkdirAll(filepath.Dir(p), 0o755)
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ args, want string }{
		{"--graph", "@all:\n  |--@ungrouped:\n  |--@a:\n  |  |--@c:\n  |  |  |--h1\n  |  |  |--h2\n  |--@b:\n  |  |--@c:\n  |  |  |--h1\n  |  |  |--h2\n  |  |--@e:\n"},
		{"--graph b --vars", "@b:\n  |--@c:\n  |  |--h1\n  |  |  |--{bv = [1]}\n  |  |  |--{cv = 1}\n  |  |  |--{gv = x}\n  |  |  |--{hv = 1}\n  |  |  |--{u = ümlaut}\n  |  |  |--{w = {{ x }}}\n" +
			"  |  |--h2\n  |  |  |--{bv = [1]}\n  |  |  |--{cv = 1}\n  |  |  |--{gv = x}\n  |  |--{cv = 1}\n  |--@e:\n  |--{bv = [1]}\n"},
		{"--host h2", "{\n    \"bv\": [\n        1\n    ],\n    \"cv\": 1,\n    \"gv\": \"x\"\n}\n"},
		{"--host h2 --yaml", "bv:\n- 1\ncv: 1\ngv: x\n"},
		{"--list --yaml --export", `all:
  children:
    a:
      children:
        c:
          hosts:
            h1:
              hv: 1
              u: ümlaut
              w: '{{ x }}'
            h2: {}
          vars:
            cv: 1
    b:
      children:
        c: {}
        e: {}
      vars:
        bv:
        - 1
    ungrouped: {}
  vars:
    gv: x
`},
		{"--list -l h2", `{
    "_meta": {
        "hostvars": {
            "h2": {
                "bv": [
                    1
                ],
                "cv": 1,
                "gv": "x"
            }
        }
    },
    "a": {
        "children": [
            "c"
        ]
    },
    "all": {
        "children": [
            "ungrouped",
            "a",
            "b"
        ]
    },
    "b": {
        "children": [
            "c",
            "e"
        ]
    },
    "c": {
        "hosts": [
            "h2"
        ]
    }
}
`},
	} {
		code, out, errs := run(t, append([]string{"-i", "h.yml"}, strings.Fields(c.args)...)...)
		if code != 0 || out != c.want {
			t.Errorf("%s: %d %s\n%s", c.args, code, errs, out)
		}
	}
	for _, c := range []struct {
		args, want string
		code       int
	}{
		{"--graph nope", "Pattern must be valid group name when using --graph", 5},
		{"--host nope", "You must pass a single valid host to --host parameter", 5},
		{"", "No action selected", 5},
		{"--list --graph", "Conflicting options used", 5},
		{"--frob", "unrecognized arguments: --frob", 2},
	} {
		code, _, errs := run(t, append([]string{"-i", "h.yml"}, strings.Fields(c.args)...)...)
		if code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%s: %d %s", c.args, code, errs)
		}
	}
	if code, out, _ := run(t, "-i", "h.yml", "--host", "h1", "--inventory-fi", "h.yml"); code != 0 || !strings.Contains(out, `"__ansible_unsafe": "{{ x }}"`) {
		t.Error(out)
	}
}
