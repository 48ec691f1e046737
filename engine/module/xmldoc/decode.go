package xmldoc

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"strings"
	"unicode/utf16"
)

var declaredEncoding = regexp.MustCompile(`^<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']`)

// cp1252 holds what bytes 80 to 9F mean in Windows-1252.
const cp1252 = "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f" +
	"\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178"

// latin9 holds where ISO-8859-15 is not ISO-8859-1.
var latin9 = map[byte]rune{0xA4: '€', 0xA6: 'Š', 0xA8: 'š', 0xB4: 'Ž', 0xB8: 'ž', 0xBC: 'Œ', 0xBD: 'œ', 0xBE: 'Ÿ'}

// decode turns a document into UTF-8 with Unix line ends. unknown is the declared encoding where it is not known here.
func decode(data []byte) (text, unknown string) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return lineEnds(string(data[3:])), ""
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return lineEnds(utf16Text(data[2:], binary.LittleEndian)), ""
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return lineEnds(utf16Text(data[2:], binary.BigEndian)), ""
	case bytes.HasPrefix(data, []byte("<\x00?\x00")):
		return lineEnds(utf16Text(data, binary.LittleEndian)), ""
	case bytes.HasPrefix(data, []byte("\x00<\x00?")):
		return lineEnds(utf16Text(data, binary.BigEndian)), ""
	}
	m := declaredEncoding.FindSubmatch(data)
	if m == nil {
		return lineEnds(string(data)), ""
	}
	var high func(b byte) rune
	switch strings.ToLower(string(m[1])) {
	case "utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf16":
		return lineEnds(string(data)), ""
	case "iso-8859-1", "iso8859-1", "latin1", "latin-1", "iso_8859-1", "l1":
		high = func(b byte) rune { return rune(b) }
	case "windows-1252", "cp1252":
		table := []rune(cp1252)
		high = func(b byte) rune {
			if b < 0xA0 {
				return table[b-0x80]
			}
			return rune(b)
		}
	case "iso-8859-15", "iso8859-15", "latin-9", "latin9":
		high = func(b byte) rune {
			if r, ok := latin9[b]; ok {
				return r
			}
			return rune(b)
		}
	default:
		return lineEnds(string(data)), string(m[1])
	}
	var s strings.Builder
	for _, b := range data {
		if b < 0x80 {
			s.WriteByte(b)
		} else {
			s.WriteRune(high(b))
		}
	}
	return lineEnds(s.String()), ""
}

func utf16Text(data []byte, order binary.ByteOrder) string {
	u := make([]uint16, len(data)/2)
	for i := range u {
		u[i] = order.Uint16(data[2*i:])
	}
	return string(utf16.Decode(u))
}

func lineEnds(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}
