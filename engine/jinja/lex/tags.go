package lex

import (
	"strings"
)

// rawBegin returns where a `raw` tag whose delimiter ended at p ends, or -1.
func (l *lexer) rawBegin(p int) int {
	if p < len(l.src) && (l.src[p] == '-' || l.src[p] == '+') {
		p++
	}
	p = l.skipSpace(p)
	if !strings.HasPrefix(l.src[p:], "raw") {
		return -1
	}
	p = l.skipSpace(p + 3)
	if strings.HasPrefix(l.src[p:], "-"+l.cfg.BlockEnd) {
		return l.skipSpace(p + 1 + len(l.cfg.BlockEnd))
	}
	if strings.HasPrefix(l.src[p:], l.cfg.BlockEnd) {
		return p + len(l.cfg.BlockEnd)
	}
	return -1
}

func (l *lexer) raw(at, body int) error {
	if body == len(l.src) {
		l.pos = body
		return nil
	}
	for p := body; ; {
		i := strings.Index(l.src[p:], l.cfg.BlockStart)
		if i < 0 {
			return &Error{"Missing end of raw directive", at}
		}
		end := p + i
		q := end + len(l.cfg.BlockStart)
		sign := byte(0)
		if q < len(l.src) && (l.src[q] == '-' || l.src[q] == '+') {
			sign = l.src[q]
			q++
		}
		q = l.skipSpace(q)
		if strings.HasPrefix(l.src[q:], "endraw") {
			if e := l.tagEnd(l.skipSpace(q+6), l.cfg.BlockEnd, true); e >= 0 {
				l.lineStart = false
				l.data(l.strip(l.src[body:end], sign, true), body)
				l.pos = e
				l.lineStart = l.src[e-1] == '\n'
				return nil
			}
		}
		p = end + 1
	}
}

// tagEnd returns where a closing delimiter at p ends, with what it swallows,
// or -1.
func (l *lexer) tagEnd(p int, end string, plus bool) int {
	s := l.src[p:]
	switch {
	case strings.HasPrefix(s, end):
		p += len(end)
		if plus && l.cfg.TrimBlocks && strings.HasPrefix(l.src[p:], "\n") {
			p++
		}
		return p
	case len(s) > 0 && s[0] == '-' && strings.HasPrefix(s[1:], end):
		return l.skipSpace(p + 1 + len(end))
	case plus && len(s) > 0 && s[0] == '+' && strings.HasPrefix(s[1:], end):
		return p + 1 + len(end)
	}
	return -1
}

func (l *lexer) comment(at, p int) error {
	end := l.cfg.CommentEnd
	i := strings.Index(l.src[p:], end)
	if i < 0 && p == len(l.src) {
		l.pos = p // nothing after it: Jinja2 does not mind
		return nil
	}
	if i < 0 {
		return &Error{"Missing end of comment tag", at}
	}
	// `-` and `+` right before the end belong to it.
	if i > 0 && (l.src[p+i-1] == '-' || l.src[p+i-1] == '+') {
		i--
	}
	l.pos = l.tagEnd(p+i, end, true)
	l.lineStart = l.src[l.pos-1] == '\n'
	return nil
}
