// Package lex splits Jinja2 templates into tokens: delimiters and their
// overrides, whitespace control, comments, raw blocks, and the names, numbers,
// strings and operators inside tags, exactly as Jinja2 3.1 does.
//
// It imports engine/value only. Parsing belongs to engine/jinja/expr and
// engine/jinja/stmt.
package lex

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
)

// Kind is the kind of a token.
type Kind uint8

// The kinds of tokens.
const (
	EOF Kind = iota
	Data
	VarBegin
	VarEnd
	BlockBegin
	BlockEnd
	Name
	Int
	Float
	String
	Op
)

// Token is one token. Text holds data, a name, an operator, the decoded string
// or the digits of a number.
type Token struct {
	Text string
	At   int32 // byte offset in the normalised source
	Kind Kind
}

// Off is the byte offset in the normalised source.
func (t Token) Off() int { return int(t.At) }

// Describe names a token as Jinja2's messages do.
func (t Token) Describe() string {
	switch t.Kind {
	case EOF:
		return "end of template"
	case Data:
		return "template data / text"
	case VarBegin:
		return "begin of print statement"
	case VarEnd:
		return "end of print statement"
	case BlockBegin:
		return "begin of statement block"
	case BlockEnd:
		return "end of statement block"
	case Int:
		return "integer"
	case Float:
		return "float"
	case String:
		return "string"
	}
	return t.Text
}

// Is tells whether t is the operator op.
func (t Token) Is(op string) bool { return t.Kind == Op && t.Text == op }

// IsName tells whether t is the word name.
func (t Token) IsName(name string) bool { return t.Kind == Name && t.Text == name }

// Config are the settings of an environment that change how a template is read.
type Config struct {
	BlockStart, BlockEnd     string
	VarStart, VarEnd         string
	CommentStart, CommentEnd string
	TrimBlocks, LstripBlocks bool
	KeepTrailingNewline      bool
	NewlineSequence          string
	// RawStrings takes backslashes in the strings of {{ }} literally, as
	// Ansible does in YAML values.
	RawStrings bool
}

// Default is how Ansible sets Jinja2 up.
func Default() Config {
	return Config{BlockStart: "{%", BlockEnd: "%}", VarStart: "{{", VarEnd: "}}",
		CommentStart: "{#", CommentEnd: "#}", TrimBlocks: true, NewlineSequence: "\n"}
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
}

// pool keeps token slices: a parser needs them for a moment only.
var pool = sync.Pool{New: func() any { return make([]Token, 0, 64) }}

// Release gives back what Lex and Expression returned.
func Release(toks []Token) {
	if cap(toks) > 0 && cap(toks) < 1<<16 {
		clear(toks)
		pool.Put(toks[:0])
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
	if at < 0 {
		l.data(l.src[start:], start)
		l.pos = len(l.src)
		return nil
	}
	open := l.cfg.VarStart
	switch kind {
	case 'c':
		open = l.cfg.CommentStart
	case 'b':
		open = l.cfg.BlockStart
	}
	p := at + len(open)
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

// inside reads the tokens of a tag up to its closing delimiter.
func (l *lexer) inside(end string, block bool) error {
	var open []byte
	for l.pos < len(l.src) {
		if len(open) == 0 && end != "" {
			if e := l.tagEnd(l.pos, end, block); e >= 0 {
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

// digits reads (\d+_)*\d+ and returns where it ends, or -1.
func (l *lexer) digits(p int) int {
	end := -1
	for p < len(l.src) {
		c := l.src[p]
		if c >= '0' && c <= '9' {
			p++
			end = p
			continue
		}
		if c == '_' && end == p && p+1 < len(l.src) && l.src[p+1] >= '0' && l.src[p+1] <= '9' {
			p++
			continue
		}
		break
	}
	return end
}

func (l *lexer) number() error {
	start := l.pos
	if start == 0 || l.src[start-1] != '.' {
		if e := l.float(start); e > 0 {
			l.emit(Token{Kind: Float, Text: l.src[start:e], At: int32(start)})
			l.pos = e
			return nil
		}
	}
	e := l.integer(start)
	if e-start > 4300 {
		return &Error{"Exceeds the limit (4300 digits) for integer string conversion", start}
	}
	l.emit(Token{Kind: Int, Text: l.src[start:e], At: int32(start)})
	l.pos = e
	return nil
}

// Number is the value of a number token.
func (t Token) Number() value.Value {
	text := t.Text
	if strings.IndexByte(text, '_') >= 0 {
		text = strings.ReplaceAll(text, "_", "")
	}
	if t.Kind == Float {
		f, _ := strconv.ParseFloat(text, 64) // out of range is infinity, as in Python
		return f
	}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return i
	}
	n, ok := new(big.Int).SetString(text, 0)
	if !ok {
		n, _ = new(big.Int).SetString(text, 10)
	}
	if n == nil {
		return int64(0) // not reached: the lexer lets through digits only
	}
	return value.NormInt(n)
}

func (l *lexer) float(p int) int {
	e := l.digits(p)
	whole := e
	if e < len(l.src) && l.src[e] == '.' {
		if f := l.digits(e + 1); f > 0 && l.src[e+1] != '_' {
			e = f
		}
	}
	if e < len(l.src) && (l.src[e] == 'e' || l.src[e] == 'E') {
		x := e + 1
		if x < len(l.src) && (l.src[x] == '+' || l.src[x] == '-') {
			x++
		}
		if f := l.digits(x); f > 0 {
			return f
		}
	}
	if e > whole {
		return e
	}
	return -1
}

// integer reads a number without fraction, as Jinja2's grammar has it: 007 is
// three numbers, 1__0 a number and a name.
func (l *lexer) integer(p int) int {
	in := func(c byte, set string) bool {
		return strings.IndexByte(set, c|0x20) >= 0 || strings.IndexByte(set, c) >= 0
	}
	run := func(q int, set string) int {
		for q < len(l.src) {
			if in(l.src[q], set) && l.src[q] != '_' {
				q++
			} else if l.src[q] == '_' && q+1 < len(l.src) && l.src[q+1] != '_' && in(l.src[q+1], set) {
				q += 2
			} else {
				break
			}
		}
		return q
	}
	if l.src[p] != '0' {
		return run(p+1, "0123456789")
	}
	if p+1 < len(l.src) {
		set := ""
		switch l.src[p+1] | 0x20 {
		case 'b':
			set = "01"
		case 'o':
			set = "01234567"
		case 'x':
			set = "0123456789abcdef"
		}
		if set != "" {
			if q := run(p+2, set); q > p+2 {
				return q
			}
		}
	}
	return run(p+1, "0")
}
