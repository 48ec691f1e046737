package xmldoc

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Attribute returns the attribute of that name, or nil.
func (n *Node) Attribute(uri, local string) *Node {
	for _, a := range n.Attrs {
		if a.URI == uri && a.Local == local {
			return a
		}
	}
	return nil
}

// Remove takes an attribute away.
func (n *Node) Remove(a *Node) {
	for i, b := range n.Attrs {
		if a == b {
			n.Attrs = append(n.Attrs[:i:i], n.Attrs[i+1:]...)
			return
		}
	}
}

// resolve returns what a prefix stands for at n.
func (n *Node) resolve(prefix string) (uri string, ok bool) {
	if prefix == "xml" {
		return xmlURI, true
	}
	for e := n; e != nil; e = e.Parent {
		for _, d := range e.Decls {
			if d.Prefix == prefix {
				return d.URI, true
			}
		}
	}
	return "", false
}

// prefixFor finds a declaration of a namespace in scope at n, not hidden by another of the same prefix.
func (n *Node) prefixFor(uri string, attr bool) (prefix string, ok bool) {
	if uri == xmlURI {
		return "xml", true
	}
	for e := n; e != nil; e = e.Parent {
		for _, d := range e.Decls {
			if d.URI != uri || attr && d.Prefix == "" {
				continue
			}
			if now, _ := n.resolve(d.Prefix); now == uri {
				return d.Prefix, true
			}
		}
	}
	return "", false
}

// usual prefixes of well-known namespaces.
var usual = map[string]string{
	xmlURI: "xml", "http://www.w3.org/1999/xhtml": "html", "http://www.w3.org/1999/XSL/Transform": "xsl",
	"http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf", "http://schemas.xmlsoap.org/wsdl/": "wsdl",
	"http://www.w3.org/2001/XMLSchema": "xs", "http://www.w3.org/2001/XMLSchema-instance": "xsi",
	"http://purl.org/dc/elements/1.1/": "dc", "http://codespeak.net/lxml/objectify/pytype": "py",
}

// declare returns a prefix for a namespace at n, declaring one there where there is none.
func (d *Doc) declare(n *Node, uri, wish string, attr bool) string {
	if p, ok := n.prefixFor(uri, attr); ok {
		return p
	}
	p := wish
	if p == "" {
		p = usual[uri]
	}
	for used := true; used; {
		if p == "" {
			p = fmt.Sprintf("ns%d", d.counter)
			d.counter++
		}
		if _, used = n.resolve(p); used {
			p = ""
		}
	}
	n.Decls = append(n.Decls, Decl{p, uri})
	return p
}

// SplitClark splits {uri}local.
func SplitClark(name string) (uri, local string, err error) {
	local = name
	if rest, ok := strings.CutPrefix(name, "{"); ok {
		if uri, local, ok = strings.Cut(rest, "}"); !ok {
			return "", "", fmt.Errorf("no } in %s", name)
		}
	}
	if !IsName(local) {
		return "", "", fmt.Errorf("%q is not a name", local)
	}
	return uri, local, nil
}

// IsName tells whether s can name an element or attribute, without a prefix.
func IsName(s string) bool { return s != "" && NameLen(s) == len(s) }

// NameLen is the length of the name, without a prefix, that s starts with.
func NameLen(s string) int {
	for i, r := range s {
		if !nameChar(r) || r == ':' || i == 0 && !nameStart(r) {
			return i
		}
	}
	return len(s)
}

// IsChars tells whether all of s may stand in a document.
func IsChars(s string) bool {
	for _, r := range s {
		if !isChar(r) {
			return false
		}
	}
	return utf8.ValidString(s)
}

// NewElement makes an element that belongs to no document yet.
func NewElement(uri, local string) *Node {
	e := &Node{Kind: Element, URI: uri, Local: local}
	if uri != "" {
		e.Prefix = (&Doc{}).declare(e, uri, "", false)
	}
	return e
}

// Set gives n an attribute, or its value to the one it has.
func (d *Doc) Set(n *Node, uri, local, value string) {
	if a := n.Attribute(uri, local); a != nil {
		a.Data = value
		return
	}
	a := &Node{Kind: Attr, URI: uri, Local: local, Data: value, Parent: n}
	if uri != "" {
		a.Prefix = d.declare(n, uri, "", true)
	}
	n.Attrs = append(n.Attrs, a)
}

// Adopt makes the prefixes of a tree that came under a new parent fit there: what the parent declares
// already is not declared again.
func (d *Doc) Adopt(top *Node) {
	fix := func(n, at *Node, attr bool) {
		if n.URI == "" {
			return
		}
		if now, ok := at.resolve(n.Prefix); ok && now == n.URI && !(attr && n.Prefix == "") {
			return
		}
		if p, ok := at.prefixFor(n.URI, attr); ok {
			n.Prefix = p
			return
		}
		n.Prefix = d.declare(top, n.URI, n.Prefix, attr)
	}
	for n := top; n != nil; n = n.Following(top) {
		if n.Kind != Element {
			continue
		}
		keep := n.Decls[:0:0]
		gone := map[string]string{} // redundant here: what each stood for, and the parent's prefix
		for _, c := range n.Decls {
			p, ok := "", false
			if n.Parent != nil && c.URI != "" {
				p, ok = n.Parent.prefixFor(c.URI, false)
			}
			if !ok {
				keep = append(keep, c)
				continue
			}
			gone[c.Prefix] = p
		}
		all := n.Decls
		n.Decls = keep
		if p, ok := gone[n.Prefix]; ok && n.URI != "" && declares(all, n.Prefix, n.URI) {
			n.Prefix = p
		}
		fix(n, n, false)
		for _, a := range n.Attrs {
			if p := gone[a.Prefix]; p != "" && a.Prefix != "" && declares(all, a.Prefix, a.URI) {
				a.Prefix = p
			}
			fix(a, n, true)
		}
	}
}

func declares(l []Decl, prefix, uri string) bool {
	for _, d := range l {
		if d.Prefix == prefix && d.URI == uri {
			return true
		}
	}
	return false
}

// nameStart and nameChar follow the fifth edition of XML 1.0.
func nameStart(r rune) bool {
	switch {
	case r < 0x80:
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == ':'
	case r < 0x300:
		return r >= 0xC0 && r != 0xD7 && r != 0xF7
	}
	return r >= 0x370 && r <= 0x1FFF && r != 0x37E || r == 0x200C || r == 0x200D || r >= 0x2070 && r <= 0x218F ||
		r >= 0x2C00 && r <= 0x2FEF || r >= 0x3001 && r <= 0xD7FF || r >= 0xF900 && r <= 0xFDCF ||
		r >= 0xFDF0 && r <= 0xFFFC || r >= 0x10000 && r <= 0xEFFFF
}

func nameChar(r rune) bool {
	return nameStart(r) || r >= '0' && r <= '9' || r == '-' || r == '.' || r == 0xB7 || r >= 0x300 && r <= 0x36F ||
		r == 0x203F || r == 0x2040
}

func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}
