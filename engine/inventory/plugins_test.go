package inventory

import (
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

func TestScript(t *testing.T) {
	inv, warned, _ := project(t, map[string]string{"s.sh": `#!/bin/sh
echo '{"web": {"hosts": ["a","b"], "vars": {"x": "{{ 1+1 }}"}, "children": ["kid"]}, "l": ["c"], "solo": {"foo": 1}, "_meta": {"hostvars": {"a": {"y": [1]}}}}'
`, "h.sh": "#!/bin/sh\n[ $1 = --list ] && echo '{\"g\": [\"q\"]}' || echo '{\"me\": \"'$2'\"}'\n", "bad.sh": "#!/bin/sh\necho oops >&2; exit 3\n"}, "s.sh", "h.sh", "bad.sh")
	for _, c := range []struct{ got, want string }{
		{names(inv.Group("web").Hosts()), "a b"},
		{value.Repr(inv.Host("a").Vars), "{'y': [1]}"},
		{value.Repr(inv.Group("solo").Vars), "{'foo': 1}"},
		{names(inv.Group("l").Hosts()), "c"},
		{value.Repr(inv.Host("q").Vars), "{'me': 'q'}"},
	} {
		if c.got != c.want {
			t.Errorf("got %s want %s", c.got, c.want)
		}
	}
	if s := strings.Join(warned, "|"); !strings.Contains(s, "had an execution error: oops") || !strings.Contains(s, "Unable to parse bad.sh as an inventory source") {
		t.Error(s)
	}
}

func TestTOML(t *testing.T) {
	inv, warned, _ := project(t, map[string]string{"i.toml": `# c
[all.vars]
has_java = false
[web]
children = { apache = {}, nginx = {} }
vars = { http_port = 8080, "my.var" = """x
y""" }
[web.hosts]
host1 = {}
host2 = { ansible_port = 222, f = [1.5,
  2_000, 0x1f], d = 2024-01-02 }
[apache.hosts."a[1:2].x"]
`}, "i.toml")
	_ = warned
	for _, c := range []struct{ got, want string }{
		{value.Repr(inv.Host("host2").Vars), "{'ansible_port': 222, 'f': [1.5, 2000, 31], 'd': '2024-01-02'}"},
		{value.Repr(inv.Group("web").Vars), `{'http_port': 8080, 'my.var': 'x\ny'}`},
		{names(inv.Group("apache").Hosts()), "a1.x a2.x"},
	} {
		if c.got != c.want {
			t.Errorf("got %s want %s", c.got, c.want)
		}
	}
	for src, want := range map[string]string{"a = \n": "f:1:5", "a = 1\na = 2": "f:2:6: the key 'a' is defined twice", "[x\n": "must end", "a = \"b\n": "does not end"} {
		if _, err := readTOML("f", src); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", src, err)
		}
	}
}

func FuzzTOML(f *testing.F) {
	f.Add("[a.b]\nc = {d = [1, 'x']}\n[[e]]\nf=1979-05-27")
	f.Fuzz(func(t *testing.T, s string) { readTOML("f", s) })
}
