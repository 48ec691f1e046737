package py

import (
	"strings"
	"unicode"
)

// upperSpecial has the letters whose upper case is more than one letter.
var upperSpecial = map[rune]string{
	'ß': "SS", 'ŉ': "ʼN", 'ǰ': "J̌", 'ΐ': "Ϊ́", 'ΰ': "Ϋ́", 'և': "ԵՒ", 'ẖ': "H̱", 'ẗ': "T̈", 'ẘ': "W̊", 'ẙ': "Y̊", 'ẚ': "Aʾ",
	'ﬀ': "FF", 'ﬁ': "FI", 'ﬂ': "FL", 'ﬃ': "FFI", 'ﬄ': "FFL", 'ﬅ': "ST", 'ﬆ': "ST", 'ﬓ': "ՄՆ", 'ﬔ': "ՄԵ", 'ﬕ': "ՄԻ", 'ﬖ': "ՎՆ", 'ﬗ': "ՄԽ",
	'ὐ': "Υ̓", 'ὒ': "Υ̓̀", 'ὔ': "Υ̓́", 'ὖ': "Υ̓͂", 'ᾶ': "Α͂", 'ῆ': "Η͂", 'ῖ': "Ι͂", 'ῦ': "Υ͂", 'ῶ': "Ω͂", 'ῤ': "Ρ̓",
}

// titleSpecial has those whose title case differs from their upper case.
var titleSpecial = map[rune]string{'ß': "Ss", 'ﬀ': "Ff", 'ﬁ': "Fi", 'ﬂ': "Fl", 'ﬃ': "Ffi", 'ﬄ': "Ffl", 'ﬅ': "St", 'ﬆ': "St", 'և': "Եւ"}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Upper is str.upper.
func Upper(s string) string {
	if ascii(s) {
		return strings.ToUpper(s)
	}
	var b strings.Builder
	for _, r := range s {
		if t, ok := upperSpecial[r]; ok {
			b.WriteString(t)
		} else {
			b.WriteRune(unicode.ToUpper(r))
		}
	}
	return b.String()
}

// Lower is str.lower.
func Lower(s string) string {
	if ascii(s) {
		return strings.ToLower(s)
	}
	rs := []rune(s)
	var b strings.Builder
	for i, r := range rs {
		b.WriteString(lowerAt(rs, i, r))
	}
	return b.String()
}

// lowerAt lowers one letter; a capital sigma at the end of a word differs.
func lowerAt(rs []rune, i int, r rune) string {
	switch r {
	case 'İ':
		return "i̇"
	case 'Σ':
		j := i - 1
		for j >= 0 && ignorable(rs[j]) {
			j--
		}
		k := i + 1
		for k < len(rs) && ignorable(rs[k]) {
			k++
		}
		if j >= 0 && cased(rs[j]) && !(k < len(rs) && cased(rs[k])) {
			return "ς"
		}
		return "σ"
	}
	return string(unicode.ToLower(r))
}

func ignorable(r rune) bool {
	return r == '\'' || r == '.' || r == ':' || r == '·' || unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}

func cased(r rune) bool { return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt) }

// CaseFold is str.casefold.
func CaseFold(s string) string {
	if ascii(s) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == 'ς':
			b.WriteRune('σ')
		case r == 'ſ':
			b.WriteRune('s')
		case r == 'İ':
			b.WriteString("i̇")
		case r == 'ẞ':
			b.WriteString("ss")
		case r >= 'Ꭰ' && r <= 'Ᏽ':
			b.WriteRune(r)
		default:
			if t, ok := upperSpecial[r]; ok {
				b.WriteString(strings.ToLower(t))
			} else {
				b.WriteRune(unicode.ToLower(r))
			}
		}
	}
	return b.String()
}

func titleLetter(r rune) string {
	if t, ok := titleSpecial[r]; ok {
		return t
	}
	if t, ok := upperSpecial[r]; ok {
		return t
	}
	return string(unicode.ToTitle(r))
}

// Title is str.title: a letter behind one that has no case is capital.
func Title(s string) string {
	rs := []rune(s)
	var b strings.Builder
	prev := false
	for i, r := range rs {
		if prev {
			b.WriteString(lowerAt(rs, i, r))
		} else {
			b.WriteString(titleLetter(r))
		}
		prev = cased(r)
	}
	return b.String()
}

// Capitalize is str.capitalize.
func Capitalize(s string) string {
	rs := []rune(s)
	var b strings.Builder
	for i, r := range rs {
		if i == 0 {
			b.WriteString(titleLetter(r))
		} else {
			b.WriteString(lowerAt(rs, i, r))
		}
	}
	return b.String()
}

func swapCase(s string) string {
	rs := []rune(s)
	var b strings.Builder
	for i, r := range rs {
		if unicode.IsUpper(r) {
			b.WriteString(lowerAt(rs, i, r))
		} else if t, ok := upperSpecial[r]; ok {
			b.WriteString(t)
		} else {
			b.WriteRune(unicode.ToUpper(r))
		}
	}
	return b.String()
}

func all(f func(rune) bool) func(string) bool {
	return func(s string) bool {
		for _, r := range s {
			if !f(r) {
				return false
			}
		}
		return s != ""
	}
}

func isLower(s string) bool {
	any := false
	for _, r := range s {
		if unicode.IsUpper(r) || unicode.IsTitle(r) {
			return false
		}
		any = any || unicode.IsLower(r) || unicode.Is(unicode.Other_Lowercase, r)
	}
	return any
}

func isUpper(s string) bool {
	any := false
	for _, r := range s {
		if unicode.IsLower(r) || unicode.IsTitle(r) || unicode.Is(unicode.Other_Lowercase, r) {
			return false
		}
		any = any || unicode.IsUpper(r) || unicode.Is(unicode.Other_Uppercase, r)
	}
	return any
}

func isTitle(s string) bool {
	any, prev := false, false
	for _, r := range s {
		switch {
		case unicode.IsUpper(r) || unicode.IsTitle(r):
			if prev {
				return false
			}
			prev, any = true, true
		case unicode.IsLower(r):
			if !prev {
				return false
			}
			any = true
		default:
			prev = false
		}
	}
	return any
}

func isIdentifier(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && !unicode.Is(unicode.Nl, r) &&
			(i == 0 || !unicode.In(r, unicode.Nd, unicode.Mn, unicode.Mc, unicode.Pc)) {
			return false
		}
	}
	return s != ""
}

// isDigit is str.isdigit for one character: decimal digits, raised, lowered and
// circled ones.
func isDigit(r rune) bool {
	switch {
	case unicode.Is(unicode.Nd, r):
		return true
	case r < 0xb2:
		return false
	}
	return r == 0xb2 || r == 0xb3 || r == 0xb9 || r >= 0x1369 && r <= 0x1371 || r == 0x19da || r == 0x2070 ||
		r >= 0x2074 && r <= 0x2079 || r >= 0x2080 && r <= 0x2089 || r >= 0x2460 && r <= 0x2468 || r >= 0x2474 && r <= 0x247c ||
		r >= 0x2488 && r <= 0x2490 || r == 0x24ea || r >= 0x24f5 && r <= 0x24fd || r == 0x24ff || r >= 0x2776 && r <= 0x277e ||
		r >= 0x2780 && r <= 0x2788 || r >= 0x278a && r <= 0x2792 || r >= 0x1f100 && r <= 0x1f10a
}

const hanNumbers = "一二三四五六七八九十百千万億兆零〇壱弐参両亿萬兩壹贰貳叁參肆伍陆陸柒捌玖拾佰仟廿卅"
