package module

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/module/xmldoc"
	"github.com/goplay-engine/goplay/engine/value"
)

// remove takes the selected elements and attributes away.
func (e *xmlEdit) remove() error {
	cannot := func(why string) error {
		return Errorf(fmt.Sprintf("Couldn't delete xpath target: %s (%s)", *e.XPath, why))
	}
	v, err := e.eval(e.doc.Element(), e.path)
	if err != nil {
		return cannot(err.Error())
	}
	l, ok := v.([]*xmldoc.Node)
	if !ok {
		return cannot(fmt.Sprintf("it is a value, %v, and not a node", v))
	}
	for _, n := range l {
		switch {
		case n.Kind == xmldoc.Document:
		case n.Kind == xmldoc.Attr:
			n.Parent.Remove(n)
		case n.IsText():
			return cannot("text cannot be deleted, select its element or give a value")
		case n.Kind == xmldoc.Namespace:
			return cannot("namespaces cannot be deleted")
		case n.Parent == nil || n.Parent.Kind == xmldoc.Document:
			return cannot("what stands outside all other elements cannot be deleted")
		default:
			unlinkWithTail(n)
		}
	}
	return nil
}

func unlinkWithTail(n *xmldoc.Node) {
	for _, t := range n.Tail() {
		t.Unlink()
	}
	n.Unlink()
}

// setValue gives the selected elements text, or an attribute its value.
func (e *xmlEdit) setValue() error {
	text, err := xmlText("value", e.Value)
	if err != nil {
		return err
	}
	uri, local := "", ""
	if e.Attribute != nil {
		name, err := xmlText("attribute", e.Attribute)
		if err != nil {
			return err
		}
		if uri, local, err = e.attributeName(name); err != nil {
			return err
		}
	}
	if err := e.ensure(); err != nil {
		return err
	}
	l, err := e.elements()
	if err != nil {
		return err
	}
	if len(l) == 0 {
		return Errorf(fmt.Sprintf("Xpath %s does not reference a node! tree is %s", *e.XPath, e.shown(e.doc.Element())))
	}
	for _, n := range l {
		switch {
		case e.Attribute == nil:
			if now, ok := n.Text(); !ok || now != text {
				n.SetText(text)
			}
		case n.Kind != xmldoc.Element:
			return Errorf(fmt.Sprintf("Xpath %s selects comments or instructions, which have no attributes", *e.XPath))
		default:
			e.doc.Set(n, uri, local, text)
		}
	}
	return nil
}

// attributeName reads prefix:name or {namespace}name.
func (e *xmlEdit) attributeName(name string) (uri, local string, err error) {
	if prefix, rest, ok := strings.Cut(name, ":"); ok && !strings.HasPrefix(name, "{") {
		uri, err := e.namespace(prefix)
		if err != nil {
			return "", "", err
		}
		name = "{" + uri + "}" + rest
	}
	if uri, local, err = xmldoc.SplitClark(name); err != nil {
		return "", "", Errorf(fmt.Sprintf("Invalid attribute name: %s", err))
	}
	return uri, local, nil
}

func (e *xmlEdit) namespace(prefix string) (string, error) {
	if prefix == "xml" {
		return "http://www.w3.org/XML/1998/namespace", nil
	}
	uri, ok := e.ns[prefix]
	if !ok {
		return "", Errorf(fmt.Sprintf("The prefix %s is not in namespaces", prefix))
	}
	return uri, nil
}

// xmlText is a parameter's text. Numbers are taken as they are written; what else YAML reads is the user's mistake.
func xmlText(what string, v value.Value) (string, error) {
	var s string
	switch v := v.(type) {
	case bool, nil, *value.List, *value.Dict:
		return "", Errorf(fmt.Sprintf("%s: only text is valid, not %s (<class '%s'>); put it into quotes", what, value.Repr(v), value.TypeName(v)))
	default:
		s = value.Str(v)
	}
	if !xmldoc.IsChars(s) {
		return "", Errorf(fmt.Sprintf("%s: %s holds characters that no XML document may have", what, value.Repr(s)))
	}
	return s, nil
}

