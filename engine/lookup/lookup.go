// Package lookup has the lookup plugins: those of ansible.builtin and the
// commonly used ones of community.general.
//
// It imports value, templar and what the templates share. It knows nothing of
// runs and inventories: what it needs of them comes in Deps.
package lookup

import (
	"fmt"
	"os"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/value"
)

// Value is short for value.Value.
type Value = value.Value

// Deps are what lookups ask of the program. Every field may be nil.
type Deps struct {
	// ReadFile reads a file and decrypts it where it is a vault.
	ReadFile func(path string) ([]byte, error)
	// Hosts returns the names of the hosts that a pattern matches.
	Hosts func(pattern string) ([]string, error)
	// Setting returns a setting by name, of ansible itself or of the plugin
	// named, and where it came from.
	Setting func(name, pluginType, plugin string) (v Value, origin string, ok bool)
	// Option returns the first of some environment variables ("NAME") and ini
	// entries ("section.key") that is set.
	Option func(env, ini []string) (text string, ok bool)
	// TemplateVars are the variables that only templates see (ansible_managed,
	// template_host ...), for the template of that path.
	TemplateVars func(path string) (*value.Dict, error)
	// Warn shows a warning.
	Warn func(msg string)
	// CollectionsPath has the folders in which collections are installed.
	CollectionsPath []string
}

// call is one use of a lookup with its options.
type call struct {
	d     *Deps
	t     *templar.Templar
	name  string
	terms []Value
	kw    *value.Dict
}

type plugin struct {
	run     func(c *call) ([]Value, error)
	options []string // the keyword arguments it takes; nil for any
}

// All returns the plugins by short and full name.
func All(d Deps) map[string]templar.LookupFunc {
	out := map[string]templar.LookupFunc{}
	for coll, table := range map[string]map[string]plugin{"ansible.builtin": builtins, "community.general": community, "ansible.utils": utils} {
		for name, p := range table {
			f := func(t *templar.Templar, terms []Value, kw *value.Dict) ([]Value, error) {
				c := &call{d: &d, t: t, name: name, terms: terms, kw: kw}
				if err := c.check(p.options); err != nil {
					return nil, err
				}
				return p.run(c)
			}
			out[coll+"."+name] = f
			if coll == "ansible.builtin" {
				out["ansible.legacy."+name] = f
			}
			if coll != "ansible.utils" { // which were never ansible-core's own
				out[name] = f
			}
		}
	}
	return out
}

var builtins = map[string]plugin{
	"config":              {config, []string{"on_missing", "plugin_type", "plugin_name", "show_origin"}},
	"csvfile":             {csvfile, []string{"col", "default", "delimiter", "encoding", "file", "keycol"}},
	"dict":                {dict, nil},
	"env":                 {env, []string{"default"}},
	"file":                {file, []string{"lstrip", "rstrip"}},
	"fileglob":            {fileglob, nil},
	"first_found":         {firstFound, []string{"files", "paths", "skip", "_subdir"}},
	"indexed_items":       {indexedItems, nil},
	"ini":                 {ini, []string{"type", "file", "section", "re", "encoding", "default", "case_sensitive", "allow_no_value", "allow_none", "interpolation"}},
	"inventory_hostnames": {inventoryHostnames, nil},
	"items":               {items, nil},
	"lines":               {lines, nil},
	"list":                {list, nil},
	"nested":              {nested, nil},
	"password":            {password, []string{"length", "chars", "encrypt", "ident", "seed"}},
	"pipe":                {pipe, nil},
	"random_choice":       {randomChoice, nil},
	"sequence":            {sequence, nil},
	"subelements":         {subelements, nil},
	"template": {template, []string{"convert_data", "variable_start_string", "variable_end_string", "jinja2_native", "template_vars",
		"comment_start_string", "comment_end_string", "split_lines", "newline_sequence", "trim_blocks", "lstrip_blocks"}},
	"together": {together, nil},
	"unvault":  {unvault, nil},
	"url":      {url, nil},
	"varnames": {varnames, nil},
	"vars":     {vars, []string{"default"}},
}

var community = map[string]plugin{
	"cartesian":          {cartesian, nil},
	"flattened":          {flattened, nil},
	"random_string":      {randomString, nil},
	"filetree":           {filetree, nil},
	"merge_variables":    {mergeVariables, []string{"pattern_type", "initial_value", "override", "groups"}},
	"collection_version": {collectionVersion, []string{"result_not_found", "result_no_version"}},
	"dependent":          {dependent, nil},
	"dig":                {dig, nil},
	"dnstxt":             {dnstxt, nil},
	"passwordstore": {passwordstore, []string{"create", "overwrite", "directory", "returnall", "subkey", "userpass", "length", "backup", "nosymbols",
		"missing", "missing_subkey", "umask", "backend", "preserve", "timestamp", "lock", "locktimeout", "message"}},
	"random_pet": absent("petname"), "random_words": absent("xkcdpass"), "keyring": absent("keyring"), "hiera": absent("hiera"),
	"redis": absent("redis"), "etcd": absent("etcd"), "lmdb_kv": absent("lmdb"), "shelvefile": absent("shelve"),
}

