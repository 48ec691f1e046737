package lookup

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
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
		return "", nil, fmt.Errorf("could not locate file in lookup: %s: %w", name, err)
	}
	data, err = c.read(path)
	return path, data, err
}

func file(c *call) ([]Value, error) {
	names, err := c.texts()
	if err != nil {
		return nil, err
	}
	out := []Value{}
	for _, n := range names {
		_, data, err := c.open(n)
		if err != nil {
			return nil, err
		}
		s := string(data)
		if c.flag("lstrip", false) {
			s = strings.TrimLeftFunc(s, py.IsSpace)
		}
		if c.flag("rstrip", true) {
			s = strings.TrimRightFunc(s, py.IsSpace)
		}
		out = append(out, s)
	}
	return out, nil
}

func unvault(c *call) ([]Value, error) {
	names, err := c.texts()
	if err != nil {
		return nil, err
	}
	out := []Value{}
	for _, n := range names {
		_, data, err := c.open(n)
		if err != nil {
			return nil, fmt.Errorf("Unable to find file matching \"%s\": %w", n, err)
		}
		out = append(out, string(data))
	}
	return out, nil
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
					dirs = append(dirs, p)
				}
			}
		}
		for _, d := range dirs {
			found, err := builtin.Glob(filepath.Join(d, base))
			if err != nil {
				return nil, err
			}
			n := 0
			for _, p := range found {
				if st, err := os.Stat(p); err == nil && st.Mode().IsRegular() {
					if abs, err := filepath.Abs(p); err == nil {
						p = abs
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

// splitOn cuts text at any of the given characters; lists are taken item by item.
func splitOn(v Value, chars string) ([]string, error) {
	items, ok := asList(v)
	if !ok {
		if v == nil {
			return nil, nil
		}
		items = []Value{v}
	}
	var out []string
	for _, e := range items {
		if inner, ok := asList(e); ok {
			more, err := splitOn(value.NewList(inner...), chars)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
			continue
		}
		t, err := builtin.Str(e)
		if err != nil {
			return nil, err
		}
		for _, p := range strings.FieldsFunc(t, func(r rune) bool { return strings.ContainsRune(chars, r) }) {
			out = append(out, strings.TrimSpace(p))
		}
	}
	return out, nil
}

func firstFound(c *call) ([]Value, error) {
	skip := c.flag("skip", false)
	var search []string
	add := func(files, paths Value) error {
		fs, err := splitOn(files, ",;")
		if err != nil {
			return err
		}
		ps, err := splitOn(paths, ",:;")
		if err != nil {
			return err
		}
		if len(ps) == 0 {
			search = append(search, fs...)
		}
		for _, p := range ps {
			if len(fs) == 0 {
				search = append(search, p)
			}
			for _, f := range fs {
				search = append(search, filepath.Join(p, f))
			}
		}
		return nil
	}
	var walk func(v Value) error
	walk = func(v Value) error {
		if l, ok := asList(v); ok {
			for _, e := range l {
				if err := walk(e); err != nil {
					return err
				}
			}
			return nil
		}
		switch x := v.(type) {
		case *value.Dict:
			if s, ok := x.GetStr("skip"); ok {
				skip = value.Truth(s)
				if t, isText := value.Text(s); isText {
					skip = strings.EqualFold(t, "true") || strings.EqualFold(t, "yes")
				}
			}
			return add(x.At("files"), x.At("paths"))
		case *value.Undefined:
			return nil // names with undefined variables are passed over
		}
		t, ok := value.Text(v)
		if !ok {
			return fmt.Errorf("Invalid term supplied, can handle string, mapping or list of strings but got: %s for %s", value.TypeName(v), value.Str(v))
		}
		if c.kw.Has("files") || c.kw.Has("paths") {
			return add(t, c.kw.At("paths"))
		}
		search = append(search, t)
		return nil
	}
	for _, t := range c.terms {
		if err := walk(t); err != nil {
			return nil, err
		}
	}
	if c.kw.Has("files") || c.kw.Has("paths") && len(c.terms) == 0 {
		if err := add(c.kw.At("files"), c.kw.At("paths")); err != nil {
			return nil, err
		}
	}
	// One kind of folder only: else a role further out could win with its vars.
	kinds := []string{"files"}
	if k := value.Str(c.opt("_subdir", "")); k != "" {
		kinds[0] = k
	}
	for _, name := range search {
		v, err := c.t.Render(name, value.Pos{})
		if err != nil {
			var e *templar.Error
			if errors.As(err, &e) && e.IsUndefined {
				continue
			}
			return nil, err
		}
		name = value.Str(v)
		if name == "" {
			continue
		}
		for _, kind := range kinds {
			if p, err := c.find(kind, name); err == nil {
				if abs, err := filepath.Abs(p); err == nil {
					p = abs
				}
				return []Value{p}, nil
			}
		}
	}
	if skip {
		return []Value{}, nil
	}
	return nil, fmt.Errorf("No file was found when using first_found. Looked for: %s", strings.Join(search, ", "))
}

func csvfile(c *call) ([]Value, error) {
	out := []Value{}
	for _, term := range spread(c.terms) {
		t, err := builtin.Str(term)
		if err != nil {
			return nil, err
		}
		words, opts := keyValues(t)
		if len(words) == 0 {
			return nil, fmt.Errorf("Search key is required but was not found")
		}
		key := strings.Join(words, " ")
		get := func(name, def string) (string, error) {
			if v, ok := opts[name]; ok {
				return v, nil
			}
			return c.str(name, def)
		}
		for k := range opts {
			switch k {
			case "col", "default", "delimiter", "encoding", "file", "keycol":
			default:
				return nil, fmt.Errorf("%s is not a valid option", k)
			}
		}
		name, err := get("file", "ansible.csv")
		if err != nil {
			return nil, err
		}
		delim, err := get("delimiter", "\t")
		if err != nil {
			return nil, err
		}
		if delim == "TAB" {
			delim = "\t"
		}
		number := func(opt string, def string) (int, error) {
			s, err := get(opt, def)
			if err != nil {
				return 0, err
			}
			n, err := strconv.Atoi(s)
			if err != nil {
				return 0, fmt.Errorf("csvfile: %s must be a number, not %q", opt, s)
			}
			return n, nil
		}
		col, err := number("col", "1")
		if err != nil {
			return nil, err
		}
		keycol, err := number("keycol", "0")
		if err != nil {
			return nil, err
		}
		_, data, err := c.open(name)
		if err != nil {
			return nil, err
		}
		v, found, err := searchCSV(string(data), key, delim, col, keycol)
		if err != nil {
			return nil, fmt.Errorf("csvfile: %w", err)
		}
		var res Value = v
		if !found {
			res = c.opt("default", nil)
			if d, ok := opts["default"]; ok {
				res = d
			}
		}
		if res != nil {
			if l, ok := asList(res); ok {
				out = append(out, l...)
			} else {
				out = append(out, res)
			}
		}
	}
	return out, nil
}

func searchCSV(data, key, delim string, col, keycol int) (string, bool, error) {
	r := csv.NewReader(strings.NewReader(data))
	for _, d := range delim {
		r.Comma = d
		break
	}
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	for {
		row, err := r.Read()
		if err == io.EOF {
			return "", false, nil
		}
		if err != nil {
			return "", false, err
		}
		if keycol < len(row) && keycol >= 0 && row[keycol] == key {
			if col < 0 || col >= len(row) {
				return "", false, fmt.Errorf("list index out of range: there is no column %d in the row of '%s'", col, key)
			}
			return row[col], true, nil
		}
	}
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
		over.Update(extra)
		o.Path, o.Vars = path, templar.DictVars{Dict: over}
		s, err := c.t.RenderFile(string(data), o)
		if err != nil {
			return nil, err
		}
		if c.flag("convert_data", true) {
			out = append(out, c.t.Convert(s))
		} else {
			out = append(out, py.NativeText(s))
		}
	}
	return out, nil
}

var section = regexp.MustCompile(`^\[(.*)\]\s*$`)

// readINI reads a file as Python's configparser does. Entries without a value
// are nil, and an error unless noValue.
func readINI(data string, properties, keepCase, noValue bool) (map[string]*value.Dict, error) {
	out := map[string]*value.Dict{}
	cur := ""
	if properties {
		cur = "java_properties"
		out[cur] = value.NewDict()
	}
	var d *value.Dict
	last, lastIndent := "", 0
	for i, line := range py.SplitLines(data, false) {
		text := strings.TrimSpace(line)
		if text == "" || text[0] == '#' || text[0] == ';' {
			if text == "" && last != "" && d != nil {
				continue
			}
			continue
		}
		indent := len(line) - len(strings.TrimLeft(line, " \t"))
		if last != "" && d != nil && indent > lastIndent {
			if s, ok := value.Text(d.At(last)); ok {
				d.Set(last, s+"\n"+text)
				continue
			}
		}
		if m := section.FindStringSubmatch(text); m != nil {
			cur = m[1]
			if out[cur] == nil {
				out[cur] = value.NewDict()
			}
			last = ""
			continue
		}
		if cur == "" {
			return nil, fmt.Errorf("File contains no section headers: line %d: %q", i+1, line)
		}
		d = out[cur]
		k := strings.IndexAny(text, "=:")
		var v Value
		name := text
		if k >= 0 {
			name, v = strings.TrimSpace(text[:k]), strings.TrimSpace(text[k+1:])
		} else if !noValue {
			return nil, fmt.Errorf("Source contains parsing errors: line %d: %q has no value", i+1, line)
		}
		if !keepCase {
			name = strings.ToLower(name)
		}
		d.Set(name, v)
		last, lastIndent = name, indent
	}
	return out, nil
}
