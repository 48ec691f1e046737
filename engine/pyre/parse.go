package pyre

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

const (
	maxNest = 250
	maxRep  = 1 << 30
)

// node is a translated piece of a pattern for both engines, with the least and
// greatest number of characters it can match.
type node struct {
	std, back string
	min, max  int
	stdOK     bool
}

func both(s string, n int) node { return node{s, s, n, n, true} }

func backOnly(s string, n int) node { return node{"", s, n, n, false} }

// parser translates a pattern. Where ascii is true, classes cover ASCII only,
// which is the same for ASCII subjects and much smaller.
type parser struct {
	src      string
	rs       []rune
	i        int
	flags    Flags
	ascii    bool
	names    []string
	byName   map[string]int
	open     map[int]bool
	widths   map[int]node
	behind   int  // inside how many lookbehinds
	boundary bool // has \b or \B
	dollar   bool
	depth    int
	root     node
}

func translate(src string, f Flags, ascii bool) (*parser, error) {
	p := &parser{src: src, rs: []rune(src), flags: f, ascii: ascii || f&ASCII != 0, names: []string{""},
		byName: map[string]int{}, open: map[int]bool{}, widths: map[int]node{}}
	p.globalFlags()
	n, err := p.alternatives()
	if err != nil {
		return nil, err
	}
	if p.i < len(p.rs) {
		return nil, p.fail(p.i, "unbalanced parenthesis")
	}
	if p.flags&IgnoreCase != 0 {
		n.std, n.back = "(?i:"+n.std+")", "(?i:"+n.back+")"
	}
	p.root = n
	return p, nil
}

func (p *parser) fail(pos int, format string, a ...any) error {
	return &Error{Msg: fmt.Sprintf(format, a...), Pattern: p.src, Pos: pos}
}

func (p *parser) peek(k int) rune {
	if p.i+k < len(p.rs) {
		return p.rs[p.i+k]
	}
	return -1
}

func (p *parser) has(s string) bool {
	for k, c := range []rune(s) {
		if p.peek(k) != c {
			return false
		}
	}
	return true
}

var flagLetters = map[rune]Flags{'i': IgnoreCase, 'm': Multiline, 's': DotAll, 'x': Verbose, 'a': ASCII, 'u': 0, 'L': 0}

// globalFlags takes (?i) and the like at the start.
func (p *parser) globalFlags() {
	for p.has("(?") {
		var f Flags
		k := 2
		for ; ; k++ {
			v, ok := flagLetters[p.peek(k)]
			if !ok {
				break
			}
			f |= v
		}
		if k == 2 || p.peek(k) != ')' {
			return
		}
		p.flags |= f
		if f&ASCII != 0 {
			p.ascii = true
		}
		p.i += k + 1
	}
}

func (p *parser) alternatives() (node, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxNest {
		return node{}, p.fail(p.i, "regular expression is nested too deeply")
	}
	out, err := p.sequence()
	if err != nil {
		return node{}, err
	}
	for p.peek(0) == '|' {
		p.i++
		n, err := p.sequence()
		if err != nil {
			return node{}, err
		}
		out.std += "|" + n.std
		out.back += "|" + n.back
		out.min, out.max = min(out.min, n.min), max(out.max, n.max)
		out.stdOK = out.stdOK && n.stdOK
	}
	return out, nil
}

func (p *parser) sequence() (node, error) {
	var std, back strings.Builder
	out := node{stdOK: true}
	for {
		if p.flags&Verbose != 0 {
			p.skipVerbose()
		}
		c := p.peek(0)
		if c < 0 || c == '|' || c == ')' {
			break
		}
		n, err := p.item()
		if err != nil {
			return node{}, err
		}
		std.WriteString(n.std)
		back.WriteString(n.back)
		out.min, out.max = min(out.min+n.min, maxRep), min(out.max+n.max, maxRep)
		out.stdOK = out.stdOK && n.stdOK
	}
	out.std, out.back = std.String(), back.String()
	return out, nil
}

func (p *parser) skipVerbose() {
	for p.i < len(p.rs) {
		c := p.rs[p.i]
		if c == '#' {
			for p.i < len(p.rs) && p.rs[p.i] != '\n' {
				p.i++
			}
		} else if !strings.ContainsRune(" \t\n\r\v\f", c) {
			return
		} else {
			p.i++
		}
	}
}

