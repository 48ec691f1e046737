package module_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/module/moduletest"
	"github.com/goplay-engine/goplay/engine/value"
)

// The command lines are the ones the reference runs with the same arguments;
// the programs are stand-ins that write them down.
func TestLanguagePackages(t *testing.T) {
	const note = `echo "$(basename $0) $*" >>"$LOG"; `
	dir := tools(t, map[string]string{
		"npm": note + `case "$1" in
list) echo '{"dependencies":{"have":{"version":"1.0.0"},"gone":{"missing":true}}}'; exit 1;;
outdated) printf 'Package Current\nhave 1.0.0\n'; exit 1;;
esac`,
		"gem": note + `case "$*" in
--version) echo 3.3.5;;
list*--remote*) echo 'have (2.0.0, 1.0.0)';;
list*have*) echo '*** LOCAL GEMS ***'; echo; echo 'have (1.0.0, default: 0.9)';;
install*bad*) echo 'no such gem' >&2; exit 2;;
esac`,
		"php": note + `case "$*" in
*help*) echo '{"definition":{"options":{"no-ansi":{},"no-interaction":{},"no-dev":{},"dry-run":{},"optimize-autoloader":{}}}}';;
*fail*) echo oops >&2; exit 1;;
*none*) echo 'Nothing to install, update or remove';;
*) printf 'Installing\n  x\n';;
esac`,
		"composer": "", "a2enmod": note + `: >"$LOG.on"`, "a2dismod": note + `rm "$LOG.on"`,
		"apache2ctl": `echo 'Loaded Modules:'; echo ' core_module (static)'; [ ! -e "$LOG.on" ] || echo ' rewrite_module (shared)'`,
	})
	log := filepath.Join(dir, "log")
	t.Setenv("LOG", log)
	proj := t.TempDir()
	for _, c := range []struct {
		module  string
		args    []any
		changed bool
		ran     string // the last command, "" for none that changes something
		msg     string
	}{
		{"npm", []any{"name", "have", "path", proj}, false, "npm list --json --long", ""},
		{"npm", []any{"name", "have", "path", proj, "version", "2.0"}, true, "npm install have@2.0", ""},
		{"npm", []any{"name", "want", "path", proj, "version", "2.0", "production", true, "ignore_scripts", true, "unsafe_perm", true, "registry", "http://r",
			"no_optional", true, "no_bin_links", true}, true,
			"npm install --production --ignore-scripts --unsafe-perm want@2.0 --registry http://r --no-optional --no-bin-links", ""},
		{"npm", []any{"name", "have", "global", true, "state", "latest"}, true, "npm update --global have", ""},
		{"npm", []any{"name", "have", "global", true, "state", "absent"}, true, "npm uninstall --global have", ""},
		{"npm", []any{"name", "want", "global", true, "state", "absent"}, false, "npm list --json --long --global", ""},
		{"npm", []any{"path", proj}, true, "npm install", ""},
		{"npm", []any{"path", proj, "ci", true}, true, "npm ci", ""},
		{"npm", []any{"name", "have"}, false, "", "path must be specified when not using global"},
		{"gem", []any{"name", "have"}, false, "gem list --norc ^have$", ""},
		{"gem", []any{"name", "have", "version", "2.0"}, true, "gem install --norc --version 2.0 --user-install --no-document have", ""},
		{"gem", []any{"name", "have", "state", "latest"}, true, "gem install --norc --version 2.0.0 --user-install --no-document have", ""},
		{"gem", []any{"name", "want", "user_install", false, "repository", "http://r", "include_dependencies", false, "include_doc", true,
			"pre_release", true, "env_shebang", true, "build_flags", "--with-x", "bindir", "/b", "norc", false}, true,
			"gem install --source http://r --ignore-dependencies --no-user-install --bindir /b --pre --env-shebang want -- --with-x", ""},
		{"gem", []any{"name", "have", "state", "absent", "install_dir", "/i", "user_install", false, "bindir", "/b"}, true,
			"gem uninstall --norc --install-dir /i --bindir /b --all --executable have", ""},
		{"gem", []any{"name", "bad"}, false, "gem install --norc --user-install --no-document bad", "no such gem"},
		{"gem", []any{"name", "x", "install_dir", "/i"}, false, "", "install_dir requires user_install=false"},
		{"composer", []any{"working_dir", proj}, true, "php COMPOSER install --no-ansi --no-interaction --working-dir " + proj + " --no-dev --optimize-autoloader", "Installing x"},
		{"composer", []any{"command", "require", "arguments", "a/b none", "working_dir", proj, "no_dev", false, "optimize_autoloader", false}, false,
			"php COMPOSER require --no-ansi --no-interaction --working-dir " + proj + " a/b none", "Nothing to install, update or remove"},
		{"composer", []any{"command", "require", "arguments", "fail", "global_command", true}, false,
			"php COMPOSER global require --no-ansi --no-interaction --no-dev --optimize-autoloader fail", "oops"},
		{"composer", []any{"command", "install x", "working_dir", proj}, false, "", "Use the 'arguments' param for passing arguments with the 'command'"},
		{"apache2_module", []any{"name", "rewrite"}, true, "a2enmod rewrite", ""},
		{"apache2_module", []any{"name", "rewrite"}, false, "", ""},
		{"apache2_module", []any{"name", "rewrite", "state", "absent", "force", true}, true, "a2dismod -f rewrite", ""},
		{"apache2_module", []any{"name", "php8.2"}, false, "a2enmod php8.2",
			"Failed to set module php8.2 to enabled:\n\nMaybe the module identifier (php_module) was guessed incorrectly.Consider setting the \"identifier\" option."},
	} {
		_ = os.Remove(log)
		pre := moduletest.Check(t, c.module, moduletest.Args(c.args...))
		if b, _ := os.ReadFile(log); strings.Contains(string(b), "install") && c.module != "composer" {
			t.Errorf("%s %v: check mode ran\n%s", c.module, c.args, b)
		}
		_ = os.Remove(log)
		r := moduletest.Run(t, c.module, moduletest.Args(c.args...))
		b, _ := os.ReadFile(log)
		lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(b), dir+"/composer", "COMPOSER")), "\n")
		if got := lines[len(lines)-1]; got != c.ran || r.At("changed") != c.changed {
			t.Errorf("%s %v: changed %v, ran\n%s\nwant %v\n%s", c.module, c.args, r.At("changed"), got, c.changed, c.ran)
		}
		if r.Has("msg") && value.Str(r.At("msg")) != c.msg {
			t.Errorf("%s %v: msg %q, want %q", c.module, c.args, value.Str(r.At("msg")), c.msg)
		}
		if r.At("failed") != true && pre.At("changed") != r.At("changed") {
			t.Errorf("%s %v: check mode predicted %v", c.module, c.args, pre.At("changed"))
		}
	}
}