// check refuses keyword arguments that the plugin does not know.
func (c *call) check(known []string) error {
	if known == nil {
		return nil
	}
	for k := range c.kw.All() {
		name := value.Str(k)
		found := false
		for _, n := range known {
			found = found || n == name
		}
		if !found && c.name != "first_found" && c.name != "vars" {
			return c.fail("unknown option %q; it takes %s", name, strings.Join(known, ", "))
		}
	}
	return nil
}

func (c *call) fail(format string, a ...any) error {
	return fmt.Errorf("lookup plugin '%s': "+format, append([]any{c.name}, a...)...)
}

// bare is an error that is worded for the user already.
func bare(format string, a ...any) error {
	return &templar.LookupError{Err: fmt.Errorf(format, a...)}
}

// opt returns a keyword argument, or def.
func (c *call) opt(name string, def Value) Value {
	if v, ok := c.kw.GetStr(name); ok {
		return v
	}
	return def
}

func (c *call) str(name, def string) (string, error) { return builtin.Str(c.opt(name, def)) }

func (c *call) flag(name string, def bool) bool {
	v := c.opt(name, def)
	if t, ok := value.Text(v); ok {
		switch strings.ToLower(t) {
		case "yes", "true", "on", "1", "y", "t":
			return true
		}
		return false
	}
	return value.Truth(v)
}

// texts are the terms as text, lists among them spread out.
func (c *call) texts() ([]string, error) {
	var out []string
	for _, v := range spread(c.terms) {
		t, err := builtin.Str(v)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// each calls f for every term as text and joins the results.
func (c *call) each(f func(t string) ([]Value, error)) ([]Value, error) {
	terms, err := c.texts()
	if err != nil {
		return nil, err
	}
	out := []Value{}
	for _, t := range terms {
		more, err := f(t)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// one makes f, which has one result a term, fit for each.
func one[T any](f func(t string) (T, error)) func(string) ([]Value, error) {
	return func(t string) ([]Value, error) {
		v, err := f(t)
		return []Value{v}, err
	}
}

// spread flattens one level of lists.
func spread(vs []Value) []Value {
	out := []Value{}
	for _, v := range vs {
		if l, ok := asList(v); ok {
			out = append(out, l...)
		} else {
			out = append(out, v)
		}
	}
	return out
}

func asList(v Value) ([]Value, bool) {
	switch x := v.(type) {
	case *value.List:
		return x.Items, true
	case value.Tuple:
		return x, true
	case *py.View, *py.Range:
		l, err := py.ListOf(x)
		return l.Items, err == nil
	}
	return nil, false
}

// find looks for a file where the task looks for files of that kind.
func (c *call) find(kind, name string) (string, error) {
	if s := c.t.Scope(); s.Find != nil {
		return s.Find(kind, name)
	}
	if _, err := os.Stat(name); err != nil {
		return "", fmt.Errorf("could not locate file in lookup: %s", name)
	}
	return name, nil
}

func (c *call) read(path string) ([]byte, error) {
	if c.d.ReadFile != nil {
		return c.d.ReadFile(path)
	}
	return os.ReadFile(path)
}

func (c *call) warn(format string, a ...any) {
	if c.d.Warn != nil {
		c.d.Warn(fmt.Sprintf(format, a...))
	}
}

// keyValues splits "term k=v k=v" as the older plugins take their options;
// quotes hold words together.
func keyValues(s string) (words []string, opts map[string]string) {
	opts = map[string]string{}
	var cur strings.Builder
	quote := byte(0)
	flush := func() {
		w := cur.String()
		cur.Reset()
		if w == "" {
			return
		}
		if i := strings.IndexByte(w, '='); i > 0 && w[i-1] != '\\' {
			opts[w[:i]] = unquote(w[i+1:])
			return
		}
		words = append(words, unquote(w))
	}
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case quote != 0:
			if b == quote {
				quote = 0
			}
			cur.WriteByte(b)
		case (b == '"' || b == '\'') && (cur.Len() == 0 || s[i-1] == '='):
			quote = b
			cur.WriteByte(b)
		case b == ' ' || b == '\t' || b == '\n':
			flush()
		default:
			cur.WriteByte(b)
		}
	}
	flush()
	return words, opts
}

func unquote(s string) string {
	if len(s) > 1 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}
