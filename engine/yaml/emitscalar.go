package yaml

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
)

// represent returns a scalar's text, its tag where one must be written, and
// whether it is text (which must not be taken for a number when plain).
func represent(v value.Value) (text, tag string, isText bool, err error) {
	switch x := v.(type) {
	case nil:
		return "null", "", false, nil
	case bool:
		return strconv.FormatBool(x), "", false, nil
	case int64:
		return strconv.FormatInt(x, 10), "", false, nil
	case *big.Int:
		return x.String(), "", false, nil
	case float64:
		return floatText(x), "", false, nil
	case string:
		return x, "", true, nil
	case value.Unsafe:
		return string(x), "", true, nil
	case *value.Secret:
		return x.Cipher, "!vault", true, nil
	case Date:
		return x.Str(), "", false, nil
	case *value.Undefined:
		return "", "", false, x
	case value.Object:
		return x.Str(), "", true, nil
	}
	return "", "", false, fmt.Errorf("cannot represent an object of type %s", value.TypeName(v))
}

func floatText(f float64) string {
	switch {
	case math.IsNaN(f):
		return ".nan"
	case math.IsInf(f, 1):
		return ".inf"
	case math.IsInf(f, -1):
		return "-.inf"
	}
	s := value.FormatFloat(f)
	if m, exp, ok := strings.Cut(s, "e"); ok && !strings.Contains(m, ".") {
		s = m + ".0e" + exp
	}
	return s
}

type analysis struct {
	multiline                                   bool
	flowPlain, blockPlain, singleQuoted, block_ bool
}

func isBreak(r rune) bool { return r == '\n' || r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029 }

func blankz(r rune) bool { return r == ' ' || r == '\t' || r == 0 || isBreak(r) }

// printable as libyaml has it: nothing beyond the basic plane.
func printable(r rune) bool {
	return r == '\n' || r >= 0x20 && r <= 0x7e || r >= 0xa0 && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd && r != 0xfeff
}

// analyze finds which styles can write a text.
func analyze(s string, unicode bool) analysis {
	if s == "" {
		return analysis{blockPlain: true, singleQuoted: true}
	}
	rs := []rune(s)
	var blockInd, flowInd, breaks, special, leadSpace, leadBreak, trailSpace, trailBreak, breakSpace, spaceBreak, prevSpace, prevBreak bool
	if strings.HasPrefix(s, "---") || strings.HasPrefix(s, "...") {
		blockInd, flowInd = true, true
	}
	preceded := true
	for i, r := range rs {
		followed := i+1 >= len(rs) || blankz(rs[i+1])
		switch {
		case i == 0 && strings.ContainsRune("#,[]{}&*!|>'\"%@`", r):
			flowInd, blockInd = true, true
		case i == 0 && (r == '?' || r == ':'):
			flowInd = true
			blockInd = blockInd || followed
		case i == 0 && r == '-' && followed:
			flowInd, blockInd = true, true
		case i > 0 && strings.ContainsRune(",?[]{}", r):
			flowInd = true
		case i > 0 && r == ':':
			flowInd = true
			blockInd = blockInd || followed
		case i > 0 && r == '#' && preceded:
			flowInd, blockInd = true, true
		}
		if !printable(r) || r > 0x7e && !unicode {
			special = true
		}
		breaks = breaks || isBreak(r)
		last := i == len(rs)-1
		switch {
		case r == ' ':
			leadSpace = leadSpace || i == 0
			trailSpace = trailSpace || last
			breakSpace = breakSpace || prevBreak
			prevSpace, prevBreak = true, false
		case isBreak(r):
			leadBreak = leadBreak || i == 0
			trailBreak = trailBreak || last
			spaceBreak = spaceBreak || prevSpace
			prevSpace, prevBreak = false, true
		default:
			prevSpace, prevBreak = false, false
		}
		preceded = blankz(r)
	}
	a := analysis{multiline: breaks, flowPlain: true, blockPlain: true, singleQuoted: true, block_: true}
	if leadSpace || leadBreak || trailSpace || trailBreak || breaks {
		a.flowPlain, a.blockPlain = false, false
	}
	if trailSpace {
		a.block_ = false
	}
	if breakSpace {
		a.flowPlain, a.blockPlain, a.singleQuoted = false, false, false
	}
	if spaceBreak || special {
		a.flowPlain, a.blockPlain, a.singleQuoted, a.block_ = false, false, false, false
	}
	a.flowPlain = a.flowPlain && !flowInd
	a.blockPlain = a.blockPlain && !blockInd
	return a
}

// staysText tells whether a plain scalar would be read back as text.
func staysText(s string) bool {
	if s == "<<" || s == "=" {
		return false
	}
	v, err := ResolveScalar(s)
	_, ok := v.(string)
	return ok && err == nil
}

func (e *emitter) scalar(v value.Value, simple bool) error {
	e.push(true, false) // lines of a scalar are indented below their parent
	defer e.pop()
	s, tag, isText, err := represent(v)
	if err != nil {
		return err
	}
	a := analyze(s, e.o.AllowUnicode)
	style := e.o.DefaultStyle
	if tag != "" {
		style = '|'
		e.indicator(tag, true, false, false)
	}
	if style == 0 && e.o.Literal && isText && a.multiline {
		style = '|'
	}
	if style == 0 {
		if !isText || staysText(s) {
			style = 'p'
		} else {
			style = '\''
		}
	}
	if style == 'p' && (e.flow > 0 && !a.flowPlain || e.flow == 0 && !a.blockPlain || s == "" && (e.flow > 0 || simple) || a.multiline && simple) {
		style = '\''
	}
	if style == '\'' && (!a.singleQuoted || simple && a.multiline) {
		style = '"'
	}
	if (style == '|' || style == '>') && (!a.block_ || e.flow > 0 || simple) {
		style = '"'
	}
	if !isText && tag == "" && style != 'p' { // which quotes would turn into text
		e.indicator("!", true, false, false)
	}
	switch style {
	case 'p':
		e.plain(s, !simple)
	case '\'':
		e.single(s, !simple)
	case '"':
		e.double(s, !simple)
	case '|':
		e.literal(s)
	case '>':
		e.folded(s)
	}
	return nil
}

