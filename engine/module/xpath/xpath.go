// Package xpath evaluates XPath 1.0 over trees of package xmldoc. It accepts what libxml2 accepts and uses its words
// for errors.
//
// It imports xmldoc and the standard library only.
package xpath

import (
	"errors"

	"github.com/goplay-engine/goplay/engine/module/xmldoc"
)

// Errors of Compile and Eval.
var (
	errExpr      = errors.New("Invalid expression")
	errPredicate = errors.New("Invalid predicate")
	errLiteral   = errors.New("Unfinished literal")
	errVariable  = errors.New("Undefined variable")
	errFunction  = errors.New("Unregistered function")
	errType      = errors.New("Invalid type")
	errArity     = errors.New("Invalid number of arguments")
	errPrefix    = errors.New("Undefined namespace prefix")
	errUnclosed  = errors.New("Invalid expression")
	errDeep      = errors.New("Recursion limit exceeded")
	errPosition  = errors.New("Invalid context position")
	errSize      = errors.New("Invalid context size")
	errSteps     = errors.New("Operation limit exceeded")
)

const (
	maxDepth = 500      // of nested expressions
	maxSteps = 10000000 // nodes looked at in one evaluation
)

// Expr is a compiled expression.
type Expr struct{ root expr }

// Compile reads an expression.
func Compile(s string) (*Expr, error) {
	p := &parser{src: s}
	e, err := p.parse()
	if err != nil {
		return nil, err
	}
	return &Expr{e}, nil
}

// Eval evaluates the expression at a node. The result is []*xmldoc.Node in document order, float64, bool or string.
// ns says what the prefixes in the expression stand for.
func (e *Expr) Eval(at *xmldoc.Node, ns map[string]string) (v any, err error) {
	top := at
	for top.Parent != nil {
		top = top.Parent
	}
	top.Number()
	c := &context{node: at, pos: -1, size: -1, env: &env{ns: ns, top: top}}
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(failure)
			if !ok {
				panic(r)
			}
			v, err = nil, f.error
		}
	}()
	return e.root.eval(c), nil
}

// failure is how an evaluation is given up.
type failure struct{ error }

type env struct {
	ns    map[string]string
	top   *xmldoc.Node
	steps int
}

type context struct {
	node      *xmldoc.Node
	pos, size int // negative outside predicates
	*env
}

func (e *env) uri(prefix string) string {
	if prefix == "xml" {
		return "http://www.w3.org/XML/1998/namespace"
	}
	uri, ok := e.ns[prefix]
	if !ok {
		panic(failure{errPrefix})
	}
	return uri
}

type nodes = []*xmldoc.Node

type expr interface{ eval(c *context) any }
