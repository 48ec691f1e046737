package lex

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
)

func (l *lexer) str(quote byte, print bool) error {
	start := l.pos
	raw := l.cfg.RawStrings && print
	p := start + 1
	escaped := false
	for ; ; p++ {
		if p >= len(l.src) {
			return &Error{fmt.Sprintf("unexpected char %s at %d", value.Quote(string(rune(quote))), start), start}
		}
		c := l.src[p]
		if c == quote {
			break
		}
		if c == '\\' && !raw {
			escaped = true
			p++
		}
	}
	text := l.src[start+1 : p]
	if nl := l.cfg.NewlineSequence; nl != "\n" && nl != "" {
		text = strings.ReplaceAll(text, "\n", nl)
	}
	if escaped {
		var err error
		if text, err = Unescape(text); err != nil {
			return &Error{err.Error(), start}
		}
	}
	l.emit(Token{Kind: String, Text: text, At: int32(start)})
	l.pos = p + 1
	return nil
}

// Unescape decodes the escapes of a Python string literal. Unknown escapes
// stay as they are.
func Unescape(s string) (string, error) {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		c := s[i]
		if c != '\\' || i+1 >= len(s) {
			b.WriteByte(c)
			i++
			continue
		}
		i++
		c = s[i]
		i++
		switch c {
		case '\n':
		case '\\', '\'', '"':
			b.WriteByte(c)
		case 'a':
			b.WriteByte(7)
		case 'b':
			b.WriteByte(8)
		case 'f':
			b.WriteByte(12)
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'v':
			b.WriteByte(11)
		case 'x', 'u', 'U':
			n := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
			if i+n > len(s) || !hex(s[i:i+n]) {
				return "", fmt.Errorf("truncated \\%c%s escape", c, strings.Repeat("X", n))
			}
			r, _ := strconv.ParseUint(s[i:i+n], 16, 32)
			i += n
			if r > utf8.MaxRune {
				return "", fmt.Errorf("illegal Unicode character")
			}
			if lo, ok := lowSurrogate(s[i:]); r >= 0xd800 && r < 0xdc00 && ok {
				r = 0x10000 + (r-0xd800)<<10 + (lo - 0xdc00)
				i += 6
			}
			b.WriteRune(rune(r))
		case 'N':
			end := strings.IndexByte(s[i:], '}')
			if !strings.HasPrefix(s[i:], "{") || end < 0 {
				return "", fmt.Errorf("malformed \\N character escape")
			}
			r, ok := runeByName(s[i+1 : i+end])
			if !ok {
				return "", fmt.Errorf("unknown Unicode character name")
			}
			b.WriteRune(r)
			i += end + 1
		case '0', '1', '2', '3', '4', '5', '6', '7':
			r := rune(c - '0')
			for n := 0; n < 2 && i < len(s) && s[i] >= '0' && s[i] <= '7'; n++ {
				r = r*8 + rune(s[i]-'0')
				i++
			}
			b.WriteRune(r)
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}

// lowSurrogate reads \udXXX, the second half of a pair.
func lowSurrogate(s string) (uint64, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' || !hex(s[2:6]) {
		return 0, false
	}
	r, _ := strconv.ParseUint(s[2:6], 16, 32)
	return r, r >= 0xdc00 && r < 0xe000
}

func hex(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
			return false
		}
	}
	return true
}
