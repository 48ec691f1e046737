package stmt

import (
	"errors"
	"fmt"

	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/value"
)

// child is the context of an included or imported template.
func (o *Out) child(with bool, locals []local) *expr.Context {
	if !with {
		return &expr.Context{NoHost: true}
	}
	old := o.St.Ctx
	c := &expr.Context{NoHost: old.NoHost, Locals: map[string]expr.Value{}}
	for n, v := range old.Locals {
		c.Locals[n] = v
	}
	for k, v := range old.Vars.All() {
		c.Locals[value.Str(k)] = v
	}
	for _, l := range locals {
		if v, ok := o.local(l); ok {
			c.Locals[l.name] = v
		}
	}
	return c
}

// Exec prints the other template.
func (n *Include) Exec(o *Out) error {
	v, err := n.X.Eval(o.St)
	if err != nil {
		return err
	}
	t, err := o.load(v, n.Off, true)
	if err != nil {
		var missing *NotFound
		if n.IgnoreMissing && errors.As(err, &missing) {
			return nil
		}
		return err
	}
	ctx := o.child(n.WithContext, n.locals)
	if err := t.Render(o, ctx); err != nil {
		return o.St.Fail(n.Off, err)
	}
	return nil
}

// Module is an imported template.
type Module struct {
	name  string
	vars  *value.Dict
	names map[string]bool
	text  string
}

// TypeName is Python's name of the type.
func (*Module) TypeName() string { return "TemplateModule" }

// Str is the text that the template prints.
func (m *Module) Str() string { return m.text }

// Repr prints as repr() does.
func (m *Module) Repr() string { return "<TemplateModule " + value.Quote(m.name) + ">" }

// Truth is always true.
func (*Module) Truth() bool { return true }

// Attr gives what the template exports.
func (m *Module) Attr(name string) (expr.Value, bool) {
	if !m.names[name] {
		return nil, false
	}
	return m.vars.GetStr(name)
}

func (o *Out) module(x expr.Node, off int, with bool, locals []local) (*Module, error) {
	v, err := x.Eval(o.St)
	if err != nil {
		return nil, err
	}
	t, err := o.load(v, off, false)
	if err != nil {
		return nil, err
	}
	ctx := o.child(with, locals)
	s, err := o.capture(func() error { return t.Render(o, ctx) })
	if err != nil {
		return nil, o.St.Fail(off, err)
	}
	return &Module{name: t.Name, vars: ctx.Vars, names: ctx.Exported, text: s}, nil
}

// Exec imports the module.
func (n *Import) Exec(o *Out) error {
	m, err := o.module(n.X, n.Off, n.WithContext, n.locals)
	if err != nil {
		return err
	}
	o.bind(n.Target, m, n.top)
	return nil
}

// bind assigns an import; it is seen by blocks but not exported further.
func (o *Out) bind(t *expr.Name, v expr.Value, top bool) {
	t.Set(o.St, v)
	if top {
		o.export(t.Name, v)
		delete(o.St.Ctx.Exported, t.Name)
	}
}

// Exec imports single names.
func (n *FromImport) Exec(o *Out) error {
	m, err := o.module(n.X, n.Off, n.WithContext, n.locals)
	if err != nil {
		return err
	}
	for i, name := range n.Names {
		v, ok := m.Attr(name)
		if !ok {
			v = &value.Undefined{Name: name, Hint: fmt.Sprintf("the template %s (imported on line %d) does not export the requested name %s",
				value.Quote(m.name), o.St.Src.At(n.Off).Line, value.Quote(name))}
		}
		o.bind(n.Targets[i], v, n.top)
	}
	return nil
}
