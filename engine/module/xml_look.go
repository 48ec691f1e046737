package module

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/module/xmldoc"
	"github.com/goplay-engine/goplay/engine/value"
)

// printMatch returns the paths of the selected nodes.
func (e *xmlEdit) printMatch() error {
	l, err := e.nodes(e.doc.Element(), e.path)
	if err != nil {
		return err
	}
	paths := make([]string, len(l))
	for i, n := range l {
		if !isNode(l[i : i+1]) {
			return Errorf(fmt.Sprintf("Xpath %s does not reference a node: attributes and text have no path", *e.XPath))
		}
		paths[i] = `"` + n.Path() + `"`
	}
	e.res.Set("matches", value.NewList())
	e.res.Msg = fmt.Sprintf("selector '%s' match: [%s]", *e.XPath, strings.Join(paths, ", "))
	return nil
}

func (e *xmlEdit) count() error {
	v, err := e.eval(e.doc.Element(), "count(/"+e.path+")")
	if err != nil {
		return err
	}
	n, _ := v.(float64)
	e.res.Set("count", int64(n))
	e.res.Msg = fmt.Sprintf("found %d nodes", int64(n))
	return nil
}

// content returns the text or the attributes of the selected elements.
func (e *xmlEdit) content(what string) error {
	l, err := e.elements()
	if err != nil {
		return err
	}
	if len(l) == 0 {
		return Errorf(fmt.Sprintf("Xpath %s does not reference a node!", *e.XPath))
	}
	out := value.NewList()
	for _, n := range l {
		if n.Kind != xmldoc.Element {
			return Errorf(fmt.Sprintf("Xpath %s selects comments or instructions, which have no name", *e.XPath))
		}
		var v value.Value
		if what == "attribute" {
			d := value.NewDict()
			for _, a := range n.Attrs {
				d.Set(a.Clark(), a.Data)
			}
			v = d
		} else if s, ok := n.Text(); ok {
			v = s
		}
		out.Append(value.DictOf(n.Clark(), v))
	}
	e.res.Set("matches", out).Set("count", int64(len(l))).Set("msg", int64(len(l)))
	return nil
}
