package configcli

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
	code := Main(args, strings.NewReader(""), &o, &e, "ansible-config")
	return code, o.String(), e.String()
}

func TestActions(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("ANSIBLE_FORKS", "3")
	cfg, bad := filepath.Join(dir, "ok.cfg"), filepath.Join(dir, "bad.cfg")
	os.WriteFile(cfg, []byte("[defaults]\ngathering=smart\n[galaxy]\nserver_list=one\n[galaxy_server.one]\nurl=https://x/\n"), 0o644)
	os.WriteFile(bad, []byte("[defaults]\ngatherin=smart\n[ssh_connection]\npath=x\n"), 0o644)
	for _, c := range []struct {
		args, want string
		code       int
	}{
		{"dump --only-changed -c " + cfg, "CONFIG_FILE() = " + cfg + "\nDEFAULT_FORKS(env: ANSIBLE_FORKS) = 3\nDEFAULT_GATHERING(" + cfg + ") = smart\n", 0},
		{"dump -f json -c " + cfg, "\"name\": \"DEFAULT_FORKS\",\n        \"origin\": \"env: ANSIBLE_FORKS\",\n        \"type\": null,\n        \"value\": 3\n", 0},
		{"dump -c " + cfg, "GALAXY_SERVERS:\n\none:\n___\nurl(" + cfg + ") = https://x/\n", 0},
		{"dump -t become", "su:\n__\nbecome_exe(default) = su\n", 0},
		{"list", "DEFAULT_FORKS:\n  default: 5\n  description:\n  - How many hosts are worked on at once.\n  env:\n  - name: ANSIBLE_FORKS\n  ini:\n  - key: forks\n    section: defaults\n  type: integer\n", 0},
		{"init", "[defaults]\n# (boolean) Show the warnings that actions and modules return.\naction_warnings=True\n", 0},
		{"init --disabled", ";action_warnings=True\n", 0},
		{"init -f env", "ANSIBLE_HOME='~/.ansible'\n", 0},
		{"view -c " + cfg, "[defaults]\ngathering=smart\n", 0},
		{"view -c " + dir + "/nope", "The provided configuration file is missing or not accessible", 5},
		{"validate -c " + cfg, "All configurations seem valid!", 0},
		{"validate -t all -c " + bad, "unknown configuration key 'gatherin' in section 'defaults'", 1},
		{"validate -t all -c " + bad, "unknown configuration key 'path' in section 'ssh_connection'", 1},
		{"frob", "invalid choice: 'frob'", 2},
	} {
		code, out, errs := run(t, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(out+errs, c.want) {
			t.Errorf("%s: %d\n%s\n%s", c.args, code, out[:min(len(out), 600)], errs)
		}
	}
}
