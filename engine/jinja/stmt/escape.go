package stmt

import (
	"html"

	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

func escape(v expr.Value) string {
	if m, ok := v.(py.Markup); ok {
		return string(m)
	}
	return html.EscapeString(value.Str(v))
}
