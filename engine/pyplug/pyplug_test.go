package pyplug

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/foreign"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/value"
)

var plugins = map[string]string{
	"filter_plugins/f.py": `
from ansible.errors import AnsibleFilterError
from ansible.module_utils.six import string_types, iteritems
from ansible.module_utils._text import to_text
from ansible.module_utils.common.collections import is_sequence

def shout(s, mark='!'):
    if not isinstance(s, string_types):
        raise AnsibleFilterError('shout wants text, not %s' % type(s).__name__)
    print('', end='')
    return to_text(s).upper() + mark

class FilterModule(object):
    def filters(self):
        return {'shout': shout, 'kinds': lambda x: (1, {2: 'a'}, [None, 1.5, True], 'ü'), 'same': lambda x: x, 'boom': lambda x: x / 0, 'die': lambda x: __import__('os')._exit(3)}
`,
	"filter_plugins/broken.py": "import nosuchmodule\n",
	"test_plugins/t.py":        "class TestModule:\n    def tests(self):\n        return {'evenlen': lambda s: len(s) % 2 == 0}\n",
	"lookup_plugins/mine.py": `
from ansible.plugins.lookup import LookupBase
from ansible.errors import AnsibleLookupError
class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        if 'bad' in terms:
            raise AnsibleLookupError('no')
        return [t + kwargs.get('sep', '-') + variables['color'] + self._templar.template('{{ color | shout }}') + str('nope' in variables) for t in terms]
`,
	"collections/ansible_collections/my/col/plugins/filter/cf.py":      "from ..module_utils.h import help\nclass FilterModule:\n    def filters(self):\n        return {'cf': help}\n",
	"collections/ansible_collections/my/col/plugins/module_utils/h.py": "def help(x):\n    return 'helped %s' % x\n",
}

func engine(t *testing.T) (*templar.Templar, *[]string) {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("needs python3")
	}
	dir := t.TempDir()
	for name, text := range plugins {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var warned []string
	p := New(Options{Utils: foreign.OwnUtils(), Version: "2.18.0", Warn: func(s string) { warned = append(warned, s) }})
	t.Cleanup(p.Close)
	p.AddDir(dir)
	e := templar.NewEngine(templar.Options{Plugin: p.Find, ErrorOnUndef: true})
	return e.New(templar.DictVars{Dict: value.DictOf("color", "{{ 'r' }}ed")}, templar.Scope{}), &warned
}

// Expected values are ansible-core's.
func TestPlugins(t *testing.T) {
	tm, warned := engine(t)
	for src, want := range map[string]string{
		"{{ 'a' | shout }}{{ 'b' | shout(mark='?') }}": "'A!B?'",
		"{{ ['a', 'b'] | map('shout') | list }}":       "['A!', 'B!']",
		"{{ 1 | kinds }}":                              "\"(1, {2: 'a'}, [None, 1.5, True], 'ü')\"",
		"{{ {1: (2, 3), 'a': {}} | same }}":            "{1: (2, 3), 'a': {}}",
		"{{ ['aa', 'b'] | select('evenlen') | list }}": "['aa']",
		"{{ 'aa' is evenlen }}":                        "True",
		"{{ lookup('mine', 'x', sep='+') }}":           "'x+redRED!False'",
		"{{ 1 | my.col.cf }}":                          "'helped 1'",
	} {
		v, err := tm.Render(src, value.Pos{})
		if err != nil {
			t.Errorf("%s: %v", src, err)
		} else if got := value.Repr(v); got != want {
			t.Errorf("%s: %s, want %s", src, got, want)
		}
	}
	for src, want := range map[string]string{
		"{{ 1 | shout }}":             "shout wants text, not int",
		"{{ 1 | boom }}":              "division by zero",
		"{{ lookup('mine', 'bad') }}": "An unhandled exception occurred while running the lookup plugin 'mine'. Error was a <class 'ansible.errors.AnsibleLookupError'>, original message: no. no",
		"{{ nope | shout }}":          "'nope' is undefined",
		"{{ 1 | nosuch }}":            "nosuch",
		"{{ 1 | my.col.nosuch }}":     "nosuch",
		"{{ 1 | die }}":               "the Python process that runs plugins has ended",
		"{{ 'z' | shout(1, 2, 3) }}":  "positional argument",
	} {
		if _, err := tm.Render(src, value.Pos{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", src, err, want)
		}
	}
	if len(*warned) != 1 || !strings.Contains((*warned)[0], "broken.py: ModuleNotFoundError: No module named 'nosuchmodule'") {
		t.Error(*warned)
	}
}

func TestNoPython(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "f.py"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	p := New(Options{Filter: []string{dir}, Python: filepath.Join(dir, "nopython")})
	defer p.Close()
	tm := templar.NewEngine(templar.Options{Plugin: p.Find}).New(templar.DictVars{Dict: value.NewDict()}, templar.Scope{})
	if _, err := tm.Render("{{ 1 | f }}", value.Pos{}); err == nil || !strings.Contains(err.Error(), "nopython, which is to run plugins, cannot be started") {
		t.Error(err)
	}
}
