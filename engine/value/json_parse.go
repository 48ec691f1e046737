package value

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// JSONError is a mistake in a JSON document, in the words of Python's json.
type JSONError struct {
	Msg    string
	Line   int // from 1
	Col    int // from 1, in characters
	Offset int // from 0, in characters
}

func (e *JSONError) Error() string {
	return fmt.Sprintf("%s: line %d column %d (char %d)", e.Msg, e.Line, e.Col, e.Offset)
}

// MaxIntDigits bounds the integers read from text, as Python does: converting
// longer ones takes quadratic time.
const MaxIntDigits = 4300

// ParseJSON reads one JSON document: objects become Dicts in their order (of
// equal keys the last value wins), integers of any size stay integers. It takes
// NaN, Infinity and -Infinity, and lone surrogates become stray bytes again.
// Errors are *JSONError where the document is malformed.
func ParseJSON(data []byte) (Value, error) { return ParseJSONText(string(data)) }

// ParseJSONText is ParseJSON for text; the strings it returns share s.
func ParseJSONText(s string) (Value, error) {
	p := jsonParser{s: s}
	if strings.HasPrefix(s, "\ufeff") {
		return nil, p.fail("Unexpected UTF-8 BOM (decode using utf-8-sig)", 0)
	}
	p.space()
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.i < len(s) {
		return nil, p.fail("Extra data", p.i)
	}
	return v, nil
}

type jsonParser struct {
	s string
	i int
}

func (p *jsonParser) fail(msg string, at int) error {
	before := p.s[:min(at, len(p.s))]
	line := 1 + strings.Count(before, "\n")
	col := 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return &JSONError{Msg: msg, Line: line, Col: col, Offset: utf8.RuneCountInString(before)}
}

