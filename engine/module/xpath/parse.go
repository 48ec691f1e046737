package xpath

import (
	"math"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/module/xmldoc"
)

// parser reads an expression; its methods panic with a failure, caught in parse.
type parser struct {
	src   string
	pos   int
	depth int
}

func (p *parser) parse() (e expr, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(failure)
			if !ok {
				panic(r)
			}
			e, err = nil, f.error
		}
	}()
	e = p.or()
	if p.pos < len(p.src) {
		p.fail(errExpr)
	}
	return e, nil
}

func (p *parser) fail(err error) { panic(failure{err}) }

func (p *parser) at(i int) byte {
	if p.pos+i < len(p.src) {
		return p.src[p.pos+i]
	}
	return 0
}

func (p *parser) skip(s string) bool {
	if strings.HasPrefix(p.src[p.pos:], s) {
		p.pos += len(s)
		return true
	}
	return false
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

func (p *parser) blanks() {
	for isBlank(p.at(0)) {
		p.pos++
	}
}

// or reads a whole expression.
func (p *parser) or() expr {
	if p.depth++; p.depth > maxDepth {
		p.fail(errDeep)
	}
	defer func() { p.depth-- }()
	return p.chain(func() expr { return p.chain(p.equality, "and") }, "or")
}

// chain reads operands with one of the operators between them.
func (p *parser) chain(operand func() expr, ops ...string) expr {
	e := operand()
	for {
		p.blanks()
		i := slices.IndexFunc(ops, func(op string) bool { return strings.HasPrefix(p.src[p.pos:], op) })
		if i < 0 {
			return e
		}
		p.pos += len(ops[i])
		p.blanks()
		e = &binary{ops[i], e, operand()}
	}
}

func (p *parser) equality() expr   { return p.chain(p.relational, "=", "!=") }
func (p *parser) relational() expr { return p.chain(p.additive, "<=", ">=", "<", ">") }
func (p *parser) additive() expr   { return p.chain(p.multiplicative, "+", "-") }
func (p *parser) multiplicative() expr {
	return p.chain(p.unary, "*", "div", "mod")
}

func (p *parser) unary() expr {
	p.blanks()
	signs := 0
	for p.skip("-") {
		signs++
		p.blanks()
	}
	e := p.chain(p.path, "|")
	if signs > 0 {
		return &negate{e, signs%2 == 1}
	}
	return e
}

// ncname reads a name without a colon; empty where there is none.
func (p *parser) ncname() string {
	from := p.pos
	p.pos += xmldoc.NameLen(p.src[from:])
	return p.src[from:p.pos]
}

// scan looks at the name ahead, colons included, without reading it.
func (p *parser) scan() string {
	old := p.pos
	defer func() { p.pos = old }()
	if p.ncname() == "" {
		return ""
	}
	for p.skip(":") || p.ncname() != "" {
		continue
	}
	return p.src[old:p.pos]
}

func (p *parser) path() expr {
	p.blanks()
	c := p.at(0)
	location := true
	switch {
	case c == '$', c == '(', isDigit(c), c == '\'', c == '"', c == '.' && isDigit(p.at(1)):
		location = false
	case c == '*', c == '/', c == '@', c == '.':
	default:
		name := p.scan()
		if name == "" {
			p.fail(errExpr)
		}
		if after := strings.TrimLeft(p.src[p.pos+len(name):], " \t\r\n"); !strings.Contains(name, "::") && strings.HasPrefix(after, "(") {
			location = slices.Contains(nodeTypes, name)
		}
	}
	if location {
		l := &locationPath{root: c == '/'}
		p.location(l)
		p.blanks()
		return l
	}
	e := p.filter()
	if p.at(0) == '/' {
		l := &locationPath{from: e}
		if p.skip("//") {
			p.blanks()
			l.steps = append(l.steps, anywhere)
		}
		p.relative(l)
		e = l
	}
	p.blanks()
	return e
}

var nodeTypes = []string{"node", "text", "comment", "processing-instruction"}

func (p *parser) filter() expr {
	e := p.primary()
	p.blanks()
	for p.at(0) == '[' {
		e = &filtered{e, p.predicate()}
		p.blanks()
	}
	return e
}

func (p *parser) primary() expr {
	p.blanks()
	var e expr
	switch c := p.at(0); {
	case c == '$':
		p.fail(errVariable)
	case c == '(':
		p.pos++
		p.blanks()
		e = p.or()
		if p.at(0) != ')' {
			p.fail(errExpr)
		}
		p.pos++
		p.blanks()
	case isDigit(c), c == '.' && isDigit(p.at(1)):
		e = constant{p.number()}
	case c == '\'', c == '"':
		e = constant{p.literal()}
	default:
		e = p.call()
	}
	p.blanks()
	return e
}

func (p *parser) literal() string {
	q := p.at(0)
	if q != '\'' && q != '"' {
		p.fail(errLiteral)
	}
	i := strings.IndexByte(p.src[p.pos+1:], q)
	if i < 0 {
		p.fail(errLiteral)
	}
	s := p.src[p.pos+1 : p.pos+1+i]
	p.pos += i + 2
	return s
}

func (p *parser) number() float64 {
	n := 0.0
	for ; isDigit(p.at(0)); p.pos++ {
		n = n*10 + float64(p.at(0)-'0')
	}
	if p.skip(".") {
		fraction, places := 0.0, 0
		for ; isDigit(p.at(0)); p.pos++ {
			if places < 20 {
				fraction = fraction*10 + float64(p.at(0)-'0')
				places++
			}
		}
		n += fraction / math.Pow(10, float64(places))
	}
	if c := p.at(0); c == 'e' || c == 'E' {
		p.pos++
		sign := 1.0
		if p.skip("-") {
			sign = -1
		} else {
			p.skip("+")
		}
		exp := 0.0
		for ; isDigit(p.at(0)); p.pos++ {
			if exp < 1000000 {
				exp = exp*10 + float64(p.at(0)-'0')
			}
		}
		n *= math.Pow(10, sign*exp)
	}
	return n
}

func (p *parser) call() expr {
	f := &call{name: p.ncname()}
	if f.name == "" {
		p.fail(errExpr)
	}
	if p.skip(":") {
		f.prefix = f.name
		if f.name = p.ncname(); f.name == "" {
			p.fail(errExpr)
		}
	}
	p.blanks()
	if !p.skip("(") {
		p.fail(errExpr)
	}
	p.blanks()
	for p.at(0) != ')' {
		f.args = append(f.args, p.or())
		if p.at(0) == ')' {
			break
		}
		if !p.skip(",") {
			p.fail(errExpr)
		}
		p.blanks()
		if p.pos >= len(p.src) {
			p.fail(errExpr)
		}
	}
	p.pos++
	p.blanks()
	return f
}

func (p *parser) location(l *locationPath) {
	p.blanks()
	if p.at(0) != '/' {
		p.relative(l)
		return
	}
	for p.at(0) == '/' {
		if p.skip("//") {
			p.blanks()
			l.steps = append(l.steps, anywhere)
			p.relative(l)
			continue
		}
		p.pos++
		p.blanks()
		if c := p.at(0); isLetter(c) || c == '_' || c == '.' || c == '@' || c == '*' {
			p.relative(l)
		}
	}
}

func (p *parser) relative(l *locationPath) {
	p.blanks()
	p.slash(l)
	p.step(l)
	p.blanks()
	for p.slash(l) {
		p.step(l)
		p.blanks()
	}
}

// slash reads / or //, if there is one.
func (p *parser) slash(l *locationPath) bool {
	if p.skip("//") {
		l.steps = append(l.steps, anywhere)
	} else if !p.skip("/") {
		return false
	}
	p.blanks()
	return true
}

func (p *parser) step(l *locationPath) {
	p.blanks()
	switch {
	case p.skip(".."):
		l.steps = append(l.steps, &step{axis: "parent", kind: anyNode})
		return
	case p.skip("."):
		return
	}
	s := &step{axis: "child"}
	name := ""
	if p.at(0) != '*' {
		name = p.ncname()
		if _, ok := axes[name]; ok && name != "" {
			old := p.pos
			p.blanks()
			if p.skip("::") {
				s.axis, name = name, ""
			} else {
				p.pos = old
			}
		}
		if name == "" && s.axis == "child" && p.skip("@") {
			s.axis = "attribute"
		}
	}
	p.test(s, name)
	p.blanks()
	for p.at(0) == '[' {
		s.predicates = append(s.predicates, p.predicate())
	}
	l.steps = append(l.steps, s)
}

// test reads a node test whose name was perhaps read already.
func (p *parser) test(s *step, name string) {
	p.blanks()
	if name == "" {
		if p.skip("*") {
			s.kind = anyName
			return
		}
		if name = p.ncname(); name == "" {
			p.fail(errExpr)
		}
	}
	spaced := isBlank(p.at(0))
	p.blanks()
	if p.skip("(") {
		p.blanks()
		switch name {
		case "comment":
			s.kind = ofComment
		case "node":
			s.kind = anyNode
		case "text":
			s.kind = ofText
		case "processing-instruction":
			s.kind = ofPI
			if p.at(0) != ')' {
				if c := p.at(0); c != '"' && c != '\'' {
					p.fail(errExpr)
				}
				s.local = p.literal()
				p.blanks()
			}
		default:
			p.fail(errExpr)
		}
		if !p.skip(")") {
			p.fail(errUnclosed)
		}
		return
	}
	s.kind, s.local = byName, name
	if !spaced && p.at(0) == ':' {
		p.pos++
		s.prefix = name
		if p.skip("*") {
			s.kind, s.local = anyName, ""
			return
		}
		if s.local = p.ncname(); s.local == "" {
			p.fail(errExpr)
		}
	}
}

func (p *parser) predicate() expr {
	p.pos++
	p.blanks()
	e := p.or()
	if p.at(0) != ']' {
		p.fail(errPredicate)
	}
	p.pos++
	p.blanks()
	return e
}
