package stmt

import (
	"github.com/goplay-engine/goplay/engine/jinja/expr"
)

// Jinja2 compiles names to local variables of Python functions, and which
// variable a name means is decided from the whole scope before anything runs
// (a macro that reads a name set further down does not see the play variable
// of that name). The analysis here decides the same way.

// A scope is one level of local variables; at run time it becomes an
// expr.Frame with the values in init, adjusted by alias.
type scope struct {
	names []string // by slot
	index map[string]int
	init  []expr.Value
	alias []alias
}

// slot returns the place of a name, or -1.
func (sc *scope) slot(name string) int {
	if sc.index != nil {
		if i, ok := sc.index[name]; ok {
			return i
		}
		return -1
	}
	for i, n := range sc.names {
		if n == name {
			return i
		}
	}
	return -1
}

func (sc *scope) add(name string) int {
	i := sc.slot(name)
	if i >= 0 {
		return i
	}
	i = len(sc.names)
	sc.names = append(sc.names, name)
	if sc.index != nil {
		sc.index[name] = i
	} else if i > 24 {
		sc.index = make(map[string]int, 2*i)
		for j, n := range sc.names {
			sc.index[n] = j
		}
	}
	return i
}

// alias starts a slot with the value of an outer one.
type alias struct{ slot, hops, from int }

type loadKind uint8

const (
	loadMissing loadKind = iota
	loadResolve
	loadAlias
	loadParam
)

// symbols is what is known of the names of a scope; branches of an `if` work
// on copies that are merged. known goes by slot.
type symbols struct {
	sc     *scope
	parent *symbols
	known  []symbol
}

type symbol struct {
	ref, stored bool
	load        loadKind
}

func newSymbols(parent *symbols) *symbols { return &symbols{sc: &scope{}, parent: parent} }

// at returns what is known of a slot, making room for it.
func (s *symbols) at(slot int) *symbol {
	for slot >= len(s.known) {
		s.known = append(s.known, symbol{})
	}
	return &s.known[slot]
}

func (s *symbols) has(name string) bool {
	i := s.sc.slot(name)
	return i >= 0 && i < len(s.known) && s.known[i].ref
}

// find returns the level that holds name: how many frames up, and its slot.
func (s *symbols) find(name string) (hops, slot int, ok bool) {
	for l := s; l != nil; l = l.parent {
		if l.has(name) {
			return hops, l.sc.slot(name), true
		}
		hops++
	}
	return 0, 0, false
}

func (s *symbols) outer(name string) bool {
	if s.parent == nil {
		return false
	}
	_, _, ok := s.parent.find(name)
	return ok
}

func (s *symbols) define(name string, k loadKind) int {
	i := s.sc.add(name)
	e := s.at(i)
	e.ref, e.load = true, k
	return i
}

func (s *symbols) load(name string) {
	if _, _, ok := s.find(name); !ok {
		s.define(name, loadResolve)
	}
}

func (s *symbols) store(name string) {
	s.at(s.sc.add(name)).stored = true
	switch {
	case s.has(name):
	case s.outer(name):
		s.define(name, loadAlias)
	default:
		s.define(name, loadMissing)
	}
}

func (s *symbols) param(name string) int {
	i := s.define(name, loadParam)
	s.at(i).stored = true
	return i
}

func (s *symbols) copy() *symbols {
	return &symbols{sc: s.sc, parent: s.parent, known: append([]symbol(nil), s.known...)}
}

// merge takes in the branches of an `if`: a name set in some only keeps its
// outer meaning in the others.
func (s *symbols) merge(branches ...*symbols) {
	for i, name := range s.sc.names {
		was := i < len(s.known) && s.known[i].stored
		count := 0
		for _, b := range branches {
			if i >= len(b.known) || !b.known[i].ref && !b.known[i].stored {
				continue
			}
			if b.known[i].stored && !was {
				count++
			}
			e := s.at(i)
			e.stored = e.stored || b.known[i].stored
			if b.known[i].ref {
				e.ref, e.load = true, b.known[i].load
			}
		}
		if count > 0 && count < len(branches) {
			if s.outer(name) {
				s.known[i].load = loadAlias
			} else {
				s.known[i].load = loadResolve
			}
		}
	}
}

// done fixes how the slots start.
func (s *symbols) done() *scope {
	sc := s.sc
	sc.init = make([]expr.Value, len(sc.names))
	sc.alias = nil
	for i, n := range sc.names {
		sc.init[i] = expr.Missing
		if i >= len(s.known) {
			continue
		}
		switch s.known[i].load {
		case loadResolve:
			sc.init[i] = expr.Unresolved
		case loadAlias:
			if hops, from, ok := s.parent.find(n); ok {
				sc.alias = append(sc.alias, alias{i, hops, from})
			}
		}
	}
	return sc
}

// frame makes a frame of the scope inside parent.
func (sc *scope) frame(parent *expr.Frame) *expr.Frame {
	f := &expr.Frame{Parent: parent}
	if n := len(sc.init); n > 0 {
		f.Vals = make([]expr.Value, n)
		sc.reset(f)
	}
	return f
}

func (sc *scope) reset(f *expr.Frame) {
	copy(f.Vals, sc.init)
	for _, a := range sc.alias {
		p := f.Parent
		for i := a.hops; i > 0; i-- {
			p = p.Parent
		}
		f.Vals[a.slot] = p.Vals[a.from]
	}
}

// visit notes the names that n loads.
func (s *symbols) visit(n expr.Node) {
	expr.Walk(n, func(e expr.Node) bool {
		if x, ok := e.(*expr.Name); ok {
			s.load(x.Name)
		}
		return true
	})
}

// target notes the names that a target stores.
func (s *symbols) target(n expr.Node, param bool) {
	switch x := n.(type) {
	case *expr.Name:
		if param {
			s.param(x.Name)
		} else {
			s.store(x.Name)
		}
	case *expr.Tuple:
		for _, e := range x.Items {
			s.target(e, param)
		}
	case *expr.Attr:
		s.visit(x.X)
	}
}

func (s *symbols) stmts(list []Stmt) {
	for _, e := range list {
		s.stmt(e)
	}
}

func (s *symbols) stmt(e Stmt) {
	switch x := e.(type) {
	case *Output:
		s.visit(x.X)
	case Seq:
		s.stmts(x)
	case *If:
		s.ifElse(x)
	case *For:
		s.visit(x.Iter)
	case *Set:
		s.visit(x.X)
		s.target(x.Target, false)
	case *SetBlock:
		s.target(x.Target, false)
	case *Macro:
		s.store(x.Name)
	case *CallBlock:
		s.visit(x.Call)
	case *FilterBlock:
		s.visit(x.Filter)
	case *With:
		for _, v := range x.Values {
			s.visit(v)
		}
	case *Extends:
		s.visit(x.X)
	case *Include:
		s.visit(x.X)
	case *Import:
		s.visit(x.X)
		s.store(x.Target.Name)
	case *FromImport:
		s.visit(x.X)
		for _, t := range x.Targets {
			s.store(t.Name)
		}
	case *Do:
		s.visit(x.X)
	}
}

func (s *symbols) ifElse(x *If) {
	s.visit(x.Tests[0])
	body, elifs, els := s.copy(), s.copy(), s.copy()
	body.stmts(x.Bodies[0].Stmts)
	for i := 1; i < len(x.Tests); i++ {
		elifs.ifElse(&If{Tests: x.Tests[i : i+1], Bodies: x.Bodies[i : i+1]})
	}
	if x.Else != nil {
		els.stmts(x.Else.Stmts)
	}
	s.merge(body, elifs, els)
}
