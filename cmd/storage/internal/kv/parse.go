package kv

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// SyntaxError says where and why a text is not what it should be. Line and column count from 1, the column in
// characters; the offset counts bytes from 0.
type SyntaxError struct {
	Line, Column, Offset int
	Problem              string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d (byte %d): %s", e.Line, e.Column, e.Offset, e.Problem)
}

// Parse reads a storage file: a JSON object whose values are lists of strings. Empty text is an empty storage; a byte
// order mark at the beginning is passed over. The values of a key that stands there twice are joined, in
// order. Errors are of type *SyntaxError.
func Parse(src []byte) (*Data, error) {
	p := &parser{src: src}
	switch {
	case bytes.HasPrefix(src, []byte("\xEF\xBB\xBF")):
		p.pos = 3
	case bytes.HasPrefix(src, []byte("\xFF\xFE")), bytes.HasPrefix(src, []byte("\xFE\xFF")):
		return nil, p.errorAt(0, "the file is UTF-16; it must be UTF-8")
	}
	d := New()
	p.space()
	if p.pos == len(src) {
		return d, nil
	}
	if err := p.object(d); err != nil {
		return nil, err
	}
	p.space()
	if p.pos < len(src) {
		return nil, p.unexpected("the end of the file after the object")
	}
	return d, nil
}

// ParseStrings reads a JSON object all of whose values are strings, for requests. A name that stands there
// twice is an error.
func ParseStrings(src []byte) (map[string]string, error) {
	p := &parser{src: src}
	m := map[string]string{}
	p.space()
	err := p.members(func(key string, at int) error {
		if _, ok := m[key]; ok {
			return p.errorAt(at, fmt.Sprintf("%s stands there twice", short(key)))
		}
		if p.peek() != '"' {
			return p.unexpected("a string as the value of " + short(key))
		}
		s, err := p.str()
		m[key] = s
		return err
	})
	if err != nil {
		return nil, err
	}
	if p.space(); p.pos < len(src) {
		return nil, p.unexpected("nothing after the object")
	}
	return m, nil
}

type parser struct {
	src []byte
	pos int
	buf []byte // of the list being read
}

// object reads the storage's object.
func (p *parser) object(d *Data) error {
	return p.members(func(key string, _ int) error { return p.list(d, key) })
}

// members reads an object and calls value at the beginning of each value, with its key and the key's place.
func (p *parser) members(value func(key string, at int) error) error {
	if p.peek() != '{' {
		return p.unexpected("an object, {\"key\": ...}")
	}
	p.pos++
	for first := true; ; first = false {
		p.space()
		switch {
		case first && p.peek() == '}':
			p.pos++
			return nil
		case p.peek() != '"' && first:
			return p.unexpected("a key in quotation marks or }")
		case p.peek() != '"':
			return p.unexpected("a key in quotation marks after the comma")
		}
		at := p.pos
		key, err := p.str()
		if err != nil {
			return err
		}
		if p.space(); p.peek() != ':' {
			return p.unexpected("a colon after the key " + short(key))
		}
		p.pos++
		p.space()
		if err := value(key, at); err != nil {
			return err
		}
		p.space()
		switch p.peek() {
		case ',':
			p.pos++
		case '}':
			p.pos++
			return nil
		default:
			return p.unexpected("a comma or } after the value of " + short(key))
		}
	}
}

// list reads the values of a key.
func (p *parser) list(d *Data, key string) error {
	if p.peek() != '[' {
		return p.unexpected("a list of strings under the key " + short(key))
	}
	p.pos++
	p.buf = p.buf[:0]
	for n := 0; ; {
		p.space()
		if n == 0 && p.peek() == ']' {
			p.pos++
			d.extend(key, nil, 0)
			return nil
		}
		if p.peek() != '"' {
			return p.unexpected("a string in the list of " + short(key))
		}
		s, err := p.str()
		if err != nil {
			return err
		}
		if n > 0 {
			p.buf = append(p.buf, ", "...)
		}
		p.buf = AppendJSON(p.buf, s)
		n++
		p.space()
		switch p.peek() {
		case ',':
			p.pos++
		case ']':
			p.pos++
			d.extend(key, p.buf, n)
			return nil
		default:
			return p.unexpected("a comma or ] in the list of " + short(key))
		}
	}
}

func (p *parser) space() {
	for p.pos < len(p.src) {
		switch p.src[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// peek returns the next byte, 0 at the end.
func (p *parser) peek() byte {
	if p.pos < len(p.src) {
		return p.src[p.pos]
	}
	return 0
}

func (p *parser) unexpected(want string) error {
	return p.errorAt(p.pos, "expected "+want+", found "+describe(p.src, p.pos))
}

func (p *parser) badUTF8(from int) error {
	for i := from; i < len(p.src); {
		r, n := utf8.DecodeRune(p.src[i:])
		if r == utf8.RuneError && n == 1 {
			return p.errorAt(i, fmt.Sprintf("the byte 0x%02X is not UTF-8", p.src[i]))
		}
		i += n
	}
	return p.errorAt(from, "not UTF-8")
}

func (p *parser) errorAt(offset int, problem string) error {
	line, column := p.place(offset)
	return &SyntaxError{Line: line, Column: column, Offset: offset, Problem: problem}
}

func (p *parser) where(offset int) string {
	line, column := p.place(offset)
	return fmt.Sprintf("at line %d, column %d", line, column)
}

func (p *parser) place(offset int) (line, column int) {
	before := p.src[:offset]
	start := bytes.LastIndexByte(before, '\n') + 1
	column = 1 + utf8.RuneCount(bytes.TrimPrefix(before[start:], []byte("\xEF\xBB\xBF")))
	return 1 + bytes.Count(before, []byte{'\n'}), column
}

// describe names what stands at a place, for messages.
func describe(src []byte, at int) string {
	if at >= len(src) {
		return "the end of the file"
	}
	rest := src[at:]
	switch c := rest[0]; {
	case c == '"':
		return "a string"
	case c == '{':
		return "an object"
	case c == '[':
		return "a list"
	case c == '-' || '0' <= c && c <= '9':
		return "a number"
	case c < 0x20 || c == 0x7F:
		return fmt.Sprintf("U+%04X", c)
	}
	for _, word := range []string{"true", "false", "null"} {
		if bytes.HasPrefix(rest, []byte(word)) {
			return word
		}
	}
	r, n := utf8.DecodeRune(rest)
	if r == utf8.RuneError && n == 1 {
		return fmt.Sprintf("the byte 0x%02X", rest[0])
	}
	return "'" + string(r) + "'"
}

// short quotes a key for a message.
func short(key string) string {
	const limit = 40
	if r := []rune(key); len(r) > limit {
		key = string(r[:limit]) + "..."
	}
	return fmt.Sprintf("%q", key)
}
