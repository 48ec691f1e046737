package stmt

import (
	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/lex"
)

// binder is the second pass: with the names of a scope known, it gives every
// use its slot and goes on to the scopes inside.
type binder struct {
	*symbols
	top  bool // assignments are visible to blocks, includes and imports
	tmpl *Template
}

var mutators = map[string]bool{"append": true, "extend": true, "insert": true, "update": true, "pop": true, "popitem": true,
	"remove": true, "clear": true, "sort": true, "reverse": true, "setdefault": true, "__setitem__": true, "__delitem__": true}

func analyze(t *Template) {
	s := newSymbols(nil)
	t.self = -1
	if uses(t.Body.Stmts, "self", false) {
		t.self = s.param("self")
	}
	s.stmts(t.Body.Stmts)
	b := &binder{s, true, t}
	b.stmts(t.Body.Stmts)
	t.scope = s.done()
	for _, name := range t.order {
		b.block(t.Blocks[name])
	}
}

func (b *binder) name(n *expr.Name) {
	if hops, slot, ok := b.find(n.Name); ok {
		n.Hops, n.Slot = hops, slot
	}
}

func (b *binder) node(n expr.Node) {
	expr.Walk(n, func(e expr.Node) bool {
		if x, ok := e.(*expr.Name); ok {
			b.name(x)
		}
		return true
	})
	b.tmpl.Mutates = b.tmpl.Mutates || Mutates(n)
}

// Mutates tells whether an expression names a method that changes containers.
func Mutates(n expr.Node) bool {
	found := false
	expr.Walk(n, func(e expr.Node) bool {
		switch x := e.(type) {
		case *expr.Attr:
			found = found || mutators[x.Name]
		case *expr.Item:
			if c, ok := x.Key.(*expr.Const); ok {
				s, _ := c.V.(string)
				found = found || mutators[s]
			}
		case *expr.Filter: // x | attr('pop'), also by way of map
			for _, a := range x.Pos {
				if c, ok := a.(*expr.Const); ok {
					s, _ := c.V.(string)
					found = found || mutators[s]
				}
			}
		}
		return !found
	})
	return found
}

func (b *binder) nodes(ns ...expr.Node) {
	for _, n := range ns {
		b.node(n)
	}
}

func (b *binder) stmts(list []Stmt) {
	for _, e := range list {
		b.stmt(e)
	}
}

// inner starts a scope inside b.
func (b *binder) inner() *binder { return &binder{newSymbols(b.symbols), false, b.tmpl} }

// locals lists the names assigned in the scopes around, innermost first.
func (b *binder) locals() []local {
	var out []local
	seen := map[string]bool{}
	for s := b.symbols; s != nil; s = s.parent {
		for i, n := range s.sc.names {
			if i < len(s.known) && s.known[i].stored && !seen[n] {
				seen[n] = true
				if hops, slot, ok := b.find(n); ok {
					out = append(out, local{n, hops, slot})
				}
			}
		}
	}
	return out
}

func (b *binder) stmt(e Stmt) {
	switch x := e.(type) {
	case *Output:
		b.node(x.X)
	case Seq:
		b.stmts(x)
	case *If:
		for i, t := range x.Tests {
			b.node(t)
			b.stmts(x.Bodies[i].Stmts)
		}
		if x.Else != nil {
			b.stmts(x.Else.Stmts)
		}
	case *For:
		b.forLoop(x)
	case *Set:
		b.nodes(x.X, x.Target)
		x.top = b.top
	case *SetBlock:
		b.node(x.Target)
		x.top = b.top
		in := b.inner()
		in.visit(x.Filter)
		in.symbols.stmts(x.Body.Stmts)
		in.node(x.Filter)
		in.stmts(x.Body.Stmts)
		x.scope = in.done()
	case *Macro:
		b.name(x.target)
		x.top = b.top
		b.macro(x)
	case *CallBlock:
		b.node(x.Call)
		b.macro(x.Caller)
	case *FilterBlock:
		in := b.inner()
		in.visit(x.Filter)
		in.symbols.stmts(x.Body.Stmts)
		in.node(x.Filter)
		in.stmts(x.Body.Stmts)
		x.scope = in.done()
	case *With:
		for _, v := range x.Values {
			b.node(v)
		}
		in := b.inner()
		for _, t := range x.Targets {
			in.target(t, true)
		}
		in.symbols.stmts(x.Body.Stmts)
		in.nodes(x.Targets...)
		in.stmts(x.Body.Stmts)
		x.scope = in.done()
	case *Autoescape:
		in := b.inner()
		in.visit(x.X)
		in.symbols.stmts(x.Body.Stmts)
		in.node(x.X)
		in.stmts(x.Body.Stmts)
		x.scope = in.done()
	case *Block:
		if x.Scoped {
			x.locals = b.locals()
		}
	case *Extends:
		b.node(x.X)
	case *Include:
		b.node(x.X)
		if x.WithContext {
			x.locals = b.locals()
		}
	case *Import:
		b.node(x.X)
		b.name(x.Target)
		x.top = b.top
		if x.WithContext {
			x.locals = b.locals()
		}
	case *FromImport:
		b.node(x.X)
		for _, t := range x.Targets {
			b.name(t)
		}
		x.top = b.top
		if x.WithContext {
			x.locals = b.locals()
		}
	case *Do:
		b.node(x.X)
	}
}

