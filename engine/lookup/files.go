package lookup

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/value"
)

// open finds and reads one file of a lookup.
func (c *call) open(name string) (path string, data []byte, err error) {
	path, err = c.find("files", name)
	if err != nil {
		c.warn("Unable to find '%s' in expected paths (use -vvvvv to see paths)", name)
		return "", nil, fmt.Errorf("could not locate file in lookup: %s: %w", name, err)
	}
	data, err = c.read(path)
	return path, data, err
}

func file(c *call) ([]Value, error) {
	return c.each(one(func(n string) (string, error) {
		_, data, err := c.open(n)
		s := string(data)
		if c.flag("lstrip", false) {
			s = strings.TrimLeftFunc(s, py.IsSpace)
		}
		if c.flag("rstrip", true) {
			s = strings.TrimRightFunc(s, py.IsSpace)
		}
		return s, err
	}))
}

func unvault(c *call) ([]Value, error) {
	return c.each(one(func(n string) (string, error) {
		_, data, err := c.open(n)
		if err != nil {
			return "", fmt.Errorf("Unable to find file matching \"%s\": %w", n, err)
		}
		return string(data), nil
	}))
}

// searchDirs are all folders in which a task's files of a kind may lie.
func (c *call) searchDirs(kind string) []string {
	v, ok, err := c.t.Var("ansible_search_path")
	l, isList := v.(*value.List)
	if !ok || err != nil || !isList {
		return nil
	}
	var out []string
	for _, e := range l.Items {
		p := value.Str(e)
		out = append(out, filepath.Join(p, kind), p)
	}
	return out
}

func fileglob(c *call) ([]Value, error) {
	names, err := c.texts()
	if err != nil {
		return nil, err
	}
	out := []Value{}
	for _, term := range names {
		dir, base := filepath.Split(term)
		var dirs []string
		if filepath.IsAbs(term) {
			dirs = []string{dir}
		} else {
			rel := strings.TrimSuffix(dir, "/")
			if rel == "" {
				rel = "."
				dirs = append(dirs, c.searchDirs("files")...)
			}
			for _, kind := range []string{"files", ""} {
				if p, err := c.find(kind, rel); err == nil {
					if rel == "." {
						p = filepath.Clean(p)
					}
					dirs = append(dirs, p)
				}
			}
		}
		for _, d := range dirs {
			found, err := builtin.Glob(joined(d, base))
			if err != nil {
				return nil, err
			}
			n := 0
			for _, p := range found {
				if st, err := os.Stat(p); err == nil && st.Mode().IsRegular() {
					if abs, err := filepath.Abs(p); err == nil {
						p = abs
					}
					if filepath.IsAbs(d) && !filepath.IsAbs(term) {
						p = joined(d, filepath.Base(p))
					}
					out = append(out, p)
					n++
				}
			}
			if n > 0 {
				break
			}
		}
	}
	return out, nil
}

func template(c *call) ([]Value, error) {
	names, err := c.texts()
	if err != nil {
		return nil, err
	}
	var o templar.FileOptions
	for opt, to := range map[string]*string{"variable_start_string": &o.VarStart, "variable_end_string": &o.VarEnd,
		"comment_start_string": &o.CommentStart, "comment_end_string": &o.CommentEnd, "newline_sequence": &o.NewlineSequence} {
		if v := c.opt(opt, nil); v != nil {
			*to = value.Str(v)
		}
	}
	o.NoTrimBlocks, o.LstripBlocks = !c.flag("trim_blocks", true), c.flag("lstrip_blocks", false)
	extra := value.NewDict()
	if d, ok := c.opt("template_vars", nil).(*value.Dict); ok {
		extra.Update(d)
	}
	out := []Value{}
	for _, n := range names {
		path, err := c.find("templates", n)
		if err != nil {
			return nil, fmt.Errorf("the template file %s could not be found for the lookup: %w", n, err)
		}
		data, err := c.read(path)
		if err != nil {
			return nil, err
		}
		abs := path
		if a, err := filepath.Abs(path); err == nil {
			abs = a
		}
		over := value.DictOf("template_path", abs, "template_fullpath", abs)
		if c.d.TemplateVars != nil {
			if over, err = c.d.TemplateVars(abs); err != nil {
				return nil, err
			}
		}
		over.Update(extra)
		o.Path, o.Vars = path, templar.DictVars{Dict: over}
		s, err := c.t.RenderFile(string(data), o)
		if err != nil {
			return nil, err
		}
		switch {
		case c.t.Native() && !c.flag("jinja2_native", false):
			out = append(out, py.NativeText(s)) // native results are on, but not for this text
		case c.flag("convert_data", true):
			out = append(out, c.t.Convert(s))
		default:
			out = append(out, py.NativeText(s))
		}
	}
	return out, nil
}
