package stmt

import (
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/lex"
)

func (p *parser) ifElse() (Stmt, error) {
	n := &If{}
	for {
		test, err := p.TupleExpr(false)
		if err != nil {
			return nil, err
		}
		b, err := p.body(false, "elif", "else", "endif")
		if err != nil {
			return nil, err
		}
		n.Tests = append(n.Tests, test)
		n.Bodies = append(n.Bodies, b)
		switch p.Next().Text {
		case "elif":
			continue
		case "else":
			n.Else, err = p.body(true, "endif")
		}
		return n, err
	}
}

func (p *parser) forLoop() (Stmt, error) {
	n := &For{Off: p.Cur().Off()}
	var err error
	if n.Target, err = p.Target(true, false); err != nil {
		return nil, err
	}
	if err = p.noLoop(n.Target); err != nil {
		return nil, err
	}
	if err = p.ExpectName("in"); err != nil {
		return nil, err
	}
	if n.Iter, err = p.TupleExpr(false); err != nil {
		return nil, err
	}
	if p.SkipName("if") {
		if n.Test, err = p.Expr(true); err != nil {
			return nil, err
		}
	}
	n.Recursive = p.SkipName("recursive")
	p.loops++
	n.Body, err = p.body(false, "endfor", "else")
	p.loops--
	if err != nil {
		return nil, err
	}
	if p.Next().Text == "else" {
		n.Else, err = p.body(true, "endfor")
	}
	return n, err
}

func (p *parser) block() (Stmt, error) {
	t, err := p.ExpectKind(lex.Name)
	if err != nil {
		return nil, err
	}
	n := &Block{Off: t.Off(), Name: t.Text, Scoped: p.SkipName("scoped"), Required: p.SkipName("required"), src: p.tmpl.Src, tmpl: p.tmpl}
	if p.Cur().Is("-") {
		return nil, p.Failf("Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore instead.")
	}
	loops := p.loops
	p.loops = 0
	n.Body, err = p.body(true, "endblock")
	p.loops = loops
	if err != nil {
		return nil, err
	}
	if n.Required {
		for _, s := range n.Body.Stmts {
			if x, ok := s.(*Text); !ok || strings.TrimSpace(x.S) != "" {
				return nil, p.Failf("Required blocks can only contain comments or whitespace")
			}
		}
	}
	p.SkipName(n.Name)
	if p.tmpl.Blocks[n.Name] != nil {
		return nil, &lex.Error{Msg: "block '" + n.Name + "' defined twice", Off: n.Off}
	}
	p.tmpl.Blocks[n.Name] = n
	p.tmpl.order = append(p.tmpl.order, n.Name)
	return n, nil
}

func (p *parser) extends() (Stmt, error) {
	n := &Extends{Off: p.Cur().Off()}
	var err error
	n.X, err = p.Expr(true)
	return n, err
}

func (p *parser) print() (Stmt, error) {
	var s Seq
	for p.Cur().Kind != lex.BlockEnd {
		if len(s) > 0 {
			if err := p.ExpectOp(","); err != nil {
				return nil, err
			}
		}
		x, err := p.Expr(true)
		if err != nil {
			return nil, err
		}
		s = append(s, &Output{x})
	}
	return s, nil
}

// context reads `with context` or `without context`.
func (p *parser) context(def bool) (bool, bool) {
	if p.atAny([]string{"with", "without"}) && p.Look().IsName("context") {
		def = p.Next().Text == "with"
		p.Next()
		return def, true
	}
	return def, false
}

func (p *parser) include() (Stmt, error) {
	n := &Include{Off: p.Cur().Off()}
	var err error
	if n.X, err = p.Expr(true); err != nil {
		return nil, err
	}
	if p.Cur().IsName("ignore") && p.Look().IsName("missing") {
		p.Next()
		p.Next()
		n.IgnoreMissing = true
	}
	n.WithContext, _ = p.context(true)
	return n, nil
}

func (p *parser) name() (*expr.Name, error) {
	t, err := p.ExpectKind(lex.Name)
	return expr.NewName(t.Off(), t.Text), err
}

func (p *parser) imports() (Stmt, error) {
	n := &Import{Off: p.Cur().Off()}
	var err error
	if n.X, err = p.Expr(true); err != nil {
		return nil, err
	}
	if err = p.ExpectName("as"); err != nil {
		return nil, err
	}
	if n.Target, err = p.name(); err != nil {
		return nil, err
	}
	n.WithContext, _ = p.context(false)
	return n, nil
}

