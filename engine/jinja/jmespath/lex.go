// Package jmespath evaluates JMESPath queries over values, as the json_query
// filter needs them. It imports engine/value and engine/jinja/py only.
package jmespath

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
)

// Value is short for value.Value.
type Value = value.Value

// Error is a mistake in a query, with the column it is at.
type Error struct {
	Query string
	Col   int // from 1; 0 where the data is at fault, not the query
	Msg   string
}

func (e *Error) Error() string {
	if e.Col == 0 {
		return e.Msg
	}
	return fmt.Sprintf("%s at column %d of the query %q", e.Msg, e.Col, e.Query)
}

type token struct {
	kind string // a sign, or ident, quoted, number, literal, eof
	text string
	val  Value
	at   int
}

type lexer struct {
	s string
	i int
}

func (l *lexer) fail(at int, format string, a ...any) error {
	return &Error{Query: l.s, Col: utf8.RuneCountInString(l.s[:at]) + 1, Msg: fmt.Sprintf(format, a...)}
}

func identStart(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

func digit(c byte) bool { return c >= '0' && c <= '9' }

func (l *lexer) all() ([]token, error) {
	var out []token
	for l.i < len(l.s) {
		at := l.i
		c := l.s[l.i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			l.i++
			continue
		case identStart(c):
			for l.i < len(l.s) && (identStart(l.s[l.i]) || digit(l.s[l.i])) {
				l.i++
			}
			out = append(out, token{"ident", l.s[at:l.i], nil, at})
		case digit(c) || c == '-':
			l.i++
			for l.i < len(l.s) && digit(l.s[l.i]) {
				l.i++
			}
			n, err := strconv.ParseInt(l.s[at:l.i], 10, 64)
			if err != nil {
				return nil, l.fail(at, "bad number %q", l.s[at:l.i])
			}
			out = append(out, token{"number", l.s[at:l.i], n, at})
		case c == '"':
			raw, err := l.until('"')
			if err != nil {
				return nil, err
			}
			v, err := value.ParseJSONText(`"` + raw + `"`)
			if err != nil {
				return nil, l.fail(at, "bad quoted name: %v", err)
			}
			out = append(out, token{"quoted", v.(string), nil, at})
		case c == '\'':
			raw, err := l.until('\'')
			if err != nil {
				return nil, err
			}
			out = append(out, token{"literal", raw, strings.ReplaceAll(raw, `\'`, "'"), at})
		case c == '`':
			raw, err := l.until('`')
			if err != nil {
				return nil, err
			}
			raw = strings.TrimLeft(strings.ReplaceAll(raw, "\\`", "`"), " \t\n\r")
			v, err := value.ParseJSONText(raw)
			if err != nil { // words without quotes are text, as they once were
				if v, err = value.ParseJSONText(`"` + raw + `"`); err != nil {
					return nil, l.fail(at, "bad literal `%s`", raw)
				}
			}
			out = append(out, token{"literal", raw, v, at})
		default:
			sign := ""
			for _, s := range []string{"[?", "[]", "||", "&&", "==", "!=", "<=", ">=", ".", "*", "[", "]", "{", "}", ":", ",", "|", "&", "(", ")", "@", "!", "<", ">"} {
				if strings.HasPrefix(l.s[l.i:], s) {
					sign = s
					break
				}
			}
			if sign == "" {
				if c == '=' {
					return nil, l.fail(at, "unexpected '='; did you mean '=='?")
				}
				r, _ := utf8.DecodeRuneInString(l.s[at:])
				return nil, l.fail(at, "unknown character %q", r)
			}
			l.i += len(sign)
			out = append(out, token{sign, sign, nil, at})
		}
	}
	return append(out, token{"eof", "the end", nil, len(l.s)}), nil
}

// until reads up to the closing sign; a backslash keeps the next character.
func (l *lexer) until(end byte) (string, error) {
	at := l.i
	l.i++
	start := l.i
	for l.i < len(l.s) {
		switch l.s[l.i] {
		case '\\':
			l.i++
		case end:
			l.i++
			return l.s[start : l.i-1], nil
		}
		l.i++
	}
	return "", l.fail(at, "unclosed %c", end)
}
