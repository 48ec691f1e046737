package pyre

import (
	"fmt"
	"strconv"
)

// group reads what begins with a parenthesis.
func (p *parser) group() (node, bool, error) {
	start := p.i
	p.i++
	if p.peek(0) != '?' {
		n, err := p.capture(start, "")
		return n, true, err
	}
	p.i++
	c := p.peek(0)
	p.i++
	switch c {
	case 'P':
		return p.pythonGroup(start)
	case ':':
		n, err := p.inside(start)
		n.std, n.back = "(?:"+n.std+")", "(?:"+n.back+")"
		return n, true, err
	case '>':
		n, err := p.inside(start)
		n.back, n.stdOK = "(?>"+n.back+")", false
		return n, true, err
	case '#':
		for p.peek(0) != ')' {
			if p.peek(0) < 0 {
				return node{}, false, p.fail(start, "missing ), unterminated comment")
			}
			p.i++
		}
		p.i++
		return both("", 0), false, nil
	case '=', '!':
		n, err := p.inside(start)
		return backOnly("(?"+string(c)+n.back+")", 0), true, err
	case '<':
		d := p.peek(0)
		if d < 0 {
			return node{}, false, p.fail(p.i, "unexpected end of pattern")
		}
		if d != '=' && d != '!' {
			return node{}, false, p.fail(start+1, "unknown extension ?<%c", d)
		}
		p.i++
		p.behind++
		n, err := p.inside(start)
		p.behind--
		if err == nil && n.min != n.max {
			err = &Error{Msg: "look-behind requires fixed-width pattern", Pattern: p.src, Pos: -1}
		}
		return backOnly("(?<"+string(d)+n.back+")", 0), true, err
	case '(':
		return p.conditional(start)
	}
	if _, ok := flagLetters[c]; ok || c == '-' {
		p.i--
		return p.flagGroup(start)
	}
	if c < 0 {
		return node{}, false, p.fail(p.i-1, "unexpected end of pattern")
	}
	return node{}, false, p.fail(start+1, "unknown extension ?%c", c)
}

// inside reads alternatives up to the closing parenthesis.
func (p *parser) inside(start int) (node, error) {
	saved := p.flags
	n, err := p.alternatives()
	p.flags = saved
	if err != nil {
		return node{}, err
	}
	if p.peek(0) != ')' {
		return node{}, p.fail(start, "missing ), unterminated subpattern")
	}
	p.i++
	return n, nil
}

func (p *parser) capture(start int, name string) (node, error) {
	num := len(p.names)
	p.names = append(p.names, name)
	if name != "" {
		if was, dup := p.byName[name]; dup {
			return node{}, p.fail(start+4, "redefinition of group name '%s' as group %d; was group %d", name, num, was)
		}
		p.byName[name] = num
	}
	p.open[num] = true
	n, err := p.inside(start)
	delete(p.open, num)
	n.std, n.back = "("+n.std+")", "("+n.back+")"
	p.widths[num] = n
	return n, err
}

func (p *parser) name(end rune) (string, int, error) {
	from := p.i
	for p.peek(0) != end {
		if p.peek(0) < 0 {
			if p.i == from {
				return "", from, p.fail(from, "missing group name")
			}
			return "", from, p.fail(from, "missing %c, unterminated name", end)
		}
		p.i++
	}
	s := string(p.rs[from:p.i])
	p.i++
	if s == "" {
		return "", from, p.fail(from, "missing group name")
	}
	return s, from, nil
}

func (p *parser) pythonGroup(start int) (node, bool, error) {
	c := p.peek(0)
	p.i++
	switch c {
	case '<':
		s, at, err := p.name('>')
		if err == nil && !isIdent(s) {
			err = p.fail(at, "bad character in group name '%s'", s)
		}
		if err != nil {
			return node{}, false, err
		}
		n, err := p.capture(start, s)
		return n, true, err
	case '=':
		s, at, err := p.name(')')
		if err == nil && !isIdent(s) {
			err = p.fail(at, "bad character in group name '%s'", s)
		}
		if err != nil {
			return node{}, false, err
		}
		num, ok := p.byName[s]
		if !ok {
			return node{}, false, p.fail(at, "unknown group name '%s'", s)
		}
		n, err := p.backref(num, at)
		return n, true, err
	}
	if c < 0 {
		return node{}, false, p.fail(p.i-1, "unexpected end of pattern")
	}
	return node{}, false, p.fail(start+1, "unknown extension ?P%c", c)
}

func (p *parser) backref(num, at int) (node, error) {
	if num >= len(p.names) {
		return node{}, p.fail(at, "invalid group reference %d", num)
	}
	if p.open[num] {
		return node{}, p.fail(at, "cannot refer to an open group")
	}
	w := p.widths[num]
	n := backOnly(fmt.Sprintf(`(?:\k<%d>)`, num), 0)
	n.min, n.max = w.min, w.max
	return n, nil
}

func (p *parser) conditional(start int) (node, bool, error) {
	s, at, err := p.name(')')
	if err != nil {
		return node{}, false, err
	}
	num, ok := p.byName[s]
	if !ok {
		num, err = strconv.Atoi(s)
		if err != nil {
			if isIdent(s) {
				return node{}, false, p.fail(at, "unknown group name '%s'", s)
			}
			return node{}, false, p.fail(at, "bad character in group name '%s'", s)
		}
		if num == 0 {
			return node{}, false, p.fail(at, "bad group number")
		}
		if num >= len(p.names) {
			return node{}, false, p.fail(at, "invalid group reference %d", num)
		}
	}
	saved := p.flags
	defer func() { p.flags = saved }()
	yes, err := p.sequence()
	if err != nil {
		return node{}, false, err
	}
	no := node{}
	if p.peek(0) == '|' {
		p.i++
		if no, err = p.sequence(); err != nil {
			return node{}, false, err
		}
		if p.peek(0) == '|' {
			return node{}, false, p.fail(p.i, "conditional backref with more than two branches")
		}
	}
	if p.peek(0) != ')' {
		return node{}, false, p.fail(start, "missing ), unterminated subpattern")
	}
	p.i++
	n := backOnly(fmt.Sprintf("(?(%d)%s|%s)", num, yes.back, no.back), 0)
	n.min, n.max = min(yes.min, no.min), max(yes.max, no.max)
	return n, true, nil
}

// flagGroup reads (?i-m:...). A flag group without a body is allowed at the
// start of the pattern only.
func (p *parser) flagGroup(start int) (node, bool, error) {
	var on, off Flags
	neg := false
	for {
		c := p.peek(0)
		p.i++
		v, ok := flagLetters[c]
		switch {
		case ok && neg:
			off |= v
		case ok:
			on |= v
		case c == '-' && !neg:
			neg = true
		case c == ')' && !neg:
			return node{}, false, p.fail(start, "global flags not at the start of the expression")
		case c == ':':
			saved, wasASCII := p.flags, p.ascii
			p.flags = p.flags&^off | on
			p.ascii = p.ascii || on&ASCII != 0
			now := p.flags
			n, err := p.inside(start)
			p.flags, p.ascii = saved, wasASCII
			pre := "(?:"
			if now&IgnoreCase != 0 && saved&IgnoreCase == 0 {
				pre = "(?i:"
			} else if now&IgnoreCase == 0 && saved&IgnoreCase != 0 {
				pre = "(?-i:"
			}
			n.std, n.back = pre+n.std+")", pre+n.back+")"
			return n, true, err
		case c < 0:
			return node{}, false, p.fail(p.i-1, "missing -, : or )")
		default:
			return node{}, false, p.fail(p.i-1, "unknown flag")
		}
	}
}
