package templar

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/lex"
	"github.com/goplay-engine/goplay/engine/jinja/pongo"
	"github.com/goplay-engine/goplay/engine/jinja/stmt"
)

// IsTemplate tells whether s holds delimiters, so that rendering may change it.
func IsTemplate(s string) bool {
	for i := strings.IndexByte(s, '{'); i >= 0 && i+1 < len(s); {
		switch s[i+1] {
		case '{', '%', '#':
			return true
		}
		j := strings.IndexByte(s[i+1:], '{')
		if j < 0 {
			return false
		}
		i += j + 1
	}
	return false
}

// compiled is a template ready to run, or why it is not.
type compiled struct {
	t   *stmt.Template
	src *expr.Source
	// name is the variable where the source is nothing but {{ name }}.
	name string
	err  error
}

// compileText compiles a string of a YAML value.
func (e *Engine) compileText(s string) *compiled {
	if c, ok := e.text.get(s); ok {
		return c
	}
	cfg := lex.Default()
	cfg.RawStrings = true
	c := e.compile("", s, &cfg, 0)
	if c.t != nil {
		c.name = soleName(s)
	}
	if len(s) < 1<<16 {
		e.text.put(s, c)
	}
	return c
}

func (e *Engine) compile(name, s string, cfg *lex.Config, skip int) *compiled {
	src := &expr.Source{Text: lex.Normalize(s, cfg.KeepTrailingNewline), File: name, Skip: skip}
	c := &compiled{src: src}
	c.t, c.err = pongo.Compile(name, src, cfg, e.exts)
	return c
}

// soleName returns x of {{ x }}; one newline after it is allowed.
func soleName(s string) string {
	s = strings.TrimSuffix(s, "\n")
	if !strings.HasPrefix(s, "{{") || !strings.HasSuffix(s, "}}") {
		return ""
	}
	s = strings.TrimFunc(s[2:len(s)-2], func(r rune) bool { return r == ' ' || r >= 9 && r <= 13 })
	for _, r := range s {
		if !(r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0x80) {
			return ""
		}
	}
	return s
}
