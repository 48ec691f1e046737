package module

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goplay-engine/goplay/engine/module/xmldoc"
)

// Endings of expressions that say enough to make what they select. The first group is what is before.
var (
	xmlNameEnd      = regexp.MustCompile(`^(.*)/(` + xmlName + `)$`)
	xmlAttrEnd      = regexp.MustCompile(`^(.*)/@(` + xmlName + `)$`)
	xmlAttrValueEnd = regexp.MustCompile(`^(.*)/@(` + xmlName + `)=(?:"(.*)"|'(.*)')$`)
	xmlNameTextEnd  = regexp.MustCompile(`^(.*)/(` + xmlName + `)/text\(\)=(?:"(.*)"|'(.*)')$`)
	xmlTextEnd      = regexp.MustCompile(`^(.*)/text\(\)=(?:"(.*)"|'(.*)')$`)
	xmlPredicateEnd = regexp.MustCompile(`^(.*)/(` + xmlName + `)\[(.*)\]$`)
)

const xmlName = `(?:[a-zA-Z][a-zA-Z0-9_.-]*:)?[a-zA-Z][a-zA-Z0-9_.-]*`

// ensure makes what xpath selects, unless there is such an element already, or it is a condition that holds.
func (e *xmlEdit) ensure() error {
	if v, err := e.eval(e.doc.Element(), e.path); err == nil && v == true && e.Value == nil {
		return nil
	}
	l, err := e.nodes(e.doc.Element(), e.path)
	if err != nil || isNode(l) {
		return err
	}
	return e.make(e.doc.Element(), e.path)
}

// make makes what an expression selects at an element.
func (e *xmlEdit) make(at *xmldoc.Node, expr string) error {
	either := func(m []string, i int) string { return m[i] + m[i+1] }
	if m := xmlNameEnd.FindStringSubmatch(expr); m != nil {
		return e.makeElement(at, m[1], m[2], "")
	}
	if m := xmlAttrEnd.FindStringSubmatch(expr); m != nil {
		return e.makeAttribute(at, m[1], m[2], "")
	}
	if m := xmlAttrValueEnd.FindStringSubmatch(expr); m != nil {
		return e.makeAttribute(at, m[1], m[2], either(m, 3))
	}
	if m := xmlNameTextEnd.FindStringSubmatch(expr); m != nil {
		return e.makeElement(at, m[1], m[2], either(m, 3))
	}
	if m := xmlTextEnd.FindStringSubmatch(expr); m != nil {
		l, err := e.inner(at, m[1])
		for _, n := range l {
			n.SetText(either(m, 2))
		}
		return err
	}
	if m := xmlPredicateEnd.FindStringSubmatch(expr); m != nil {
		n, err := e.newElement(at, m[1], m[2])
		if err != nil {
			return err
		}
		for _, condition := range strings.Split(m[3], " and ") {
			if err := e.make(n, "./"+strings.TrimSpace(condition)); err != nil {
				return err
			}
		}
		return nil
	}
	return Errorf(fmt.Sprintf("Can't process Xpath %s in order to spawn nodes! tree is %s", expr, e.shown(at)))
}

// inner is what an expression selects, made if need be.
func (e *xmlEdit) inner(at *xmldoc.Node, expr string) ([]*xmldoc.Node, error) {
	if expr == "" {
		return nil, Errorf(fmt.Sprintf("Can't process Xpath %s: the outermost element is %s, and there can be no other", *e.XPath, e.doc.Element().Name()))
	}
	l, err := e.nodes(at, expr)
	if err != nil {
		return nil, err
	}
	if isNode(l) {
		return l, nil
	}
	if err := e.make(at, expr); err != nil {
		return nil, err
	}
	return e.nodes(at, expr)
}

// newElement makes an element in the last one that an expression selects.
func (e *xmlEdit) newElement(at *xmldoc.Node, expr, name string) (*xmldoc.Node, error) {
	uri := ""
	if prefix, rest, ok := strings.Cut(name, ":"); ok {
		var err error
		if uri, err = e.namespace(prefix); err != nil {
			return nil, err
		}
		name = rest
	}
	l, err := e.inner(at, expr)
	if err != nil {
		return nil, err
	}
	n := xmldoc.NewElement(uri, name)
	if len(l) == 0 || l[len(l)-1].Kind != xmldoc.Element {
		return nil, Errorf(fmt.Sprintf("Can't process Xpath %s in order to spawn nodes! tree is %s", expr, e.shown(at)))
	}
	e.appendTo(l[len(l)-1], []*xmldoc.Node{n})
	return n, nil
}

func (e *xmlEdit) makeElement(at *xmldoc.Node, expr, name, text string) error {
	n, err := e.newElement(at, expr, name)
	if err == nil && text != "" {
		n.SetText(text)
	}
	return err
}

func (e *xmlEdit) makeAttribute(at *xmldoc.Node, expr, name, text string) error {
	l, err := e.inner(at, expr)
	if err != nil {
		return err
	}
	uri, local, err := e.attributeName(name)
	if err != nil {
		return err
	}
	for _, n := range l {
		if n.Kind == xmldoc.Element {
			e.doc.Set(n, uri, local, text)
		}
	}
	return nil
}

// shown is a tree as it is in error texts: the document, or an element that is being made.
func (e *xmlEdit) shown(at *xmldoc.Node) string {
	if at == e.doc.Element() {
		return pyBytes(e.doc.ASCII(true))
	}
	return pyBytes(at.ASCII(true))
}

// pyBytes writes ASCII text as Python writes bytes.
func pyBytes(s string) string {
	quote := "'"
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = `"`
	}
	r := strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`, quote, `\`+quote)
	return "b" + quote + r.Replace(s) + quote
}
