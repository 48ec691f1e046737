package doccli

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// text is the page of one entry.
func (c *command) text(d *doc) string {
	var b strings.Builder
	if d.Kind == "keyword" {
		k := value.DictOf("applies_to", value.From(d.Applies), "description", d.Short, "type", d.Type)
		s, err := yaml.Dump(value.DictOf(d.Name, k), yaml.DumpOptions{AllowUnicode: true})
		if err != nil {
			return ""
		}
		return s
	}
	title := d.Name
	if d.Entry != "" {
		title += " (entry point " + d.Entry + ")"
	}
	kind := "doc_plugin"
	if d.Kind == "module" {
		kind = "doc_module"
	}
	fmt.Fprintf(&b, "> %s %s    (%s)\n\n", strings.ToUpper(d.Kind), c.Screen.Paint(title, kind), d.From)
	for _, p := range d.About {
		b.WriteString(wrap(p, c.width-2, "  ") + "\n")
	}
	if d.Action {
		b.WriteString("\n  * note: This module has a corresponding action plugin.\n")
	}
	if len(d.Options) > 0 {
		b.WriteString("\nOPTIONS (= indicates it is required):\n\n")
		c.options(&b, d.Options, "")
	}
	if len(d.Facts) > 0 {
		b.WriteString("ATTRIBUTES:\n\n")
		for _, f := range d.Facts {
			b.WriteString("  " + f + "\n")
		}
	}
	if len(d.Aliases) > 0 {
		b.WriteString("\nALSO KNOWN AS: " + strings.Join(d.Aliases, ", ") + "\n")
	}
	b.WriteString("\n")
	return b.String()
}

func (c *command) options(b *strings.Builder, opts []*option, in string) {
	for _, o := range opts {
		mark := "-"
		if o.Required {
			mark = "="
		}
		fmt.Fprintf(b, "%s%s %s\n", in, mark, c.Screen.Paint(o.Name, "highlight"))
		if o.About != "" {
			b.WriteString(wrap(o.About, c.width-8, in+"        ") + "\n")
		}
		line := func(key, val string) {
			if val != "" {
				b.WriteString(wrap(key+": "+val, c.width-8, in+"        ") + "\n")
			}
		}
		if len(o.Aliases) > 0 {
			line("aliases", "["+strings.Join(o.Aliases, ", ")+"]")
		}
		if len(o.Choices) > 0 {
			line("choices", "["+strings.Join(o.Choices, ", ")+"]")
		}
		if !o.Required {
			line("default", plain(o.Default))
		}
		line("elements", o.Elements)
		line("type", o.Type)
		b.WriteString("\n")
		if len(o.Sub) > 0 {
			b.WriteString(in + "        SUBOPTIONS:\n\n")
			c.options(b, o.Sub, in+"        ")
		}
	}
}

// plain writes a default as YAML would on one line.
func plain(v value.Value) string {
	if v == nil {
		return "null"
	}
	s, err := yaml.Dump(v, yaml.DumpOptions{Flow: true, Width: 1 << 20, AllowUnicode: true})
	if err != nil {
		return value.Str(v)
	}
	return strings.TrimSuffix(s, "\n")
}

// wrap folds text at width, every line after indent.
func wrap(text string, width int, indent string) string {
	var b strings.Builder
	col := 0
	for _, w := range strings.Fields(text) {
		switch {
		case col == 0:
			b.WriteString(indent + w)
			col = len(w)
			continue
		case col+1+len(w) > width:
			b.WriteString("\n" + indent + w)
			col = len(w)
			continue
		}
		b.WriteString(" " + w)
		col += 1 + len(w)
	}
	return b.String()
}

// snippetOf is a task to fill in.
func (c *command) snippetOf(d *doc) string {
	var b strings.Builder
	fmt.Fprintf(&b, "- name: %s\n  %s:\n", d.Short, d.short())
	for _, o := range d.Options {
		about := strings.TrimSpace(o.About)
		if o.Required {
			about = "(required) " + about
		}
		head := fmt.Sprintf("      %-20s   # ", o.Name+":")
		text := wrap(about, max(c.width-len(head), 20), "")
		b.WriteString(head + strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", 29)+"# ") + "\n")
	}
	return b.String()
}

// json is the form that --json writes.
func (d *doc) json() *value.Dict {
	if d.Kind == "keyword" {
		return value.DictOf("applies_to", value.From(d.Applies), "description", d.Short, "type", d.Type)
	}
	if d.Kind == "role" {
		point := value.DictOf("short_description", d.Short, "description", value.From(d.About), "options", optionsJSON(d.Options))
		return value.DictOf("collection", "", "entry_points", value.DictOf(d.Entry, point), "path", d.From)
	}
	coll := d.Name[:strings.LastIndexByte(d.Name, '.')]
	inner := value.DictOf("collection", coll, "description", value.From(d.About), "filename", d.From, "has_action", d.Action,
		d.Kind, d.short(), "options", optionsJSON(d.Options), "short_description", d.Short)
	if len(d.Facts) > 0 {
		attrs := value.NewDict()
		for _, f := range d.Facts {
			k, v, _ := strings.Cut(f, ": ")
			attrs.Set(k, value.DictOf("support", v))
		}
		inner.Set("attributes", attrs)
	}
	return value.DictOf("doc", inner, "examples", nil, "metadata", nil, "return", nil)
}

func optionsJSON(opts []*option) *value.Dict {
	out := value.NewDict()
	for _, o := range opts {
		d := value.DictOf("description", value.NewList(o.About))
		if len(o.Aliases) > 0 {
			d.Set("aliases", value.From(o.Aliases))
		}
		if len(o.Choices) > 0 {
			d.Set("choices", value.From(o.Choices))
		}
		if o.Default != nil {
			d.Set("default", o.Default)
		}
		if o.Elements != "" {
			d.Set("elements", o.Elements)
		}
		if o.Required {
			d.Set("required", true)
		}
		if o.Type != "" {
			d.Set("type", o.Type)
		}
		if len(o.Sub) > 0 {
			d.Set("suboptions", optionsJSON(o.Sub))
		}
		out.Set(o.Name, d)
	}
	return out
}
