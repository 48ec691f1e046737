package config

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// Bool reads Ansible's spellings of true and false.
func Bool(s string) (v, ok bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "y", "yes", "on", "1", "true", "t":
		return true, true
	case "n", "no", "off", "0", "false", "f":
		return false, true
	}
	return false, false
}

// convert turns text from a file (origin) or the environment (origin "") into
// the setting's type.
func (c *Config) convert(typ, raw, origin string) (value.Value, error) {
	base := c.src.Dir
	if origin != "" {
		base = filepath.Dir(origin)
	}
	switch typ {
	case "boolean", "bool":
		b, _ := Bool(raw)
		return b, nil
	case "integer", "int":
		n, err := strconv.ParseInt(strings.TrimSpace(raw), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not an integer", raw)
		}
		return n, nil
	case "float":
		f, err := strconv.ParseFloat(strings.TrimSpace(raw), 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a number", raw)
		}
		return f, nil
	case "list":
		l := value.NewList()
		for _, e := range strings.Split(raw, ",") {
			l.Append(unquote(strings.TrimSpace(e)))
		}
		return l, nil
	case "none":
		return nil, nil
	case "path", "tmppath", "tmp", "temppath":
		return c.absolute(raw, base), nil
	case "pathspec":
		l := value.NewList()
		for _, e := range splitPaths(raw) {
			l.Append(c.absolute(e, base))
		}
		return l, nil
	case "pathlist":
		l := value.NewList()
		for _, e := range strings.Split(raw, ",") {
			l.Append(c.absolute(strings.TrimSpace(e), base))
		}
		return l, nil
	}
	return raw, nil
}

// splitPaths splits at the system's list separator; on Windows also at ":" where
// it is not a drive's.
func splitPaths(s string) []string {
	if runtime.GOOS == "windows" && strings.Contains(s, ";") {
		return strings.Split(s, ";")
	}
	if runtime.GOOS == "windows" && len(s) > 1 && s[1] == ':' {
		return []string{s}
	}
	return strings.Split(s, ":")
}

var variable = regexp.MustCompile(`\$\{(\w+)\}|\$(\w+)`)

// absolute expands ~, $VAR and {{CWD}} and makes the path absolute.
func (c *Config) absolute(p, base string) string {
	p = strings.ReplaceAll(p, "{{CWD}}", c.src.Dir)
	p = variable.ReplaceAllStringFunc(p, func(m string) string {
		if v, ok := c.src.LookupEnv(strings.Trim(m, "${}")); ok {
			return v
		}
		return m
	})
	if name, rest, _ := strings.Cut(p, "/"); name == "~" {
		p = c.src.Home + p[1:]
	} else if strings.HasPrefix(name, "~") {
		if u, err := user.Lookup(name[1:]); err == nil {
			p = u.HomeDir + "/" + rest
		}
	}
	if !filepath.IsAbs(p) && !strings.HasPrefix(p, "/") {
		p = filepath.Join(base, p)
	}
	return filepath.Clean(p)
}

var homeTemplate = regexp.MustCompile(`^\{\{ ANSIBLE_HOME ~ "(.*)" \}\}$`)

// rejected are the file extensions no loader of files ever takes.
var rejected = []string{".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst"}

func tuple(a []string, more ...string) value.Tuple {
	var t value.Tuple
	for _, s := range append(append([]string{}, a...), more...) {
		t = append(t, s)
	}
	return t
}

// defaultOf gives a setting's default its type; the table has paths as text.
func (c *Config) defaultOf(s *Setting) (value.Value, error) {
	text, ok := s.Default.(string)
	if !ok {
		if n, isInt := s.Default.(int64); isInt && s.Type == "float" {
			return float64(n), nil
		}
		return value.Copy(s.Default), nil
	}
	switch s.Name {
	case "INVENTORY_IGNORE_EXTS":
		return tuple(rejected, ".orig", ".ini", ".cfg", ".retry"), nil
	case "MODULE_IGNORE_EXTS":
		return tuple(rejected, ".yaml", ".yml", ".ini"), nil
	}
	if m := homeTemplate.FindStringSubmatch(text); m != nil {
		text = c.home + m[1]
	}
	return c.convert(s.Type, text, "")
}

// DefaultText writes a setting's default as ansible.cfg takes it.
func (c *Config) DefaultText(s *Setting) string {
	text, ok := s.Default.(string)
	if ok {
		if m := homeTemplate.FindStringSubmatch(text); m != nil {
			return c.home + m[1]
		}
	}
	switch x := s.Default.(type) {
	case nil:
		return ""
	case *value.List:
		var parts []string
		for _, e := range x.Items {
			parts = append(parts, value.Str(e))
		}
		return strings.Join(parts, ", ")
	}
	if strings.HasPrefix(text, "{{") {
		v, err := c.defaultOf(s)
		if err != nil {
			return ""
		}
		return value.Str(v)
	}
	return value.Str(s.Default)
}

// unquoteFor takes the quotes off a value of the file as the type wants it: a
// list's entries have quotes of their own.
func unquoteFor(typ, s string) string {
	u := unquote(s)
	switch typ {
	case "list":
		return s
	case "path", "tmppath", "tmp", "temppath", "pathspec", "pathlist":
		if u != s && strings.IndexByte(u, s[0]) >= 0 {
			return s
		}
	}
	return u
}

// unquote takes one pair of equal quotes off.
func unquote(s string) string {
	if len(s) > 1 && (s[0] == '"' || s[0] == '\'') && s[0] == s[len(s)-1] && s[len(s)-2] != '\\' {
		return s[1 : len(s)-1]
	}
	return s
}

// TempDir makes a new private folder below DEFAULT_LOCAL_TMP for this run.
// The caller removes it.
func (c *Config) TempDir() (string, error) {
	base := value.Str(c.Get("DEFAULT_LOCAL_TMP"))
	if err := os.MkdirAll(base, 0o700); err != nil {
		return "", fmt.Errorf("local_tmp %s: %w", base, err)
	}
	return os.MkdirTemp(base, fmt.Sprintf("ansible-local-%d", os.Getpid()))
}

// ExpandHome puts the user's folder for a leading ~.
func ExpandHome(p string) string {
	if p == "~" || strings.HasPrefix(p, "~/") {
		if home, err := os.UserHomeDir(); err == nil {
			return home + p[1:]
		}
	}
	return p
}
