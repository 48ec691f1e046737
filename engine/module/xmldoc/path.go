package xmldoc

import "fmt"

// Path is an XPath expression that selects n alone: names with a prefix as they are, others in a namespace as *.
func (n *Node) Path() string {
	s := ""
	for ; n != nil && n.Kind != Document; n = n.Parent {
		name := n.Name()
		alike := func(o *Node) bool { return o.Kind == n.Kind }
		switch n.Kind {
		case Element:
			if n.URI != "" && n.Prefix == "" {
				name = "*"
				break
			}
			alike = func(o *Node) bool {
				return o.Kind == Element && o.Local == n.Local && o.Prefix == n.Prefix && (o.URI == "") == (n.URI == "")
			}
		case Comment:
			name = "comment()"
		case PI:
			name = fmt.Sprintf("processing-instruction('%s')", n.Local)
			alike = func(o *Node) bool { return o.Kind == PI && o.Local == n.Local }
		case Attr:
			s = "/@" + name + s
			continue
		default:
			name = "text()"
			alike = (*Node).IsText
		}
		before, more := 0, false
		for o := n.Prev; o != nil; o = o.Prev {
			if alike(o) {
				before++
			}
		}
		for o := n.Next; o != nil; o = o.Next {
			more = more || alike(o)
		}
		if before > 0 || more {
			name += fmt.Sprintf("[%d]", before+1)
		}
		s = "/" + name + s
	}
	if s == "" {
		return "/"
	}
	return s
}
