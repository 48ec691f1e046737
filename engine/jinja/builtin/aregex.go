package builtin

import (
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/pyre"
	"github.com/goplay-engine/goplay/engine/value"
)

// onlyText is the text a filter works on, an error for anything else: Python
// would not find the method that the filter calls.
func (c *Call) onlyText(method string) (string, error) {
	if t, ok := value.Text(c.in()); ok {
		return t, nil
	}
	if _, secret := c.in().(*value.Secret); secret {
		return c.text()
	}
	if err := Defined(c.in()); err != nil {
		return "", err
	}
	return "", py.Raise("AttributeError", "'%s' object has no attribute '%s'", value.TypeName(c.in()), method)
}

func (a *Args) flags(i, m int) (pyre.Flags, error) {
	var f pyre.Flags
	if err := Defined(a.v[i], a.v[m]); err != nil {
		return 0, err
	}
	if value.Truth(a.v[i]) {
		f |= pyre.IgnoreCase
	}
	if value.Truth(a.v[m]) {
		f |= pyre.Multiline
	}
	return f, nil
}

func (c *Call) regex(pattern string, f pyre.Flags) (*pyre.Regexp, error) {
	re, err := pyre.Compile(pattern, f)
	if err != nil {
		return nil, py.Raise("re.error", "invalid regular expression %s: %s", value.Quote(pattern), err)
	}
	return re, nil
}

func regexReplaceFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "pattern", "replacement", "ignorecase", "multiline", "count", "mandatory_count")
	if err != nil {
		return nil, err
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	pattern, err := a.Pattern(0)
	if err != nil {
		return nil, err
	}
	with, err := a.Text(1, "")
	if err != nil {
		return nil, err
	}
	f, err := a.flags(2, 3)
	if err != nil {
		return nil, err
	}
	count, err := a.Int(4, 0)
	if err != nil {
		return nil, err
	}
	must, err := a.Int(5, 0)
	if err != nil {
		return nil, err
	}
	re, err := c.regex(pattern, f)
	if err != nil {
		return nil, err
	}
	out, n, err := re.Sub(with, t, int(count))
	if err != nil {
		return nil, err
	}
	if must != 0 && int64(n) != must {
		return nil, fail("'%s' should match %d times, but matches %d times in '%s'", pattern, must, n, t)
	}
	return c.like(out), nil
}

func regexSearchFilter(c *Call) (Value, error) {
	if len(c.Args) < 2 {
		return nil, py.Raise("TypeError", "regex_search() missing 1 required positional argument: 'regex'")
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	pattern, err := Str(c.Args[1])
	if err != nil {
		return nil, err
	}
	var f pyre.Flags
	for k, v := range c.Kwargs.All() {
		switch value.Str(k) {
		case "ignorecase":
			if value.Truth(v) {
				f |= pyre.IgnoreCase
			}
		case "multiline":
			if value.Truth(v) {
				f |= pyre.Multiline
			}
		}
	}
	re, err := c.regex(pattern, f)
	if err != nil {
		return nil, err
	}
	type ref struct {
		name string
		num  int
	}
	var refs []ref
	for _, v := range c.Args[2:] {
		g, err := Str(v)
		if err != nil {
			return nil, err
		}
		switch {
		case strings.HasPrefix(g, `\g<`) && strings.HasSuffix(g, ">"):
			refs = append(refs, ref{name: g[3 : len(g)-1]})
		case strings.HasPrefix(g, `\`) && len(g) > 1 && strings.Trim(g[1:], "0123456789") == "":
			n, _ := strconv.Atoi(g[1:])
			refs = append(refs, ref{num: n})
		default:
			return nil, fail("Unknown argument")
		}
	}
	m, err := re.Search(t)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, nil
	}
	if len(refs) == 0 {
		return c.part(m.Text()), nil
	}
	l := value.NewList()
	for _, r := range refs {
		n := r.num
		if r.name != "" {
			k, ok := re.GroupIndex(r.name)
			if !ok {
				if k, err = strconv.Atoi(r.name); err != nil {
					return nil, py.Raise("IndexError", "no such group")
				}
			}
			n = k
		}
		if n > re.NumGroups() {
			return nil, py.Raise("IndexError", "no such group")
		}
		if g, ok := m.Group(n); ok {
			l.Append(c.part(g))
		} else {
			l.Append(nil)
		}
	}
	return l, nil
}

func regexFindallFilter(c *Call) (Value, error) {
	a, err := c.Bind(1, "regex", "multiline", "ignorecase")
	if err != nil {
		return nil, err
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	pattern, err := a.Pattern(0)
	if err != nil {
		return nil, err
	}
	f, err := a.flags(2, 1)
	if err != nil {
		return nil, err
	}
	re, err := c.regex(pattern, f)
	if err != nil {
		return nil, err
	}
	all, err := re.FindAll(t, 0)
	if err != nil {
		return nil, err
	}
	out := make([]Value, 0, len(all))
	for _, m := range all {
		switch n := re.NumGroups(); n {
		case 0:
			out = append(out, c.part(m.Text()))
		case 1:
			g, _ := m.Group(1)
			out = append(out, c.part(g))
		default:
			tup := make(value.Tuple, n)
			for i := range tup {
				g, _ := m.Group(i + 1)
				tup[i] = c.part(g)
			}
			out = append(out, tup)
		}
	}
	return listValue(out), nil
}

func regexEscapeFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "re_type")
	if err != nil {
		return nil, err
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	switch kind := value.Str(a.Value(0, "python")); kind {
	case "python":
		return c.like(pyre.Escape(t)), nil
	case "posix_basic":
		var b strings.Builder
		for i := range len(t) {
			if strings.IndexByte(`[].^$*\`, t[i]) >= 0 {
				b.WriteByte('\\')
			}
			b.WriteByte(t[i])
		}
		return c.like(b.String()), nil
	case "posix_extended":
		return nil, fail("Regex type (%s) not yet implemented", kind)
	default:
		return nil, fail("Invalid regex type (%s)", kind)
	}
}

func groupText(m *pyre.Match, i int) string { t, _ := m.Group(i); return t }

// matchText adapts a function of the match and its first group.
func matchText(f func(m, group string) string) func(*pyre.Match) (string, error) {
	return func(m *pyre.Match) (string, error) { return f(m.Text(), groupText(m, 1)), nil }
}
