package expr

import (
	"github.com/goplay-engine/goplay/engine/jinja/lex"
)

func (p *Parser) cond() (Node, error) {
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	for i := 0; p.Cur().IsName("if"); i++ {
		if i > maxChain {
			return nil, p.tooLong()
		}
		off := p.Next().Off()
		test, err := p.or()
		if err != nil {
			return nil, err
		}
		c := &Cond{at: at(off), Test: test, Then: n}
		if p.SkipName("else") {
			if c.Else, err = p.Expr(true); err != nil {
				return nil, err
			}
		}
		n = c
	}
	return n, nil
}

func (p *Parser) or() (Node, error) {
	l, err := p.and()
	if err != nil {
		return nil, err
	}
	for n := 0; p.Cur().IsName("or"); n++ {
		if n > maxChain {
			return nil, p.tooLong()
		}
		off := p.Next().Off()
		r, err := p.and()
		if err != nil {
			return nil, err
		}
		l = &Or{at(off), l, r}
	}
	return l, nil
}

func (p *Parser) and() (Node, error) {
	l, err := p.not()
	if err != nil {
		return nil, err
	}
	for n := 0; p.Cur().IsName("and"); n++ {
		if n > maxChain {
			return nil, p.tooLong()
		}
		off := p.Next().Off()
		r, err := p.not()
		if err != nil {
			return nil, err
		}
		l = &And{at(off), l, r}
	}
	return l, nil
}

func (p *Parser) not() (Node, error) {
	if !p.Cur().IsName("not") {
		return p.compare()
	}
	off := p.Next().Off()
	if p.depth++; p.depth > MaxDepth {
		return nil, p.Failf("the expression is nested too deeply")
	}
	defer func() { p.depth-- }()
	x, err := p.not()
	if err != nil {
		return nil, err
	}
	return &Not{at(off), x}, nil
}

func (p *Parser) compare() (Node, error) {
	n, err := p.sum()
	if err != nil {
		return nil, err
	}
	var c *Compare
	for {
		t := p.Cur()
		op := ""
		switch {
		case t.Kind == lex.Op:
			switch t.Text {
			case "==", "!=", "<", "<=", ">", ">=":
				op = t.Text
			}
		case t.IsName("in"):
			op = "in"
		case t.IsName("not") && p.Look().IsName("in"):
			p.Next()
			op = "not in"
		}
		if op == "" {
			break
		}
		p.Next()
		r, err := p.sum()
		if err != nil {
			return nil, err
		}
		if c == nil {
			c = &Compare{at: at(n.Off()), First: n}
		}
		c.Ops = append(c.Ops, op)
		c.Rest = append(c.Rest, r)
	}
	if c != nil {
		return c, nil
	}
	return n, nil
}

func (p *Parser) sum() (Node, error) {
	l, err := p.concat()
	if err != nil {
		return nil, err
	}
	for n := 0; p.Cur().Kind == lex.Op && (p.Cur().Text == "+" || p.Cur().Text == "-"); n++ {
		t := p.Next()
		r, err := p.concat()
		if err != nil {
			return nil, err
		}
		if n > maxChain {
			return nil, p.tooLong()
		}
		l = &Binary{at(t.Off()), t.Text, l, r}
	}
	return l, nil
}

func (p *Parser) concat() (Node, error) {
	l, err := p.product()
	if err != nil || !p.Cur().Is("~") {
		return l, err
	}
	c := &Concat{at: at(l.Off()), Items: []Node{l}}
	for p.SkipOp("~") {
		r, err := p.product()
		if err != nil {
			return nil, err
		}
		c.Items = append(c.Items, r)
	}
	return c, nil
}

func (p *Parser) product() (Node, error) {
	l, err := p.power()
	if err != nil {
		return nil, err
	}
	for n := 0; ; n++ {
		t := p.Cur()
		if t.Kind != lex.Op || t.Text != "*" && t.Text != "/" && t.Text != "//" && t.Text != "%" {
			return l, nil
		}
		p.Next()
		r, err := p.power()
		if err != nil {
			return nil, err
		}
		if n > maxChain {
			return nil, p.tooLong()
		}
		l = &Binary{at(t.Off()), t.Text, l, r}
	}
}

// power is left-associative in Jinja2, unlike in Python.
func (p *Parser) power() (Node, error) {
	l, err := p.unary(true)
	if err != nil {
		return nil, err
	}
	for n := 0; p.Cur().Is("**"); n++ {
		off := p.Next().Off()
		r, err := p.unary(true)
		if err != nil {
			return nil, err
		}
		if n > maxChain {
			return nil, p.tooLong()
		}
		l = powerOf(at(off), l, r)
	}
	return l, nil
}

// powerOf builds l ** r. Where l is a negative literal and r is computed, the
// minus applies to the result, as it comes out of Jinja2's compiled Python.
func powerOf(off at, l, r Node) Node {
	if u, ok := l.(*Unary); ok && u.Op == '-' {
		if _, lit := u.X.(*Const); lit && !fixed(r) {
			return &Unary{u.at, '-', &Binary{off, "**", u.X, r}}
		}
	}
	return &Binary{off, "**", l, r}
}

// fixed tells whether n is computed when the template is compiled.
func fixed(n Node) bool {
	switch x := n.(type) {
	case *Const:
		return true
	case *Unary:
		return fixed(x.X)
	case *Binary:
		return fixed(x.L) && fixed(x.R)
	}
	return false
}

func (p *Parser) unary(filters bool) (Node, error) {
	if p.depth++; p.depth > MaxDepth {
		return nil, p.Failf("the expression is nested too deeply")
	}
	defer func() { p.depth-- }()
	t := p.Cur()
	var n Node
	var err error
	if t.Is("-") || t.Is("+") {
		p.Next()
		var x Node
		if x, err = p.unary(false); err == nil {
			n = &Unary{at(t.Off()), t.Text[0], x}
		}
	} else {
		n, err = p.primary()
	}
	if err != nil {
		return nil, err
	}
	if n, err = p.postfix(n); err != nil || !filters {
		return n, err
	}
	return p.filterExpr(n)
}
