package action

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/pyre"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// includeVars reads variables from a file, or from the files of a folder.
func includeVars(c *Context) (*value.Dict, error) {
	args := c.Args
	for k := range args.All() {
		switch n, _ := value.Text(k); n {
		case "dir", "depth", "files_matching", "ignore_unknown_extensions", "extensions", "ignore_files", "file", "_raw_params", "name", "hash_behaviour":
		default:
			return nil, fmt.Errorf("%s is not a valid option in include_vars", n)
		}
	}
	dir, hasDir := args.GetStr("dir")
	file, hasFile := args.GetStr("file")
	if !hasFile {
		file, hasFile = args.GetStr("_raw_params")
	}
	if hasDir && hasFile {
		return nil, errors.New("You are mixing file only and dir only arguments, these are incompatible")
	}
	exts := []string{"yaml", "yml", "json"}
	if v, ok := args.GetStr("extensions"); ok {
		exts = listOf(v)
	}
	vars := value.NewDict()
	var read []string
	var err error
	if hasDir {
		read, err = includeDir(c, vars, value.Str(dir), exts)
	} else {
		name := strings.TrimRight(value.Str(file), "\n")
		path, ferr := c.Find("vars", name)
		if fi, err := os.Stat(path); ferr == nil && err == nil && fi.IsDir() || file == nil || name == "" {
			ferr = fmt.Errorf("Could not find file on the Ansible Controller.\nIf you are using a module and expect the file to exist on the remote, see the remote_src option")
		}
		if ferr != nil {
			return value.DictOf("failed", true, "message", ferr.Error(), "ansible_facts", value.NewDict(), "ansible_included_var_files", value.NewList()), nil
		}
		read = []string{path}
		err = readVarsFile(c, vars, path, exts, true)
	}
	var syntax *yaml.Error
	if hasDir && errors.As(err, &syntax) {
		return nil, err
	}
	d := value.NewDict()
	if err != nil {
		vars = value.NewDict()
		if !hasDir {
			read = nil
		}
		d.Set("failed", true)
		d.Set("message", err.Error())
	}
	if value.Str(args.At("hash_behaviour")) == "merge" {
		vars = overExisting(c, vars)
	}
	if name, ok := args.GetStr("name"); ok && name != nil && value.Str(name) != "" {
		vars = value.DictOf(value.Str(name), vars)
	}
	d.Set("ansible_included_var_files", value.From(read))
	d.Set("ansible_facts", vars)
	d.Set("changed", false)
	return d, nil
}

func listOf(v value.Value) []string {
	var out []string
	switch x := v.(type) {
	case nil:
	case *value.List:
		for _, e := range x.Items {
			out = append(out, value.Str(e))
		}
	default:
		out = append(out, strings.FieldsFunc(value.Str(v), func(r rune) bool { return r == ' ' || r == ',' })...)
	}
	return out
}

// includeDir reads all files of a folder that match, folder by folder in order
// of their names.
func includeDir(c *Context, vars *value.Dict, dir string, exts []string) ([]string, error) {
	root := dir
	if !filepath.IsAbs(dir) {
		p, err := c.Find("vars", dir)
		if err != nil {
			return nil, fmt.Errorf("%s directory does not exist", dir)
		}
		root = p
	}
	fi, err := os.Stat(root)
	if err != nil {
		return nil, fmt.Errorf("%s directory does not exist", root)
	}
	if !fi.IsDir() {
		return nil, fmt.Errorf("%s is not a directory", root)
	}
	depth := 0
	if v, ok := c.Args.GetStr("depth"); ok {
		if _, err := fmt.Sscan(value.Str(v), &depth); err != nil {
			return nil, fmt.Errorf("depth is not a number: %s", value.Str(v))
		}
	}
	var match *pyre.Regexp
	if v, ok := c.Args.GetStr("files_matching"); ok && value.Str(v) != "" {
		if match, err = pyre.Compile(value.Str(v), 0); err != nil {
			return nil, fmt.Errorf("files_matching, %q: %w", value.Str(v), err)
		}
	}
	var ignore []*pyre.Regexp
	for _, s := range listOf(c.Args.At("ignore_files")) {
		re, err := pyre.Compile(s+"$", 0)
		if err != nil {
			return nil, fmt.Errorf("ignore_files, %q: %w", s, err)
		}
		ignore = append(ignore, re)
	}
	passed := func(name string) (bool, error) {
		if match != nil {
			if m, err := match.Search(name); m == nil {
				return false, err
			}
		}
		for _, re := range ignore {
			if m, err := re.Search(name); m != nil || err != nil {
				return false, err
			}
		}
		return true, nil
	}
	lenient := asBool(c.Args.At("ignore_unknown_extensions"), false)
	var read []string
	var walk func(d string, level int) error
	walk = func(d string, level int) error {
		if depth > 0 && level > depth {
			return nil
		}
		entries, err := os.ReadDir(d)
		if err != nil {
			return err
		}
		sort.Slice(entries, func(i, j int) bool { return entries[i].Name() < entries[j].Name() })
		var subs []string
		for _, e := range entries {
			p := filepath.Join(d, e.Name())
			if fi, err := os.Stat(p); err == nil && fi.IsDir() {
				subs = append(subs, p)
				continue
			}
			if ok, err := passed(e.Name()); err != nil {
				return err
			} else if !ok {
				continue
			}
			if !validExt(p, exts) && lenient {
				continue
			}
			if err := readVarsFile(c, vars, p, exts, false); err != nil {
				return err
			}
			read = append(read, p)
		}
		for _, s := range subs {
			if err := walk(s, level+1); err != nil {
				return err
			}
		}
		return nil
	}
	err = walk(root, 1)
	return read, err
}

func validExt(path string, exts []string) bool {
	// A dot at the start of a name begins no extension.
	ext := strings.TrimPrefix(filepath.Ext(strings.TrimLeft(filepath.Base(path), ".")), ".")
	for _, e := range exts {
		if e == ext {
			return true
		}
	}
	return false
}

// readVarsFile adds the variables of one file.
func readVarsFile(c *Context, vars *value.Dict, path string, exts []string, single bool) error {
	if !single && !validExt(path, exts) {
		return fmt.Errorf("%s does not have a valid extension: %s", path, strings.Join(exts, ", "))
	}
	data, err := c.ReadFile(path)
	if err != nil {
		return err
	}
	v, err := yaml.Load(path, data, yaml.Options{VaultOpen: c.OpenVault})
	if err != nil {
		return err
	}
	if v == nil {
		return nil
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return fmt.Errorf("%s must be stored as a dictionary/hash", path)
	}
	vars.Update(d)
	return nil
}

// overExisting merges dictionaries into the variables of the same names.
func overExisting(c *Context, vars *value.Dict) *value.Dict {
	out := value.NewDict()
	for k := range vars.All() {
		if old, _, ok := c.Templar.Vars().Lookup(value.Str(k)); ok {
			out.Set(k, old)
		}
	}
	return value.Combine(out, vars)
}
