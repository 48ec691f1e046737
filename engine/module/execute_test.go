package module_test

import (
	"os"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/module/moduletest"
	"github.com/goplay-engine/goplay/engine/value"
)

// Every registered module has a well-formed argument struct, a documented line
// and names unknown arguments.
func TestRegistry(t *testing.T) {
	for _, n := range module.Names() {
		d, ok := module.Lookup(n)
		if !ok || d.Short == "" || d.Run == nil && d.Forward == nil && !strings.HasPrefix(n, "goplay.") {
			t.Errorf("%s: not found or incomplete", n)
			continue
		}
		s := module.SpecOf(d)
		for _, p := range s.Params {
			if p.Doc == "" && !p.Hidden {
				t.Errorf("%s: parameter %s has no doc", n, p.Name)
			}
		}
		if s.Find("dest") == nil && len(s.Params) > 0 {
			r := moduletest.Check(t, n, moduletest.Args("surely_unknown", 1))
			if d.Check != module.CheckNone && r.At("failed") != true {
				t.Errorf("%s: unknown argument accepted: %s", n, value.Repr(r))
			}
		}
	}
}

// Messages recorded from ansible-core 2.14.
func TestMessages(t *testing.T) {
	cases := []struct {
		module string
		args   *value.Dict
		want   string
	}{
		{"stat", moduletest.Args(), "missing required arguments: path"},
		{"stat", moduletest.Args("path", "/", "FOLLOW", 1), "Unsupported parameters for (stat) module: FOLLOW. Supported parameters include: checksum_algorithm, follow, get_attributes, get_checksum, get_md5, get_mime, path (attr, attributes, checksum, checksum_algo, dest, mime, mime-type, mime_type, name)."},
		{"stat", moduletest.Args("path", "/x", "checksum_algorithm", "foo"), "value of checksum_algorithm must be one of: md5, sha1, sha224, sha256, sha384, sha512, got: foo"},
		{"ansible.builtin.stat", moduletest.Args("path", "/x", "follow", []int{1}), "argument 'follow' is of type <class 'list'> and we were unable to convert to bool: <class 'list'> cannot be converted to a bool"},
		{"slurp", moduletest.Args("src", "/nonexist"), "file not found: /nonexist"},
	}
	for _, c := range cases {
		r := moduletest.Run(t, c.module, c.args)
		if got := value.Str(r.At("msg")); got != c.want {
			t.Errorf("%s %s:\n got %s\nwant %s", c.module, value.Repr(c.args), got, c.want)
		}
	}
}

func TestAliases(t *testing.T) {
	r := moduletest.Run(t, "stat", moduletest.Args("path", "/nope", "dest", "/", "get_mime", false))
	if w := value.Repr(r.At("warnings")); w != "['Both option path and its alias dest are set.']" {
		t.Errorf("warnings %s", w)
	}
	if s := r.At("stat").(*value.Dict); s.At("isdir") != true {
		t.Errorf("the alias does not win: %s", value.Repr(s))
	}
	inv := r.At("invocation").(*value.Dict).At("module_args").(*value.Dict)
	if inv.At("path") != "/" || inv.At("checksum_algorithm") != "sha1" || inv.At("get_mime") != false {
		t.Errorf("invocation %s", value.Repr(inv))
	}
	if strings.Contains(value.Repr(inv), "Undefined") {
		t.Error("undefined in invocation")
	}
}

// Recorded from ansible-core 2.14: in check mode file warns of owners that are not there yet, copy does not.
func TestStrangers(t *testing.T) {
	path := t.TempDir() + "/new"
	r := moduletest.Check(t, "file", moduletest.Args("path", path, "state", "directory", "owner", "nosuchuser", "group", 99999))
	want := "['failed to look up user nosuchuser. Create user up to this point in real play', " +
		"'failed to look up group with gid 99999. Create group up to this point in real play']"
	if r.At("changed") != true || value.Repr(r.At("warnings")) != want {
		t.Errorf("%s", value.Repr(r))
	}
	if r := moduletest.Check(t, "file", moduletest.Args("path", path, "state", "absent", "owner", "nosuchuser")); r.Has("warnings") {
		t.Errorf("absent: %s", value.Repr(r))
	}
}

// Recorded from ansible-core 2.14: what find tells of a file, in its order, which a loop over `files` prints.
func TestFindFields(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/f", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	r := moduletest.Run(t, "find", moduletest.Args("paths", dir, "get_checksum", true))
	files, _ := r.At("files").(*value.List)
	if files == nil || files.Len() != 1 {
		t.Fatal(value.Repr(r))
	}
	var got []string
	for _, k := range files.Items[0].(*value.Dict).Keys() {
		got = append(got, value.Str(k))
	}
	want := "path mode isdir ischr isblk isreg isfifo islnk issock uid gid size inode dev nlink atime mtime ctime gr_name pw_name " +
		"wusr rusr xusr wgrp rgrp xgrp woth roth xoth isuid isgid checksum"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}
