package kv

import (
	"unicode/utf16"
	"unicode/utf8"
)

// Strings of a file may hold half of a surrogate pair ("\ud800"), which some languages write for bytes that are no
// text. Such halves are kept inside Go strings as the three bytes that UTF-8 would give them (and forbids), so
// that they come out of the storage as they went in.

const hex = "0123456789abcdef"

// AppendJSON appends s as a JSON string: UTF-8, with escapes only where JSON asks for them.
func AppendJSON(b []byte, s string) []byte {
	b = append(b, '"')
	done := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c != 0xED {
			continue
		}
		esc := -1
		switch {
		case c == 0xED:
			if i+2 >= len(s) || s[i+1] < 0xA0 {
				continue
			}
			esc = 0xD000 | int(s[i+1]&0x3F)<<6 | int(s[i+2]&0x3F)
		case c < 0x20:
			esc = int(c)
		}
		b = append(b, s[done:i]...)
		done = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', hex[esc>>12&15], hex[esc>>8&15], hex[esc>>4&15], hex[esc&15])
			if c == 0xED {
				i += 2
				done = i + 1
			}
		}
	}
	b = append(b, s[done:]...)
	return append(b, '"')
}

// decodeList returns the strings of a list without brackets, as add and extend keep it.
func decodeList(text []byte) []string {
	var values []string
	p := parser{src: text}
	for p.pos < len(text) {
		s, err := p.str()
		if err != nil {
			panic("kv: a list in memory is damaged: " + err.Error()) // it was written by AppendJSON
		}
		values = append(values, s)
		p.pos += len(", ")
	}
	return values
}

// str reads the string that begins at the parser's place.
func (p *parser) str() (string, error) {
	start := p.pos
	p.pos++ // the opening quote
	for i := p.pos; i < len(p.src); i++ {
		switch c := p.src[i]; {
		case c == '"':
			raw := p.src[p.pos:i]
			if !utf8.Valid(raw) {
				return "", p.badUTF8(p.pos)
			}
			p.pos = i + 1
			return string(raw), nil
		case c == '\\' || c < 0x20:
			return p.escaped(start)
		}
	}
	return "", p.errorAt(len(p.src), "the file ends inside the string that begins "+p.where(start))
}

// escaped reads a string that holds escapes, from its opening quote.
func (p *parser) escaped(start int) (string, error) {
	var b []byte
	for i := start + 1; i < len(p.src); {
		c := p.src[i]
		switch {
		case c == '"':
			p.pos = i + 1
			return string(b), nil
		case c < 0x20:
			return "", p.errorAt(i, "a string must not hold the control character "+describe(p.src, i)+
				"; the string begins "+p.where(start))
		case c == '\\':
			r, n, msg := unescape(p.src[i:])
			if msg != "" {
				return "", p.errorAt(i, msg)
			}
			b = appendRune(b, r)
			i += n
		case c < utf8.RuneSelf:
			b = append(b, c)
			i++
		default:
			r, n := utf8.DecodeRune(p.src[i:])
			if r == utf8.RuneError && n == 1 {
				return "", p.badUTF8(i)
			}
			b = append(b, p.src[i:i+n]...)
			i += n
		}
	}
	return "", p.errorAt(len(p.src), "the file ends inside the string that begins "+p.where(start))
}

// appendRune is utf8.AppendRune that keeps half surrogates.
func appendRune(b []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(b, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0x3F|0x80, 0x80|byte(r)&0x3F)
	}
	return utf8.AppendRune(b, r)
}

// unescape reads the escape at the beginning of src: its character and length, or what is wrong with it.
func unescape(src []byte) (r rune, n int, msg string) {
	if len(src) < 2 {
		return 0, 0, "the file ends inside an escape"
	}
	switch src[1] {
	case '"', '\\', '/':
		return rune(src[1]), 2, ""
	case 'b':
		return '\b', 2, ""
	case 'f':
		return '\f', 2, ""
	case 'n':
		return '\n', 2, ""
	case 'r':
		return '\r', 2, ""
	case 't':
		return '\t', 2, ""
	case 'u':
		first, ok := unhex(src)
		if !ok {
			return 0, 0, `\u must be followed by four hexadecimal digits`
		}
		if second, ok := unhex(src[6:]); ok {
			if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
				return r, 12, ""
			}
		}
		return first, 6, ""
	}
	return 0, 0, `unknown escape \` + describe(src, 1)
}

// unhex reads \uXXXX.
func unhex(src []byte) (r rune, ok bool) {
	if len(src) < 6 || src[0] != '\\' || src[1] != 'u' {
		return 0, false
	}
	for _, c := range src[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
