package builtin

import (
	"os"
	"os/user"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// Paths are POSIX paths whatever system the controller runs on: they mostly
// name files of the targets.

// pathText is textFilter that refuses what is not text, as os.path does.
func pathText(f func(string) Value) Func {
	return func(c *Call) (Value, error) {
		if _, err := c.Bind(0); err != nil {
			return nil, err
		}
		t, err := c.pathArg(c.in())
		if err != nil {
			return nil, err
		}
		v := f(t)
		if s, ok := v.(string); ok {
			return c.like(s), nil
		}
		return v, nil
	}
}

func (c *Call) pathArg(v Value) (string, error) {
	if err := Defined(v); err != nil {
		return "", err
	}
	t, ok := textOf(v)
	if b, isBytes := v.(py.Bytes); isBytes {
		t, ok = string(b), true
	}
	if !ok {
		return "", py.Raise("TypeError", "expected str, bytes or os.PathLike object, not %s", value.TypeName(v))
	}
	return t, nil
}

func basename(t string) string { return t[strings.LastIndexByte(t, '/')+1:] }

func dirname(t string) string {
	head := t[:strings.LastIndexByte(t, '/')+1]
	if trimmed := strings.TrimRight(head, "/"); trimmed != "" {
		return trimmed
	}
	return head
}

func splitext(t string) Value {
	name := basename(t)
	i := strings.LastIndexByte(name, '.')
	if i <= 0 || strings.Trim(name[:i], ".") == "" {
		return value.Tuple{t, ""}
	}
	cut := len(t) - len(name) + i
	return value.Tuple{t[:cut], t[cut:]}
}

func joinPath(a, b string) string {
	switch {
	case strings.HasPrefix(b, "/"):
		return b
	case a == "" || strings.HasSuffix(a, "/"):
		return a + b
	}
	return a + "/" + b
}

func pathJoinFilter(c *Call) (Value, error) {
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	if t, ok := textOf(c.in()); ok {
		return c.like(t), nil
	}
	if !isSequence(c.in()) {
		return nil, py.Raise("TypeError", "|path_join expects string or sequence, got %s instead.", className(c.in()))
	}
	out := ""
	if len(itemsOf(c.in())) == 0 {
		return nil, py.Raise("TypeError", "join() missing 1 required positional argument: 'a'")
	}
	for i, v := range itemsOf(c.in()) {
		t, err := c.pathArg(v)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			out = t
		} else {
			out = joinPath(out, t)
		}
	}
	return out, nil
}

func normPath(t string) string {
	if t == "" {
		return "."
	}
	n := path.Clean(t)
	if strings.HasPrefix(t, "//") && !strings.HasPrefix(t, "///") {
		n = "/" + n // POSIX lets two slashes mean something else
	}
	return n
}

func absPath(t string) string {
	if !strings.HasPrefix(t, "/") {
		if filepath.IsAbs(t) {
			return filepath.ToSlash(filepath.Clean(t))
		}
		wd, _ := os.Getwd()
		t = joinPath(filepath.ToSlash(wd), t)
	}
	return normPath(t)
}

func realPath(t string) string {
	p := absPath(t)
	rest := ""
	for cur := p; ; {
		if r, err := filepath.EvalSymlinks(cur); err == nil {
			return normPath(joinPath(filepath.ToSlash(r), rest))
		}
		if cur == "/" || cur == "." || cur == dirname(cur) {
			return p
		}
		rest = joinPath(basename(cur), rest)
		cur = dirname(cur)
	}
}

func relpathFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "start")
	if err != nil {
		return nil, err
	}
	t, err := c.pathArg(c.in())
	if err != nil {
		return nil, err
	}
	start := "."
	if a.Has(0) {
		if start, err = c.pathArg(a.v[0]); err != nil {
			return nil, err
		}
	}
	if t == "" {
		return nil, py.Raise("ValueError", "no path specified")
	}
	split := func(p string) []string { return strings.FieldsFunc(absPath(p), func(r rune) bool { return r == '/' }) }
	from, to := split(start), split(t)
	i := 0
	for i < len(from) && i < len(to) && from[i] == to[i] {
		i++
	}
	parts := append([]string{}, strings.Split(strings.Repeat("../", len(from)-i), "/")...)
	parts = append(parts[:len(from)-i], to[i:]...)
	if len(parts) == 0 {
		return ".", nil
	}
	return strings.Join(parts, "/"), nil
}

func commonpathFilter(c *Call) (Value, error) {
	items, err := c.list()
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, py.Raise("ValueError", "commonpath() arg is an empty sequence")
	}
	var common []string
	abs := false
	for i, v := range items {
		t, err := c.pathArg(v)
		if err != nil {
			return nil, err
		}
		if i > 0 && abs != strings.HasPrefix(t, "/") {
			return nil, py.Raise("ValueError", "Can't mix absolute and relative paths")
		}
		abs = strings.HasPrefix(t, "/")
		var parts []string
		for _, p := range strings.Split(t, "/") {
			if p != "" && p != "." {
				parts = append(parts, p)
			}
		}
		if i == 0 {
			common = parts
		}
		n := 0
		for n < len(common) && n < len(parts) && common[n] == parts[n] {
			n++
		}
		common = common[:n]
	}
	out := strings.Join(common, "/")
	if abs {
		out = "/" + out
	}
	return out, nil
}

func expandUser(t string) Value {
	if !strings.HasPrefix(t, "~") {
		return t
	}
	name, rest := t[1:], ""
	if i := strings.IndexByte(t, '/'); i >= 0 {
		name, rest = t[1:i], t[i:]
	}
	home := ""
	if name == "" {
		home, _ = os.UserHomeDir()
	} else if u, err := user.Lookup(name); err == nil {
		home = u.HomeDir
	}
	if home == "" {
		return t
	}
	if out := strings.TrimRight(home, "/") + rest; out != "" {
		return out
	}
	return "/"
}

func expandVars(t string) Value {
	re := mustRE(`(?a)\$(\w+|\{[^}]*\})`)
	out, _, _ := re.SubFunc(t, 0, matchText(func(m, name string) string {
		name = strings.Trim(name, "{}")
		if v, ok := os.LookupEnv(name); ok {
			return v
		}
		return m
	}))
	return out
}

func fileglobFilter(c *Call) (Value, error) {
	t, err := c.pathArg(c.in())
	if err != nil {
		return nil, err
	}
	names, err := Glob(t)
	if err != nil {
		return nil, err
	}
	l := value.NewList()
	for _, n := range names {
		if st, err := os.Stat(n); err == nil && st.Mode().IsRegular() {
			l.Append(n)
		}
	}
	return l, nil
}

// Glob is glob.glob: hidden files only where the pattern begins with a dot.
func Glob(pattern string) ([]string, error) {
	names, err := filepath.Glob(strings.ReplaceAll(pattern, "[!", "[^"))
	if err != nil {
		return nil, nil // a pattern that is malformed matches nothing
	}
	out := names[:0]
	for _, n := range names {
		if b := basename(filepath.ToSlash(n)); strings.HasPrefix(b, ".") && !strings.HasPrefix(basename(pattern), ".") {
			continue
		}
		out = append(out, n)
	}
	sort.Strings(out)
	return out, nil
}
