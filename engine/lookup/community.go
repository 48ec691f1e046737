package lookup

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/pyre"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// randomString is community.general.random_string: a string with at least so
// many characters of each kind.
func randomString(c *call) ([]Value, error) {
	ints := map[string]int64{"length": 8, "min_lower": 0, "min_upper": 0, "min_numeric": 0, "min_special": 0}
	for k := range ints {
		if c.kw.Has(k) {
			v, err := py.ToInt(c.kw.At(k))
			if err != nil {
				return nil, err
			}
			if ints[k], _ = v.(int64); ints[k] < 0 || ints[k] > 1<<20 {
				return nil, c.fail("%s must be between 0 and %d", k, 1<<20)
			}
		}
	}
	r, err := builtin.NewRandom(nil)
	if err != nil {
		return nil, err
	}
	special := charSets["punctuation"]
	if t, ok := value.Text(c.opt("override_special", nil)); ok && t != "" {
		special = t
	}
	similar := func(set string) string {
		if !c.flag("ignore_similar_chars", false) {
			return set
		}
		drop := value.Str(c.opt("similar_chars", "il1LoO0"))
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(drop, r) {
				return -1
			}
			return r
		}, set)
	}
	pick := func(set string, n int64) ([]rune, error) {
		rs := []rune(similar(set))
		if len(rs) == 0 {
			return nil, c.fail("Available characters cannot be None, please change constraints")
		}
		var out []rune
		for range n {
			out = append(out, rs[r.Below(int64(len(rs)))])
		}
		return out, nil
	}
	var chosen []rune
	all := ""
	if t, ok := value.Text(c.opt("override_all", nil)); ok && t != "" {
		all = t
	} else {
		for _, k := range []struct{ flag, min, set string }{{"lower", "min_lower", charSets["ascii_lowercase"]},
			{"upper", "min_upper", charSets["ascii_uppercase"]}, {"numbers", "min_numeric", charSets["digits"]}, {"special", "min_special", special}} {
			if c.flag(k.flag, true) {
				all += k.set
			}
			if n := ints[k.min]; n > 0 {
				more, err := pick(k.set, n)
				if err != nil {
					return nil, err
				}
				chosen = append(chosen, more...)
			}
		}
	}
	more, err := pick(all, ints["length"]-int64(len(chosen)))
	if err != nil {
		return nil, err
	}
	chosen = append(chosen, more...)
	for i := len(chosen) - 1; i > 0; i-- {
		j := r.Below(int64(i + 1))
		chosen[i], chosen[j] = chosen[j], chosen[i]
	}
	s := string(chosen)
	if c.flag("base64", false) {
		s = base64.StdEncoding.EncodeToString([]byte(s))
	}
	return []Value{s}, nil
}

