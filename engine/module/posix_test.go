package module_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/module/moduletest"
	"github.com/goplay-engine/goplay/engine/value"
)

// tools puts scripts of these names in front of PATH.
func tools(t *testing.T, scripts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return dir
}

// The command lines are the ones the reference runs with the same arguments.
func TestSynchronize(t *testing.T) {
	dir := tools(t, map[string]string{"rsync": `printf '%b' "$RSYNC_SAYS"; [ -z "$RSYNC_ERR" ] || { echo "$RSYNC_ERR" >&2; exit 12; }`, "ssh": "exit 0"})
	const form = " --out-format='<<CHANGED>>%i %n%L' "
	const noCheck = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
	rsh := "--rsh='" + dir + "/ssh "
	cases := []struct {
		args    []any
		says    string
		cmd     string
		changed bool
	}{
		{[]any{"src", "/a", "dest", "bob@h:/b"}, "<<CHANGED>><f+++++++ a\n",
			"--delay-updates -F --compress --archive " + rsh + "-S none " + noCheck + "'" + form + "/a bob@h:/b", true},
		{[]any{"src", "/a", "dest", "/b", "archive", false, "dirs", true, "owner", true, "partial", true}, "building\n",
			"--delay-updates -F --compress --owner --dirs --partial" + form + "/a /b", false},
		{[]any{"src", "/a/", "dest", "h:b", "delay_updates", false, "compress", false, "rsync_timeout", 5, "delete", true, "existing_only", true,
			"checksum", true, "copy_links", true, "links", false, "dirs", true, "rsync_opts", []string{"--exclude=x"}, "verify_host", true,
			"private_key", "/k", "dest_port", 22, "rsync_path", "sudo -u x rsync", "ssh_connection_multiplexing", true}, "",
			"--timeout=5 --delete-after --existing --checksum --copy-links --archive --no-links --dirs " + rsh +
				"-i /k -o Port=22' --rsync-path='sudo -u x rsync' --exclude=x" + form + "/a/ h:b", false},
		{[]any{"src", "/a", "dest", "rsync://h/x"}, "", "--delay-updates -F --compress --archive" + form + "/a rsync://h/x", false},
		{[]any{"src", "/a", "dest", "/b", "link_dest", []string{"/l"}}, "<<CHANGED>>.f          a\n<<CHANGED>>.\n",
			"--delay-updates -F --compress --archive -H -vv --link-dest=/l" + form + "/a /b", false},
		{[]any{"src", "/a", "dest", "/b", "link_dest", []string{"/l"}}, "<<CHANGED>>hf          a\n",
			"--delay-updates -F --compress --archive -H -vv --link-dest=/l" + form + "/a /b", true},
	}
	for _, c := range cases {
		t.Setenv("RSYNC_SAYS", c.says)
		r := moduletest.Run(t, "ansible.posix.synchronize", moduletest.Args(c.args...))
		if got := value.Str(r.At("cmd")); got != dir+"/rsync "+c.cmd || r.At("changed") != c.changed {
			t.Errorf("%v:\ngot  %s\nwant %s\nchanged %v", c.args, got, dir+"/rsync "+c.cmd, r.At("changed"))
		}
	}
	t.Setenv("RSYNC_ERR", "bash: rsync: command not found")
	r := moduletest.Run(t, "synchronize", moduletest.Args("src", "/a", "dest", "h:/b", "_peer_name", "h"))
	if m := value.Str(r.At("msg")); !strings.Contains(m, "rsync is missing on h; install it there") {
		t.Errorf("missing rsync: %q", m)
	}
	r = moduletest.Run(t, "synchronize", moduletest.Args("src", "/a", "dest", "/b", "link_dest", []string{"/a/c"}))
	if m := value.Str(r.At("msg")); !strings.Contains(m, "would cause recursion") {
		t.Errorf("recursion: %q", m)
	}
}

func TestAt(t *testing.T) {
	dir := tools(t, map[string]string{"at": `case "$1" in
-l) cat "$AT_DIR/queue";;
-c) printf '#!/bin/sh\ncd / || {\n}\n'; cat "$AT_DIR/job.$2";;
-r) sed -i "/^$2\b/d" "$AT_DIR/queue";;
-f) n=$(wc -l <"$AT_DIR/queue"); cp "$2" "$AT_DIR/job.$n"; printf '%s\tSun\n' "$n" >>"$AT_DIR/queue"; echo "$@" >"$AT_DIR/last";;
esac`})
	t.Setenv("AT_DIR", dir)
	if err := os.WriteFile(filepath.Join(dir, "queue"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args    []any
		changed bool
		msg     string
	}{
		{[]any{"command", "ls /", "count", 2, "units", "days"}, true, ""},
		{[]any{"command", "ls /", "count", 2, "units", "days", "unique", true}, false, ""},
		{[]any{"command", "s /", "state", "absent"}, false, ""},
		{[]any{"command", "ls /", "state", "absent"}, true, ""},
		{[]any{"command", "ls /", "state", "absent"}, false, ""},
		{[]any{"command", "ls /"}, false, "present state requires count and units"},
		{[]any{"state", "absent"}, false, "one of the following is required: command, script_file"},
	} {
		r := moduletest.Run(t, "at", moduletest.Args(c.args...))
		if msg := value.Str(r.At("msg")); r.At("changed") != c.changed || r.Has("msg") && msg != c.msg {
			t.Errorf("%v: %s", c.args, value.Repr(r))
		}
	}
	last, _ := os.ReadFile(filepath.Join(dir, "last"))
	if !strings.HasSuffix(strings.TrimSpace(string(last)), "now + 2 days") {
		t.Errorf("at was called with %q", last)
	}
}

func TestPatch(t *testing.T) {
	if _, err := exec.LookPath("patch"); err != nil {
		t.Skip("GNU patch is not installed")
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return p
	}
	f := write("f", "a\nb\nc\n")
	src := write("p", "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n")
	for _, state := range []string{"present", "absent"} {
		moduletest.Conform(t, moduletest.Case{Module: "patch", Root: dir,
			Args: moduletest.Args("src", src, "basedir", dir, "strip", 1, "remote_src", true, "state", state)})
	}
	if b, _ := os.ReadFile(f); string(b) != "a\nb\nc\n" {
		t.Errorf("after the patch was taken back: %q", b)
	}
	other := write("g", "x\n")
	r := moduletest.Run(t, "patch", moduletest.Args("src", src, "dest", other))
	if b, _ := os.ReadFile(other); r.At("failed") != true || string(b) != "x\n" {
		t.Errorf("a patch that does not fit: %s, file %q", value.Repr(r), b)
	}
}
