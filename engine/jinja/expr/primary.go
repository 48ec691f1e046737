package expr

import (
	"strings"

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
		p.Next()
		if p.Cur().Kind != lex.String {
			return &Const{at(t.Off()), t.Text}, nil
		}
		var b strings.Builder
		b.WriteString(t.Text)
		for p.Cur().Kind == lex.String {
			b.WriteString(p.Next().Text)
		}
		return &Const{at(t.Off()), b.String()}, nil
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

// commas reads items up to the first that no comma follows; isTuple tells that
// there was a comma.
func (p *Parser) commas(item func() (Node, error)) (items []Node, isTuple bool, err error) {
	for {
		if len(items) > 0 {
			if err := p.ExpectOp(","); err != nil {
				return nil, false, err
			}
		}
		if p.tupleEnd() || len(items) > 0 && p.Cur().Kind == lex.EOF {
			return items, isTuple, nil
		}
		n, err := item()
		if err != nil {
			return nil, false, err
		}
		items = append(items, n)
		if !p.Cur().Is(",") {
			return items, isTuple, nil
		}
		isTuple = true
	}
}

func (p *Parser) tuple(inlineIf, parens bool) (Node, error) {
	off := p.Cur().Off()
	items, isTuple, err := p.commas(func() (Node, error) { return p.Expr(inlineIf) })
	if err != nil {
		return nil, err
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

// series reads what stands between the current token and the closing one,
// separated by commas; item reads one.
func (p *Parser) series(end string, trailing bool, item func() error) error {
	p.Next()
	for n := 0; !p.Cur().Is(end); n++ {
		if n > 0 {
			if err := p.ExpectOp(","); err != nil {
				return err
			}
			if trailing && p.Cur().Is(end) {
				break
			}
		}
		if err := item(); err != nil {
			return err
		}
	}
	return p.ExpectOp(end)
}

// into reads an expression and appends it to list.
func (p *Parser) into(list *[]Node) error {
	n, err := p.Expr(true)
	*list = append(*list, n)
	return err
}

func (p *Parser) list() (Node, error) {
	l := &List{at: at(p.Cur().Off())}
	return l, p.series("]", true, func() error { return p.into(&l.Items) })
}

func (p *Parser) dict() (Node, error) {
	d := &Dict{at: at(p.Cur().Off())}
	return d, p.series("}", true, func() error {
		if err := p.into(&d.Keys); err != nil {
			return err
		}
		if err := p.ExpectOp(":"); err != nil {
			return err
		}
		return p.into(&d.Vals)
	})
}

// chain applies step to n as long as it finds something that continues it.
func (p *Parser) chain(n Node, step func(Node) (Node, error)) (Node, error) {
	for i := 0; ; i++ {
		next, err := step(n)
		if err != nil {
			return nil, err
		}
		if next == nil {
			return n, nil
		}
		if n = next; i > maxChain {
			return nil, p.tooLong()
		}
	}
}

// postfix reads .name, [key] and (arguments) after n.
func (p *Parser) postfix(n Node) (Node, error) {
	return p.chain(n, func(n Node) (Node, error) {
		switch t := p.Cur(); {
		case t.Is("."), t.Is("["):
			return p.subscript(n)
		case t.Is("("):
			return p.call(n)
		}
		return nil, nil
	})
}

// filterExpr reads filters, tests and calls after n.
func (p *Parser) filterExpr(n Node) (Node, error) {
	return p.chain(n, func(n Node) (Node, error) {
		switch t := p.Cur(); {
		case t.Is("|"):
			return p.Filters(n, false)
		case t.IsName("is"):
			return p.test(n)
		case t.Is("("):
			return p.call(n)
		}
		return nil, nil
	})
}

func (p *Parser) subscript(n Node) (Node, error) {
	open := p.Cur()
	if open.Text == "." {
		p.Next()
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
	err := p.series("]", false, func() error {
		a, err := p.subscribed()
		args = append(args, a)
		return err
	})
	if err != nil {
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
