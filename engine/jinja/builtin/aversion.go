package builtin

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// LooseVersion cuts a version into numbers and words, as distutils did.
func LooseVersion(t string) *value.List {
	l := value.NewList()
	kind := func(b byte) int {
		switch {
		case b >= '0' && b <= '9':
			return 1
		case b >= 'a' && b <= 'z':
			return 2
		case b == '.':
			return 3
		}
		return 4
	}
	for i := 0; i < len(t); {
		k := kind(t[i])
		j := i + 1
		for j < len(t) && kind(t[j]) == k && k != 3 {
			j++
		}
		switch k {
		case 1:
			n, _ := new(big.Int).SetString(t[i:j], 10)
			l.Append(value.NormInt(n))
		case 2, 4:
			l.Append(t[i:j])
		}
		i = j
	}
	return l
}

var (
	strictRE = mustRE(`(?a)^(\d+)\.(\d+)(\.(\d+))?([ab](\d+))?$`)
	semverRE = mustRE(`(?a)^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$`)
	pep440RE = mustRE(`(?ai)^\s*v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d+)?)?(?:(?:-(\d+))|(?:[-_.]?(post|rev|r)[-_.]?(\d+)?))?(?:[-_.]?(dev)[-_.]?(\d+)?)?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*$`)
)

func number(t string) Value {
	if t == "" {
		return int64(0)
	}
	v, err := py.ParseInt(t, 10)
	if err != nil {
		return int64(0)
	}
	return v
}

func strictVersion(t string) (Value, error) {
	m, _ := strictRE.Match(t)
	if m == nil {
		return nil, py.Raise("ValueError", "invalid version number '%s'", t)
	}
	pre := value.Tuple{"z", int64(0)} // no letter is later than any
	if p := groupText(m, 5); p != "" {
		pre = value.Tuple{p[:1], number(groupText(m, 6))}
	}
	return value.Tuple{number(groupText(m, 1)), number(groupText(m, 2)), number(groupText(m, 4)), pre}, nil
}

func semVersion(t string) (Value, error) {
	m, _ := semverRE.Match(t)
	if m == nil {
		return nil, py.Raise("ValueError", "invalid semantic version '%s'", t)
	}
	out := value.Tuple{number(groupText(m, 1)), number(groupText(m, 2)), number(groupText(m, 3))}
	pre, ok := m.Group(4)
	if !ok {
		return append(out, int64(1), value.Tuple{}), nil // no prerelease is later than any
	}
	parts := value.Tuple{}
	for _, p := range strings.Split(pre, ".") {
		if strings.Trim(p, "0123456789") == "" {
			parts = append(parts, value.Tuple{int64(0), number(p), ""})
		} else {
			parts = append(parts, value.Tuple{int64(1), int64(0), p})
		}
	}
	return append(out, int64(0), parts), nil
}

func pepVersion(t string) (Value, error) {
	m, _ := pep440RE.Match(t)
	if m == nil {
		return nil, py.Raise("ValueError", "Invalid version: '%s'", t)
	}
	const last = int64(1) << 62
	g := func(i int) string { return strings.ToLower(groupText(m, i)) }
	release := value.Tuple{}
	parts := strings.Split(g(2), ".")
	for len(parts) > 1 && strings.Trim(parts[len(parts)-1], "0") == "" {
		parts = parts[:len(parts)-1]
	}
	for _, p := range parts {
		release = append(release, number(p))
	}
	hasPost, hasDev := g(5) != "" || g(6) != "", g(8) != ""
	pre := value.Tuple{last, int64(0)}
	switch l := g(3); {
	case l != "":
		rank := map[string]int64{"a": 0, "alpha": 0, "b": 1, "beta": 1}
		r, ok := rank[l]
		if !ok {
			r = 2
		}
		pre = value.Tuple{r, number(g(4))}
	case !hasPost && hasDev:
		pre = value.Tuple{int64(-1), int64(0)}
	}
	post := value.Tuple{int64(-1), int64(0)}
	if hasPost {
		n := g(5)
		if n == "" {
			n = g(7)
		}
		post = value.Tuple{int64(0), number(n)}
	}
	dev := value.Tuple{last, int64(0)}
	if hasDev {
		dev = value.Tuple{int64(0), number(g(9))}
	}
	local := value.Tuple{}
	if s := g(10); s != "" {
		for _, p := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("-_.", r) }) {
			if _, err := strconv.Atoi(p); err == nil {
				local = append(local, value.Tuple{int64(1), number(p), ""})
			} else {
				local = append(local, value.Tuple{int64(0), int64(0), p})
			}
		}
	}
	return value.Tuple{number(g(1)), release, pre, post, dev, local}, nil
}

var versionOps = map[string]string{"==": "==", "=": "==", "eq": "==", "<": "<", "lt": "<", "<=": "<=", "le": "<=",
	">": ">", "gt": ">", ">=": ">=", "ge": ">=", "!=": "!=", "<>": "!=", "ne": "!="}

// CompareVersions is Ansible's version test. kind is loose, strict, semver,
// semantic or pep440.
func CompareVersions(a, op, b, kind string) (bool, error) {
	o, ok := versionOps[op]
	if !ok {
		return false, fail("Invalid operator type (%s). Must be one of '==', '=', 'eq', '<', 'lt', '<=', 'le', '>', 'gt', '>=', 'ge', '!=', '<>', 'ne'", op)
	}
	parse := map[string]func(string) (Value, error){
		"loose":  func(t string) (Value, error) { return LooseVersion(t), nil },
		"strict": strictVersion, "semver": semVersion, "semantic": semVersion, "pep440": pepVersion,
	}[kind]
	if parse == nil {
		return false, fail("Invalid version type (%s). Must be one of 'loose', 'strict', 'semver', 'semantic', 'pep440'", kind)
	}
	x, err := parse(a)
	if err != nil {
		return false, fail("Version comparison failed: %s", err)
	}
	y, err := parse(b)
	if err != nil {
		return false, fail("Version comparison failed: %s", err)
	}
	equal := value.Equal(x, y)
	less := false
	if !equal {
		if less, err = py.Less(x, y); err != nil {
			return false, fail("Version comparison failed: %s", err)
		}
	}
	switch o {
	case "==":
		return equal, nil
	case "!=":
		return !equal, nil
	case "<":
		return less, nil
	case "<=":
		return less || equal, nil
	case ">":
		return !less && !equal, nil
	}
	return !less, nil
}

func versionTest(c *Call) (Value, error) {
	a, err := c.Bind(1, "version", "operator", "strict", "version_type")
	if err != nil {
		return nil, err
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	want, err := a.Text(0, "")
	if err != nil {
		return nil, err
	}
	op, err := a.Text(1, "eq")
	if err != nil {
		return nil, err
	}
	if a.Has(2) && a.Has(3) {
		return nil, fail("Cannot specify both 'strict' and 'version_type'")
	}
	if t == "" || !value.Truth(c.in()) {
		return nil, fail("Input version value cannot be empty")
	}
	if want == "" {
		return nil, fail("Version parameter to compare against cannot be empty")
	}
	kind := "loose"
	if value.Truth(a.v[2]) {
		kind = "strict"
	}
	if a.Has(3) {
		kind = value.Str(a.v[3])
	}
	return CompareVersions(t, op, want, kind)
}
