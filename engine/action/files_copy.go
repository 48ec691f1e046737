package action

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// directMax is the size up to which content travels with the first request; of
// larger files the checksum goes first.
const directMax = 128 << 10

// MaxDiff is the size up to which content is shown in a diff, in bytes
// (max_diff_size).
var MaxDiff int64 = 104448

// argText is a text argument, "" where it is not given.
func argText(d *value.Dict, k string) string {
	v := d.At(k)
	if v == nil {
		return ""
	}
	return value.Str(v)
}

// without returns the arguments less the named ones.
func without(d *value.Dict, names ...string) *value.Dict {
	c := d.Clone()
	for _, n := range names {
		c.Delete(n)
	}
	return c
}

// invoked adds the invocation to a result that has none, as the actions do that
// fail or predict without running their module. Content is never shown.
func invoked(c *Context, r *value.Dict) *value.Dict {
	if r.Has("invocation") {
		return r
	}
	args := value.NewDict()
	top := value.NewDict()
	for k, v := range c.Args.All() {
		n := value.Str(k)
		if n == "content" {
			top.Set(n, "CENSORED: content is a no_log parameter")
			args.Set(n, "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER")
			continue
		}
		top.Set(n, v)
		args.Set(n, v)
	}
	top.Set("module_args", args)
	r.Set("invocation", top)
	return r
}

func copyAction(c *Context) (*value.Dict, error) {
	src, dest := argText(c.Args, "src"), argText(c.Args, "dest")
	content, hasContent := c.Args.GetStr("content")
	hasContent = hasContent && content != nil
	fail := func(msg string) (*value.Dict, error) { return invoked(c, Fail(msg)), nil }
	switch {
	case src == "" && !hasContent:
		return fail("src (or content) is required")
	case dest == "":
		return fail("dest is required")
	case src != "" && hasContent:
		return fail("src and content are mutually exclusive")
	case hasContent && strings.HasSuffix(dest, "/"):
		return fail("can not use content with a dir as dest")
	}
	if asBool(c.Args.At("remote_src"), false) {
		return c.Module("ansible.legacy.copy", without(c.Args, "decrypt"), nil)
	}
	pass := without(c.Args, "src", "content", "decrypt", "remote_src")
	if hasContent {
		text := ""
		switch content.(type) {
		case *value.Dict, *value.List, value.Tuple:
			s, err := value.DumpJSON(content, value.JSONOptions{EscapeASCII: true})
			if err != nil {
				return nil, err
			}
			text = s
		default:
			text = value.Str(content)
		}
		return placeData(c, pass, []byte(text), true, dest, filepath.Base(dest), 0o600)
	}
	path, err := c.Find("files", src)
	if err != nil {
		return fail(err.Error())
	}
	fi, err := os.Stat(path)
	if err != nil {
		return fail(err.Error())
	}
	if fi.IsDir() {
		return copyTree(c, pass, strings.TrimSuffix(path, "/"), strings.HasSuffix(src, "/"), dest)
	}
	f := &localFile{path: path, rel: filepath.Base(path), mode: fi.Mode()}
	if err := f.load(c); err != nil {
		return fail(err.Error())
	}
	return f.place(c, pass, path)
}
