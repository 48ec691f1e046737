package lex

import "strings"

// lineTags finds line statements and line comments, which templates may turn
// on in their header. Places found are kept until the lexer has passed them.
type lineTags struct {
	statement, comment int // where the next one begins; -1: none is left
	known              bool
}

// nextLine returns the first line statement or line comment from pos on; body is
// where its prefix ends.
func (l *lexer) nextLine() (at, body int, kind byte) {
	c, t := l.cfg, &l.lines
	if !t.known {
		t.statement, t.comment, t.known = l.firstStatement(l.pos), l.firstComment(l.pos), true
	}
	if t.statement >= 0 && t.statement < l.pos {
		t.statement = l.firstStatement(l.pos)
	}
	if t.comment >= 0 && t.comment < l.pos {
		t.comment = l.firstComment(l.pos)
	}
	at, kind = t.statement, 'l'
	if t.comment >= 0 && (at < 0 || t.comment < at || t.comment == at && len(c.LineComment) > len(c.LineStatement)) {
		at, kind = t.comment, 'h'
	}
	if at < 0 {
		return -1, 0, 0
	}
	prefix := c.LineStatement
	if kind == 'h' {
		prefix = c.LineComment
	}
	return at, at + strings.Index(l.src[at:], prefix) + len(prefix), kind
}

func (l *lexer) firstStatement(from int) int {
	if l.cfg.LineStatement == "" {
		return -1
	}
	for p := from; p < len(l.src); {
		if p == 0 || l.src[p-1] == '\n' {
			if strings.HasPrefix(strings.TrimLeft(l.src[p:], " \t\v"), l.cfg.LineStatement) {
				return p
			}
		}
		i := strings.IndexByte(l.src[p:], '\n')
		if i < 0 {
			break
		}
		p += i + 1
	}
	return -1
}

func (l *lexer) firstComment(from int) int {
	if l.cfg.LineComment == "" {
		return -1
	}
	for p := from; ; {
		i := strings.Index(l.src[p:], l.cfg.LineComment)
		if i < 0 {
			return -1
		}
		p += i
		// The blanks before it belong to it.
		if at := len(strings.TrimRight(l.src[:p], " \t\v\f")); at >= from {
			return at
		} else if from == 0 || l.src[from-1] == '\n' {
			return from
		}
		p++
	}
}

// lineEnd returns where the line statement that has come to p ends, or -1. It
// takes the blank lines after it along.
func (l *lexer) lineEnd(p int) int {
	end := l.skipSpace(p)
	if end == len(l.src) {
		return end
	}
	if i := strings.LastIndexByte(l.src[p:end], '\n'); i >= 0 {
		return p + i + 1
	}
	return -1
}

// line reads a line statement or skips a line comment.
func (l *lexer) line(at, body int, kind byte) error {
	sign := byte(0)
	if body < len(l.src) && (l.src[body] == '-' || l.src[body] == '+') {
		sign = l.src[body]
		body++
	}
	l.data(l.strip(l.src[l.pos:at], sign, true), l.pos)
	l.pos, l.lineStart = body, false
	if kind == 'h' {
		if i := strings.IndexByte(l.src[body:], '\n'); i >= 0 {
			l.pos += i
		} else {
			l.pos = len(l.src)
		}
		return nil
	}
	l.emit(Token{Kind: BlockBegin, At: int32(body)})
	return l.inside("\n", true)
}