func (p *jsonParser) space() {
	for p.i < len(p.s) {
		switch p.s[p.i] {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

func (p *jsonParser) word(w string, v Value) (Value, error) {
	if strings.HasPrefix(p.s[p.i:], w) {
		p.i += len(w)
		return v, nil
	}
	return nil, p.fail("Expecting value", p.i)
}

func (p *jsonParser) value(depth int) (Value, error) {
	if depth > maxDepth {
		return nil, errors.New("maximum recursion depth exceeded while decoding a JSON document")
	}
	if p.i >= len(p.s) {
		return nil, p.fail("Expecting value", p.i)
	}
	switch c := p.s[p.i]; c {
	case '"':
		return p.text()
	case '{':
		return p.object(depth)
	case '[':
		return p.array(depth)
	case 't':
		return p.word("true", true)
	case 'f':
		return p.word("false", false)
	case 'n':
		return p.word("null", nil)
	case 'N':
		return p.word("NaN", math.NaN())
	case 'I':
		return p.word("Infinity", math.Inf(1))
	default:
		if c == '-' || c >= '0' && c <= '9' {
			return p.number()
		}
	}
	return nil, p.fail("Expecting value", p.i)
}

func (p *jsonParser) array(depth int) (Value, error) {
	p.i++
	l := &List{}
	p.space()
	if p.i < len(p.s) && p.s[p.i] == ']' {
		p.i++
		return l, nil
	}
	for {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		l.Items = append(l.Items, v)
		p.space()
		if p.i >= len(p.s) {
			return nil, p.fail("Expecting ',' delimiter", p.i)
		}
		switch p.s[p.i] {
		case ']':
			p.i++
			return l, nil
		case ',':
			p.i++
			p.space()
		default:
			return nil, p.fail("Expecting ',' delimiter", p.i)
		}
	}
}

func (p *jsonParser) object(depth int) (Value, error) {
	const wantName = "Expecting property name enclosed in double quotes"
	p.i++
	d := &Dict{}
	p.space()
	if p.i < len(p.s) && p.s[p.i] == '}' {
		p.i++
		return d, nil
	}
	for {
		if p.i >= len(p.s) || p.s[p.i] != '"' {
			return nil, p.fail(wantName, p.i)
		}
		k, err := p.text()
		if err != nil {
			return nil, err
		}
		p.space()
		if p.i >= len(p.s) || p.s[p.i] != ':' {
			return nil, p.fail("Expecting ':' delimiter", p.i)
		}
		p.i++
		p.space()
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		d.Set(k, v)
		p.space()
		if p.i >= len(p.s) {
			return nil, p.fail("Expecting ',' delimiter", p.i)
		}
		switch p.s[p.i] {
		case '}':
			p.i++
			return d, nil
		case ',':
			p.i++
			p.space()
		default:
			return nil, p.fail("Expecting ',' delimiter", p.i)
		}
	}
}

// text reads a string literal; without escapes it is a part of the document.
func (p *jsonParser) text() (Value, error) {
	begin := p.i
	p.i++
	start := p.i
	for i := start; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '"':
			p.i = i + 1
			return p.s[start:i], nil
		case c == '\\':
			return p.escaped(begin, start, i)
		case c < 0x20:
			return nil, p.fail("Invalid control character at", i)
		}
	}
	return nil, p.fail("Unterminated string starting at", begin)
}

func (p *jsonParser) escaped(begin, start, i int) (Value, error) {
	b := make([]byte, 0, i-start+32)
	for {
		b = append(b, p.s[start:i]...)
		// i is at a backslash
		if i+1 >= len(p.s) {
			return nil, p.fail("Unterminated string starting at", begin)
		}
		at := i
		c := p.s[i+1]
		i += 2
		switch c {
		case '"', '\\', '/':
			b = append(b, c)
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'u':
			r, ok := p.hex4(i)
			if !ok {
				return nil, p.fail(`Invalid \uXXXX escape`, at+1)
			}
			i += 4
			if r >= 0xd800 && r < 0xdc00 && strings.HasPrefix(p.s[i:], `\u`) {
				if lo, ok := p.hex4(i + 2); ok && lo >= 0xdc00 && lo < 0xe000 {
					r = (r-0xd800)<<10 + (lo - 0xdc00) + 0x10000
					i += 6
				}
			}
			if r >= 0xdc80 && r < 0xdd00 {
				b = append(b, byte(r-0xdc00))
			} else {
				b = utf8.AppendRune(b, r)
			}
		default:
			return nil, p.fail(`Invalid \escape`, at)
		}
		start = i
		for ; ; i++ {
			if i >= len(p.s) {
				return nil, p.fail("Unterminated string starting at", begin)
			}
			if c := p.s[i]; c == '"' {
				b = append(b, p.s[start:i]...)
				p.i = i + 1
				return string(b), nil
			} else if c == '\\' {
				break
			} else if c < 0x20 {
				return nil, p.fail("Invalid control character at", i)
			}
		}
	}
}

func (p *jsonParser) hex4(i int) (rune, bool) {
	if i+4 > len(p.s) {
		return 0, false
	}
	var r rune
	for _, c := range []byte(p.s[i : i+4]) {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 + rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 + rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 + rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

func (p *jsonParser) number() (Value, error) {
	s, start := p.s, p.i
	i := start
	digit := func(k int) bool { return k < len(s) && s[k] >= '0' && s[k] <= '9' }
	if s[i] == '-' {
		if strings.HasPrefix(s[i:], "-Infinity") {
			p.i += len("-Infinity")
			return math.Inf(-1), nil
		}
		i++
	}
	if !digit(i) {
		return nil, p.fail("Expecting value", start)
	}
	if s[i] == '0' {
		i++
	} else {
		for digit(i) {
			i++
		}
	}
	isFloat := false
	if i < len(s) && s[i] == '.' && digit(i+1) {
		isFloat = true
		for i++; digit(i); i++ {
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		k := i + 1
		if k < len(s) && (s[k] == '+' || s[k] == '-') {
			k++
		}
		if digit(k) {
			isFloat = true
			for i = k; digit(i); i++ {
			}
		}
	}
	p.i = i
	if isFloat {
		f, err := strconv.ParseFloat(s[start:i], 64)
		if err != nil && !math.IsInf(f, 0) {
			return nil, p.fail("Expecting value", start)
		}
		return f, nil
	}
	return ParseNumber(s[start:i])
}

// ParseNumber reads a JSON number: an integer where it has neither fraction
// nor exponent.
func ParseNumber(s string) (Value, error) {
	if !strings.ContainsAny(s, ".eE") {
		if i, err := strconv.ParseInt(s, 10, 64); err == nil {
			return i, nil
		}
		if len(s) > MaxIntDigits+1 {
			return nil, fmt.Errorf("Exceeds the limit (%d digits) for integer string conversion: value has %d digits", MaxIntDigits, len(s))
		}
		if n, ok := new(big.Int).SetString(s, 10); ok {
			return NormInt(n), nil
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return nil, fmt.Errorf("%q is not a number", s)
	}
	return f, nil
}