func (b *binder) forLoop(x *For) {
	b.node(x.Iter)
	in := b.inner()
	x.loopSlot = -1
	if x.Recursive || uses(x.Body.Stmts, "loop", true) || hasScopedBlock(x.Body.Stmts) {
		x.loopSlot = in.param("loop")
	}
	in.target(x.Target, true)
	in.symbols.stmts(x.Body.Stmts)
	if x.Test != nil {
		// The filter has variables of its own, the target's values among them.
		t := b.inner()
		t.target(x.Target, true)
		t.visit(x.Test)
		x.testTarget = cloneTarget(x.Target)
		t.nodes(x.testTarget, x.Test)
		x.testScope = t.done()
	}
	in.node(x.Target)
	in.stmts(x.Body.Stmts)
	x.scope = in.done()
	if x.Else != nil {
		e := b.inner()
		e.symbols.stmts(x.Else.Stmts)
		e.stmts(x.Else.Stmts)
		x.elseScope = e.done()
	}
}

func (b *binder) macro(m *Macro) {
	in := b.inner()
	for _, p := range m.Params {
		m.params = append(m.params, in.param(p))
		if p == "caller" {
			m.explicitCaller = true
		}
	}
	m.caller, m.varargs, m.kwargs = -1, -1, -1
	has := func(name string) bool {
		for _, p := range m.Params {
			if p == name {
				return false
			}
		}
		return uses(m.Body.Stmts, name, true)
	}
	if has("caller") {
		m.caller = in.param("caller")
	}
	if m.explicitCaller && uses(m.Body.Stmts, "caller", true) {
		first := len(m.Params) - len(m.Defaults)
		for i, p := range m.Params {
			if p == "caller" && i < first && b.tmpl.err == nil {
				b.tmpl.err = &lex.Error{Msg: "When defining macros or call blocks the special \"caller\" argument must be omitted or be given a default.", Off: m.Off}
			}
		}
	}
	if has("kwargs") {
		m.kwargs = in.param("kwargs")
	}
	if has("varargs") {
		m.varargs = in.param("varargs")
	}
	for _, d := range m.Defaults {
		in.visit(d)
	}
	in.symbols.stmts(m.Body.Stmts)
	in.nodes(m.Defaults...)
	in.stmts(m.Body.Stmts)
	m.scope = in.done()
}

// block binds a block's body: it sees the context only, unless scoped.
func (b *binder) block(x *Block) {
	in := &binder{newSymbols(nil), false, b.tmpl}
	x.self, x.super = -1, -1
	if uses(x.Body.Stmts, "self", false) {
		x.self = in.param("self")
	}
	if uses(x.Body.Stmts, "super", false) {
		x.super = in.param("super")
	}
	in.symbols.stmts(x.Body.Stmts)
	in.stmts(x.Body.Stmts)
	x.scope = in.done()
}

// uses tells whether a name is loaded below, without a look into blocks; with
// ordered, uses after an assignment do not count.
func uses(list []Stmt, name string, ordered bool) bool {
	found, stored := false, false
	node := func(n expr.Node) {
		expr.Walk(n, func(e expr.Node) bool {
			if x, ok := e.(*expr.Name); ok && x.Name == name && !stored {
				found = true
			}
			return !found
		})
	}
	store := func(n expr.Node) {
		expr.Walk(n, func(e expr.Node) bool {
			if x, ok := e.(*expr.Name); ok && x.Name == name && ordered {
				stored = true
			}
			return true
		})
	}
	eachStmt(list, node, store, func(Stmt) bool { return !found })
	return found
}

func hasScopedBlock(list []Stmt) bool {
	found := false
	eachStmt(list, nil, nil, func(s Stmt) bool {
		if b, ok := s.(*Block); ok && b.Scoped {
			found = true
		}
		return !found
	})
	return found
}

func cloneTarget(n expr.Node) expr.Node {
	switch x := n.(type) {
	case *expr.Name:
		c := *x
		return &c
	case *expr.Tuple:
		c := *x
		c.Items = nil
		for _, e := range x.Items {
			c.Items = append(c.Items, cloneTarget(e))
		}
		return &c
	}
	return n
}
