package lookup

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/value"
)

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
				search = append(search, joined(p, f))
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
				if filepath.IsAbs(name) {
					p = filepath.Clean(p)
				} else if !filepath.IsAbs(p) {
					p, _ = filepath.Abs(p)
				}
				return []Value{p}, nil
			}
		}
	}
	if skip {
		return []Value{}, nil
	}
	return nil, bare("No file was found when using first_found. Looked for: %s", strings.Join(search, ", "))
}

// joined puts a file's name behind a folder's as written: "..", which the user may have meant, stays.
func joined(dir, name string) string {
	if dir == "" || filepath.IsAbs(name) {
		return name
	}
	return strings.TrimSuffix(dir, "/") + "/" + name
}
