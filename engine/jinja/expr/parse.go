package expr

import (
	"fmt"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/lex"
)

// MaxDepth bounds the nesting of expressions.
const MaxDepth = 200

// maxChain bounds operators, filters and subscripts in a row, which nest too.
const maxChain = 4000

func (p *Parser) tooLong() error { return p.Failf("the expression is too long") }

// Parser reads expressions from a token stream. engine/jinja/stmt drives it
// through a template.
type Parser struct {
	Toks  []lex.Token
	I     int
	depth int
}

// NewParser returns a parser at the start of toks, which end in lex.EOF.
func NewParser(toks []lex.Token) *Parser { return &Parser{Toks: toks} }

// Parse reads a bare expression and nothing after it.
func Parse(src string) (Node, error) { return parseAll(src, true) }

// ParseCond reads what `if` takes: an expression without inline if, or a tuple.
func ParseCond(src string) (Node, error) { return parseAll(src, false) }

func parseAll(src string, inlineIf bool) (Node, error) {
	toks, err := lex.Expression(src)
	if err != nil {
		return nil, err
	}
	defer lex.Release(toks)
	p := NewParser(toks)
	n, err := p.TupleExpr(inlineIf)
	if err != nil {
		return nil, err
	}
	if t := p.Cur(); t.Kind != lex.EOF {
		return nil, p.Failf("expected token 'end of statement block', got %s", got(t))
	}
	return n, nil
}

func got(t lex.Token) string { return "'" + t.Describe() + "'" }

// Cur is the current token.
func (p *Parser) Cur() lex.Token { return p.Toks[p.I] }

// Look is the token after the current one.
func (p *Parser) Look() lex.Token {
	if p.I+1 < len(p.Toks) {
		return p.Toks[p.I+1]
	}
	return p.Toks[p.I]
}

// Next moves on and returns the token passed.
func (p *Parser) Next() lex.Token {
	t := p.Toks[p.I]
	if p.I+1 < len(p.Toks) {
		p.I++
	}
	return t
}

// SkipName passes the word name if it is next.
func (p *Parser) SkipName(name string) bool {
	if p.Toks[p.I].IsName(name) {
		p.Next()
		return true
	}
	return false
}

// SkipOp passes the operator op if it is next.
func (p *Parser) SkipOp(op string) bool {
	if p.Toks[p.I].Is(op) {
		p.Next()
		return true
	}
	return false
}

// Failf is a syntax error at the current token.
func (p *Parser) Failf(format string, args ...any) error {
	return &lex.Error{Msg: fmt.Sprintf(format, args...), Off: p.Cur().Off()}
}

// ExpectOp passes the operator op or fails.
func (p *Parser) ExpectOp(op string) error {
	if p.SkipOp(op) {
		return nil
	}
	return p.expected(op)
}

// ExpectKind passes a token of a kind or fails.
func (p *Parser) ExpectKind(k lex.Kind) (lex.Token, error) {
	if p.Cur().Kind == k {
		return p.Next(), nil
	}
	if k == lex.Name {
		return lex.Token{}, p.expected("name")
	}
	return lex.Token{}, p.expected(lex.Token{Kind: k}.Describe())
}

// ExpectName passes the word name or fails.
func (p *Parser) ExpectName(name string) error {
	if p.SkipName(name) {
		return nil
	}
	return p.expected(name)
}

func (p *Parser) expected(what string) error {
	t := p.Cur()
	if t.Kind == lex.EOF {
		return p.Failf("unexpected end of template, expected '%s'.", what)
	}
	return p.Failf("expected token '%s', got %s", what, got(t))
}

// Expr reads one expression.
func (p *Parser) Expr(inlineIf bool) (Node, error) {
	if p.depth++; p.depth > MaxDepth {
		return nil, p.Failf("the expression is nested too deeply")
	}
	defer func() { p.depth-- }()
	if inlineIf {
		return p.cond()
	}
	return p.or()
}

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
		_, lit := u.X.(*Const)
		_, fixed := r.(*Const)
		if lit && !fixed {
			return &Unary{u.at, '-', &Binary{off, "**", u.X, r}}
		}
	}
	return &Binary{off, "**", l, r}
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

// Target reads an assignment target: a name, a tuple of names where withTuple,
// or ns.attr where withNS. As in Jinja2, a comma before `in` takes `in` for a name.
func (p *Parser) Target(withTuple, withNS bool) (Node, error) {
	if withNS && p.Cur().Kind == lex.Name && p.Look().Is(".") {
		t := p.Next()
		p.Next()
		a, err := p.ExpectKind(lex.Name)
		if err != nil {
			return nil, err
		}
		return &Attr{at: at(t.Off()), X: &Name{at: at(t.Off()), Name: t.Text, Slot: ByName}, Name: a.Text, method: true}, nil
	}
	if !withTuple {
		t := p.Cur()
		n, err := p.primary()
		if err != nil {
			return nil, err
		}
		return n, checkTarget(n, t.Off())
	}
	off := p.Cur().Off()
	var items []Node
	isTuple := false
	for {
		if len(items) > 0 {
			if err := p.ExpectOp(","); err != nil {
				return nil, err
			}
		}
		if p.tupleEnd() {
			break
		}
		n, err := p.primary()
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
		if len(items) == 0 {
			return nil, p.Failf("Expected an expression, got %s", got(p.Cur()))
		}
		return items[0], checkTarget(items[0], off)
	}
	n := &Tuple{at(off), items}
	return n, checkTarget(n, off)
}

func checkTarget(n Node, off int) error {
	kind := ""
	switch x := n.(type) {
	case *Name:
		return nil
	case *Tuple:
		for _, e := range x.Items {
			if err := checkTarget(e, off); err != nil {
				return err
			}
		}
		return nil
	case *Const:
		kind = "const"
	case *List:
		kind = "list"
	case *Dict:
		kind = "dict"
	case *Cond:
		kind = "condexpr"
	case *Filter:
		kind = "filter"
	case *Attr:
		kind = "getattr"
	case *Call:
		kind = "call"
	default:
		kind = "expression"
	}
	return &lex.Error{Msg: "can't assign to '" + kind + "'", Off: off}
}

// NewName returns a variable node for names that statements bring.
func NewName(off int, name string) *Name { return &Name{at: at(off), Name: name, Slot: ByName} }
