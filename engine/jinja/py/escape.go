package py

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// EscapeHTML is markupsafe.escape for text.
func EscapeHTML(s string) string {
	if !strings.ContainsAny(s, `&<>'"`) {
		return s
	}
	return htmlEscaper.Replace(s)
}

var htmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&#39;", `"`, "&#34;")

// Escape is markupsafe.escape for any value.
func Escape(v Value) Markup {
	if m, ok := v.(Markup); ok {
		return m
	}
	return Markup(EscapeHTML(value.Str(v)))
}

// escapeAll escapes the text in the arguments of Markup's % operator.
func escapeAll(v Value) Value {
	switch x := v.(type) {
	case value.Tuple:
		t := make(value.Tuple, len(x))
		for i, e := range x {
			t[i] = escapeAll(e)
		}
		return t
	case *value.Dict:
		d := value.NewDictCap(x.Len())
		for k, e := range x.All() {
			d.Set(k, escapeAll(e))
		}
		return d
	}
	if _, ok := toNum(v); ok {
		return v
	}
	return string(Escape(v))
}
