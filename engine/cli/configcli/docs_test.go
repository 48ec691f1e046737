package configcli

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/config"
)

const settingsPage = "../../../docs/settings.md"

// The page is made from the table of settings: UPDATE=1 go test writes it anew.
func TestSettingsPage(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("paths are written the Unix way")
	}
	var b strings.Builder
	b.WriteString(`# Settings

Every setting of ansible-core 2.18 is known: by its entry of ansible.cfg, its variables, type and default.
` + "`goplay config dump`" + ` shows values and where they come from, ` + "`goplay config list`" + ` this table,
` + "`goplay config validate`" + ` names entries that nothing reads. Unknown entries are accepted silently otherwise.
"Accepted" below marks settings that have no meaning in goplay.

The file is the first of: $ANSIBLE_CONFIG, ansible.cfg in the current folder (unless anybody may write there),
~/.ansible.cfg, /etc/ansible/ansible.cfg. Variables outrank the file, the command line outranks both. Relative paths
belong to the folder of the file. Options of plugins (connections, outputs, become methods ...) are listed by
` + "`goplay config list -t connection`" + ` and the like.

| setting | ansible.cfg | variables | default | meaning |
|:--|:--|:--|:--|:--|
`)
	c, err := config.Load(config.Source{Dir: t.TempDir(), Home: "/home/you", File: os.DevNull, LookupEnv: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range config.Table() {
		var ini, env []string
		for _, i := range s.Ini {
			at := strings.LastIndexByte(i, '.')
			ini = append(ini, "["+i[:at]+"] "+i[at+1:])
		}
		for _, e := range s.Env {
			if !strings.HasPrefix(e, "-") {
				env = append(env, e)
			}
		}
		def := strings.ReplaceAll(c.DefaultText(&s), c.Home(), "~/.ansible")
		if len(def) > 60 {
			def = def[:57] + "..."
		}
		about := config.Describe(s.Name)
		if about == "" {
			t.Errorf("%s is not described", s.Name)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", s.Name, strings.Join(ini, "<br>"), strings.Join(env, "<br>"), strings.ReplaceAll(def, "|", "\\|"), about)
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(settingsPage, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(settingsPage)
	if err != nil || string(have) != b.String() {
		t.Errorf("docs/settings.md differs from the table; UPDATE=1 go test ./engine/cli/configcli writes it: %v", err)
	}
}
