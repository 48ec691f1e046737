package py

import (
	"encoding/hex"
	"html"
	"math/big"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
)

func codec(name string) string {
	n := strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name))
	switch n {
	case "", "utf8", "u8", "utf", "cp65001":
		return "utf-8"
	case "ascii", "usascii", "646":
		return "ascii"
	case "latin1", "iso88591", "l1", "latin", "8859":
		return "latin-1"
	case "utf16", "utf16le", "utf16be", "utf8sig", "unicodeescape", "idna":
		return n
	}
	return ""
}

// Encode is s.encode(encoding, errors). Stray bytes pass unchanged through
// UTF-8, as with surrogateescape.
func Encode(s, encoding, errors string) (Bytes, error) {
	limit := rune(0)
	switch codec(encoding) {
	case "utf-8":
		return Bytes(s), nil
	case "utf8sig":
		return Bytes("\ufeff" + s), nil
	case "ascii":
		limit = 0x80
	case "latin-1":
		limit = 0x100
	case "utf16", "utf16le", "utf16be":
		var b []byte
		big := codec(encoding) == "utf16be"
		us := utf16.Encode([]rune(s))
		if codec(encoding) == "utf16" {
			us = append([]uint16{0xfeff}, us...)
		}
		for _, u := range us {
			if big {
				b = append(b, byte(u>>8), byte(u))
			} else {
				b = append(b, byte(u), byte(u>>8))
			}
		}
		return Bytes(b), nil
	default:
		return "", Raise("LookupError", "unknown encoding: %s", encoding)
	}
	var b []byte
	pos := 0
	for i, r := range s {
		switch {
		case r == utf8.RuneError && s[i] != 0xef:
			b = append(b, s[i])
		case r < limit:
			b = append(b, byte(r))
		case errors == "ignore":
		case errors == "replace":
			b = append(b, '?')
		case errors == "xmlcharrefreplace":
			b = append(b, "&#"+value.Str(int64(r))+";"...)
		case errors == "backslashreplace":
			q := ASCII(string(r))
			b = append(b, q[1:len(q)-1]...)
		default:
			q := ASCII(string(r))
			return "", Raise("UnicodeEncodeError", "'%s' codec can't encode character %s in position %d: ordinal not in range(%d)", codec(encoding), q, pos, limit)
		}
		pos++
	}
	return Bytes(b), nil
}

// Decode is b.decode(encoding, errors).
func Decode(b Bytes, encoding, errors string) (string, error) {
	c := codec(encoding)
	switch c {
	case "utf-8", "utf8sig":
		s := string(b)
		if c == "utf8sig" {
			s = strings.TrimPrefix(s, "\ufeff")
		}
		if utf8.ValidString(s) || errors == "surrogateescape" || errors == "surrogate_or_strict" {
			return s, nil
		}
		switch errors {
		case "ignore":
			return strings.ToValidUTF8(s, ""), nil
		case "replace":
			return strings.Map(func(r rune) rune { return r }, s), nil
		}
		i := 0
		for i < len(s) {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			i += n
		}
		return "", Raise("UnicodeDecodeError", "'utf-8' codec can't decode byte 0x%02x in position %d: invalid start byte", s[i], i)
	case "ascii", "latin-1":
		var out strings.Builder
		for i := range len(b) {
			if b[i] >= 0x80 && c == "ascii" && errors != "ignore" {
				return "", Raise("UnicodeDecodeError", "'ascii' codec can't decode byte 0x%02x in position %d: ordinal not in range(128)", b[i], i)
			}
			if b[i] < 0x80 || c != "ascii" {
				out.WriteRune(rune(b[i]))
			}
		}
		return out.String(), nil
	case "utf16", "utf16le", "utf16be":
		big := c == "utf16be"
		if c == "utf16" && strings.HasPrefix(string(b), "\xfe\xff") {
			big, b = true, b[2:]
		} else if c == "utf16" && strings.HasPrefix(string(b), "\xff\xfe") {
			b = b[2:]
		}
		var us []uint16
		for i := 0; i+1 < len(b); i += 2 {
			if big {
				us = append(us, uint16(b[i])<<8|uint16(b[i+1]))
			} else {
				us = append(us, uint16(b[i+1])<<8|uint16(b[i]))
			}
		}
		return string(utf16.Decode(us)), nil
	}
	return "", Raise("LookupError", "unknown encoding: %s", encoding)
}

