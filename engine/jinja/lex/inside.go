package lex

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
)

// inside reads the tokens of a tag up to its closing delimiter.
func (l *lexer) inside(end string, block bool) error {
	var open []byte
	for l.pos < len(l.src) {
		if len(open) == 0 && end != "" {
			e := -1
			if end == "\n" {
				e = l.lineEnd(l.pos)
			} else {
				e = l.tagEnd(l.pos, end, block)
			}
			if e >= 0 {
				k := VarEnd
				if block {
					k = BlockEnd
				}
				l.emit(Token{Kind: k, At: int32(l.pos)})
				l.lineStart = l.src[e-1] == '\n'
				l.pos = e
				return nil
			}
		}
		if p := l.skipSpace(l.pos); p > l.pos {
			l.pos = p
			continue
		}
		c := l.src[l.pos]
		switch {
		case c >= '0' && c <= '9':
			if err := l.number(); err != nil {
				return err
			}
		case c == '\'' || c == '"':
			if err := l.str(c, !block && end != ""); err != nil {
				return err
			}
		case c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf:
			if err := l.name(); err != nil {
				return err
			}
		default:
			op := operator(l.src[l.pos:])
			if op == "" {
				return &Error{fmt.Sprintf("unexpected char %s at %d", value.Quote(string(rune(c))), l.pos), l.pos}
			}
			switch op {
			case "{", "[", "(":
				open = append(open, closer(op[0]))
			case "}", "]", ")":
				if len(open) == 0 {
					return &Error{fmt.Sprintf("unexpected '%s'", op), l.pos}
				}
				if want := open[len(open)-1]; want != op[0] {
					return &Error{fmt.Sprintf("unexpected '%s', expected '%c'", op, want), l.pos}
				}
				open = open[:len(open)-1]
			}
			l.emit(Token{Kind: Op, Text: op, At: int32(l.pos)})
			l.pos += len(op)
		}
	}
	if end == "\n" && len(open) == 0 { // the statement of the last line
		l.emit(Token{Kind: BlockEnd, At: int32(l.pos)})
	}
	return nil
}

func closer(c byte) byte {
	switch c {
	case '{':
		return '}'
	case '[':
		return ']'
	}
	return ')'
}

const singles = "+-/*%~[](){}><=.:|,;"

func operator(s string) string {
	if len(s) > 1 {
		switch s[:2] {
		case "//", "**", "==", "!=", ">=", "<=":
			return s[:2]
		}
	}
	if strings.IndexByte(singles, s[0]) >= 0 {
		return s[:1]
	}
	return ""
}

func (l *lexer) name() error {
	start := l.pos
	first := true
	for l.pos < len(l.src) {
		r, n := rune(l.src[l.pos]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(l.src[l.pos:])
		}
		if !(r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || r >= utf8.RuneSelf && (unicode.IsMark(r) || unicode.IsNumber(r))) {
			if first {
				return &Error{fmt.Sprintf("unexpected char %s at %d", value.Quote(string(r)), l.pos), l.pos}
			}
			break
		}
		if first && r >= utf8.RuneSelf && !unicode.IsLetter(r) {
			return &Error{"Invalid character in identifier", l.pos}
		}
		first = false
		l.pos += n
	}
	l.emit(Token{Kind: Name, Text: l.src[start:l.pos], At: int32(start)})
	return nil
}
