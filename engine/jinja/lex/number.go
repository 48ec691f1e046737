package lex

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

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