var bytesMethods = map[string]method{
	"decode": func(o Value, c *call) (Value, error) {
		a, err := c.bind(0, "encoding", "errors")
		if err != nil {
			return nil, err
		}
		return Decode(o.(Bytes), encodingName(a[0]), encodingName(a[1]))
	},
	"hex": func(o Value, c *call) (Value, error) { return hex.EncodeToString([]byte(o.(Bytes))), nil },
	"upper": func(o Value, c *call) (Value, error) {
		return Bytes(asciiMap(string(o.(Bytes)), 'a', 'z', -32)), nil
	},
	"lower": func(o Value, c *call) (Value, error) {
		return Bytes(asciiMap(string(o.(Bytes)), 'A', 'Z', 32)), nil
	},
	"strip": func(o Value, c *call) (Value, error) {
		return Bytes(strings.Trim(string(o.(Bytes)), " \t\n\r\v\f")), nil
	},
	"split": func(o Value, c *call) (Value, error) {
		a, err := c.bind(0, "sep")
		if err != nil {
			return nil, err
		}
		parts := strings.Fields(string(o.(Bytes)))
		if sep, ok := a[0].(Bytes); ok && sep != "" {
			parts = strings.Split(string(o.(Bytes)), string(sep))
		}
		l := value.NewList()
		for _, p := range parts {
			l.Append(Bytes(p))
		}
		return l, nil
	},
}

func asciiMap(s string, from, to byte, by int) string {
	b := []byte(s)
	for i, c := range b {
		if c >= from && c <= to {
			b[i] = byte(int(c) + by)
		}
	}
	return string(b)
}

// UnescapeHTML replaces HTML entities by their characters.
func UnescapeHTML(s string) string { return html.UnescapeString(s) }

// StripTags removes SGML comments and tags and folds white space, as
// Markup.striptags does.
func StripTags(s string) string {
	for {
		i := strings.Index(s, "<!--")
		if i < 0 {
			break
		}
		j := strings.Index(s[i:], "-->")
		if j < 0 {
			break
		}
		s = s[:i] + s[i+j+3:]
	}
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			break
		}
		j := strings.IndexByte(s[i:], '>')
		if j < 0 {
			break
		}
		s = s[:i] + s[i+j+1:]
	}
	words, _ := Split(s, nil, -1)
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = w.(string)
	}
	return UnescapeHTML(strings.Join(parts, " "))
}

// intToBytes is int.to_bytes(length, byteorder, signed=False).
func intToBytes(o Value, c *call) (Value, error) {
	names := []string{"length", "byteorder", "signed"}
	got := map[string]Value{"length": int64(1), "byteorder": "big", "signed": false}
	for i, v := range c.args {
		if i >= len(names) {
			return nil, Raise("TypeError", "to_bytes() takes at most 3 arguments (%d given)", len(c.args))
		}
		got[names[i]] = v
	}
	for k, v := range c.kw.All() {
		got[value.Str(k)] = v
	}
	size, err := Index(got["length"])
	if err != nil {
		return nil, err
	}
	if size < 0 || size > 1<<16 {
		return nil, Raise("ValueError", "length argument must be non-negative and no more than %d", 1<<16)
	}
	n, _ := toNum(o)
	b := n.bigInt()
	if b.Sign() < 0 {
		if !value.Truth(got["signed"]) {
			return nil, Raise("OverflowError", "can't convert negative int to unsigned")
		}
		b = new(big.Int).Add(b, new(big.Int).Lsh(big.NewInt(1), uint(size)*8))
	}
	if b.Sign() < 0 || b.BitLen() > int(size)*8 {
		return nil, Raise("OverflowError", "int too big to convert")
	}
	out := b.FillBytes(make([]byte, size))
	switch value.Str(got["byteorder"]) {
	case "big":
	case "little":
		slices.Reverse(out)
	default:
		return nil, Raise("ValueError", "byteorder must be either 'little' or 'big'")
	}
	return Bytes(out), nil
}
