package stmt

import (
	"maps"

	"github.com/goplay-engine/goplay/engine/jinja/expr"
)

// Jinja2 compiles names to local variables of Python functions, and which
// variable a name means is decided from the whole scope before anything runs
// (a macro that reads a name set further down does not see the play variable
// of that name). The analysis here decides the same way.

// A scope is one level of local variables; at run time it becomes an
// expr.Frame with the values in init, adjusted by alias.
type scope struct {
	slots map[string]int
	init  []expr.Value
	alias []alias
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
// on copies that are merged.
type symbols struct {
	sc     *scope
	parent *symbols
	refs   map[string]bool
	loads  map[string]loadKind
	stores map[string]bool
}

func newSymbols(parent *symbols) *symbols {
	return &symbols{sc: &scope{slots: map[string]int{}}, parent: parent,
		refs: map[string]bool{}, loads: map[string]loadKind{}, stores: map[string]bool{}}
}

func (s *symbols) slot(name string) int {
	i, ok := s.sc.slots[name]
	if !ok {
		i = len(s.sc.slots)
		s.sc.slots[name] = i
	}
	return i
}

// find returns the level that holds name: how many frames up, and its slot.
func (s *symbols) find(name string) (hops, slot int, ok bool) {
	for l := s; l != nil; l = l.parent {
		if l.refs[name] {
			return hops, l.slot(name), true
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
	s.refs[name] = true
	s.loads[name] = k
	return s.slot(name)
}

func (s *symbols) load(name string) {
	if _, _, ok := s.find(name); !ok {
		s.define(name, loadResolve)
	}
}

func (s *symbols) store(name string) {
	s.stores[name] = true
	if s.refs[name] {
		return
	}
	if s.outer(name) {
		s.define(name, loadAlias)
	} else {
		s.define(name, loadMissing)
	}
}

func (s *symbols) param(name string) int {
	s.stores[name] = true
	return s.define(name, loadParam)
}

func (s *symbols) copy() *symbols {
	return &symbols{sc: s.sc, parent: s.parent, refs: maps.Clone(s.refs), loads: maps.Clone(s.loads), stores: maps.Clone(s.stores)}
}

// merge takes in the branches of an `if`: a name set in some only keeps its
// outer meaning in the others.
func (s *symbols) merge(branches ...*symbols) {
	count := map[string]int{}
	for _, b := range branches {
		for n := range b.stores {
			if !s.stores[n] {
				count[n]++
			}
		}
	}
	for _, b := range branches {
		maps.Copy(s.refs, b.refs)
		maps.Copy(s.loads, b.loads)
		maps.Copy(s.stores, b.stores)
	}
	for n, c := range count {
		if c == len(branches) {
			continue
		}
		if s.outer(n) {
			s.loads[n] = loadAlias
		} else {
			s.loads[n] = loadResolve
		}
	}
}

// done fixes how the slots start.
func (s *symbols) done() *scope {
	sc := s.sc
	sc.init = make([]expr.Value, len(sc.slots))
	sc.alias = nil
	for n, i := range sc.slots {
		sc.init[i] = expr.Missing
		switch s.loads[n] {
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
