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
