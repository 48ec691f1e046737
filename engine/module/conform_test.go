package module_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/module/moduletest"
	"github.com/goplay-engine/goplay/engine/value"
)

// Each case runs the conformance suite: check mode changes nothing and predicts
// changed and diff, a second run changes nothing, unknown arguments are named.
func TestConform(t *testing.T) {
	const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFPZpSn6rt9eITFvD8VIk8cCEZ1tAldDKzb8P1lsVXCD k1@h"
	cases := []struct {
		module string
		args   []any // DIR in text stands for the folder
		again  bool
		ignore []string
		want   string // file in DIR, "" none
		text   string // its content afterwards
	}{
		{module: "file", args: []any{"path", "DIR/new/sub", "state", "directory"}},
		{module: "file", args: []any{"path", "DIR/f", "mode", "0600"}},
		{module: "file", args: []any{"path", "DIR/f", "state", "absent"}},
		{module: "file", args: []any{"path", "DIR/link", "src", "f", "state", "link"}},
		{module: "file", args: []any{"path", "DIR/hard", "src", "DIR/f", "state", "hard"}},
		{module: "file", args: []any{"path", "DIR/tree", "state", "absent"}},
		{module: "file", args: []any{"path", "DIR/tree", "state", "directory", "recurse", true, "mode", "u=rwX,g=,o="}},
		{module: "copy", args: []any{"src", "DIR/f", "dest", "DIR/copied", "remote_src", true, "mode", "0640"}, want: "copied", text: "a=1\nb=2\n"},
		{module: "copy", args: []any{"src", "DIR/tree/", "dest", "DIR/tree2", "remote_src", true}},
		{module: "copy", args: []any{"content", "x\n", "dest", "DIR/f"}, want: "f", text: "x\n"},
		{module: "lineinfile", args: []any{"path", "DIR/f", "regexp", "^b=", "line", "b=3"}, want: "f", text: "a=1\nb=3\n"},
		{module: "lineinfile", args: []any{"path", "DIR/f", "line", "c=3", "insertafter", "^a"}, want: "f", text: "a=1\nc=3\nb=2\n"},
		{module: "lineinfile", args: []any{"path", "DIR/f", "regexp", "^a", "state", "absent"}, want: "f", text: "b=2\n"},
		{module: "lineinfile", args: []any{"path", "DIR/n", "line", "x", "create", true, "mode", "0600"}, ignore: []string{"diff"}, want: "n", text: "x\n"},
		{module: "blockinfile", args: []any{"path", "DIR/f", "block", "x\ny"}, want: "f", text: "a=1\nb=2\n# BEGIN ANSIBLE MANAGED BLOCK\nx\ny\n# END ANSIBLE MANAGED BLOCK\n"},
		{module: "replace", args: []any{"path", "DIR/f", "regexp", `^(\w)=(\d)$`, "replace", `\2:\1`}, want: "f", text: "1:a\n2:b\n"},
		{module: "ini_file", args: []any{"path", "DIR/i", "section", "s", "option", "o", "value", "2"}, want: "i", text: "[s]\no = 2\n; c\n[t]\np = 1\n"},
		{module: "ini_file", args: []any{"path", "DIR/i", "section", "t", "state", "absent"}, want: "i", text: "[s]\no=1\n; c\n"},
		{module: "known_hosts", args: []any{"path", "DIR/kh", "name", "h1", "key", "h1 " + key}, want: "kh", text: "h1 " + key + "\n"},
		{module: "authorized_key", args: []any{"path", "DIR/ak", "user", "root", "key", key}, want: "ak", text: key + "\n"},
		{module: "cron", args: []any{"cron_file", "DIR/ct", "user", "root", "name", "j", "job", "ls", "minute", "5"}, want: "ct", text: "#Ansible: j\n5 * * * * root ls\n"},
		{module: "pam_limits", args: []any{"dest", "DIR/lim", "domain", "*", "limit_type", "soft", "limit_item", "nofile", "value", "9"}, want: "lim", text: "*\tsoft\tnofile\t9\n"},
		{module: "archive", args: []any{"path", "DIR/tree", "dest", "DIR/t.tgz"}},
		{module: "assemble", args: []any{"src", "DIR/tree", "dest", "DIR/all"}, want: "all", text: "one\n"},
		{module: "command", args: []any{"cmd", "touch DIR/made", "creates", "DIR/made"}},
		{module: "unarchive", args: []any{"src", "DIR/z.zip", "dest", "DIR/tree", "remote_src", true}, want: "tree/in/zip", text: "zipped\n"},
	}
	for _, c := range cases {
		t.Run(c.module, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{"f": "a=1\nb=2\n", "i": "[s]\no=1\n; c\n[t]\np = 1\n", "tree/1": "one\n", "tree/sub/2": "two\n",
				"z.zip": zipped} {
				p := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			r := moduletest.Conform(t, moduletest.Case{Module: c.module, Args: inDir(dir, c.args), Root: dir, Again: c.again, Ignore: c.ignore})
			if r.At("changed") != true {
				t.Errorf("nothing changed: %s", value.Repr(r))
			}
			if c.want == "" {
				return
			}
			got, err := os.ReadFile(filepath.Join(dir, c.want))
			if err != nil || string(got) != c.text {
				t.Errorf("%s: got %q %v, want %q", c.want, got, err, c.text)
			}
		})
	}
}

// inDir puts the folder in place of DIR.
func inDir(dir string, kv []any) *value.Dict {
	for i, v := range kv {
		if s, ok := v.(string); ok {
			kv[i] = strings.ReplaceAll(s, "DIR", dir)
		}
	}
	return moduletest.Args(kv...)
}

// zipped holds in/zip, made by Python's zipfile.
const zipped = "\x50\x4b\x03\x04\x14\x00\x00\x00\x00\x00\x83\x18\x22\x50\xac\x00\x3a\xc7\x07\x00\x00\x00\x07\x00\x00\x00\x06\x00\x00\x00\x69\x6e\x2f\x7a\x69\x70\x7a\x69\x70\x70\x65\x64\x0a\x50\x4b\x01\x02\x14\x03\x14\x00\x00\x00\x00\x00\x83\x18\x22\x50\xac\x00\x3a\xc7\x07\x00\x00\x00\x07\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xa4\x81\x00\x00\x00\x00\x69\x6e\x2f\x7a\x69\x70\x50\x4b\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00\x34\x00\x00\x00\x2b\x00\x00\x00\x00\x00"
