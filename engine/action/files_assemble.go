package action

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/value"
)

func assembleAction(c *Context) (*value.Dict, error) {
	if c.Task.Check {
		return value.DictOf("changed", false, "skipped", true, "msg", "check mode is not supported for this task."), nil
	}
	src, dest := argText(c.Args, "src"), argText(c.Args, "dest")
	if src == "" || dest == "" {
		return Fail("src and dest are required"), nil
	}
	if asBool(c.Args.At("remote_src"), true) {
		return c.Module("ansible.legacy.assemble", without(c.Args, "decrypt"), nil)
	}
	dir, err := c.Find("files", src)
	if err != nil {
		return Fail(err.Error()), nil
	}
	if fi, err := os.Stat(dir); err != nil || !fi.IsDir() {
		return Fail(fmt.Sprintf("Source (%s) is not a directory", dir)), nil
	}
	opt := func(k string) *string {
		if v := c.Args.At(k); v != nil {
			s := value.Str(v)
			return &s
		}
		return nil
	}
	read := c.ReadFile
	if !asBool(c.Args.At("decrypt"), true) {
		read = os.ReadFile
	}
	data, err := module.Fragments(dir, opt("delimiter"), opt("regexp"), asBool(c.Args.At("ignore_hidden"), false), read)
	if err != nil {
		return Fail(err.Error()), nil
	}
	pass := without(c.Args, "src", "delimiter", "regexp", "ignore_hidden", "remote_src", "decrypt")
	r, err := placeData(c, pass, data, false, dir, filepath.Base(dest), 0o644)
	if err != nil {
		return nil, err
	}
	if l, ok := r.At("diff").(*value.List); ok && l.Len() == 1 {
		r.Set("diff", l.Items[0])
	}
	return r, nil
}

func unarchiveAction(c *Context) (*value.Dict, error) {
	src, dest := argText(c.Args, "src"), argText(c.Args, "dest")
	if c.Args.Has("copy") && c.Args.Has("remote_src") {
		return Fail("parameters are mutually exclusive: ('copy', 'remote_src')"), nil
	}
	if src == "" || dest == "" {
		return Fail("src (or content) and dest are required"), nil
	}
	onTarget := asBool(c.Args.At("remote_src"), false) || c.Args.Has("copy") && !asBool(c.Args.At("copy"), true)
	args := without(c.Args, "decrypt")
	if onTarget {
		args.Delete("copy")
		args.Set("remote_src", true)
		return c.Module("ansible.legacy.unarchive", args, nil)
	}
	path, err := c.Find("files", src)
	if err != nil {
		return Fail(err.Error()), nil
	}
	fi, err := os.Stat(path)
	if err != nil {
		return Fail(err.Error()), nil
	}
	f := &localFile{path: path, rel: "source", mode: fi.Mode()}
	if err := f.load(c); err != nil {
		return Fail(err.Error()), nil
	}
	if f.data != nil {
		args.Set("_goplay_name", filepath.Base(path))
		return c.Module("ansible.legacy.unarchive", args, f.data)
	}
	// A large archive is sent only where it will be unpacked.
	args.Set("_goplay_ask", true)
	r, err := c.Module("ansible.legacy.unarchive", args, nil)
	if err != nil || !r.Has("need") {
		return r, err
	}
	e := value.NewDict()
	if _, err := f.send(c, e); err != nil {
		return nil, err
	}
	args.Delete("_goplay_ask")
	args.Set("_goplay_staged", true)
	args.Set("src", e.At("staged"))
	return c.Module("ansible.legacy.unarchive", args, nil)
}
