package module

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/goplay-engine/goplay/engine/value"
)

// Recorded from ansible-core 2.14: a repository that moves out of its checkout, remotes that are not there, wrong umasks.
func TestGitCorners(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git")
	}
	dir := t.TempDir()
	sh := exec.Command("sh", "-ec", "git init -q up; cd up; echo 1 > a; git add a; git -c user.name=a -c user.email=a@b commit -qm one; git init -q ../empty; mkdir ../there")
	sh.Dir = dir
	if out, err := sh.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	cases := []struct {
		name         string
		args         []any
		failed       bool
		msg, details string
		changed      bool
	}{
		{"clone", nil, false, "", "", true},
		{"same", nil, false, "", "", false},
		{"separate", []any{"separate_git_dir", in("sub/gd")}, false, "", "", true},
		{"separate again", []any{"separate_git_dir", in("sub/gd")}, false, "", "", false},
		{"separate taken", []any{"separate_git_dir", in("there")}, true, "Separate-git-dir path " + in("there") + " already exists.", "", false},
		{"other remote", []any{"remote", "up"}, true, "Failed to set a new url file://" + in("up") + " for up:  error: No such remote 'up'\n", "", false},
		{"number as umask", []any{"umask", int64(77)}, true, "umask must be defined as a quoted octal integer", "", false},
		{"word as umask", []any{"umask", "abc"}, true, "umask must be an octal integer", "invalid literal for int() with base 8: 'abc'", false},
		{"archive of no kind", []any{"archive", in("a.bogus")}, true, "Unable to get file extension from archive file name : " + in("a.bogus"),
			"Please specify archive as filename with extension. File extension can be one of ['tar', 'tar.gz', 'zip', 'tgz']", false},
	}
	for _, c := range cases {
		args := value.DictOf(append([]any{"repo", in("up"), "dest", in("co")}, c.args...)...)
		r, _ := Execute(&Context{Context: context.Background()}, "git", args)
		details, _ := r.GetStr("details")
		if value.Truth(r.At("failed")) != c.failed || value.Truth(r.At("changed")) != c.changed || c.failed && value.Str(r.At("msg")) != c.msg || c.details != "" && value.Str(details) != c.details {
			t.Errorf("%s: %s", c.name, value.JSON(r))
		}
	}
	if b, err := os.ReadFile(in("co/.git")); err != nil || string(b) != "gitdir: "+in("sub/gd") {
		t.Errorf(".git is %q, %v", b, err)
	}
}
