package expr

import (
	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/lex"
)

func (p *Parser) call(fn Node) (Node, error) {
	c := &Call{at: at(fn.Off()), Fn: fn}
	return c, p.args(&c.Args)
}

func (p *Parser) args(a *Args) error {
	if err := p.ExpectOp("("); err != nil {
		return err
	}
	bad := func() error { return p.Failf("invalid syntax for function call expression") }
	comma := false
	for !p.Cur().Is(")") {
		if comma {
			if err := p.ExpectOp(","); err != nil {
				return err
			}
			if p.Cur().Is(")") {
				break
			}
		}
		var err error
		t := p.Cur()
		switch {
		case t.Is("*"):
			if a.Star != nil || a.DStar != nil {
				return bad()
			}
			p.Next()
			a.Star, err = p.Expr(true)
		case t.Is("**"):
			if a.DStar != nil {
				return bad()
			}
			p.Next()
			a.DStar, err = p.Expr(true)
		case t.Kind == lex.Name && p.Look().Is("="):
			if a.DStar != nil {
				return bad()
			}
			for _, n := range a.Names {
				if n == t.Text {
					return p.Failf("keyword argument repeated: %s", n)
				}
			}
			p.Next()
			p.Next()
			var v Node
			v, err = p.Expr(true)
			a.Names = append(a.Names, t.Text)
			a.Vals = append(a.Vals, v)
		default:
			if a.Star != nil || a.DStar != nil || len(a.Names) > 0 {
				return bad()
			}
			var v Node
			v, err = p.Expr(true)
			a.Pos = append(a.Pos, v)
		}
		if err != nil {
			return err
		}
		comma = true
	}
	return p.ExpectOp(")")
}

func (p *Parser) dotted() (string, error) {
	t, err := p.ExpectKind(lex.Name)
	if err != nil {
		return "", err
	}
	name := t.Text
	for p.SkipOp(".") {
		if t, err = p.ExpectKind(lex.Name); err != nil {
			return "", err
		}
		name += "." + t.Text
	}
	return name, nil
}

// Filters reads `| a | b(c)` applied to n; inline, the first filter has no bar
// before it and n may be nil (filter blocks).
func (p *Parser) Filters(n Node, inline bool) (Node, error) {
	for i := 0; inline || p.Cur().Is("|"); i++ {
		if i > maxChain {
			return nil, p.tooLong()
		}
		if !inline {
			p.Next()
		}
		inline = false
		f := &Filter{at: at(p.Cur().Off()), X: n}
		var err error
		if f.Name, err = p.dotted(); err != nil {
			return nil, err
		}
		f.fn = builtin.Filters[f.Name]
		if p.Cur().Is("(") {
			if err = p.args(&f.Args); err != nil {
				return nil, err
			}
		}
		n = f
	}
	return n, nil
}

func (p *Parser) test(x Node) (Node, error) {
	p.Next()
	negated := p.SkipName("not")
	t := &Test{at: at(p.Cur().Off()), X: x}
	var err error
	if t.Name, err = p.dotted(); err != nil {
		return nil, err
	}
	t.fn = builtin.Tests[t.Name]
	c := p.Cur()
	switch {
	case c.Is("("):
		err = p.args(&t.Args)
	case c.Kind == lex.String || c.Kind == lex.Int || c.Kind == lex.Float || c.Is("[") || c.Is("{") ||
		c.Kind == lex.Name && c.Text != "else" && c.Text != "or" && c.Text != "and":
		if c.IsName("is") {
			return nil, p.Failf("You cannot chain multiple tests with is")
		}
		var a Node
		if a, err = p.primary(); err == nil {
			a, err = p.postfix(a)
		}
		t.Args.Pos = []Node{a}
	}
	if err != nil {
		return nil, err
	}
	if negated {
		return &Not{t.at, t}, nil
	}
	return t, nil
}
