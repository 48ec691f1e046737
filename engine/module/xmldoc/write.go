package xmldoc

import (
	"fmt"
	"slices"
	"strings"
)

const maxIndent = 30 // levels that are indented further

// Write returns the document as UTF-8 with an XML declaration; pretty puts elements without text on lines of their own.
func (d *Doc) Write(pretty bool) string {
	return fmt.Sprintf("<?xml version='%s' encoding='UTF-8'?>\n", d.Version) + d.body(pretty)
}

// ASCII returns the document without a declaration, other characters as references.
func (d *Doc) ASCII(pretty bool) string { return references(d.body(pretty)) }

// ASCII returns an element with the namespaces around it and the text after it, other characters as references.
func (n *Node) ASCII(pretty bool) string {
	w := n.withNamespaces(pretty)
	for _, t := range n.Tail() {
		w.node(t, 0)
	}
	if pretty {
		w.WriteByte('\n')
	}
	return references(w.String())
}

// Plain returns an element with the namespaces around it.
func (n *Node) Plain() string { return n.withNamespaces(false).String() }

func (n *Node) withNamespaces(pretty bool) *writer {
	c := *n
	c.Decls = append([]Decl(nil), n.Decls...)
	for p := n.Parent; p != nil; p = p.Parent {
		for _, d := range p.Decls {
			if !slices.ContainsFunc(c.Decls, func(o Decl) bool { return o.Prefix == d.Prefix }) {
				c.Decls = append(c.Decls, d)
			}
		}
	}
	w := &writer{format: pretty}
	w.node(&c, 0)
	return w
}

func references(s string) string {
	if ascii(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "&#%d;", r)
		}
	}
	return b.String()
}

func (d *Doc) body(pretty bool) string {
	w := &writer{format: pretty}
	root := d.Element()
	if d.dtd != nil {
		if d.dtd.before != nil {
			for c := d.Root.First; c != nil; c = c.Next {
				w.aside(c, pretty)
				if c == d.dtd.before {
					break
				}
			}
		}
		w.dtd(d.dtd, root)
	}
	c := d.Root.First
	if d.dtd != nil && d.dtd.before != nil {
		c = d.dtd.before.Next
	}
	for ; c != root; c = c.Next {
		w.aside(c, pretty)
	}
	w.node(root, 0)
	for c := root.Next; c != nil; c = c.Next {
		if pretty {
			w.WriteByte('\n')
		}
		w.node(c, 0)
	}
	if pretty {
		w.WriteByte('\n')
	}
	return w.String()
}

// writeNode writes one node.
func writeNode(n *Node) string {
	w := &writer{}
	w.node(n, 0)
	return w.String()
}

type writer struct {
	strings.Builder
	format bool
}

func (w *writer) aside(c *Node, pretty bool) {
	w.node(c, 0)
	if pretty {
		w.WriteByte('\n')
	}
}

func (w *writer) indent(level int) { w.WriteString(strings.Repeat("  ", min(level, maxIndent))) }

func (w *writer) node(n *Node, level int) {
	switch n.Kind {
	case Element:
		w.element(n, level)
	case Text:
		textEscapes.WriteString(w, n.Data)
	case CData:
		w.WriteString("<![CDATA[" + strings.ReplaceAll(n.Data, "]]>", "]]]]><![CDATA[>") + "]]>")
	case Comment:
		w.WriteString("<!--" + n.Data + "-->")
	case PI:
		w.WriteString("<?" + n.Local)
		if n.Data != "" {
			w.WriteString(" " + n.Data)
		}
		w.WriteString("?>")
	case EntityRef:
		w.WriteString("&" + n.Local + ";")
	}
}

var (
	textEscapes = strings.NewReplacer("<", "&lt;", ">", "&gt;", "&", "&amp;", "\r", "&#13;")
	attrEscapes = strings.NewReplacer("<", "&lt;", ">", "&gt;", "&", "&amp;", `"`, "&quot;", "\n", "&#10;", "\r", "&#13;", "\t", "&#9;")
)

func (w *writer) element(n *Node, level int) {
	w.WriteString("<" + n.Name())
	for _, d := range n.Decls {
		if d.Prefix == "" {
			w.WriteString(" xmlns=" + quoted(d.URI))
		} else {
			w.WriteString(" xmlns:" + d.Prefix + "=" + quoted(d.URI))
		}
	}
	for _, a := range n.Attrs {
		w.WriteString(" " + a.Name() + `="`)
		attrEscapes.WriteString(w, a.Data)
		w.WriteByte('"')
	}
	if n.First == nil {
		w.WriteString("/>")
		return
	}
	w.WriteByte('>')
	format := w.format
	for c := n.First; c != nil && w.format; c = c.Next {
		w.format = !c.IsText() && c.Kind != EntityRef
	}
	if w.format {
		w.WriteByte('\n')
	}
	for c := n.First; c != nil; c = c.Next {
		if w.format && c.Kind != Text {
			w.indent(level + 1)
		}
		w.node(c, level+1)
		if w.format {
			w.WriteByte('\n')
		}
	}
	if w.format {
		w.indent(level)
	}
	w.format = format
	w.WriteString("</" + n.Name() + ">")
}

// quoted puts s into the quotes it does not hold.
func quoted(s string) string {
	switch {
	case !strings.Contains(s, `"`):
		return `"` + s + `"`
	case !strings.Contains(s, "'"):
		return "'" + s + "'"
	}
	return `"` + strings.ReplaceAll(s, `"`, "&quot;") + `"`
}

// dtd writes the document type, where it is that of the outermost element.
func (w *writer) dtd(d *dtd, root *Node) {
	if d.name != root.Local {
		return
	}
	w.WriteString("<!DOCTYPE " + d.name)
	if d.public != "" {
		w.WriteString(` PUBLIC "` + d.public + `"`)
		if d.system != "" {
			w.WriteByte(' ')
		}
	} else if d.system != "" {
		w.WriteString(" SYSTEM ")
	}
	if d.system != "" {
		q := `"`
		if strings.Contains(d.system, q) {
			q = "'"
		}
		w.WriteString(q + d.system + q)
	}
	if !d.declares {
		w.WriteString(">\n")
		return
	}
	w.WriteString(" [\n" + strings.Join(d.notations, "") + strings.Join(d.items, "") + "]>\n")
}
