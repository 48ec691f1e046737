package builtin

import (
	"math"
	"os"
	"path/filepath"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/pyre"
	"github.com/goplay-engine/goplay/engine/value"
)

// result makes a test of a task's result.
func result(name string, f func(d *value.Dict) Value) Func {
	return func(c *Call) (Value, error) {
		if u, ok := c.in().(*value.Undefined); ok && u != nil {
			return nil, fail("The '%s' test expects a dictionary; %s", name, u.Error())
		}
		d, ok := asDict(c.in())
		if !ok {
			return nil, fail("The '%s' test expects a dictionary", name)
		}
		if _, err := c.Bind(0); err != nil {
			return nil, err
		}
		return f(d), nil
	}
}

func key(name string, def Value) func(d *value.Dict) Value {
	return func(d *value.Dict) Value {
		if v, ok := d.GetStr(name); ok {
			return v
		}
		return def
	}
}

func not(f func(d *value.Dict) Value) func(d *value.Dict) Value {
	return func(d *value.Dict) Value { return !value.Truth(f(d)) }
}

func isChanged(d *value.Dict) Value {
	if d.Has("changed") {
		return d.At("changed")
	}
	l, ok := d.At("results").(*value.List)
	if !ok || len(l.Items) == 0 {
		return false
	}
	for i, e := range l.Items {
		r, ok := asDict(e)
		if !ok && i == 0 {
			return false
		}
		if ok && value.Truth(r.At("changed")) {
			return true
		}
	}
	return false
}

func truth(f func(d *value.Dict) Value) func(d *value.Dict) Value {
	return func(d *value.Dict) Value { return value.Truth(f(d)) }
}

// regexTest makes match, search and regex.
func regexTest(fixed string) Func {
	return func(c *Call) (Value, error) {
		names := []string{"pattern", "ignorecase", "multiline"}
		if fixed == "" {
			names = append(names, "match_type")
		}
		a, err := c.Bind(0, names...)
		if err != nil {
			return nil, err
		}
		t, err := c.text()
		if err != nil {
			return nil, err
		}
		p, err := a.Pattern(0)
		if err != nil {
			return nil, err
		}
		f, err := a.flags(1, 2)
		if err != nil {
			return nil, err
		}
		how := fixed
		if how == "" {
			how = value.Str(a.Value(3, "search"))
		}
		re, err := c.regex(p, f)
		if err != nil {
			return nil, err
		}
		var m *pyre.Match
		switch how {
		case "match":
			m, err = re.Match(t)
		case "fullmatch":
			m, err = re.FullMatch(t)
		default:
			m, err = re.Search(t)
		}
		return m != nil, err
	}
}

func truthyTest(want bool) Func {
	return func(c *Call) (Value, error) {
		a, err := c.Bind(0, "convert_bool")
		if err != nil {
			return nil, err
		}
		if err := Defined(c.in()); err != nil {
			return nil, err
		}
		v := c.in()
		if value.Truth(a.v[0]) {
			if b, ok := strictBool(v); ok {
				v = b
			}
		}
		return value.Truth(v) == want, nil
	}
}

// strictBool reads what Ansible takes for a boolean.
func strictBool(v Value) (b, ok bool) {
	if x, isB := v.(bool); isB {
		return x, true
	}
	t := py.Lower(value.Str(v))
	switch t {
	case "y", "yes", "on", "1", "true", "t", "1.0":
		return true, true
	case "n", "no", "off", "0", "false", "f", "0.0":
		return false, true
	}
	return false, false
}

func allTest(want bool) Func {
	return func(c *Call) (Value, error) {
		if _, err := c.Bind(0); err != nil {
			return nil, err
		}
		found := false
		var bad error
		err := c.Env.Iterate(c.in(), func(v Value) bool {
			if bad = Defined(v); bad != nil {
				return false
			}
			found = value.Truth(v) != want
			return !found
		})
		if err == nil {
			err = bad
		}
		return found != want, err
	}
}

func containsTest(c *Call) (Value, error) {
	a, err := c.Bind(1, "value")
	if err != nil {
		return nil, err
	}
	return py.Contains(c.in(), a.v[0])
}

// subset makes subset and superset.
func subset(super bool) Func {
	return func(c *Call) (Value, error) {
		a, err := c.Bind(1, "b")
		if err != nil {
			return nil, err
		}
		x, err := c.list()
		if err != nil {
			return nil, err
		}
		y, err := c.listOf(a.v[0])
		if err != nil {
			return nil, err
		}
		if super {
			x, y = y, x
		}
		in := newSet()
		for _, v := range y {
			if err := py.Hashable(v); err != nil {
				return nil, err
			}
			in.add(v)
		}
		all := true
		for _, v := range x {
			if err := py.Hashable(v); err != nil {
				return nil, err
			}
			all = all && in.has(v)
		}
		return all, nil
	}
}

// pathTest makes a test of a file on the controller.
func pathTest(f func(p string) bool) Func {
	return func(c *Call) (Value, error) {
		if _, err := c.Bind(0); err != nil {
			return nil, err
		}
		t, err := c.pathArg(c.in())
		if err != nil {
			return nil, err
		}
		return f(t), nil
	}
}

