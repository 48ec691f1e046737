package expr

import (
	"github.com/goplay-engine/goplay/engine/jinja/lex"
)

// Target reads an assignment target: a name, a tuple of names where withTuple,
// or ns.attr where withNS. As in Jinja2, a comma before `in` takes `in` for a name.
func (p *Parser) Target(withTuple, withNS bool) (Node, error) {
	if withNS && p.Cur().Kind == lex.Name && p.Look().Is(".") {
		t := p.Next()
		p.Next()
		a, err := p.ExpectKind(lex.Name)
		if err != nil {
			return nil, err
		}
		return &Attr{at: at(t.Off()), X: &Name{at: at(t.Off()), Name: t.Text, Slot: ByName}, Name: a.Text, method: true}, nil
	}
	if !withTuple {
		t := p.Cur()
		n, err := p.primary()
		if err != nil {
			return nil, err
		}
		return n, checkTarget(n, t.Off())
	}
	off := p.Cur().Off()
	items, isTuple, err := p.commas(p.primary)
	if err != nil {
		return nil, err
	}
	if !isTuple {
		if len(items) == 0 {
			return nil, p.Failf("Expected an expression, got %s", got(p.Cur()))
		}
		return items[0], checkTarget(items[0], off)
	}
	n := &Tuple{at(off), items}
	return n, checkTarget(n, off)
}

func checkTarget(n Node, off int) error {
	kind := ""
	switch x := n.(type) {
	case *Name:
		return nil
	case *Tuple:
		for _, e := range x.Items {
			if err := checkTarget(e, off); err != nil {
				return err
			}
		}
		return nil
	case *Const:
		kind = "const"
	case *List:
		kind = "list"
	case *Dict:
		kind = "dict"
	case *Cond:
		kind = "condexpr"
	case *Filter:
		kind = "filter"
	case *Attr:
		kind = "getattr"
	case *Call:
		kind = "call"
	default:
		kind = "expression"
	}
	return &lex.Error{Msg: "can't assign to '" + kind + "'", Off: off}
}

// NewName returns a variable node for names that statements bring.
func NewName(off int, name string) *Name { return &Name{at: at(off), Name: name, Slot: ByName} }
