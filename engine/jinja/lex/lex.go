// Package lex splits Jinja2 templates into tokens: delimiters and their
// overrides, whitespace control, comments, raw blocks, and the names, numbers,
// strings and operators inside tags, exactly as Jinja2 3.1 does.
//
// It imports engine/value only. Parsing belongs to engine/jinja/expr and
// engine/jinja/stmt.
package lex

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Config are the settings of an environment that change how a template is read.
type Config struct {
	BlockStart, BlockEnd     string
	VarStart, VarEnd         string
	CommentStart, CommentEnd string
	TrimBlocks, LstripBlocks bool
	KeepTrailingNewline      bool
	NewlineSequence          string
	// LineStatement and LineComment are the prefixes of lines that are statements
	// or end in comments; empty: there are none.
	LineStatement, LineComment string
	// RawStrings takes backslashes in the strings of {{ }} literally, as
	// Ansible does in YAML values.
	RawStrings bool
}

// Default is how Ansible sets Jinja2 up.
func Default() Config {
	return Config{BlockStart: "{%", BlockEnd: "%}", VarStart: "{{", VarEnd: "}}",
		CommentStart: "{#", CommentEnd: "#}", TrimBlocks: true, NewlineSequence: "\n"}
}

// opener is the delimiter that begins a tag of the kind next gives.
func (c *Config) opener(kind byte) string {
	switch kind {
	case 'c':
		return c.CommentStart
	case 'b':
		return c.BlockStart
	}
	return c.VarStart
}

// Error is a lexical or syntax error at a byte offset of the normalised source.
type Error struct {
	Msg string
	Off int
}

func (e *Error) Error() string { return e.Msg }

// MaxSource is the largest template taken, in bytes.
const MaxSource = 64 << 20

// Normalize turns every line end into \n and drops the last one, unless it is
// to be kept. Offsets in tokens and errors count in its result.
func Normalize(src string, keepTrailing bool) string {
	if strings.IndexByte(src, '\r') >= 0 {
		src = strings.ReplaceAll(src, "\r\n", "\n")
		src = strings.ReplaceAll(src, "\r", "\n")
	}
	if !keepTrailing {
		src = strings.TrimSuffix(src, "\n")
	}
	return src
}

type lexer struct {
	src  string
	cfg  *Config
	pos  int
	toks []Token
	// lineStart tells whether the last match ended in a newline (lstrip_blocks).
	lineStart bool
	lines     lineTags
}

// pool keeps token slices: a parser needs them for a moment only.
var pool = sync.Pool{New: func() any { return make([]Token, 0, 64) }}

// Release gives back what Lex and Expression returned.
func Release(toks []Token) {
	if cap(toks) > 0 && cap(toks) < 1<<16 {
		clear(toks)
		pool.Put(toks[:0]) //lint:ignore SA6002 the slice header is small against the tokens it saves
	}
}

// Lex reads a whole template. src must be normalised.
func Lex(src string, cfg *Config) ([]Token, error) {
	if len(src) > MaxSource {
		return nil, &Error{Msg: "the template is too large"}
	}
	l := &lexer{src: src, cfg: cfg, lineStart: true, toks: pool.Get().([]Token)[:0]}
	for l.pos < len(src) {
		if err := l.root(); err != nil {
			return nil, err
		}
	}
	l.emit(Token{Kind: EOF, At: int32(len(src))})
	return l.toks, nil
}

// Expression reads a bare expression, without delimiters.
func Expression(src string) ([]Token, error) {
	cfg := Default()
	l := &lexer{src: src, cfg: &cfg, toks: pool.Get().([]Token)[:0]}
	if err := l.inside("", false); err != nil {
		return nil, err
	}
	l.emit(Token{Kind: EOF, At: int32(len(src))})
	return l.toks, nil
}

func (l *lexer) emit(t Token) { l.toks = append(l.toks, t) }

func (l *lexer) data(s string, off int) {
	if s == "" {
		return
	}
	if nl := l.cfg.NewlineSequence; nl != "\n" && nl != "" {
		s = strings.ReplaceAll(s, "\n", nl)
	}
	l.emit(Token{Kind: Data, Text: s, At: int32(off)})
}

