package xpath

import (
	"slices"

	"github.com/goplay-engine/goplay/engine/module/xmldoc"
)

type testKind int

const (
	anyNode testKind = iota
	anyName
	byName
	ofText
	ofComment
	ofPI
)

// step is one step of a path.
type step struct {
	axis          string
	kind          testKind
	prefix, local string
	predicates    []expr
}

// anywhere is what // stands for.
var anywhere = &step{axis: "descendant-or-self", kind: anyNode}

// locationPath is a path: from the document's root, from what an expression gives, or from the context node.
type locationPath struct {
	root  bool
	from  expr
	steps []*step
}

func (l *locationPath) eval(c *context) any {
	var at nodes
	switch {
	case l.from != nil:
		at = c.nodes(l.from)
	case l.root:
		at = nodes{c.top}
	default:
		at = nodes{c.node}
	}
	for _, s := range l.steps {
		at = s.from(c, at)
	}
	return at
}

// from takes the step from each of the nodes; the result is in document order, each node once.
func (s *step) from(c *context, at nodes) nodes {
	uri := ""
	if s.prefix != "" {
		uri = c.uri(s.prefix)
	}
	var out nodes
	for _, n := range at {
		var found nodes
		axes[s.axis](n, func(m *xmldoc.Node) {
			if c.steps++; c.steps > maxSteps {
				panic(failure{errSteps})
			}
			if s.matches(m, uri) {
				found = append(found, m)
			}
		})
		for _, p := range s.predicates {
			found = c.filter(found, p)
		}
		out = append(out, found...)
	}
	return ordered(out)
}

func (s *step) matches(n *xmldoc.Node, uri string) bool {
	switch s.kind {
	case anyNode:
		return n.Kind != xmldoc.EntityRef
	case ofText:
		return n.IsText()
	case ofComment:
		return n.Kind == xmldoc.Comment
	case ofPI:
		return n.Kind == xmldoc.PI && (s.local == "" || s.local == n.Local)
	}
	principal := xmldoc.Element
	switch s.axis {
	case "attribute":
		principal = xmldoc.Attr
	case "namespace":
		principal = xmldoc.Namespace
	}
	if n.Kind != principal {
		return false
	}
	if n.Kind == xmldoc.Namespace { // has no namespace itself, a prefix means nothing
		return s.kind == anyName || n.Local == s.local
	}
	if s.kind == anyName {
		return s.prefix == "" || n.URI == uri
	}
	return n.Local == s.local && n.URI == uri
}

// filter keeps the nodes for which a predicate holds; they are in the axis's order.
func (c *context) filter(l nodes, p expr) nodes {
	var out nodes
	for i, n := range l {
		v := p.eval(&context{node: n, pos: i + 1, size: len(l), env: c.env})
		if f, ok := v.(float64); ok && f == float64(i+1) || !ok && boolean(v) {
			out = append(out, n)
		}
	}
	return out
}

// filtered is an expression with a predicate.
type filtered struct {
	of        expr
	predicate expr
}

func (f *filtered) eval(c *context) any { return c.filter(c.nodes(f.of), f.predicate) }

// nodes evaluates an expression that has to give nodes.
func (c *context) nodes(e expr) nodes {
	l, ok := e.eval(c).(nodes)
	if !ok {
		panic(failure{errType})
	}
	return l
}

// ordered sorts nodes into document order and drops repeated ones.
func ordered(l nodes) nodes {
	byOrder := func(a, b *xmldoc.Node) int { return a.Order - b.Order }
	if !slices.IsSortedFunc(l, byOrder) {
		slices.SortStableFunc(l, byOrder)
	}
	return slices.CompactFunc(l, func(a, b *xmldoc.Node) bool {
		return a == b || a.Kind == xmldoc.Namespace && b.Kind == xmldoc.Namespace && a.Parent == b.Parent && a.Local == b.Local
	})
}

// axes visit what lies along an axis, nearest first.
var axes map[string]func(n *xmldoc.Node, visit func(*xmldoc.Node))

func init() {
	axes = map[string]func(n *xmldoc.Node, visit func(*xmldoc.Node)){
		"self": func(n *xmldoc.Node, visit func(*xmldoc.Node)) { visit(n) },
		"child": func(n *xmldoc.Node, visit func(*xmldoc.Node)) {
			for c := n.First; c != nil; c = c.Next {
				visit(c)
			}
		},
		"parent": func(n *xmldoc.Node, visit func(*xmldoc.Node)) {
			if n.Parent != nil {
				visit(n.Parent)
			}
		},
		"ancestor":         ancestors,
		"ancestor-or-self": func(n *xmldoc.Node, visit func(*xmldoc.Node)) { visit(n); ancestors(n, visit) },
		"descendant":       descendants,
		"descendant-or-self": func(n *xmldoc.Node, visit func(*xmldoc.Node)) {
			visit(n)
			descendants(n, visit)
		},
		"attribute": func(n *xmldoc.Node, visit func(*xmldoc.Node)) {
			for _, a := range n.Attrs {
				visit(a)
			}
		},
		"namespace": namespaces,
		"following-sibling": func(n *xmldoc.Node, visit func(*xmldoc.Node)) {
			for s := n.Next; s != nil; s = s.Next {
				visit(s)
			}
		},
		"preceding-sibling": func(n *xmldoc.Node, visit func(*xmldoc.Node)) {
			for s := n.Prev; s != nil; s = s.Prev {
				visit(s)
			}
		},
		"following": following,
		"preceding": preceding,
	}
}

func ancestors(n *xmldoc.Node, visit func(*xmldoc.Node)) {
	for p := n.Parent; p != nil; p = p.Parent {
		visit(p)
	}
}

func descendants(n *xmldoc.Node, visit func(*xmldoc.Node)) {
	for c := range n.Descendants() {
		visit(c)
	}
}

func following(n *xmldoc.Node, visit func(*xmldoc.Node)) {
	if n.Kind == xmldoc.Attr || n.Kind == xmldoc.Namespace {
		descendants(n.Parent, visit)
		n = n.Parent
	}
	for ; n != nil; n = n.Parent {
		for s := n.Next; s != nil; s = s.Next {
			visit(s)
			descendants(s, visit)
		}
	}
}

func preceding(n *xmldoc.Node, visit func(*xmldoc.Node)) {
	if n.Kind == xmldoc.Attr || n.Kind == xmldoc.Namespace {
		n = n.Parent
	}
	for ; n != nil; n = n.Parent {
		for s := n.Prev; s != nil; s = s.Prev {
			var below nodes
			descendants(s, func(d *xmldoc.Node) { below = append(below, d) })
			for _, d := range slices.Backward(below) {
				visit(d)
			}
			visit(s)
		}
	}
}

// namespaces makes a node of each namespace in scope.
func namespaces(n *xmldoc.Node, visit func(*xmldoc.Node)) {
	if n.Kind != xmldoc.Element {
		return
	}
	seen := map[string]bool{"xml": true}
	all := nodes{{Kind: xmldoc.Namespace, Local: "xml", Data: "http://www.w3.org/XML/1998/namespace"}}
	for e := n; e != nil; e = e.Parent {
		for _, d := range e.Decls {
			if !seen[d.Prefix] {
				seen[d.Prefix] = true
				if d.URI != "" {
					all = append(all, &xmldoc.Node{Kind: xmldoc.Namespace, Local: d.Prefix, Data: d.URI})
				}
			}
		}
	}
	for _, m := range all {
		m.Parent, m.Order = n, n.Order
		visit(m)
	}
}