// numbered is a test that takes the number of an open file as well; std is its
// answer for the three every program has.
func numbered(std bool, f Func) Func {
	return func(c *Call) (Value, error) {
		if len(c.Args) == 1 {
			switch x := c.in().(type) {
			case int64, bool:
				return std && (value.Equal(x, int64(0)) || value.Equal(x, int64(1)) || value.Equal(x, int64(2))), nil
			}
		}
		return f(c)
	}
}

func isMount(p string) bool {
	st, err := os.Lstat(p)
	if err != nil || st.Mode()&os.ModeSymlink != 0 {
		return false
	}
	up, err := os.Lstat(filepath.Join(p, ".."))
	if err != nil {
		return false
	}
	return os.SameFile(st, up) || !sameDevice(st, up)
}

func sameFileTest(c *Call) (Value, error) {
	a, err := c.Bind(1, "file")
	if err != nil {
		return nil, err
	}
	p, err := c.pathArg(c.in())
	if err != nil {
		return nil, err
	}
	q, err := c.pathArg(a.v[0])
	if err != nil {
		return nil, err
	}
	x, err := os.Stat(p)
	if err != nil {
		return nil, err
	}
	y, err := os.Stat(q)
	if err != nil {
		return nil, err
	}
	return os.SameFile(x, y), nil
}

// uriTest makes uri, url and urn.
func uriTest(kind string) Func {
	return func(c *Call) (Value, error) {
		var names []string
		if kind != "urn" {
			names = []string{"schemes"}
		}
		a, err := c.Bind(0, names...)
		if err != nil {
			return nil, err
		}
		t, ok := value.Text(c.in())
		if !ok {
			return false, nil
		}
		d, err := splitURL(t)
		if err != nil {
			return false, nil
		}
		scheme := d.At("scheme").(string)
		if kind == "urn" {
			return scheme == "urn", nil
		}
		if a.Has(0) && value.Truth(a.v[0]) {
			ok, err := py.Contains(a.v[0], scheme)
			if err != nil || !ok {
				return false, err
			}
		}
		if kind == "url" {
			return d.At("netloc") != "" || scheme == "file", nil
		}
		return true, nil
	}
}

func exists(p string) bool { _, err := os.Stat(p); return err == nil }

func isNaN(c *Call) (Value, error) {
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	f, ok := c.in().(float64)
	return ok && math.IsNaN(f), nil
}

// ansibleTests are the tests of ansible.builtin.
var ansibleTests = func() map[string]Func {
	failed, skipped, unreachable := key("failed", false), key("skipped", false), key("unreachable", false)
	isDir := pathTest(func(p string) bool { st, err := os.Stat(p); return err == nil && st.IsDir() })
	isFile := pathTest(func(p string) bool { st, err := os.Stat(p); return err == nil && st.Mode().IsRegular() })
	isDir, isFile = numbered(false, isDir), numbered(true, isFile)
	isLink := pathTest(func(p string) bool { st, err := os.Lstat(p); return err == nil && st.Mode()&os.ModeSymlink != 0 })
	isAbs := pathTest(func(p string) bool { return len(p) > 0 && p[0] == '/' || filepath.IsAbs(p) })
	mount := pathTest(isMount)
	return map[string]Func{
		"failed": result("failed", failed), "failure": result("failed", failed),
		"succeeded": result("failed", not(failed)), "success": result("failed", not(failed)), "successful": result("failed", not(failed)),
		"unreachable": result("unreachable", unreachable), "reachable": result("reachable", not(unreachable)),
		"changed": result("changed", isChanged), "change": result("changed", isChanged),
		"skipped": result("skipped", skipped), "skip": result("skipped", skipped),
		"started": result("started", truth(key("started", true))), "finished": result("finished", truth(key("finished", true))),
		"timedout": result("timedout", truth(func(d *value.Dict) Value {
			if t, ok := asDict(d.At("timedout")); ok {
				return key("period", false)(t)
			}
			return false
		})),
		"match": regexTest("match"), "search": regexTest("search"), "regex": regexTest(""),
		"version": versionTest, "version_compare": versionTest,
		"truthy": truthyTest(true), "falsy": truthyTest(false), "all": allTest(true), "any": allTest(false),
		"contains": containsTest, "subset": subset(false), "issubset": subset(false), "superset": subset(true), "issuperset": subset(true),
		"isnan": plain(isNaN), "nan": plain(isNaN),
		"vault_encrypted": plain(func(c *Call) (Value, error) {
			_, ok := c.in().(*value.Secret)
			return ok, Defined(c.in())
		}),
		"vaulted_file": pathTest(func(p string) bool {
			f, err := os.Open(p)
			if err != nil {
				return false
			}
			defer f.Close()
			head := make([]byte, 16)
			n, _ := f.Read(head)
			return isVault(string(head[:n]))
		}),
		"directory": isDir, "is_dir": isDir, "file": isFile, "is_file": isFile, "link": isLink, "is_link": isLink,
		"exists": numbered(true, pathTest(exists)), "link_exists": pathTest(func(p string) bool { _, err := os.Lstat(p); return err == nil }),
		"abs": isAbs, "is_abs": isAbs, "same_file": sameFileTest, "is_same_file": sameFileTest, "mount": mount, "is_mount": mount,
		"uri": uriTest("uri"), "url": uriTest("url"), "urn": uriTest("urn"),
	}
}()