// next finds the first delimiter from pos on. The longest wins where several
// start at the same place.
func (l *lexer) next() (at int, kind byte) {
	c := l.cfg
	if len(c.BlockStart) == 2 && len(c.VarStart) == 2 && len(c.CommentStart) == 2 &&
		c.BlockStart[0] == c.VarStart[0] && c.BlockStart[0] == c.CommentStart[0] {
		first := c.BlockStart[0]
		for i := l.pos; ; i++ {
			j := strings.IndexByte(l.src[i:], first)
			if j < 0 || i+j+1 >= len(l.src) {
				return -1, 0
			}
			i += j
			switch l.src[i+1] {
			case c.VarStart[1]:
				return i, 'v'
			case c.CommentStart[1]:
				return i, 'c'
			case c.BlockStart[1]:
				return i, 'b'
			}
		}
	}
	at = -1
	best := 0
	for _, d := range [3]struct {
		s string
		k byte
	}{{c.VarStart, 'v'}, {c.CommentStart, 'c'}, {c.BlockStart, 'b'}} {
		i := strings.Index(l.src[l.pos:], d.s)
		if i < 0 || d.s == "" {
			continue
		}
		if i += l.pos; at < 0 || i < at || i == at && len(d.s) > best {
			at, kind, best = i, d.k, len(d.s)
		}
	}
	return at, kind
}

func (l *lexer) root() error {
	at, kind := l.next()
	start := l.pos
	if c := l.cfg; c.LineStatement != "" || c.LineComment != "" {
		if p, body, k := l.nextLine(); p >= 0 && (at < 0 || p < at || p == at && body-p > len(c.opener(kind))) {
			if !strings.HasPrefix(l.src[p:], c.BlockStart) || l.rawBegin(p+len(c.BlockStart)) < 0 {
				return l.line(p, body, k)
			}
		}
	}
	if at < 0 {
		l.data(l.src[start:], start)
		l.pos = len(l.src)
		return nil
	}
	p := at + len(l.cfg.opener(kind))
	sign := byte(0)
	if p < len(l.src) && (l.src[p] == '-' || l.src[p] == '+') {
		sign = l.src[p]
		p++
	}
	raw := -1
	if strings.HasPrefix(l.src[at:], l.cfg.BlockStart) {
		if raw = l.rawBegin(at + len(l.cfg.BlockStart)); raw >= 0 && kind != 'b' {
			kind, p = 'b', at+len(l.cfg.BlockStart)
			if sign = 0; l.src[p] == '-' || l.src[p] == '+' {
				sign = l.src[p]
			}
		}
	}
	l.data(l.strip(l.src[start:at], sign, kind != 'v'), start)
	switch {
	case raw >= 0:
		return l.raw(at, raw)
	case kind == 'c':
		return l.comment(at, p)
	case kind == 'b':
		l.emit(Token{Kind: BlockBegin, At: int32(at)})
		l.pos = p
		l.lineStart = false
		return l.inside(l.cfg.BlockEnd, true)
	}
	l.emit(Token{Kind: VarBegin, At: int32(at)})
	l.pos = p
	l.lineStart = false
	return l.inside(l.cfg.VarEnd, false)
}

// strip applies `-` and lstrip_blocks to the text before a tag.
func (l *lexer) strip(text string, sign byte, lstrip bool) string {
	if sign == '-' {
		return strings.TrimRightFunc(text, isSpace)
	}
	if sign != '+' && lstrip && l.cfg.LstripBlocks {
		i := strings.LastIndexByte(text, '\n') + 1
		if (i > 0 || l.lineStart) && i < len(text) && strings.TrimLeftFunc(text[i:], isSpace) == "" {
			return text[:i]
		}
	}
	return text
}

func isSpace(r rune) bool {
	return r == ' ' || r >= 9 && r <= 13 || r >= 0x1c && r <= 0x1f || r == 0x85 || r >= 0x80 && unicode.IsSpace(r)
}

func (l *lexer) skipSpace(p int) int {
	for p < len(l.src) {
		r, n := rune(l.src[p]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(l.src[p:])
		}
		if !isSpace(r) {
			break
		}
		p += n
	}
	return p
}
