package stmt

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/lex"
)

// maxNesting bounds blocks inside blocks.
const maxNesting = 200

type parser struct {
	*expr.Parser
	tmpl  *Template
	tags  []string   // open blocks
	ends  [][]string // the tags that each waits for
	exts  map[string]bool
	loops int
}

// Parse reads a template. exts are the extensions in use: do, loopcontrols.
func Parse(name string, src *expr.Source, cfg *lex.Config, exts map[string]bool) (*Template, error) {
	toks, err := lex.Lex(src.Text, cfg)
	if err != nil {
		return nil, &expr.Error{Src: src, Off: errOff(err), Err: err}
	}
	defer lex.Release(toks)
	t := &Template{Name: name, Src: src, Blocks: map[string]*Block{}}
	p := &parser{Parser: expr.NewParser(toks), tmpl: t, exts: exts}
	if t.Body, err = p.subparse(nil); err != nil {
		return nil, &expr.Error{Src: src, Off: errOff(err), Err: err}
	}
	if len(t.Body.Stmts) == 1 {
		if o, ok := t.Body.Stmts[0].(*Output); ok {
			t.Sole = o.X
		}
	}
	analyze(t)
	if t.err != nil {
		return nil, &expr.Error{Src: src, Off: errOff(t.err), Err: t.err}
	}
	return t, nil
}

func errOff(err error) int {
	if e, ok := err.(*lex.Error); ok {
		return e.Off
	}
	return 0
}

func (p *parser) atAny(words []string) bool {
	t := p.Cur()
	if t.Kind == lex.Name {
		for _, w := range words {
			if t.Text == w {
				return true
			}
		}
	}
	return false
}

func (p *parser) subparse(ends []string) (*Body, error) {
	b := &Body{}
	if ends != nil {
		if len(p.ends) >= maxNesting {
			return nil, p.Failf("blocks are nested too deeply")
		}
		p.ends = append(p.ends, ends)
		defer func() { p.ends = p.ends[:len(p.ends)-1] }()
	}
	for {
		t := p.Cur()
		switch t.Kind {
		case lex.EOF:
			if ends != nil {
				return nil, p.eof(ends)
			}
			return b, nil
		case lex.Data:
			p.Next()
			b.Stmts = append(b.Stmts, &Text{t.Text})
		case lex.VarBegin:
			p.Next()
			x, err := p.TupleExpr(true)
			if err != nil {
				return nil, err
			}
			if _, err = p.ExpectKind(lex.VarEnd); err != nil {
				return nil, err
			}
			b.Stmts = append(b.Stmts, &Output{x})
		case lex.BlockBegin:
			p.Next()
			if ends != nil && p.atAny(ends) {
				return b, nil
			}
			s, err := p.statement()
			if err != nil {
				return nil, err
			}
			if s != nil {
				b.Stmts = append(b.Stmts, s)
			}
			if _, err = p.ExpectKind(lex.BlockEnd); err != nil {
				return nil, err
			}
		default:
			return nil, p.Failf("unexpected '%s'", t.Describe())
		}
	}
}

func quoteOr(words []string) string {
	return "'" + strings.Join(words, "' or '") + "'"
}

func (p *parser) looking() string {
	s := ""
	if n := len(p.ends); n > 0 {
		s += " Jinja was looking for the following tags: " + quoteOr(p.ends[n-1]) + "."
	}
	if n := len(p.tags); n > 0 {
		s += " The innermost block that needs to be closed is '" + p.tags[n-1] + "'."
	}
	return s
}

func (p *parser) eof([]string) error {
	return p.Failf("Unexpected end of template.%s", p.looking())
}

// body reads the rest of a tag and the statements up to one of ends.
func (p *parser) body(drop bool, ends ...string) (*Body, error) {
	p.SkipOp(":")
	if _, err := p.ExpectKind(lex.BlockEnd); err != nil {
		return nil, err
	}
	b, err := p.subparse(ends)
	if err == nil && drop {
		p.Next()
	}
	return b, err
}

var tags map[string]func(*parser) (Stmt, error)

func init() { // at run time, as the functions refer back to the table
	tags = map[string]func(*parser) (Stmt, error){
		"for": (*parser).forLoop, "if": (*parser).ifElse, "block": (*parser).block, "extends": (*parser).extends,
		"print": (*parser).print, "macro": (*parser).macro, "include": (*parser).include, "from": (*parser).from,
		"import": (*parser).imports, "set": (*parser).set, "with": (*parser).with, "autoescape": (*parser).autoescape,
		"call": (*parser).call, "filter": (*parser).filter,
	}
}

func (p *parser) statement() (Stmt, error) {
	t := p.Cur()
	if t.Kind != lex.Name {
		return nil, p.Failf("tag name expected")
	}
	f := tags[t.Text]
	if f == nil {
		switch {
		case t.Text == "do" && p.exts["do"]:
			p.Next()
			x, err := p.TupleExpr(true)
			return &Do{x}, err
		case (t.Text == "break" || t.Text == "continue") && p.exts["loopcontrols"]:
			p.Next()
			if p.loops == 0 {
				return nil, p.Failf("'%s' outside loop", t.Text)
			}
			return &Jump{t.Text == "break"}, nil
		}
		return nil, p.Failf("Encountered unknown tag '%s'.%s", t.Text, p.looking())
	}
	p.tags = append(p.tags, t.Text)
	p.Next()
	s, err := f(p)
	if err == nil {
		p.tags = p.tags[:len(p.tags)-1]
	}
	return s, err
}

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
