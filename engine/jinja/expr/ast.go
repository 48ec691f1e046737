// Package expr parses and evaluates Jinja2 expressions with Python's
// semantics. `when:`, loops, {{ }} in YAML and template files all use this one
// evaluator.
//
// It imports engine/value, engine/jinja/lex, engine/jinja/py and
// engine/jinja/builtin; never stmt, pongo or templar, which hand it what it
// needs through Host.
package expr

import (
	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/value"
)

// Value is a variable value.
type Value = value.Value

// Node is a parsed expression. Nodes are immutable once compiled and may be
// evaluated concurrently.
type Node interface {
	// Eval computes the value. A missing name gives *value.Undefined, not an
	// error; using that value does.
	Eval(st *State) (Value, error)
	// Off is the byte offset in the normalised source.
	Off() int
}

type at int

// Off is the node's offset.
func (a at) Off() int { return int(a) }

// Where a Name finds its value.
const (
	// ByName asks the context each time.
	ByName = -1
)

// The nodes.
type (
	// Const is a literal.
	Const struct {
		at
		V Value
	}
	// Name is a variable. Slot and Hops say where the scope analysis put it:
	// Hops frames up, place Slot; ByName where it lives in the context alone.
	Name struct {
		at
		Name       string
		Hops, Slot int
	}
	// Tuple, List and Dict are displays.
	Tuple struct {
		at
		Items []Node
	}
	// List is [a, b].
	List struct {
		at
		Items []Node
	}
	// Dict is {k: v}.
	Dict struct {
		at
		Keys, Vals []Node
	}
	// Cond is `Then if Test else Else`; Else may be nil.
	Cond struct {
		at
		Test, Then, Else Node
	}
	// And, Or and Not are the boolean operators.
	And struct {
		at
		L, R Node
	}
	// Or is `L or R`.
	Or struct {
		at
		L, R Node
	}
	// Not is `not X`.
	Not struct {
		at
		X Node
	}
	// Unary is -X or +X.
	Unary struct {
		at
		Op byte
		X  Node
	}
	// Binary is an arithmetic operation.
	Binary struct {
		at
		Op   string
		L, R Node
	}
	// Concat is a ~ b ~ c.
	Concat struct {
		at
		Items []Node
	}
	// Compare is a chain of comparisons.
	Compare struct {
		at
		First Node
		Ops   []string
		Rest  []Node
	}
	// Attr is X.Name.
	Attr struct {
		at
		X      Node
		Name   string
		method bool // dictionaries have a method of that name
	}
	// Item is X[Key].
	Item struct {
		at
		X, Key Node
	}
	// Slice is a:b:c inside brackets; parts may be nil.
	Slice struct {
		at
		Lo, Hi, Step Node
	}
	// Args are the arguments of a call, filter or test.
	Args struct {
		Pos   []Node
		Names []string
		Vals  []Node
		Star  Node
		DStar Node
	}
	// Call is Fn(args).
	Call struct {
		at
		Fn Node
		Args
	}
	// Filter is X | Name(args). X is nil in filter blocks.
	Filter struct {
		at
		X    Node
		Name string
		Args
		fn builtin.Func // nil where only the playbook may know it
	}
	// Test is X is Name(args).
	Test struct {
		at
		X    Node
		Name string
		Args
		fn builtin.Func // nil where only the playbook may know it
	}
)

// Walk calls f for n and, where f returns true, for everything below it in
// order of evaluation.
func Walk(n Node, f func(Node) bool) {
	if n == nil || !f(n) {
		return
	}
	all := func(ns []Node) {
		for _, e := range ns {
			Walk(e, f)
		}
	}
	args := func(a *Args) {
		all(a.Pos)
		all(a.Vals)
		Walk(a.Star, f)
		Walk(a.DStar, f)
	}
	switch x := n.(type) {
	case *Tuple:
		all(x.Items)
	case *List:
		all(x.Items)
	case *Dict:
		for i, k := range x.Keys {
			Walk(k, f)
			Walk(x.Vals[i], f)
		}
	case *Cond:
		Walk(x.Test, f)
		Walk(x.Then, f)
		Walk(x.Else, f)
	case *And:
		Walk(x.L, f)
		Walk(x.R, f)
	case *Or:
		Walk(x.L, f)
		Walk(x.R, f)
	case *Not:
		Walk(x.X, f)
	case *Unary:
		Walk(x.X, f)
	case *Binary:
		Walk(x.L, f)
		Walk(x.R, f)
	case *Concat:
		all(x.Items)
	case *Compare:
		Walk(x.First, f)
		all(x.Rest)
	case *Attr:
		Walk(x.X, f)
	case *Item:
		Walk(x.X, f)
		Walk(x.Key, f)
	case *Slice:
		Walk(x.Lo, f)
		Walk(x.Hi, f)
		Walk(x.Step, f)
	case *Call:
		Walk(x.Fn, f)
		args(&x.Args)
	case *Filter:
		Walk(x.X, f)
		args(&x.Args)
	case *Test:
		Walk(x.X, f)
		args(&x.Args)
	}
}
