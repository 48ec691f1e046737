package module

import (
	"context"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// Parameters that a rule asks for and that are given as null: a message, not a crash.
func TestNullWhereNeeded(t *testing.T) {
	for _, c := range []struct {
		module string
		args   []any
		want   string
	}{
		{"ansible.posix.sysctl", []any{"name", "x", "value", nil}, "value cannot be None"},
		{"debconf", []any{"name", "x", "question", "q", "vtype", "string", "value", nil}, "when supplying a question you must supply a valid vtype and value"},
		{"community.general.git_config", []any{"scope", "file", "file", nil, "name", "x"}, "scope is file but all of the following are missing: file"},
		{"community.general.lvol", []any{"vg", "x", "lv", nil}, "one of the following is required: lv, thinpool"},
		{"community.general.sefcontext", []any{"target", "/x", "setype", nil}, "state is present but any of the following are missing: setype, substitute"},
		{"community.general.parted", []any{"device", "/none", "state", "absent", "number", nil}, "state is absent but all of the following are missing: number"},
		{"community.general.supervisorctl", []any{"name", "x", "state", "signalled", "signal", nil}, "state is signalled but all of the following are missing: signal"},
		{"ansible.posix.at", []any{"command", nil}, "one of the following is required: command, script_file"},
		{"community.crypto.openssl_csr_info", []any{"path", nil}, "one of the following is required: path, content"},
		{"community.general.pamd", []any{"name", "x", "type", "auth", "control", "y", "module_path", "z", "state", "before", "new_type", "auth", "new_control", nil, "new_module_path", "p"},
			"state is before but all of the following are missing: new_control"},
	} {
		r, _ := Execute(&Context{Context: context.Background()}, c.module, value.DictOf(c.args...))
		if got := value.Str(r.At("msg")); !strings.HasPrefix(got, c.want) && !(c.module == "debconf" && strings.Contains(got, "debconf-show")) {
			t.Errorf("%s: %s", c.module, got)
		}
	}
}

// Recorded from ansible-core 2.14: what empty texts do, as templates leave them.
func TestEmptyTexts(t *testing.T) {
	ini := t.TempDir() + "/x.ini"
	for _, c := range []struct {
		module string
		args   []any
		want   string
	}{
		{"file", []any{"path", "", "state", "directory"}, "There was an issue creating  as requested: [Errno 2] No such file or directory: b''"},
		{"community.general.ini_file", []any{"path", ini, "section", "", "option", "a", "value", ""}, "option added"},
	} {
		r, _ := Execute(&Context{Context: context.Background()}, c.module, value.DictOf(c.args...))
		if got := value.Str(r.At("msg")); got != c.want {
			t.Errorf("%s: %s", c.module, got)
		}
	}
}