// item is an atom and what repeats it.
func (p *parser) item() (node, error) {
	start := p.i
	if lo, _, n := p.repeat(); n > 0 || lo == -2 {
		return node{}, p.fail(start, "nothing to repeat")
	}
	a, repeatable, err := p.atom()
	if err != nil {
		return node{}, err
	}
	if p.flags&Verbose != 0 {
		p.skipVerbose()
	}
	at := p.i
	lo, hi, n := p.repeat()
	if n == 0 {
		return a, nil
	}
	if lo > hi {
		return node{}, p.fail(at+1, "min repeat greater than max repeat")
	}
	if !repeatable || a.std == "" && a.back == "" {
		return node{}, p.fail(at, "nothing to repeat")
	}
	p.i += n
	mode := ""
	switch p.peek(0) {
	case '?', '+':
		mode = string(p.peek(0))
		p.i++
	}
	again := p.i
	if _, _, n := p.repeat(); n > 0 {
		return node{}, p.fail(again, "multiple repeat")
	}
	q := fmt.Sprintf("{%d,%d}", lo, hi)
	switch {
	case lo == 0 && hi == maxRep:
		q = "*"
	case lo == 1 && hi == maxRep:
		q = "+"
	case lo == 0 && hi == 1:
		q = "?"
	case hi == maxRep:
		q = fmt.Sprintf("{%d,}", lo)
	case lo == hi:
		q = fmt.Sprintf("{%d}", lo)
	}
	out := node{stdOK: a.stdOK, min: mulWidth(a.min, lo), max: mulWidth(a.max, hi)}
	if a.min == 0 && hi > 1 {
		out.stdOK = false // loops over nothing keep other captures
	}
	out.std = "(?:" + a.std + ")" + q
	out.back = "(?:" + a.back + ")" + q
	switch mode {
	case "?":
		out.std += "?"
		out.back += "?"
	case "+":
		out.back = "(?>" + out.back + ")"
		out.stdOK = false
	}
	return out, nil
}

func mulWidth(w, n int) int {
	if w == 0 || n == 0 {
		return 0
	}
	if w > maxRep/n {
		return maxRep
	}
	return w * n
}

// repeat reads the quantifier at the cursor without moving it; n is its length.
func (p *parser) repeat() (lo, hi, n int) {
	switch p.peek(0) {
	case '*':
		return 0, maxRep, 1
	case '+':
		return 1, maxRep, 1
	case '?':
		return 0, 1, 1
	case '{':
	default:
		return 0, 0, 0
	}
	k := 1
	digits := func() string {
		from := k
		for c := p.peek(k); c >= '0' && c <= '9'; c = p.peek(k) {
			k++
		}
		return string(p.rs[p.i+from : p.i+k])
	}
	a := digits()
	b := a
	if p.peek(k) == ',' {
		k++
		b = digits()
	} else if a == "" {
		return 0, 0, 0
	}
	if p.peek(k) != '}' {
		return 0, 0, 0
	}
	lo, hi = 0, maxRep
	if a != "" {
		lo = atoiMax(a)
	}
	if b != "" {
		hi = atoiMax(b)
	}
	return lo, hi, k + 1
}

func atoiMax(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n > math.MaxInt32 {
		return maxRep - 1
	}
	return min(n, maxRep-1)
}

func (p *parser) atom() (n node, repeatable bool, err error) {
	c := p.peek(0)
	switch c {
	case '(':
		return p.group()
	case '[':
		n, err = p.class()
		return n, true, err
	case '\\':
		return p.escape()
	}
	p.i++
	switch c {
	case '.':
		if p.flags&DotAll != 0 {
			return both("(?s:.)", 1), true, nil
		}
		return both(`[^\n]`, 1), true, nil
	case '^':
		if p.flags&Multiline != 0 {
			return both("(?m:^)", 0), false, nil
		}
		return both(`\A`, 0), false, nil
	case '$':
		if p.flags&Multiline != 0 {
			return both("(?m:$)", 0), false, nil
		}
		p.dollar = true
		return node{std: `\z`, back: `\Z`, stdOK: true}, false, nil
	}
	return both(lit(c), 1), true, nil
}

// lit writes one character for both engines.
func lit(c rune) string {
	if c < 0x80 && c > ' ' && c != '_' && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != 0x7f {
		return `\` + string(c)
	}
	return string(c)
}
