package templar

import (
	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// Namespace is Jinja2's namespace(): attributes that {% set ns.x = 1 %} changes.
type Namespace struct{ vars *value.Dict }

// Str prints as str() does.
func (n *Namespace) Str() string { return "<Namespace " + value.Repr(n.vars) + ">" }

// Repr prints as repr() does.
func (n *Namespace) Repr() string { return n.Str() }

// Attr gives an attribute.
func (n *Namespace) Attr(name string) (value.Value, bool) { return n.vars.GetStr(name) }

// SetAttr sets one.
func (n *Namespace) SetAttr(name string, v value.Value) { n.vars.Set(name, v) }

func namespace(c *builtin.Call) (value.Value, error) {
	d, err := py.DictOf(c.Args, c.Kwargs)
	if err != nil {
		return nil, err
	}
	return &Namespace{d}, nil
}

// TypeName is Python's name of the type.
func (*Namespace) TypeName() string { return "Namespace" }

// Truth is always true.
func (*Namespace) Truth() bool { return true }
