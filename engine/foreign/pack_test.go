package foreign

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// write makes files below a new folder.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestArchive(t *testing.T) {
	t.Setenv("GOPLAY_OWN_MODULE_UTILS", "1")
	dir := write(t, map[string]string{
		"module_utils/pk/__init__.py":                                 "",
		"module_utils/pk/one.py":                                      "from .two import w\n",
		"module_utils/pk/two.py":                                      "w = 1\n",
		"module_utils/pk.py":                                          "a folder of the same name comes first\n",
		"c/ansible_collections/a/b/plugins/module_utils/newu.py":      "v = 1\n",
		"c/ansible_collections/a/b/plugins/module_utils/deep/down.py": "from ..newu import v\n",
		"c/ansible_collections/a/b/plugins/modules/m.py":              "from ..module_utils.deep.down import v\nfrom ansible_collections.a.b.plugins.module_utils.oldu import v as w\n",
		"c/ansible_collections/a/b/meta/runtime.yml":                  "plugin_routing:\n  module_utils:\n    oldu: {redirect: a.b.newu}\n",
	})
	for _, c := range []struct {
		name, file, src string
		has             []string // files of the archive, among others
		err             string
	}{
		{"packages", "x.py", "from ansible.module_utils.pk import one, two\n", []string{"ansible/module_utils/pk/__init__.py", "ansible/module_utils/pk/one.py", "ansible/module_utils/pk/two.py"}, ""},
		{"relative", "x.py", "import ansible.module_utils.pk.one as o\n", []string{"ansible/module_utils/pk/two.py"}, ""},
		{"missing", "x.py", "from ansible.module_utils.nosuch import y\n", nil,
			"Could not find imported module support code for ansible.modules.x.  Looked for (['ansible.module_utils.nosuch.y', 'ansible.module_utils.nosuch'])"},
		{"optional", "x.py", "try:\n    from ansible.module_utils.nosuch import y\nexcept ImportError:\n    from ansible.module_utils.nor.this import y\n", nil, ""},
		{"needed in a function", "x.py", "def f():\n    from ansible.module_utils.nosuch import y\n", nil, "nosuch"},
		{"documentation", "x.py", "D = '''\nfrom ansible.module_utils.nosuch import y\n'''\nfrom ansible.module_utils.basic import AnsibleModule\n", []string{"ansible/module_utils/common/arg_spec.py"}, ""},
		{"six", "x.py", "from ansible.module_utils.six.moves.urllib.parse import urlencode\n", []string{"ansible/module_utils/six/__init__.py"}, ""},
		{"several lines", "x.py", "from ansible.module_utils.pk import (  # here\n    one,  # that\n    two)\n", []string{"ansible/module_utils/pk/two.py"}, ""},
		{"collection", "c/ansible_collections/a/b/plugins/modules/m.py", "", []string{"ansible_collections/a/b/plugins/module_utils/oldu.py",
			"ansible_collections/a/b/plugins/module_utils/newu.py", "ansible_collections/a/b/plugins/module_utils/deep/down.py"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &Modules{UtilsPath: []string{filepath.Join(dir, "module_utils")}, Collections: []string{filepath.Join(dir, "c")}}
			file := filepath.Join(dir, c.file)
			src := []byte(c.src)
			if c.src == "" {
				src, _ = os.ReadFile(file)
			}
			p := &payload{file: file, src: src}
			full := p.fullName()
			a := &archiver{m: m, full: full, files: map[string][]byte{}}
			err := a.imports(full, src, false)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("%v, want %s", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			names := sorted(a.files)
			for _, n := range c.has {
				if !slices.Contains(names, n) {
					t.Errorf("%s is not in %v", n, names)
				}
			}
		})
	}
}