func (p *parser) from() (Stmt, error) {
	n := &FromImport{Off: p.Cur().Off()}
	var err error
	if n.X, err = p.Expr(true); err != nil {
		return nil, err
	}
	if err = p.ExpectName("import"); err != nil {
		return nil, err
	}
	for {
		if len(n.Names) > 0 {
			if err = p.ExpectOp(","); err != nil {
				return nil, err
			}
		}
		if p.Cur().Kind != lex.Name {
			_, err = p.ExpectKind(lex.Name)
			return nil, err
		}
		var done bool
		if n.WithContext, done = p.context(n.WithContext); done {
			return n, nil
		}
		t, err := p.name()
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(t.Name, "_") {
			return nil, p.Failf("names starting with an underline can not be imported")
		}
		n.Names = append(n.Names, t.Name)
		if p.SkipName("as") {
			if t, err = p.name(); err != nil {
				return nil, err
			}
		}
		n.Targets = append(n.Targets, t)
		if n.WithContext, done = p.context(n.WithContext); done || !p.Cur().Is(",") {
			return n, nil
		}
	}
}

func (p *parser) signature(m *Macro) error {
	if err := p.ExpectOp("("); err != nil {
		return err
	}
	for !p.Cur().Is(")") {
		if len(m.Params) > 0 {
			if err := p.ExpectOp(","); err != nil {
				return err
			}
		}
		t, err := p.ExpectKind(lex.Name)
		if err != nil {
			return err
		}
		if p.SkipOp("=") {
			d, err := p.Expr(true)
			if err != nil {
				return err
			}
			m.Defaults = append(m.Defaults, d)
		} else if len(m.Defaults) > 0 {
			return p.Failf("non-default argument follows default argument")
		}
		if slices.Contains(m.Params, t.Text) {
			return p.Failf("keyword argument repeated: %s", t.Text)
		}
		m.Params = append(m.Params, t.Text)
	}
	return p.ExpectOp(")")
}

func (p *parser) macroBody(end string) (*Body, error) {
	loops := p.loops
	p.loops = 0
	b, err := p.body(true, end)
	p.loops = loops
	return b, err
}

func (p *parser) macro() (Stmt, error) {
	t, err := p.ExpectKind(lex.Name)
	if err != nil {
		return nil, err
	}
	m := &Macro{Off: t.Off(), Name: t.Text, target: expr.NewName(t.Off(), t.Text)}
	if err = p.signature(m); err != nil {
		return nil, err
	}
	m.Body, err = p.macroBody("endmacro")
	return m, err
}

func (p *parser) call() (Stmt, error) {
	n := &CallBlock{Off: p.Cur().Off(), Caller: &Macro{Off: p.Cur().Off()}}
	if p.Cur().Is("(") {
		if err := p.signature(n.Caller); err != nil {
			return nil, err
		}
	}
	x, err := p.Expr(true)
	if err != nil {
		return nil, err
	}
	var ok bool
	if n.Call, ok = x.(*expr.Call); !ok {
		return nil, p.Failf("expected call")
	}
	n.Caller.Body, err = p.macroBody("endcall")
	return n, err
}

func (p *parser) filter() (Stmt, error) {
	n := &FilterBlock{Off: p.Cur().Off()}
	var err error
	if n.Filter, err = p.Filters(nil, true); err != nil {
		return nil, err
	}
	n.Body, err = p.macroBody("endfilter")
	return n, err
}

func (p *parser) set() (Stmt, error) {
	off := p.Cur().Off()
	target, err := p.Target(true, true)
	if err != nil {
		return nil, err
	}
	if p.loops > 0 {
		if err := p.noLoop(target); err != nil {
			return nil, err
		}
	}
	if p.SkipOp("=") {
		x, err := p.TupleExpr(true)
		return &Set{Off: off, Target: target, X: x}, err
	}
	n := &SetBlock{Off: off, Target: target}
	if p.Cur().Is("|") {
		if n.Filter, err = p.Filters(nil, false); err != nil {
			return nil, err
		}
	}
	n.Body, err = p.macroBody("endset")
	return n, err
}

// noLoop refuses the name loop where a loop sets it.
func (p *parser) noLoop(target expr.Node) error {
	switch x := target.(type) {
	case *expr.Name:
		if x.Name == "loop" {
			return p.Failf("Can't assign to special loop variable in for-loop target")
		}
	case *expr.Tuple:
		for _, e := range x.Items {
			if err := p.noLoop(e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *parser) with() (Stmt, error) {
	n := &With{}
	for p.Cur().Kind != lex.BlockEnd {
		if len(n.Targets) > 0 {
			if err := p.ExpectOp(","); err != nil {
				return nil, err
			}
		}
		t, err := p.Target(true, false)
		if err != nil {
			return nil, err
		}
		if err = p.ExpectOp("="); err != nil {
			return nil, err
		}
		x, err := p.Expr(true)
		if err != nil {
			return nil, err
		}
		n.Targets = append(n.Targets, t)
		n.Values = append(n.Values, x)
	}
	var err error
	n.Body, err = p.body(true, "endwith")
	return n, err
}

func (p *parser) autoescape() (Stmt, error) {
	n := &Autoescape{}
	var err error
	if n.X, err = p.Expr(true); err != nil {
		return nil, err
	}
	n.Body, err = p.body(true, "endautoescape")
	return n, err
}
