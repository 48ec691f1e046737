package configcli

import (
	"fmt"
	"path/filepath"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/config"
	"github.com/goplay-engine/goplay/engine/value"
)

func absolute(p string) (string, error) { return filepath.Abs(p) }

func sortedNames(m map[string][]config.Setting) []string {
	out := make([]string, 0, len(m))
	for n := range m {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// list writes what is known of each setting.
func (c *command) list() error {
	out := value.NewDict()
	if c.kind == "base" || c.kind == "all" {
		for _, s := range config.Table() {
			out.Set(s.Name, facts(&s, config.Describe(s.Name)))
		}
	}
	if c.kind != "base" {
		kinds := value.NewDict()
		for _, k := range config.PluginTypes {
			if c.kind != "all" && c.kind != k {
				continue
			}
			name := k
			if c.kind == "all" {
				name = strings.ToUpper(k)
			}
			plugins := value.NewDict()
			for _, p := range c.plugins(k) {
				opts := value.NewDict()
				for _, s := range config.PluginOptions(k)[p] {
					opts.Set(s.Name, facts(&s, ""))
				}
				plugins.Set(p, opts)
			}
			kinds.Set(name, plugins)
		}
		out.Set("PLUGINS", kinds)
	}
	return c.write(out, true)
}

func facts(s *config.Setting, about string) *value.Dict {
	d := value.NewDict()
	if len(s.Choices) > 0 {
		d.Set("choices", value.From(s.Choices))
	}
	if !s.NoDefault {
		d.Set("default", s.Default)
	}
	if about != "" {
		d.Set("description", value.NewList(about))
	}
	named := func(key string, names []string) {
		if len(names) == 0 {
			return
		}
		l := value.NewList()
		for _, n := range names {
			l.Append(value.DictOf("name", strings.TrimPrefix(n, "-")))
		}
		d.Set(key, l)
	}
	named("env", s.Env)
	named("vars", s.Vars)
	named("keyword", s.Keywords)
	named("cli", s.Flags)
	if len(s.Ini) > 0 {
		l := value.NewList()
		for _, n := range s.Ini {
			at := strings.LastIndexByte(n, '.')
			l.Append(value.DictOf("key", n[at+1:], "section", n[:at]))
		}
		d.Set("ini", l)
	}
	if s.Type != "" {
		d.Set("type", s.Type)
	}
	if s.Required {
		d.Set("required", true)
	}
	if s.Added != "" {
		d.Set("version_added", s.Added)
	}
	return d
}

// row is one line of dump.
type row struct {
	name, origin string
	v            value.Value
}

func (r row) dict() *value.Dict {
	return value.DictOf("name", r.name, "origin", r.origin, "type", nil, "value", r.v)
}

// part is a titled group of lines: a plugin, or a Galaxy server.
type part struct {
	name string
	rows []row
}

func (c *command) keep(r row) bool {
	return !c.changed || r.origin != "default" && r.origin != "REQUIRED"
}

func (c *command) base() []row {
	var rows []row
	for _, s := range config.Table() {
		e, _ := c.Config.Entry(s.Name)
		if r := (row{s.Name, e.Origin, e.Value}); c.keep(r) {
			rows = append(rows, r)
		}
	}
	return rows
}

func (c *command) options(kind string) ([]part, error) {
	var parts []part
	for _, p := range c.plugins(kind) {
		var rows []row
		opts := append([]config.Setting(nil), config.PluginOptions(kind)[p]...)
		sort.Slice(opts, func(i, j int) bool { return opts[i].Name < opts[j].Name })
		for _, s := range opts {
			e, _, err := c.Config.PluginEntry(kind, p, s.Name)
			if err != nil {
				return nil, err
			}
			if r := (row{s.Name, e.Origin, e.Value}); c.keep(r) {
				rows = append(rows, r)
			}
		}
		if len(rows) > 0 {
			parts = append(parts, part{p, rows})
		}
	}
	return parts, nil
}

func (c *command) galaxy() ([]part, error) {
	var parts []part
	for _, name := range c.Config.List("GALAXY_SERVER_LIST") {
		keys, entries, err := c.Config.GalaxyServer(name)
		if err != nil {
			return nil, err
		}
		var rows []row
		for _, k := range keys {
			if r := (row{k, entries[k].Origin, entries[k].Value}); c.keep(r) {
				rows = append(rows, r)
			}
		}
		parts = append(parts, part{name, rows})
	}
	return parts, nil
}

// dump writes every setting's value and origin.
func (c *command) dump() error {
	out := value.NewList()
	var text strings.Builder
	if c.kind == "base" || c.kind == "all" {
		for _, r := range c.base() {
			out.Append(r.dict())
			c.line(&text, r)
		}
		servers, err := c.galaxy()
		if err != nil {
			return err
		}
		if len(servers) > 0 {
			d := value.NewDict()
			text.WriteString("\nGALAXY_SERVERS:\n\n")
			for _, p := range servers {
				d.Set(p.name, tuples(p.rows))
				c.part(&text, p)
			}
			out.Append(value.DictOf("GALAXY_SERVERS", d))
		}
	}
	for _, k := range config.PluginTypes {
		if c.kind != "all" && c.kind != k {
			continue
		}
		parts, err := c.options(k)
		if err != nil {
			return err
		}
		byPlugin := value.NewList()
		if c.kind == "all" && (len(parts) > 0 || !c.changed) {
			title := strings.ToUpper(k) + ":"
			text.WriteString("\n" + title + "\n" + strings.Repeat("=", len(title)-1) + "\n")
		}
		for _, p := range parts {
			rows := value.NewList()
			for _, r := range p.rows {
				rows.Append(r.dict())
			}
			byPlugin.Append(value.DictOf(p.name, rows))
			text.WriteString("\n")
			c.part(&text, p)
		}
		if c.kind == "all" {
			out.Append(value.DictOf(strings.ToUpper(k)+"_PLUGINS", byPlugin))
		} else {
			out.Append(byPlugin.Items...)
		}
	}
	if c.format != "display" {
		return c.write(out, c.format == "yaml")
	}
	return c.Page(text.String())
}

func tuples(rows []row) *value.Dict {
	d := value.NewDict()
	for _, r := range rows {
		d.Set(r.name, value.NewList(r.name, r.v, r.origin, nil))
	}
	return d
}

func (c *command) part(b *strings.Builder, p part) {
	b.WriteString(p.name + ":\n" + strings.Repeat("_", len(p.name)) + "\n")
	for _, r := range p.rows {
		c.line(b, r)
	}
}

func (c *command) line(b *strings.Builder, r row) {
	color := "changed"
	switch r.origin {
	case "default":
		color = "ok"
	case "REQUIRED":
		color = "error"
	}
	b.WriteString(c.Screen.Paint(fmt.Sprintf("%s(%s) = %s", r.name, r.origin, value.Str(r.v)), color) + "\n")
}