func (e *emitter) plain(s string, fold bool) {
	if !e.whitespace && (s != "" || e.flow > 0) {
		e.put(" ")
	}
	spaces := false
	rs := []rune(s)
	for i, r := range rs {
		if r == ' ' {
			if fold && !spaces && e.column > e.o.Width && i+1 < len(rs) && rs[i+1] != ' ' {
				e.writeIndent()
			} else {
				e.put(" ")
			}
			spaces = true
			continue
		}
		e.put(string(r))
		e.indention, spaces = false, false
	}
	e.whitespace, e.indention = false, false
}

func (e *emitter) single(s string, fold bool) {
	e.indicator("'", true, false, false)
	spaces, breaks := false, false
	rs := []rune(s)
	for i, r := range rs {
		switch {
		case r == ' ':
			if fold && !spaces && e.column > e.o.Width && i != 0 && i != len(rs)-1 && rs[i+1] != ' ' {
				e.writeIndent()
			} else {
				e.put(" ")
			}
			spaces = true
		case isBreak(r):
			if !breaks && r == '\n' {
				e.putBreak()
			}
			e.writeBreak(r)
			e.indention, breaks = true, true
		default:
			if breaks {
				e.writeIndent()
			}
			if r == '\'' {
				e.put("'")
			}
			e.put(string(r))
			e.indention, spaces, breaks = false, false, false
		}
	}
	if breaks {
		e.writeIndent()
	}
	e.indicator("'", false, false, false)
	e.whitespace, e.indention = false, false
}

func (e *emitter) writeBreak(r rune) {
	if r == '\n' {
		e.putBreak()
		return
	}
	e.out.WriteRune(r)
	e.column = 0
}

var escapes = map[rune]string{0: `\0`, 7: `\a`, 8: `\b`, 9: `\t`, 10: `\n`, 11: `\v`, 12: `\f`, 13: `\r`, 0x1b: `\e`, '"': `\"`, '\\': `\\`, 0x85: `\N`, 0xa0: `\_`, 0x2028: `\L`, 0x2029: `\P`}

func (e *emitter) double(s string, fold bool) {
	e.indicator(`"`, true, false, false)
	spaces := false
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			e.put(fmt.Sprintf(`\x%02X`, s[i]))
			spaces = false
		case !printable(r) || r > 0x7e && !e.o.AllowUnicode || isBreak(r) || r == '"' || r == '\\':
			esc, ok := escapes[r]
			switch {
			case ok:
			case r <= 0xff:
				esc = fmt.Sprintf(`\x%02X`, r)
			case r <= 0xffff:
				esc = fmt.Sprintf(`\u%04X`, r)
			default:
				esc = fmt.Sprintf(`\U%08X`, r)
			}
			e.put(esc)
			spaces = false
		case r == ' ':
			if fold && !spaces && e.column > e.o.Width && i != 0 && i != len(s)-1 {
				e.writeIndent()
				if s[i+1] == ' ' {
					e.put(`\`)
				}
			} else {
				e.put(" ")
			}
			spaces = true
		default:
			e.put(string(r))
			spaces = false
		}
		i += n
	}
	e.indicator(`"`, false, false, false)
	e.whitespace, e.indention = false, false
}

// hints writes the indentation and chomping indicators of a block scalar.
func (e *emitter) hints(s string) {
	if s == "" {
		e.indicator("-", false, false, false)
		return
	}
	rs := []rune(s)
	if rs[0] == ' ' || isBreak(rs[0]) {
		e.indicator(strconv.Itoa(e.o.Indent), false, false, false)
	}
	switch last := rs[len(rs)-1]; {
	case !isBreak(last):
		e.indicator("-", false, false, false)
	case len(rs) == 1 || isBreak(rs[len(rs)-2]):
		e.indicator("+", false, false, false)
		e.openEnded = true
	}
}

func (e *emitter) literal(s string) {
	e.indicator("|", true, false, false)
	e.hints(s)
	e.putBreak()
	e.indention, e.whitespace = true, true
	breaks := true
	for _, r := range s {
		if isBreak(r) {
			e.writeBreak(r)
			e.indention, breaks = true, true
			continue
		}
		if breaks {
			e.writeIndent()
		}
		e.put(string(r))
		e.indention, breaks = false, false
	}
}

func (e *emitter) folded(s string) {
	e.indicator(">", true, false, false)
	e.hints(s)
	e.putBreak()
	e.indention, e.whitespace = true, true
	breaks, leading := true, true
	rs := []rune(s)
	for i, r := range rs {
		if isBreak(r) {
			if !breaks && !leading && r == '\n' {
				k := i
				for k < len(rs) && isBreak(rs[k]) {
					k++
				}
				if k < len(rs) && !blankz(rs[k]) {
					e.putBreak()
				}
			}
			e.writeBreak(r)
			e.indention, breaks = true, true
			continue
		}
		if breaks {
			e.writeIndent()
			leading = r == ' ' || r == '\t'
		}
		if !breaks && r == ' ' && i+1 < len(rs) && rs[i+1] != ' ' && e.column > e.o.Width {
			e.writeIndent()
		} else {
			e.put(string(r))
		}
		e.indention, breaks = false, false
	}
}
