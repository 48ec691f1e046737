package templar

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// Convert gives text the type that a template's result has: what looks like a
// list, a dictionary or a boolean is read as such, other text stays.
func (t *Templar) Convert(s string) value.Value {
	if t.eng.opts.Native {
		if v, ok := nativeLiteral(s); ok {
			return v
		}
		return s
	}
	switch {
	case s == "True":
		return true
	case s == "False":
		return false
	case strings.HasPrefix(s, "{") || strings.HasPrefix(s, "["):
		if v, ok := readLiteral(s); ok {
			return v
		}
	}
	return s
}
