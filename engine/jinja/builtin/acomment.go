package builtin

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// commentStyles are the styles of the comment filter.
var commentStyles = map[string]map[string]string{
	"plain":  {"decoration": "# "},
	"erlang": {"decoration": "% "},
	"c":      {"decoration": "// "},
	"cblock": {"beginning": "/*", "decoration": " * ", "end": " */"},
	"xml":    {"beginning": "<!--", "decoration": " - ", "end": "-->"},
}

func commentFilter(c *Call) (Value, error) {
	if len(c.Args) > 2 {
		return nil, py.Raise("TypeError", "comment() takes at most 2 positional arguments")
	}
	t, err := c.onlyText("replace")
	if err != nil {
		return nil, err
	}
	style := "plain"
	if len(c.Args) > 1 {
		if style, err = Str(c.Args[1]); err != nil {
			return nil, err
		}
	}
	if v, ok := c.Kwargs.GetStr("style"); ok {
		style = value.Str(v)
	}
	set, ok := commentStyles[style]
	if !ok {
		return nil, py.Raise("KeyError", "%s", value.Quote(style))
	}
	p := map[string]string{"newline": "\n"}
	for k, v := range set {
		p[k] = v
	}
	count := map[string]int64{"prefix_count": 1, "postfix_count": 1}
	for k, v := range c.Kwargs.All() {
		name := value.Str(k)
		switch name {
		case "prefix_count", "postfix_count":
			if count[name], err = py.Index(v); err != nil {
				return nil, err
			}
			if count[name] > 100000 {
				return nil, py.Raise("MemoryError", "comment: %s=%d is too large", name, count[name])
			}
		default:
			if p[name], err = Str(v); err != nil {
				return nil, err
			}
		}
	}
	deco, nl := p["decoration"], p["newline"]
	trimmed := strings.TrimRightFunc(deco, py.IsSpace)
	for _, k := range []string{"prefix", "postfix"} {
		if _, given := p[k]; !given {
			p[k] = trimmed
		}
	}
	var b strings.Builder
	if p["beginning"] != "" {
		b.WriteString(p["beginning"] + nl)
	}
	if p["prefix"] != "" {
		line := p["prefix"] + nl
		if p["prefix"] == nl {
			line = nl
		}
		b.WriteString(strings.Repeat(line, int(max(count["prefix_count"], 0))))
	}
	text := deco + strings.ReplaceAll(t, nl, nl+deco)
	b.WriteString(strings.ReplaceAll(text, deco+nl, trimmed+nl))
	if n := int(max(count["postfix_count"], 0)); n > 0 { // an empty one still ends the line
		b.WriteString(strings.Repeat(nl+p["postfix"], n))
	}
	if p["end"] != "" {
		b.WriteString(nl + p["end"])
	}
	return c.like(b.String()), nil
}