// filetree is community.general.filetree: every file and folder below some
// folders, those of the first folder winning.
func filetree(c *call) ([]Value, error) {
	names, err := c.texts()
	if err != nil {
		return nil, err
	}
	exclude := value.Str(c.opt("exclude", ""))
	var drop *pyre.Regexp
	if exclude != "" && exclude != "None" {
		if drop, err = pyre.Compile(exclude, 0); err != nil {
			return nil, err
		}
	}
	out := []Value{}
	seen := map[string]bool{}
	for _, n := range names {
		root, err := c.find("files", n)
		if err != nil {
			return nil, err
		}
		if root, err = filepath.Abs(root); err != nil {
			return nil, err
		}
		err = filepath.Walk(root, func(p string, info os.FileInfo, err error) error {
			if err != nil || p == root {
				return err
			}
			rel, err := filepath.Rel(root, p)
			if err != nil || seen[rel] {
				return err
			}
			if drop != nil {
				if m, err := drop.Search(info.Name()); err != nil || m != nil {
					return err
				}
			}
			seen[rel] = true
			d := value.DictOf("root", root+"/", "path", filepath.ToSlash(rel))
			switch {
			case info.Mode()&os.ModeSymlink != 0:
				target, _ := os.Readlink(p)
				d.Set("state", "link")
				d.Set("src", target)
			case info.IsDir():
				d.Set("state", "directory")
			default:
				d.Set("state", "file")
				d.Set("src", p)
			}
			d.Set("mode", fmt.Sprintf("0%03o", info.Mode().Perm()))
			d.Set("size", info.Size())
			d.Set("mtime", float64(info.ModTime().UnixNano())/1e9)
			owner(d, info)
			out = append(out, d)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// mergeVariables is community.general.merge_variables: all variables whose
// names match, merged in the order of their names.
func mergeVariables(c *call) ([]Value, error) {
	patterns, err := c.texts()
	if err != nil {
		return nil, err
	}
	how := value.Str(c.opt("pattern_type", "regex"))
	override := value.Str(c.opt("override", "error"))
	var names []string
	if c.t.Vars() != nil {
		names = append(names, c.t.Vars().Names()...)
	}
	sort.Strings(names)
	out := []Value{}
	for _, p := range patterns {
		var match func(string) bool
		switch how {
		case "prefix":
			match = func(n string) bool { return strings.HasPrefix(n, p) }
		case "suffix":
			match = func(n string) bool { return strings.HasSuffix(n, p) }
		case "regex":
			re, err := pyre.Compile(p, 0)
			if err != nil {
				return nil, err
			}
			match = func(n string) bool { m, err := re.Match(n); return err == nil && m != nil }
		default:
			return nil, c.fail("pattern_type must be one of prefix, suffix, regex, not %s", how)
		}
		var res Value = c.opt("initial_value", nil)
		for _, n := range names {
			if !match(n) {
				continue
			}
			v, ok, err := c.t.Var(n)
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			if res, err = c.merge(res, v, override, n); err != nil {
				return nil, err
			}
		}
		if res == nil {
			res = value.NewDict()
		}
		out = append(out, res)
	}
	return out, nil
}

func (c *call) merge(a, b Value, override, where string) (Value, error) {
	if a == nil {
		return value.Copy(b), nil
	}
	switch x := a.(type) {
	case *value.Dict:
		y, ok := b.(*value.Dict)
		if !ok {
			break
		}
		out := x.Clone()
		for k, v := range y.All() {
			old, there := out.Get(k)
			if !there {
				out.Set(k, v)
				continue
			}
			_, isDict := old.(*value.Dict)
			_, isList := old.(*value.List)
			if isDict || isList {
				m, err := c.merge(old, v, override, where+"."+value.Str(k))
				if err != nil {
					return nil, err
				}
				out.Set(k, m)
				continue
			}
			if !value.Equal(old, v) {
				msg := fmt.Sprintf("The key '%s' with value '%s' will be overwritten with value '%s' from '%s'", value.Str(k), value.Str(old), value.Str(v), where)
				switch override {
				case "error":
					return nil, c.fail("%s", msg)
				case "warn":
					c.warn("%s", msg)
				}
			}
			out.Set(k, v)
		}
		return out, nil
	case *value.List:
		if y, ok := asList(b); ok {
			return value.NewList(append(append([]Value{}, x.Items...), y...)...), nil
		}
	}
	return nil, c.fail("'%s' is a %s and cannot be merged with a %s", where, value.TypeName(b), value.TypeName(a))
}

// collectionVersion is community.general.collection_version.
func collectionVersion(c *call) ([]Value, error) {
	names, err := c.texts()
	if err != nil {
		return nil, err
	}
	out := []Value{}
	for _, n := range names {
		ns, coll, ok := strings.Cut(n, ".")
		if !ok || strings.Contains(coll, ".") {
			return nil, c.fail("'%s' is not a FQCN", n)
		}
		res := c.opt("result_not_found", nil)
		for _, root := range c.d.CollectionsPath {
			dir := filepath.Join(root, "ansible_collections", ns, coll)
			if st, err := os.Stat(dir); err != nil || !st.IsDir() {
				continue
			}
			if res = collectionAt(dir); res == nil {
				res = c.opt("result_no_version", "*")
			}
			break
		}
		out = append(out, res)
	}
	return out, nil
}

func collectionAt(dir string) Value {
	if data, err := os.ReadFile(filepath.Join(dir, "MANIFEST.json")); err == nil {
		if v, err := value.ParseJSON(data); err == nil {
			if d, ok := v.(*value.Dict); ok {
				if info, ok := d.At("collection_info").(*value.Dict); ok {
					return info.At("version")
				}
			}
		}
	}
	for _, n := range []string{"galaxy.yml", "galaxy.yaml"} {
		data, err := os.ReadFile(filepath.Join(dir, n))
		if err != nil {
			continue
		}
		if v, err := yaml.Load(n, data, yaml.Options{}); err == nil {
			if d, ok := v.(*value.Dict); ok {
				return d.At("version")
			}
		}
	}
	return nil
}
