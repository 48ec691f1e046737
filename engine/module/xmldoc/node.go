// Package xmldoc reads XML documents into a tree and writes trees as libxml2 and lxml do: what is not changed
// keeps its comments, instructions, CDATA sections, prefixes, attribute order and entities.
//
// It imports the standard library only.
package xmldoc

// Kind tells what a node is.
type Kind int

const (
	Document Kind = iota
	Element
	Text
	CData
	Comment
	PI
	EntityRef // a reference to an entity in a file of its own, which is not read
	Attr
	Namespace // made for XPath's namespace axis
)

// Node is one node of a tree. Prefix, Local and URI name elements and attributes; Local is also the target of an
// instruction, the name of an entity or a namespace's prefix. Data is the text of all others.
type Node struct {
	Kind               Kind
	Prefix, Local, URI string
	Data               string
	Parent             *Node
	Prev, Next         *Node
	First, Last        *Node
	Attrs              []*Node
	Decls              []Decl // namespaces declared here
	Order              int    // set by Number
}

// Decl declares a namespace; Prefix is empty for the default one.
type Decl struct{ Prefix, URI string }

// Doc is a document.
type Doc struct {
	Version string
	Root    *Node // of kind Document: comments, instructions and one element
	dtd     *dtd
	counter int // of made-up prefixes
}

const xmlURI = "http://www.w3.org/XML/1998/namespace"

// Name is the node's qualified name.
func (n *Node) Name() string {
	if n.Prefix != "" {
		return n.Prefix + ":" + n.Local
	}
	return n.Local
}

// Clark is the node's name in the form {uri}local.
func (n *Node) Clark() string {
	if n.URI != "" {
		return "{" + n.URI + "}" + n.Local
	}
	return n.Local
}

// IsText tells whether n is text or a CDATA section.
func (n *Node) IsText() bool { return n.Kind == Text || n.Kind == CData }

// Element returns the document's outermost element.
func (d *Doc) Element() *Node {
	for c := d.Root.First; c != nil; c = c.Next {
		if c.Kind == Element {
			return c
		}
	}
	return nil
}

// Append makes c the last child of n. It must have no parent.
func (n *Node) Append(c *Node) { n.insert(c, n.Last, nil) }

// InsertBefore puts c before n.
func (n *Node) InsertBefore(c *Node) { n.Parent.insert(c, n.Prev, n) }

func (n *Node) insert(c, prev, next *Node) {
	c.Parent, c.Prev, c.Next = n, prev, next
	if prev != nil {
		prev.Next = c
	} else {
		n.First = c
	}
	if next != nil {
		next.Prev = c
	} else {
		n.Last = c
	}
}

// Unlink takes n out of its parent.
func (n *Node) Unlink() {
	p := n.Parent
	if p == nil {
		return
	}
	if n.Prev != nil {
		n.Prev.Next = n.Next
	} else {
		p.First = n.Next
	}
	if n.Next != nil {
		n.Next.Prev = n.Prev
	} else {
		p.Last = n.Prev
	}
	n.Parent, n.Prev, n.Next = nil, nil, nil
}

// Tail returns the text nodes that follow n directly.
func (n *Node) Tail() []*Node {
	var out []*Node
	for t := n.Next; t != nil && t.IsText(); t = t.Next {
		out = append(out, t)
	}
	return out
}

// Text is the text before the first child that is no text; ok is false when there is none.
// Comments and instructions have their content as text.
func (n *Node) Text() (s string, ok bool) {
	if n.Kind == Comment || n.Kind == PI {
		return n.Data, n.Data != "" || n.Kind == Comment
	}
	for c := n.First; c != nil && c.IsText(); c = c.Next {
		s, ok = s+c.Data, true
	}
	return s, ok
}

// SetText replaces what Text returns.
func (n *Node) SetText(s string) {
	if n.Kind == Comment || n.Kind == PI {
		n.Data = s
		return
	}
	for n.First != nil && n.First.IsText() {
		n.First.Unlink()
	}
	n.insert(&Node{Kind: Text, Data: s}, nil, n.First)
}

// Value is the node's text as XPath sees it: of an element, all text in it.
func (n *Node) Value() string {
	switch n.Kind {
	case Element, Document, EntityRef:
		var b []byte
		for c := range n.Descendants() {
			if c.IsText() {
				b = append(b, c.Data...)
			}
		}
		return string(b)
	}
	return n.Data
}

// Descendants goes through all nodes below n in document order, attributes left out.
func (n *Node) Descendants() func(yield func(*Node) bool) {
	return func(yield func(*Node) bool) {
		for c := n.First; c != nil; {
			if !yield(c) {
				return
			}
			c = c.Following(n)
		}
	}
}

// Following is the next node in document order within top.
func (n *Node) Following(top *Node) *Node {
	if n.First != nil {
		return n.First
	}
	for n != nil && n != top {
		if n.Next != nil {
			return n.Next
		}
		n = n.Parent
	}
	return nil
}

// Number sets Order of all nodes, attributes after their element.
func (n *Node) Number() {
	i := 1
	n.Order = 0
	for c := range n.Descendants() {
		c.Order = i
		i += 1 + len(c.Decls) + 1 // room for namespace nodes
		for _, a := range c.Attrs {
			a.Order = i
			i++
		}
	}
}