// addChildren adds elements to the selected ones, or beside them. Several selected elements cannot share children:
// the last one gets them.
func (e *xmlEdit) addChildren() error {
	l, err := e.elements()
	if err != nil {
		return err
	}
	children, err := e.children(e.AddChildren)
	if err != nil || len(l) == 0 {
		return err
	}
	at := l[len(l)-1]
	if e.InsertBefore {
		at = l[0]
	}
	if !e.InsertBefore && !e.InsertAfter {
		if at.Kind == xmldoc.Element {
			e.appendTo(at, children)
		}
		return nil
	}
	parent := at.Parent
	if parent == nil || parent.Kind == xmldoc.Document {
		return Errorf(fmt.Sprintf("Xpath %s selects the outermost element, nothing can stand beside it", *e.XPath))
	}
	before := at
	if e.InsertAfter {
		for before = at.Next; before != nil && before.IsText(); before = before.Next {
			continue
		}
	}
	for _, ch := range children {
		if before == nil {
			parent.Append(ch)
		} else {
			before.InsertBefore(ch)
		}
		e.doc.Adopt(ch)
	}
	return nil
}

func (e *xmlEdit) appendTo(n *xmldoc.Node, children []*xmldoc.Node) {
	for _, ch := range children {
		if ch.Parent != nil {
			unlinkWithTail(ch)
		}
		n.Append(ch)
		e.doc.Adopt(ch)
	}
}

// setChildren replaces what is in the selected elements, their first text left alone, where it is not the same.
func (e *xmlEdit) setChildren() error {
	l, err := e.elements()
	if err != nil {
		return err
	}
	children, err := e.children(e.SetChildren)
	if err != nil {
		return err
	}
	for _, n := range l {
		if n.Kind != xmldoc.Element {
			continue
		}
		var old []*xmldoc.Node
		for c := n.First; c != nil; c = c.Next {
			if !c.IsText() {
				old = append(old, c)
			}
		}
		same := len(old) == len(children)
		for i := 0; same && i < len(old); i++ {
			same = old[i].ASCII(false) == children[i].ASCII(false)
		}
		if same {
			continue
		}
		for _, c := range old {
			unlinkWithTail(c)
		}
		e.appendTo(n, children)
	}
	return nil
}

// children makes the elements that add_children and set_children ask for.
func (e *xmlEdit) children(l *value.List) ([]*xmldoc.Node, error) {
	var out []*xmldoc.Node
	for _, v := range l.Items {
		n, err := e.child(v)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

func (e *xmlEdit) child(v value.Value) (*xmldoc.Node, error) {
	if e.InputType == "xml" {
		d, err := xmldoc.Parse([]byte(value.Str(v)), xmldoc.Options{CData: true})
		if err != nil {
			return nil, Errorf("Error while parsing child element: " + parseError(err, "<string>"))
		}
		n := d.Element()
		n.Unlink()
		return n, nil
	}
	switch v := v.(type) {
	case *value.Dict:
		if v.Len() > 1 {
			return nil, Errorf("Can only create children from hashes with one key")
		}
		for k, content := range v.All() {
			n, err := newChild(value.Str(k))
			if err != nil {
				return nil, err
			}
			return n, e.fillChild(n, content)
		}
		return nil, Errorf("A child needs a name, the hash is empty")
	case string, value.Unsafe:
		return newChild(value.Str(v))
	}
	return nil, Errorf(fmt.Sprintf("Invalid child type: <class '%s'>. Children must be either strings or hashes.", value.TypeName(v)))
}

func newChild(name string) (*xmldoc.Node, error) {
	uri, local, err := xmldoc.SplitClark(name)
	if err != nil {
		hint := ""
		if strings.Contains(name, ":") && !strings.HasPrefix(name, "{") {
			hint = "; a namespace is written {http://...}name"
		}
		return nil, Errorf(fmt.Sprintf("Invalid tag name: %s%s", err, hint))
	}
	return xmldoc.NewElement(uri, local), nil
}

// fillChild gives a new element its text, or its attributes and, below _, its children.
func (e *xmlEdit) fillChild(n *xmldoc.Node, content value.Value) error {
	d, ok := content.(*value.Dict)
	if !ok {
		if content == nil {
			return nil
		}
		s, err := xmlText(n.Local, content)
		if err == nil {
			n.SetText(s)
		}
		return err
	}
	own := &xmldoc.Doc{}
	for k, v := range d.All() {
		name := value.Str(k)
		if name == "_" {
			continue
		}
		uri, local, err := xmldoc.SplitClark(name)
		if err != nil {
			return Errorf(fmt.Sprintf("Invalid attribute name: %s", err))
		}
		s, err := xmlText(name, v)
		if err != nil {
			return err
		}
		own.Set(n, uri, local, s)
	}
	switch below := d.At("_").(type) {
	case nil:
	case *value.List:
		l, err := e.children(below)
		if err != nil {
			return err
		}
		e.appendTo(n, l)
	default:
		return Errorf(fmt.Sprintf("Invalid children type: <class '%s'>, must be list.", value.TypeName(below)))
	}
	return nil
}
