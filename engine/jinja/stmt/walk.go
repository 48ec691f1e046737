package stmt

import "github.com/goplay-engine/goplay/engine/jinja/expr"

// eachStmt walks statements in order: node gets the expressions read, store
// the targets written. Blocks are visited but not entered, as they are
// functions of their own.
func eachStmt(list []Stmt, node, store func(expr.Node), visit func(Stmt) bool) {
	if node == nil {
		node = func(expr.Node) {}
	}
	if store == nil {
		store = func(expr.Node) {}
	}
	for _, e := range list {
		if !visit(e) {
			return
		}
		in := func(b *Body) {
			if b != nil {
				eachStmt(b.Stmts, node, store, visit)
			}
		}
		switch x := e.(type) {
		case *Output:
			node(x.X)
		case Seq:
			eachStmt(x, node, store, visit)
		case *If:
			for i, t := range x.Tests {
				node(t)
				in(x.Bodies[i])
			}
			in(x.Else)
		case *For:
			store(x.Target)
			node(x.Iter)
			node(x.Test)
			in(x.Body)
			in(x.Else)
		case *Set:
			node(x.X)
			store(x.Target)
		case *SetBlock:
			node(x.Filter)
			in(x.Body)
			store(x.Target)
		case *Macro:
			params(x, store)
			for _, d := range x.Defaults {
				node(d)
			}
			in(x.Body)
		case *CallBlock:
			node(x.Call)
			params(x.Caller, store)
			for _, d := range x.Caller.Defaults {
				node(d)
			}
			in(x.Caller.Body)
		case *FilterBlock:
			node(x.Filter)
			in(x.Body)
		case *With:
			for i, t := range x.Targets {
				node(x.Values[i])
				store(t)
			}
			in(x.Body)
		case *Autoescape:
			node(x.X)
			in(x.Body)
		case *Extends:
			node(x.X)
		case *Include:
			node(x.X)
		case *Import:
			node(x.X)
		case *FromImport:
			node(x.X)
		case *Do:
			node(x.X)
		}
	}
}

func params(m *Macro, store func(expr.Node)) {
	for _, p := range m.Params {
		store(expr.NewName(m.Off, p))
	}
}

// Bodies are the blocks that a statement owns, in order.
func Bodies(s Stmt) []*Body {
	var out []*Body
	add := func(bs ...*Body) {
		for _, b := range bs {
			if b != nil {
				out = append(out, b)
			}
		}
	}
	switch x := s.(type) {
	case *If:
		add(x.Bodies...)
		add(x.Else)
	case *For:
		add(x.Body, x.Else)
	case *SetBlock:
		add(x.Body)
	case *Macro:
		add(x.Body)
	case *CallBlock:
		add(x.Caller.Body)
	case *FilterBlock:
		add(x.Body)
	case *With:
		add(x.Body)
	case *Block:
		add(x.Body)
	case *Autoescape:
		add(x.Body)
	}
	return out
}

// Flat tells whether no statement owns a block.
func Flat(list []Stmt) bool {
	for _, s := range list {
		if len(Bodies(s)) > 0 {
			return false
		}
	}
	return true
}
