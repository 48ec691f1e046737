package doccli

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/config"
	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/lookup"
	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// doc describes one thing.
type doc struct {
	Kind, Name, Short string
	Aliases           []string
	About             []string
	Options           []*option
	Facts             []string // lines such as "check mode: full"
	From              string   // where it comes from
	Action            bool     // a part of it runs on the controller
	Applies           []string // of keywords
	Type              string   // of keywords
	Entry             string   // of roles
}

// option is a parameter, with those below it.
type option struct {
	Name, Type, Elements, About string
	Aliases, Choices            []string
	Default                     value.Value
	Required                    bool
	Sub                         []*option
}

func (d *doc) short() string { return d.Name[strings.LastIndexByte(d.Name, '.')+1:] }

//go:embed actions.txt
var actionsText string

//go:embed keywords.txt
var keywordsText string

const builtIn = "built into goplay"

func (c *command) docs(kind string) ([]*doc, error) {
	var out []*doc
	switch kind {
	case "module":
		out = modules()
	case "keyword":
		for line := range strings.Lines(keywordsText) {
			f := strings.Split(strings.TrimSpace(line), " | ")
			out = append(out, &doc{Kind: kind, Name: f[0], Applies: strings.Fields(f[1]), Type: f[2], Short: f[3], About: []string{f[3]}, From: builtIn})
		}
	case "filter":
		out = names(kind, builtin.Filters)
	case "test":
		out = names(kind, builtin.Tests)
	case "lookup":
		all := lookup.All(lookup.Deps{})
		out = names(kind, all)
		for _, d := range out {
			d.Options = settings(kind, d.short())
		}
	case "strategy":
		for n, s := range map[string]string{"linear": "All hosts go through the tasks in step", "free": "Every host goes through the tasks as fast as it can",
			"host_pinned": "Every host of a batch goes through the tasks without a break", "debug": "As linear, with the debugger"} {
			out = append(out, &doc{Kind: kind, Name: "ansible.builtin." + n, Short: s, About: []string{s + "."}, From: builtIn})
		}
	case "role":
		return c.roles()
	default:
		for n := range config.PluginOptions(kind) {
			out = append(out, &doc{Kind: kind, Name: "ansible.builtin." + n, Options: settings(kind, n), From: builtIn})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, nil
}

// names makes entries of a table of functions; short names that repeat a full
// one are left out.
func names[T any](kind string, table map[string]T) []*doc {
	var out []*doc
	for n := range table {
		if strings.HasPrefix(n, "ansible.legacy.") {
			continue
		}
		full := n
		if !strings.Contains(n, ".") {
			if _, ok := table["ansible.builtin."+n]; ok {
				continue
			}
			for other := range table {
				if strings.HasSuffix(other, "."+n) {
					full = ""
				}
			}
			if full == "" {
				continue
			}
			full = "ansible.builtin." + n
		}
		out = append(out, &doc{Kind: kind, Name: full, From: builtIn})
	}
	return out
}

func settings(kind, plugin string) []*option {
	var out []*option
	for _, s := range config.PluginOptions(kind)[plugin] {
		o := &option{Name: s.Name, Type: s.Type, Default: s.Default, Choices: s.Choices, Required: s.Required}
		var from []string
		for _, e := range s.Env {
			from = append(from, "$"+strings.TrimPrefix(e, "-"))
		}
		from = append(from, s.Ini...)
		from = append(from, s.Vars...)
		if len(from) > 0 {
			o.About = "Set by " + strings.Join(from, ", ") + "."
		}
		out = append(out, o)
	}
	return out
}

// modules describes every module, and the actions that have no module.
func modules() []*doc {
	var out []*doc
	seen := map[string]bool{}
	for _, n := range module.Names() {
		def, ok := module.Lookup(n)
		if !ok || seen[n] || def.Name != n || strings.HasPrefix(n, "goplay.") { // goplay.* are parts of actions
			continue
		}
		d := &doc{Kind: "module", Name: n, Short: def.Short, Aliases: def.Aliases, About: []string{def.Short + "."}, From: builtIn}
		d.Options = options(module.SpecOf(def))
		check := "full"
		if def.Check == module.CheckNone {
			check = "none"
		}
		d.Facts = []string{"check_mode: " + check}
		for _, a := range append([]string{n}, def.Aliases...) {
			seen[a] = true
		}
		out = append(out, d)
	}
	for _, d := range actions() {
		if have := find(out, d.Name); have != nil {
			have.Action = true
			if have.Short == "" {
				have.Short, have.About = d.Short, d.About
			}
			continue
		}
		out = append(out, d)
	}
	return out
}

func options(s *module.Spec) []*option {
	var out []*option
	for _, p := range s.Params {
		if p.Hidden {
			continue
		}
		o := &option{Name: p.Name, Type: p.Type, Elements: p.Elements, About: p.Doc, Aliases: p.Aliases, Choices: p.Choices, Default: p.Default, Required: p.Required}
		if p.Sub != nil {
			o.Sub = options(p.Sub)
		}
		out = append(out, o)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// actions reads the table of what runs on the controller: a line per action,
// and below it indented "name type=default alias,alias | text" ("type=" alone
// marks what is required).
func actions() []*doc {
	var out []*doc
	for line := range strings.Lines(actionsText) {
		line = strings.TrimSuffix(line, "\n")
		head, text, _ := strings.Cut(line, " | ")
		if !strings.HasPrefix(line, "  ") {
			out = append(out, &doc{Kind: "module", Name: "ansible.builtin." + head, Short: text, About: []string{text + "."}, From: builtIn, Action: true})
			continue
		}
		f := strings.Fields(head)
		typ, def, given := strings.Cut(strings.Join(f[1:], " "), "=")
		o := &option{Name: f[0], About: text}
		if given && def != "" {
			v, err := value.ParseJSON([]byte(def))
			if err != nil {
				v = strings.Trim(def, `"`)
			}
			o.Default = v
		} else if rest := strings.Fields(typ); len(rest) > 1 {
			typ, o.Aliases = rest[0], strings.Split(rest[1], ",")
		}
		if given && (def == "" || strings.HasPrefix(def, " ")) {
			o.Required, o.Default = true, nil
			if a := strings.TrimSpace(def); a != "" {
				o.Aliases = strings.Split(a, ",")
			}
		}
		o.Type = typ
		d := out[len(out)-1]
		d.Options = append(d.Options, o)
	}
	return out
}

// roles describes the roles that have argument specifications.
func (c *command) roles() ([]*doc, error) {
	base := c.base
	if base == "" {
		base = "."
	}
	paths := append([]string{filepath.Join(base, "roles")}, c.Config.RolesPath()...)
	if c.rolesPath != "" {
		paths = append(filepath.SplitList(c.rolesPath), paths...)
	}
	var out []*doc
	seen := map[string]bool{}
	for _, dir := range paths {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if seen[e.Name()] {
				continue
			}
			docs, err := role(filepath.Join(dir, e.Name()))
			if err != nil {
				return nil, err
			}
			if len(docs) > 0 {
				seen[e.Name()] = true
			}
			for _, d := range docs {
				if c.entry == "" || d.Entry == c.entry {
					out = append(out, d)
				}
			}
		}
	}
	return out, nil
}

func role(path string) ([]*doc, error) {
	for _, name := range []string{"argument_specs.yml", "argument_specs.yaml", "argument_specs.json", "main.yml", "main.yaml"} {
		file := filepath.Join(path, "meta", name)
		src, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		v, err := yaml.Load(file, src, yaml.Options{})
		if err != nil {
			return nil, err
		}
		d, _ := v.(*value.Dict)
		specs, _ := d.At("argument_specs").(*value.Dict)
		if specs == nil {
			continue
		}
		var out []*doc
		for k, e := range specs.All() {
			spec, ok := e.(*value.Dict)
			if !ok {
				return nil, fmt.Errorf("%s: the entry point %s must be a dictionary", specs.PosOf(value.Str(k)), value.Str(k))
			}
			r := &doc{Kind: "role", Name: filepath.Base(path), Entry: value.Str(k), From: path, Short: text(spec.At("short_description")), About: lines(spec.At("description"))}
			r.Options = roleOptions(spec.At("options"))
			out = append(out, r)
		}
		return out, nil
	}
	return nil, nil
}

func roleOptions(v value.Value) []*option {
	d, _ := v.(*value.Dict)
	var out []*option
	for k, e := range d.All() {
		o := &option{Name: value.Str(k)}
		if s, ok := e.(*value.Dict); ok {
			o.Type, o.Elements, o.About = text(s.At("type")), text(s.At("elements")), strings.Join(lines(s.At("description")), " ")
			o.Required, o.Default = value.Truth(s.At("required")), s.At("default")
			o.Choices = lines(s.At("choices"))
			o.Sub = roleOptions(s.At("options"))
		}
		out = append(out, o)
	}
	return out
}

func text(v value.Value) string {
	if v == nil {
		return ""
	}
	return value.Str(v)
}

func lines(v value.Value) []string {
	l, ok := v.(*value.List)
	if !ok {
		if s := text(v); s != "" {
			return []string{s}
		}
		return nil
	}
	var out []string
	for _, e := range l.Items {
		out = append(out, value.Str(e))
	}
	return out
}
