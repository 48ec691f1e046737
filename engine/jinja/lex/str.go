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
				return "", fmt.Errorf("(unicode error) truncated \\%c escape", c)
			}
			r, _ := strconv.ParseUint(s[i:i+n], 16, 32)
			i += n
			if r > utf8.MaxRune {
				return "", fmt.Errorf("(unicode error) illegal Unicode character")
			}
			if lo, ok := lowSurrogate(s[i:]); r >= 0xd800 && r < 0xdc00 && ok {
				r = 0x10000 + (r-0xd800)<<10 + (lo - 0xdc00)
				i += 6
			}
			b.WriteRune(rune(r))
		case 'N':
			end := strings.IndexByte(s[i:], '}')
			if !strings.HasPrefix(s[i:], "{") || end < 0 {
				return "", fmt.Errorf("(unicode error) malformed \\N character escape")
			}
			r, ok := runeByName(s[i+1 : i+end])
			if !ok {
				return "", fmt.Errorf("(unicode error) unknown Unicode character name")
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

// names are the characters that configuration files name with \N{...}; the
// full table of Unicode names is half a megabyte that nobody would use.
var names = map[string]rune{
	"BULLET": '•', "MIDDLE DOT": '·', "EM DASH": '—', "EN DASH": '–', "HYPHEN": '‐',
	"NO-BREAK SPACE": '\u00a0', "ZERO WIDTH SPACE": '\u200b', "ZERO WIDTH NO-BREAK SPACE": '\ufeff',
	"DEGREE SIGN": '°', "MICRO SIGN": 'µ', "EURO SIGN": '€', "POUND SIGN": '£', "YEN SIGN": '¥', "CENT SIGN": '¢',
	"COPYRIGHT SIGN": '©', "REGISTERED SIGN": '®', "TRADE MARK SIGN": '™', "SECTION SIGN": '§', "PILCROW SIGN": '¶',
	"HORIZONTAL ELLIPSIS": '…', "CHECK MARK": '✓', "BALLOT X": '✗', "SNOWMAN": '☃', "BLACK HEART SUIT": '♥',
	"LEFTWARDS ARROW": '←', "UPWARDS ARROW": '↑', "RIGHTWARDS ARROW": '→', "DOWNWARDS ARROW": '↓',
	"LEFT SINGLE QUOTATION MARK": '‘', "RIGHT SINGLE QUOTATION MARK": '’',
	"LEFT DOUBLE QUOTATION MARK": '“', "RIGHT DOUBLE QUOTATION MARK": '”',
	"LATIN SMALL LETTER SHARP S": 'ß', "LATIN SMALL LETTER E WITH ACUTE": 'é', "GREEK SMALL LETTER ALPHA": 'α',
	"GREEK SMALL LETTER BETA": 'β', "GREEK SMALL LETTER MU": 'μ', "GREEK SMALL LETTER PI": 'π', "GREEK CAPITAL LETTER OMEGA": 'Ω',
	"INFINITY": '∞', "PLUS-MINUS SIGN": '±', "MULTIPLICATION SIGN": '×', "DIVISION SIGN": '÷',
	"SPACE": ' ', "SOLIDUS": '/', "REVERSE SOLIDUS": '\\', "DOLLAR SIGN": '$', "PERCENT SIGN": '%', "NUMBER SIGN": '#',
	"LEFT CURLY BRACKET": '{', "RIGHT CURLY BRACKET": '}', "QUOTATION MARK": '"', "APOSTROPHE": '\'',
	"LINE FEED": '\n', "CARRIAGE RETURN": '\r', "CHARACTER TABULATION": '\t', "NULL": 0,
}

func runeByName(s string) (rune, bool) {
	r, ok := names[strings.ToUpper(s)]
	return r, ok
}
