package expr

import (
	"fmt"

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
