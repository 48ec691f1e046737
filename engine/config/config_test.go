package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

func load(t *testing.T, cfg string, env map[string]string) (*Config, string, error) {
	t.Helper()
	dir := t.TempDir()
	if cfg != "" {
		if err := os.WriteFile(filepath.Join(dir, "ansible.cfg"), []byte(cfg), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Load(Source{Dir: dir, Home: "/home/u", LookupEnv: func(k string) (string, bool) { v, ok := env[k]; return v, ok }})
	return c, dir, err
}

func TestSourcesAndTypes(t *testing.T) {
	c, dir, err := load(t, "# c\n[defaults]\nforks = 3 ; three\nRoles_Path = r:~/x:/abs\ninventory=hosts,b\nremote_user: 'me'\ntimeout=7\nvault_identity_list = a@f , b@g\n"+
		"[ssh_connection]\nssh_args = -o A=b # c\n", map[string]string{"ANSIBLE_TIMEOUT": "9", "ANSIBLE_NOCOLOR": "yes"})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"DEFAULT_FORKS":               "3",
		"DEFAULT_TIMEOUT":             "9",
		"DEFAULT_REMOTE_USER":         "'me'",
		"ANSIBLE_NOCOLOR":             "True",
		"DEFAULT_ROLES_PATH":          "['" + dir + "/r', '/home/u/x', '/abs']",
		"DEFAULT_HOST_LIST":           "['" + dir + "/hosts', '" + dir + "/b']",
		"DEFAULT_VAULT_IDENTITY_LIST": "['a@f', 'b@g']",
		"COLLECTIONS_PATHS":           "['/home/u/.ansible/collections', '/usr/share/ansible/collections']",
		"DEFAULT_GATHERING":           "'implicit'",
		"DEFAULT_REMOTE_PORT":         "None",
	} {
		if got := value.Repr(c.Get(name)); got != want {
			t.Errorf("%s: got %s want %s", name, got, want)
		}
	}
	if e, _ := c.Entry("DEFAULT_TIMEOUT"); e.Origin != "env: ANSIBLE_TIMEOUT" {
		t.Error(e.Origin)
	}
	if e, _ := c.Entry("DEFAULT_FORKS"); e.Origin != filepath.Join(dir, "ansible.cfg") {
		t.Error(e.Origin)
	}
	if got := c.SSHArgs(); got != "-o A=b # c" {
		t.Error(got)
	}
}

func TestFaults(t *testing.T) {
	for cfg, want := range map[string]string{
		"[defaults]\nforks = many\n":      "DEFAULT_FORKS",
		"[defaults]\nfoo\n":               "line 2: 'foo' is no 'name = value'",
		"[defaults]\ngathering = often\n": "valid values are: explicit, implicit, smart",
	} {
		if _, _, err := load(t, cfg, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", cfg, err)
		}
	}
}

// Expected values recorded from ansible-config 2.14.
func TestIniRules(t *testing.T) {
	c, _, err := load(t, "[defaults]\n  forks : 3\n timeout=4\nmodule_name=\"shell\"\nansible_managed = a ; b\n[ssh_connection]\nssh_args = -o A \\\n  -o X=y\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Forks() != 3 || c.Int("DEFAULT_TIMEOUT") != 4 || c.Str("DEFAULT_MODULE_NAME") != "shell" || c.Str("DEFAULT_MANAGED_STR") != "a" || c.SSHArgs() != "-o A \\\n-o X=y" {
		t.Errorf("%d %d %q %q %q", c.Forks(), c.Int("DEFAULT_TIMEOUT"), c.Str("DEFAULT_MODULE_NAME"), c.Str("DEFAULT_MANAGED_STR"), c.SSHArgs())
	}
}

// Recorded from ansible-core 2.14: what quotes and numbers do to the types.
func TestQuotes(t *testing.T) {
	c, dir, err := load(t, "[defaults]\ncallbacks_enabled = 'a', \"b\"\ninventory = 'x','y'\nvault_encrypt_identity = 'a','b'\nbecome = 1.0\nlocal_tmp = \"/q r\"\n"+
		"[galaxy]\nserver_list = \"a, b\"\ncache_dir = ~no_such_user_here/x\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"CALLBACKS_ENABLED":              "['a', 'b']",
		"GALAXY_SERVER_LIST":             `['"a', 'b"']`,
		"DEFAULT_HOST_LIST":              `["` + dir + `/'x'", "` + dir + `/'y'"]`,
		"DEFAULT_VAULT_ENCRYPT_IDENTITY": `"a','b"`,
		"DEFAULT_BECOME":                 "False",
		"DEFAULT_LOCAL_TMP":              "'/q r'", // with the quotes in ansible-core, which helps nobody
		"GALAXY_CACHE_DIR":               "'" + dir + "/~no_such_user_here/x'",
	} {
		if got := value.Repr(c.Get(name)); got != want {
			t.Errorf("%s: got %s want %s", name, got, want)
		}
	}
}

func TestWorldWritable(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "ansible.cfg"), []byte("[defaults]\nforks=3\n"), 0o600)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Skip(err)
	}
	c, err := Load(Source{Dir: dir, Home: "/home/u", LookupEnv: func(string) (string, bool) { return "", false }})
	if err != nil || c.Forks() != 5 || len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "world writable") {
		t.Error(c, err)
	}
}
