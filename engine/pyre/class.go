package pyre

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// The classes as Python has them, for use inside brackets.
const (
	asciiWord  = `0-9A-Za-z_`
	asciiSpace = ` \t\n\v\f\r`
	uniWord    = `\p{L}\p{N}_`
	uniSpace   = ` \t\n\v\f\r\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}`
	backSpace  = ` \t\n\v\f\r\x1c-\x1f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`
)

// setOf returns the inside of the class of w, s or d for both engines.
func (p *parser) setOf(c rune) (std, back string) {
	switch c {
	case 'd':
		if p.ascii {
			return `0-9`, `0-9`
		}
		return `\p{Nd}`, `\p{Nd}`
	case 'w':
		if p.ascii {
			return asciiWord, asciiWord
		}
		return uniWord, uniWord
	}
	if p.flags&ASCII != 0 {
		return asciiSpace, asciiSpace
	}
	if p.ascii {
		return asciiSpace + `\x1c-\x1f`, asciiSpace + `\x1c-\x1f`
	}
	return uniSpace, backSpace
}

// escape reads a backslash outside a class.
func (p *parser) escape() (node, bool, error) {
	start := p.i
	c := p.peek(1)
	switch c {
	case -1:
		return node{}, false, p.fail(start, "bad escape (end of pattern)")
	case 'd', 'w', 's':
		p.i += 2
		std, back := p.setOf(c)
		return node{"[" + std + "]", "[" + back + "]", 1, 1, true}, true, nil
	case 'D', 'W', 'S':
		p.i += 2
		std, back := p.setOf(unicode.ToLower(c))
		return node{"[^" + std + "]", "[^" + back + "]", 1, 1, true}, true, nil
	case 'A':
		p.i += 2
		return both(`\A`, 0), false, nil
	case 'Z':
		p.i += 2
		return both(`\z`, 0), false, nil
	case 'b', 'B':
		p.i += 2
		if p.flags&ASCII == 0 {
			p.boundary = true
		}
		_, w := p.setOf('w')
		back := fmt.Sprintf("(?:(?<=[%s])(?![%s])|(?<![%s])(?=[%s]))", w, w, w, w)
		if c == 'B' {
			back = fmt.Sprintf("(?:(?<=[%s])(?=[%s])|(?<![%s])(?![%s])(?!\\A\\z))", w, w, w, w)
		}
		// Python's \B does not match in empty text.
		return node{std: `\` + string(c), back: back, stdOK: c == 'b'}, false, nil
	}
	if c >= '1' && c <= '9' {
		d, e := p.peek(2), p.peek(3)
		isOct := func(r rune) bool { return r >= '0' && r <= '7' }
		if !(isOct(c) && isOct(d) && isOct(e)) {
			num := int(c - '0')
			p.i += 2
			if d >= '0' && d <= '9' {
				num = num*10 + int(d-'0')
				p.i++
			}
			if p.open[num] {
				return node{}, false, p.fail(start, "cannot refer to an open group")
			}
			n, err := p.backref(num, start+1)
			return n, true, err
		}
	}
	r, err := p.charEscape()
	return both(lit(r), 1), true, err
}

// charEscape reads an escape that stands for one character.
func (p *parser) charEscape() (rune, error) {
	start := p.i
	c := p.peek(1)
	if c < 0 {
		return 0, p.fail(start, "bad escape (end of pattern)")
	}
	p.i += 2
	hex := func(n int) (rune, error) {
		from := p.i
		for p.i < len(p.rs) && p.i < from+n && strings.ContainsRune("0123456789abcdefABCDEF", p.rs[p.i]) {
			p.i++
		}
		if p.i-from != n {
			return 0, p.fail(start, "incomplete escape %s", string(p.rs[start:p.i]))
		}
		v, err := strconv.ParseUint(string(p.rs[from:p.i]), 16, 32)
		if err != nil || v > unicode.MaxRune {
			return 0, p.fail(start, "bad escape %s", string(p.rs[start:p.i]))
		}
		return rune(v), nil
	}
	switch {
	case c == 'x':
		return hex(2)
	case c == 'u':
		return hex(4)
	case c == 'U':
		return hex(8)
	case c >= '0' && c <= '7':
		v := c - '0'
		limit := 2 // \0 takes two more, \1 to \7 come here with three octal digits
		for k := 0; k < limit && p.peek(0) >= '0' && p.peek(0) <= '7'; k++ {
			v = v*8 + p.peek(0) - '0'
			p.i++
		}
		if v > 0o377 {
			return 0, p.fail(start, "octal escape value %s outside of range 0-0o377", string(p.rs[start:p.i]))
		}
		return v, nil
	case c >= '8' && c <= '9':
		return 0, p.fail(start, "bad escape \\%c", c)
	case plainEscapes[c] != 0:
		return plainEscapes[c], nil
	case c < 0x80 && unicode.IsLetter(c):
		return 0, p.fail(start, "bad escape \\%c", c)
	}
	return c, nil
}

// class reads a bracketed set. A negated class of a negated set cannot be
// written for the standard library; backtracking does it by lookahead.
func (p *parser) class() (node, error) {
	start := p.i
	p.i++
	negate := false
	if p.peek(0) == '^' {
		negate = true
		p.i++
	}
	var std, back strings.Builder
	var neg []rune // of W and S
	seen := map[rune]bool{}
	first := true
	for {
		c := p.peek(0)
		if c < 0 {
			return node{}, p.fail(start, "unterminated character set")
		}
		if c == ']' && !first {
			p.i++
			break
		}
		first = false
		at := p.i
		lo, set, err := p.classItem()
		if err != nil {
			return node{}, err
		}
		if p.peek(0) == '-' && p.peek(1) != ']' && p.peek(1) != -1 {
			p.i++
			hi, set2, err := p.classItem()
			if err != nil {
				return node{}, err
			}
			if set != 0 || set2 != 0 || hi < lo {
				return node{}, p.fail(at, "bad character range %s", string(p.rs[at:p.i]))
			}
			std.WriteString(lit(lo) + "-" + lit(hi))
			back.WriteString(lit(lo) + "-" + lit(hi))
			continue
		}
		switch set {
		case 0:
			std.WriteString(lit(lo))
			back.WriteString(lit(lo))
		case 'D':
			seen['D'] = true
			if p.ascii {
				std.WriteString(`\D`)
				back.WriteString(`\P{Nd}`)
			} else {
				std.WriteString(`\P{Nd}`)
				back.WriteString(`\P{Nd}`)
			}
		case 'W', 'S':
			seen[set] = true
			neg = append(neg, set)
		default:
			seen[set] = true
			a, b := p.setOf(set)
			std.WriteString(a)
			back.WriteString(b)
		}
	}
	if seen['s'] && seen['S'] || seen['w'] && seen['W'] || seen['d'] && seen['D'] {
		if negate {
			return node{`[^\x00-\x{10ffff}]`, `(?!)`, 1, 1, true}, nil
		}
		return both("(?s:.)", 1), nil
	}
	if len(neg) == 0 {
		pre := "["
		if negate {
			pre = "[^"
		}
		return node{pre + std.String() + "]", pre + back.String() + "]", 1, 1, true}, nil
	}
	var alt, balt []string
	if std.Len() > 0 {
		alt, balt = append(alt, "["+std.String()+"]"), append(balt, "["+back.String()+"]")
	}
	for _, c := range neg {
		a, b := p.setOf(unicode.ToLower(c))
		alt, balt = append(alt, "[^"+a+"]"), append(balt, "[^"+b+"]")
	}
	if negate {
		if len(neg) == 1 && std.Len() == 0 {
			a, b := p.setOf(unicode.ToLower(neg[0]))
			return node{"[" + a + "]", "[" + b + "]", 1, 1, true}, nil
		}
		return backOnly("(?:(?!"+strings.Join(balt, "|")+")(?s:.))", 1), nil
	}
	return node{"(?:" + strings.Join(alt, "|") + ")", "(?:" + strings.Join(balt, "|") + ")", 1, 1, true}, nil
}

// classItem reads one character of a class, or one of dDwWsS as set.
func (p *parser) classItem() (c, set rune, err error) {
	c = p.peek(0)
	if c < 0 {
		return 0, 0, p.fail(p.i, "unterminated character set")
	}
	if c != '\\' {
		p.i++
		return c, 0, nil
	}
	switch d := p.peek(1); d {
	case 'd', 'D', 'w', 'W', 's', 'S':
		p.i += 2
		return 0, d, nil
	}
	c, err = p.charEscape()
	return c, 0, err
}
