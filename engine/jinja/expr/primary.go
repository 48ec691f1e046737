package expr

import (
	"github.com/goplay-engine/goplay/engine/jinja/lex"
)

func (p *Parser) primary() (Node, error) {
	t := p.Cur()
	switch t.Kind {
	case lex.Name:
		p.Next()
		switch t.Text {
		case "true", "True":
			return &Const{at(t.Off()), true}, nil
		case "false", "False":
			return &Const{at(t.Off()), false}, nil
		case "none", "None":
			return &Const{at(t.Off()), nil}, nil
		}
		return &Name{at: at(t.Off()), Name: t.Text, Slot: ByName}, nil
	case lex.String:
		s := p.Next().Text
		for p.Cur().Kind == lex.String {
			s += p.Next().Text
		}
		return &Const{at(t.Off()), s}, nil
	case lex.Int, lex.Float:
		p.Next()
		return &Const{at(t.Off()), t.Number()}, nil
	case lex.Op:
		switch t.Text {
		case "(":
			p.Next()
			n, err := p.tuple(true, true)
			if err != nil {
				return nil, err
			}
			return n, p.ExpectOp(")")
		case "[":
			return p.list()
		case "{":
			return p.dict()
		}
	}
	return nil, p.Failf("unexpected %s", got(t))
}

// TupleExpr reads an expression or a tuple without parentheses.
func (p *Parser) TupleExpr(inlineIf bool) (Node, error) { return p.tuple(inlineIf, false) }

func (p *Parser) tupleEnd() bool {
	t := p.Cur()
	return t.Kind == lex.VarEnd || t.Kind == lex.BlockEnd || t.Is(")")
}

func (p *Parser) tuple(inlineIf, parens bool) (Node, error) {
	off := p.Cur().Off()
	var items []Node
	isTuple := false
	for {
		if len(items) > 0 {
			if err := p.ExpectOp(","); err != nil {
				return nil, err
			}
		}
		if p.tupleEnd() || len(items) > 0 && p.Cur().Kind == lex.EOF {
			break
		}
		n, err := p.Expr(inlineIf)
		if err != nil {
			return nil, err
		}
		items = append(items, n)
		if !p.Cur().Is(",") {
			break
		}
		isTuple = true
	}
	if !isTuple {
		if len(items) > 0 {
			return items[0], nil
		}
		if !parens {
			return nil, p.Failf("Expected an expression, got %s", got(p.Cur()))
		}
	}
	return &Tuple{at(off), items}, nil
}

func (p *Parser) list() (Node, error) {
	l := &List{at: at(p.Next().Off())}
	for !p.Cur().Is("]") {
		if len(l.Items) > 0 {
			if err := p.ExpectOp(","); err != nil {
				return nil, err
			}
			if p.Cur().Is("]") {
				break
			}
		}
		n, err := p.Expr(true)
		if err != nil {
			return nil, err
		}
		l.Items = append(l.Items, n)
	}
	return l, p.ExpectOp("]")
}

func (p *Parser) dict() (Node, error) {
	d := &Dict{at: at(p.Next().Off())}
	for !p.Cur().Is("}") {
		if len(d.Keys) > 0 {
			if err := p.ExpectOp(","); err != nil {
				return nil, err
			}
			if p.Cur().Is("}") {
				break
			}
		}
		k, err := p.Expr(true)
		if err != nil {
			return nil, err
		}
		if err = p.ExpectOp(":"); err != nil {
			return nil, err
		}
		v, err := p.Expr(true)
		if err != nil {
			return nil, err
		}
		d.Keys = append(d.Keys, k)
		d.Vals = append(d.Vals, v)
	}
	return d, p.ExpectOp("}")
}

func (p *Parser) postfix(n Node) (Node, error) {
	for i := 0; ; i++ {
		t := p.Cur()
		if t.Kind != lex.Op {
			return n, nil
		}
		var err error
		switch t.Text {
		case ".", "[":
			n, err = p.subscript(n)
		case "(":
			n, err = p.call(n)
		default:
			return n, nil
		}
		if err != nil {
			return nil, err
		}
		if i > maxChain {
			return nil, p.tooLong()
		}
	}
}

func (p *Parser) filterExpr(n Node) (Node, error) {
	for i := 0; ; i++ {
		t := p.Cur()
		var err error
		switch {
		case t.Is("|"):
			n, err = p.Filters(n, false)
		case t.IsName("is"):
			n, err = p.test(n)
		case t.Is("("):
			n, err = p.call(n)
		default:
			return n, nil
		}
		if err != nil {
			return nil, err
		}
		if i > maxChain {
			return nil, p.tooLong()
		}
	}
}

func (p *Parser) subscript(n Node) (Node, error) {
	open := p.Next()
	if open.Text == "." {
		t := p.Next()
		switch t.Kind {
		case lex.Name:
			return &Attr{at(t.Off()), n, t.Text, special(t.Text)}, nil
		case lex.Int:
			return &Item{at(t.Off()), n, &Const{at(t.Off()), t.Number()}}, nil
		}
		return nil, &lex.Error{Msg: "expected name or number", Off: t.Off()}
	}
	var args []Node
	for !p.Cur().Is("]") {
		if len(args) > 0 {
			if err := p.ExpectOp(","); err != nil {
				return nil, err
			}
		}
		a, err := p.subscribed()
		if err != nil {
			return nil, err
		}
		args = append(args, a)
	}
	if err := p.ExpectOp("]"); err != nil {
		return nil, err
	}
	if len(args) == 1 {
		return &Item{at(open.Off()), n, args[0]}, nil
	}
	return &Item{at(open.Off()), n, &Tuple{at(open.Off()), args}}, nil
}

func (p *Parser) subscribed() (Node, error) {
	s := &Slice{at: at(p.Cur().Off())}
	if !p.SkipOp(":") {
		n, err := p.Expr(true)
		if err != nil || !p.SkipOp(":") {
			return n, err
		}
		s.Lo = n
	}
	end := func() bool { return p.Cur().Is("]") || p.Cur().Is(",") }
	var err error
	if !p.Cur().Is(":") && !end() {
		if s.Hi, err = p.Expr(true); err != nil {
			return nil, err
		}
	}
	if p.SkipOp(":") && !end() {
		if s.Step, err = p.Expr(true); err != nil {
			return nil, err
		}
	}
	return s, nil
}
