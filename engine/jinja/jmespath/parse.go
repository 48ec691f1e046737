package jmespath

import (
	"fmt"
	"unicode/utf8"
)

// node is a part of a query. What its fields mean depends on the kind.
type node struct {
	kind        string
	name        string
	val         Value
	kids        []*node
	keys        []string
	parts       [3]*int64 // of a slice
	left, right *node
	at          int
}

type parser struct {
	src   string
	toks  []token
	i     int
	depth int
}

// Query is a compiled query.
type Query struct {
	src  string
	root *node
}

// Compile parses a query.
func Compile(src string) (*Query, error) {
	toks, err := (&lexer{s: src}).all()
	if err != nil {
		return nil, err
	}
	p := &parser{src: src, toks: toks}
	n, err := p.expr(0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(0); t.kind != "eof" {
		return nil, p.unexpected(t)
	}
	return &Query{src, n}, nil
}

func (p *parser) peek(k int) token {
	if p.i+k < len(p.toks) {
		return p.toks[p.i+k]
	}
	return p.toks[len(p.toks)-1]
}

func (p *parser) next() token { t := p.peek(0); p.i++; return t }

func (p *parser) fail(t token, format string, a ...any) error {
	return &Error{Query: p.src, Col: utf8.RuneCountInString(p.src[:t.at]) + 1, Msg: fmt.Sprintf(format, a...)}
}

func (p *parser) unexpected(t token) error { return p.fail(t, "unexpected %s", t.text) }

func (p *parser) want(kind string) error {
	if t := p.next(); t.kind != kind {
		return p.fail(t, "expected %s, got %s", kind, t.text)
	}
	return nil
}

// The binding powers of JMESPath's grammar.
var power = map[string]int{"|": 1, "||": 2, "&&": 3, "==": 5, "!=": 5, "<": 5, "<=": 5, ">": 5, ">=": 5, "[]": 9, "*": 20, "[?": 21, ".": 40, "[": 55, "(": 60}

const stop = 10 // what binds less ends a projection

func (p *parser) expr(min int) (*node, error) {
	if p.depth++; p.depth > 300 {
		return nil, p.fail(p.peek(0), "the query is nested too deeply")
	}
	defer func() { p.depth-- }()
	left, err := p.prefix()
	if err != nil {
		return nil, err
	}
	for power[p.peek(0).kind] > min {
		if left, err = p.infix(left); err != nil {
			return nil, err
		}
	}
	return left, nil
}

var current = &node{kind: "current"}

func (p *parser) prefix() (*node, error) {
	t := p.next()
	switch t.kind {
	case "literal":
		return &node{kind: "literal", val: t.val}, nil
	case "ident":
		return &node{kind: "field", name: t.text, at: t.at}, nil
	case "quoted":
		if p.peek(0).kind == "(" {
			return nil, p.fail(t, "a quoted name cannot be a function")
		}
		return &node{kind: "field", name: t.text}, nil
	case "*":
		r, err := p.projection(power["*"])
		return &node{kind: "values", left: current, right: r}, err
	case "[?":
		return p.filter(current)
	case "{":
		return p.hash()
	case "(":
		n, err := p.expr(0)
		if err != nil {
			return nil, err
		}
		return n, p.want(")")
	case "[]":
		r, err := p.projection(power["[]"])
		return &node{kind: "project", left: &node{kind: "flatten", left: current}, right: r}, err
	case "!":
		n, err := p.expr(45)
		return &node{kind: "not", left: n}, err
	case "@":
		return current, nil
	case "&":
		n, err := p.expr(0)
		return &node{kind: "ref", left: n}, err
	case "[":
		switch k := p.peek(0).kind; {
		case k == "number" || k == ":":
			n, err := p.index()
			if err != nil {
				return nil, err
			}
			return p.afterIndex(current, n)
		case k == "*" && p.peek(1).kind == "]":
			p.i += 2
			r, err := p.projection(power["*"])
			return &node{kind: "project", left: current, right: r}, err
		}
		return p.list()
	}
	return nil, p.unexpected(t)
}

func (p *parser) infix(left *node) (*node, error) {
	t := p.next()
	switch t.kind {
	case ".":
		if p.peek(0).kind == "*" {
			p.i++
			r, err := p.projection(power["*"])
			return &node{kind: "values", left: left, right: r}, err
		}
		r, err := p.dotted(power["."])
		return &node{kind: "sub", left: left, right: r}, err
	case "|", "||", "&&":
		r, err := p.expr(power[t.kind])
		return &node{kind: t.kind, left: left, right: r}, err
	case "==", "!=", "<", "<=", ">", ">=":
		r, err := p.expr(power[t.kind])
		return &node{kind: "compare", name: t.kind, left: left, right: r}, err
	case "(":
		if left.kind != "field" {
			return nil, p.fail(t, "only a plain name can be called")
		}
		n := &node{kind: "call", name: left.name, at: left.at}
		for p.peek(0).kind != ")" {
			a, err := p.expr(0)
			if err != nil {
				return nil, err
			}
			n.kids = append(n.kids, a)
			if p.peek(0).kind != "," {
				break
			}
			p.i++
		}
		if _, ok := functions[n.name]; !ok {
			return nil, p.fail(token{at: left.at}, "Unknown function: %s()%s", n.name, nearest(n.name))
		}
		return n, p.want(")")
	case "[?":
		return p.filter(left)
	case "[]":
		r, err := p.projection(power["[]"])
		return &node{kind: "project", left: &node{kind: "flatten", left: left}, right: r}, err
	case "[":
		if k := p.peek(0).kind; k == "number" || k == ":" {
			n, err := p.index()
			if err != nil {
				return nil, err
			}
			return p.afterIndex(left, n)
		}
		if err := p.want("*"); err != nil {
			return nil, err
		}
		if err := p.want("]"); err != nil {
			return nil, err
		}
		r, err := p.projection(power["*"])
		return &node{kind: "project", left: left, right: r}, err
	}
	return nil, p.unexpected(t)
}

func (p *parser) afterIndex(left, idx *node) (*node, error) {
	n := &node{kind: "sub", left: left, right: idx}
	if idx.kind != "slice" {
		return n, nil
	}
	r, err := p.projection(power["*"])
	return &node{kind: "project", left: n, right: r}, err
}

// index reads a number or a slice behind the opening bracket.
func (p *parser) index() (*node, error) {
	if p.peek(0).kind == "number" && p.peek(1).kind == "]" {
		n := &node{kind: "index", val: p.next().val}
		p.i++
		return n, nil
	}
	n := &node{kind: "slice"}
	for k := 0; p.peek(0).kind != "]"; {
		t := p.next()
		switch t.kind {
		case ":":
			if k++; k > 2 {
				return nil, p.fail(t, "too many colons in a slice")
			}
		case "number":
			v := t.val.(int64)
			n.parts[k] = &v
		default:
			return nil, p.unexpected(t)
		}
	}
	p.i++
	return n, nil
}

func (p *parser) filter(left *node) (*node, error) {
	cond, err := p.expr(0)
	if err != nil {
		return nil, err
	}
	if err := p.want("]"); err != nil {
		return nil, err
	}
	var r *node = current
	if p.peek(0).kind != "[]" {
		if r, err = p.projection(power["[?"]); err != nil {
			return nil, err
		}
	}
	return &node{kind: "filter", left: left, right: r, kids: []*node{cond}}, nil
}

// projection reads what is applied to each item.
func (p *parser) projection(min int) (*node, error) {
	t := p.peek(0)
	switch {
	case power[t.kind] < stop:
		return current, nil
	case t.kind == "[" || t.kind == "[?":
		return p.expr(min)
	case t.kind == ".":
		p.i++
		return p.dotted(min)
	}
	return nil, p.unexpected(t)
}

// dotted reads what may stand behind a dot.
func (p *parser) dotted(min int) (*node, error) {
	switch t := p.peek(0); t.kind {
	case "ident", "quoted", "*":
		return p.expr(min)
	case "[":
		p.i++
		return p.list()
	case "{":
		p.i++
		return p.hash()
	default:
		return nil, p.fail(t, "expected a name, '*', '[' or '{' behind the dot, got %s", t.text)
	}
}

func (p *parser) list() (*node, error) {
	n := &node{kind: "list"}
	for {
		e, err := p.expr(0)
		if err != nil {
			return nil, err
		}
		n.kids = append(n.kids, e)
		if p.peek(0).kind != "," {
			break
		}
		p.i++
	}
	return n, p.want("]")
}

func (p *parser) hash() (*node, error) {
	n := &node{kind: "hash"}
	for {
		k := p.next()
		if k.kind != "ident" && k.kind != "quoted" {
			return nil, p.fail(k, "expected a name for a key, got %s", k.text)
		}
		if err := p.want(":"); err != nil {
			return nil, err
		}
		e, err := p.expr(0)
		if err != nil {
			return nil, err
		}
		n.keys, n.kids = append(n.keys, k.text), append(n.kids, e)
		if p.peek(0).kind != "," {
			break
		}
		p.i++
	}
	return n, p.want("}")
}
