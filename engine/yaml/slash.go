package yaml

import (
	"bytes"
	"strings"

	y3 "go.yaml.in/yaml/v3"
)

// slashEscape is an escape as long as \/ that the library knows, and the
// character it stands for.
type slashEscape struct{ esc, char string }

var slashEscapes = []slashEscape{{`\P`, "\u2029"}, {`\L`, "\u2028"}, {`\v`, "\v"}, {`\a`, "\a"}, {`\e`, "\x1b"}, {`\f`, "\f"}, {`\b`, "\b"}}

// mendSlashes rewrites every \/, an escape that PyYAML knows and the library
// does not, as one that the text does not use. What was rewritten outside of
// double quotes, where it is no escape, slashes puts back.
func (b *builder) mendSlashes() bool {
	if b.mended != nil || !bytes.Contains(b.src, []byte(`\/`)) {
		return false
	}
	for _, s := range slashEscapes {
		if bytes.Contains(b.src, []byte(s.esc)) || bytes.Contains(b.src, []byte(s.char)) {
			continue
		}
		b.mended, b.slash = bytes.Clone(b.src), s
		for i := 0; i+1 < len(b.mended); i++ {
			if b.mended[i] != '\\' {
				continue
			}
			if i++; b.mended[i] == '/' {
				b.mended[i] = s.esc[1]
			}
		}
		return true
	}
	return false
}

// slashes is a scalar's text with the slashes that mendSlashes rewrote.
func (b *builder) slashes(raw *y3.Node) string {
	switch {
	case b.mended == nil:
		return raw.Value
	case raw.Style&y3.DoubleQuotedStyle != 0:
		return strings.ReplaceAll(raw.Value, b.slash.char, "/")
	}
	return strings.ReplaceAll(raw.Value, b.slash.esc, `\/`)
}
