package xmldoc

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// content reads what is in the open element, or with one set a single element, until its end.
func (p *parser) content(one bool) {
	top := p.node
	for p.pos < len(p.src) {
		switch {
		case p.at("</"):
			if p.node == top {
				return // of an entity: its caller complains
			}
			p.endTag()
		case p.at("<![CDATA["):
			p.cdata()
		case p.at("<!--"):
			p.comment()
		case p.at("<?"):
			p.instruction()
		case p.at("<"):
			p.startTag()
		case p.at("&"):
			p.reference()
		default:
			p.text()
		}
		if one && p.node == top {
			return
		}
	}
	if p.node != top {
		p.fail("Premature end of data in tag %s line %d", p.node.Name(), p.lines[len(p.lines)-1])
	}
}

func (p *parser) startTag() {
	line := p.line()
	p.pos++
	prefix, local := p.qname()
	if local == "" {
		p.fail("StartTag: invalid element name")
	}
	if len(p.space) >= maxDepth {
		p.fail("Excessive depth in document: %d use XML_PARSE_HUGE option", maxDepth)
	}
	e := &Node{Kind: Element, Prefix: prefix, Local: local}
	for {
		sep := p.blanks()
		if p.pos >= len(p.src) {
			p.fail("Couldn't find end of Start Tag %s line %d", e.Name(), line)
		}
		if p.peek() == '>' || p.at("/>") {
			break
		}
		if !sep {
			if len(e.Attrs)+len(e.Decls) > 0 {
				p.fail("attributes construct error")
			}
			p.fail("Couldn't find end of Start Tag %s line %d", e.Name(), line)
		}
		p.attribute(e, line)
	}
	p.add(e)
	p.names(e)
	space := int8(-1)
	if n := len(p.space); n > 0 && p.space[n-1] != -2 {
		space = p.space[n-1]
	}
	if a := e.Attribute(xmlURI, "space"); a != nil {
		switch a.Data {
		case "default":
			space = 0
		case "preserve":
			space = 1
		}
	}
	if p.skip("/>") {
		return
	}
	p.pos++
	p.node, p.space, p.lines = e, append(p.space, space), append(p.lines, line)
}

// names finds the namespaces of an element and its attributes.
func (p *parser) names(e *Node) {
	lookup := func(n *Node, of string) {
		uri, ok := e.resolve(n.Prefix)
		if !ok && n.Prefix != "" {
			if n != e {
				p.fail("Namespace prefix %s for %s on %s is not defined", n.Prefix, n.Local, of)
			}
			p.fail("Namespace prefix %s on %s is not defined", n.Prefix, n.Local)
		}
		n.URI = uri
	}
	for i, a := range e.Attrs {
		if a.Prefix != "" {
			lookup(a, e.Local)
		}
		for _, b := range e.Attrs[:i] {
			if b.Local != a.Local {
				continue
			}
			if b.Prefix == a.Prefix {
				p.fail("Attribute %s redefined", a.Name())
			} else if a.URI != "" && b.URI == a.URI {
				p.fail("Namespaced Attribute %s in '%s' redefined", a.Local, a.URI)
			}
		}
	}
	lookup(e, "")
}

func (p *parser) attribute(e *Node, line int) {
	prefix, local := p.qname()
	if local == "" {
		p.fail("error parsing attribute name")
	}
	p.blanks()
	a := &Node{Kind: Attr, Prefix: prefix, Local: local, Parent: e}
	if !p.skip("=") {
		p.fail("Specification mandates value for attribute %s", local)
	}
	p.blanks()
	a.Data = p.attrValue()
	if t := p.doc.dtd.attrType(e.Name(), a.Name()); t != "" && t != "CDATA" {
		a.Data = strings.Join(strings.FieldsFunc(a.Data, func(r rune) bool { return r == ' ' }), " ")
	}
	switch {
	case prefix == "" && local == "xmlns":
		p.declare(e, "", a.Data)
	case prefix == "xmlns":
		if a.Data == "" {
			p.fail("xmlns:%s: Empty XML namespace is not allowed", local)
		}
		if local != "xml" {
			p.declare(e, local, a.Data)
		}
	default:
		e.Attrs = append(e.Attrs, a)
	}
}

func (p *parser) declare(e *Node, prefix, uri string) {
	if slices.ContainsFunc(e.Decls, func(d Decl) bool { return d.Prefix == prefix }) {
		if prefix == "" {
			p.fail("Attribute xmlns redefined")
		}
		p.fail("Attribute xmlns:%s redefined", prefix)
	}
	e.Decls = append(e.Decls, Decl{prefix, uri})
}

// attrValue reads a quoted value; white space in it becomes blanks, references are resolved.
func (p *parser) attrValue() string {
	q := p.peek()
	if q != '"' && q != '\'' {
		p.fail("AttValue: \" or ' expected")
	}
	p.pos++
	var b strings.Builder
	for {
		if p.pos >= len(p.src) {
			p.fail("AttValue: ' expected")
		}
		c := p.src[p.pos]
		switch {
		case c == q:
			p.pos++
			return b.String()
		case c == '<':
			p.fail("Unescaped '<' not allowed in attributes values")
		case c == '&':
			p.attrReference(&b)
		case isBlank(c):
			b.WriteByte(' ')
			p.pos++
		default:
			p.char(&b, "invalid character in attribute value")
		}
	}
}

// char copies one character.
func (p *parser) char(b *strings.Builder, what string) {
	r, n := utf8.DecodeRuneInString(p.rest())
	if r == utf8.RuneError && n == 1 {
		p.notUTF8(p.pos)
	}
	if !isChar(r) {
		p.fail("%s", what)
	}
	b.WriteString(p.src[p.pos : p.pos+n])
	p.pos += n
}

func (p *parser) endTag() {
	p.pos += len("</")
	p.flush()
	name := p.name()
	p.blanks()
	if !p.skip(">") {
		p.fail("expected '>'")
	}
	line := p.lines[len(p.lines)-1]
	if name != p.node.Name() {
		p.fail("Opening and ending tag mismatch: %s line %d and %s", p.node.Name(), line, name)
	}
	p.node, p.space, p.lines = p.node.Parent, p.space[:len(p.space)-1], p.lines[:len(p.lines)-1]
}

func (p *parser) cdata() {
	from := p.pos + len("<![CDATA[")
	i := strings.Index(p.src[from:], "]]>")
	if i < 0 {
		p.pos = len(p.src)
		p.fail("CData section not finished\n%.50s", p.src[from:])
	}
	s := p.src[from : from+i]
	p.chars(from, s, "CData section not finished\n")
	p.pos = from + i + len("]]>")
	if p.CData {
		p.addText(s)
		return
	}
	p.flush()
	if l := p.node.Last; l != nil && l.Kind == CData {
		l.Data += s
		return
	}
	p.node.Append(&Node{Kind: CData, Data: s})
}

// addText adds to the text before, if there is some. It is collected, and put into the tree by flush.
func (p *parser) addText(s string) {
	p.pending.held = true
	p.pending.WriteString(s)
}

type pendingText struct {
	strings.Builder
	held bool // empty text is text as well
}

func (p *parser) flush() {
	if p.pending.held {
		p.node.Append(&Node{Kind: Text, Data: p.pending.String()})
		*p.pending = pendingText{}
	}
}

// add adds what is not text.
func (p *parser) add(n *Node) {
	p.flush()
	p.node.Append(n)
}

func (p *parser) text() {
	from := p.pos
	i := strings.IndexAny(p.rest(), "<&")
	if i < 0 {
		i = len(p.rest())
	}
	s := p.src[from : from+i]
	if at := strings.Index(s, "]]>"); at >= 0 {
		p.failAt(from+at, "Sequence ']]>' not allowed in content")
	}
	p.chars(from, s, "PCDATA invalid Char value %d")
	p.pos += i
	blank := allBlank(s)
	if p.Blanks && blank && p.ignorable() {
		return
	}
	if n := len(p.space); n > 0 && p.space[n-1] == -1 && p.Blanks && (isBlank(s[0]) || !ascii(s)) {
		p.space[n-1] = -2
	}
	p.addText(s)
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// ignorable tells whether the blank text that ends here only lays the document out.
func (p *parser) ignorable() bool {
	p.flush()
	n := len(p.space)
	if n == 0 || p.space[n-1] == 1 || p.space[n-1] == -2 {
		return false
	}
	switch p.doc.dtd.mixed(p.node.Local) {
	case "yes":
		return false
	case "no":
		return true
	}
	last := p.node.Last
	switch {
	case p.peek() != '<', last == nil && p.at("</"):
		return false
	case last == nil:
		return true
	}
	return last.Kind != Text && p.node.First.Kind != Text
}
