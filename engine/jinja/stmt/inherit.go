package stmt

import (
	"errors"
	"fmt"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// Render runs a template from the top and appends what it prints to o.
func (t *Template) Render(o *Out, ctx *expr.Context) error {
	blocks := map[string][]*Block{}
	if len(t.Blocks) == 0 {
		blocks = nil
	}
	for n, b := range t.Blocks {
		blocks[n] = []*Block{b}
	}
	return t.exec(o, ctx, blocks)
}

// exec runs t and then what it extends.
func (t *Template) exec(o *Out, ctx *expr.Context, blocks map[string][]*Block) error {
	st := o.St
	if err := st.Enter(); err != nil {
		return err
	}
	defer st.Leave()
	frame, oldCtx, src, r := st.Frame, st.Ctx, st.Src, o.run
	mutates := st.Mutates
	defer func() { st.Frame, st.Ctx, st.Src, o.run, st.Mutates = frame, oldCtx, src, r, mutates }()
	st.Mutates = st.Mutates || t.Mutates
	st.Frame, st.Ctx, st.Src = t.scope.frame(nil), ctx, t.Src
	o.run = &run{tmpl: t, blocks: blocks}
	if t.self >= 0 {
		st.Frame.Vals[t.self] = &selfValue{o, o.run, ctx}
	}
	me := o.run
	if err := t.Body.Exec(o); err != nil {
		return err
	}
	if me.parent != nil {
		return me.parent.exec(o, ctx, me.blocks)
	}
	return nil
}

// Exec loads the parent; nothing more is printed but its text.
func (n *Extends) Exec(o *Out) error {
	st := o.St
	if o.run.parent != nil {
		return st.Fail(n.Off, errors.New("extended multiple times"))
	}
	v, err := n.X.Eval(st)
	if err != nil {
		return err
	}
	t, err := o.load(v, n.Off, false)
	if err != nil {
		return err
	}
	r := o.run
	if r.blocks == nil {
		r.blocks = map[string][]*Block{}
	}
	for name, b := range t.Blocks {
		r.blocks[name] = append(r.blocks[name], b)
	}
	r.parent, r.muted = t, true
	return nil
}

// Exec prints the most derived block of the name.
func (b *Block) Exec(o *Out) error {
	if o.run.muted {
		return nil
	}
	stack := o.run.blocks[b.Name]
	if b.Required && len(stack) > 0 && stack[0] == b {
		return o.St.Fail(b.Off, fmt.Errorf("Required block '%s' not found", b.Name))
	}
	if len(stack) == 0 {
		return nil
	}
	ctx := o.St.Ctx
	if b.Scoped {
		ctx = derived(o, b.locals)
	}
	return stack[0].render(o, o.run, ctx, 0)
}

// derived is the context with the local variables on top.
func derived(o *Out, locals []local) *expr.Context {
	old := o.St.Ctx
	c := &expr.Context{NoHost: old.NoHost, Exported: old.Exported, Vars: old.Vars.Clone(), Locals: old.Locals}
	for _, l := range locals {
		if v, ok := o.local(l); ok {
			c.Vars.Set(l.name, v)
		}
	}
	return c
}

func (o *Out) local(l local) (expr.Value, bool) {
	f := o.St.Frame
	for i := l.hops; i > 0; i-- {
		f = f.Parent
	}
	v := f.Vals[l.slot]
	return v, v != expr.Missing && v != expr.Unresolved
}

// render runs block number depth of the name's stack.
func (b *Block) render(o *Out, r *run, ctx *expr.Context, depth int) error {
	st := o.St
	if err := st.Enter(); err != nil {
		return st.Fail(b.Off, err)
	}
	defer st.Leave()
	frame, oldCtx, src, old := st.Frame, st.Ctx, st.Src, o.run
	defer func() { st.Frame, st.Ctx, st.Src, o.run = frame, oldCtx, src, old }()
	st.Frame, st.Ctx, st.Src = b.scope.frame(nil), ctx, b.src
	in := &run{tmpl: b.tmpl, blocks: r.blocks}
	o.run = in
	if b.self >= 0 {
		st.Frame.Vals[b.self] = &selfValue{o, in, ctx}
	}
	if b.super >= 0 {
		st.Frame.Vals[b.super] = superOf(o, in, ctx, b.Name, depth)
	}
	return b.Body.Exec(o)
}

func superOf(o *Out, r *run, ctx *expr.Context, name string, depth int) expr.Value {
	if depth+1 >= len(r.blocks[name]) {
		return &value.Undefined{Name: "super", Hint: fmt.Sprintf("there is no parent block called '%s'.", name)}
	}
	return &blockRef{o, r, ctx, name, depth + 1}
}

// blockRef is super, or a block reached through self.
type blockRef struct {
	o     *Out
	run   *run
	ctx   *expr.Context
	name  string
	depth int
}

func (*blockRef) TypeName() string { return "BlockReference" }
func (b *blockRef) Str() string    { return "<BlockReference " + value.Quote(b.name) + ">" }
func (b *blockRef) Repr() string   { return b.Str() }
func (*blockRef) Truth() bool      { return true }

// Attr gives super.super.
func (b *blockRef) Attr(name string) (expr.Value, bool) {
	if name != "super" {
		return nil, false
	}
	return superOf(b.o, b.run, b.ctx, b.name, b.depth), true
}

// Call renders the block.
func (b *blockRef) Call(*builtin.Call) (expr.Value, error) {
	r := b.o.run
	s, err := b.o.capture(func() error { return b.run.blocks[b.name][b.depth].render(b.o, b.run, b.ctx, b.depth) })
	b.o.run = r
	return b.o.text(s), err
}

// selfValue is `self`.
type selfValue struct {
	o   *Out
	run *run
	ctx *expr.Context
}

func (*selfValue) TypeName() string { return "TemplateReference" }
func (*selfValue) Str() string      { return "<TemplateReference None>" }
func (s *selfValue) Repr() string   { return s.Str() }
func (*selfValue) Truth() bool      { return true }

// Attr gives a block.
func (s *selfValue) Attr(name string) (expr.Value, bool) {
	if len(s.run.blocks[name]) == 0 {
		return nil, false
	}
	return &blockRef{s.o, s.run, s.ctx, name, 0}, true
}

// load finds a template by name, or the first of a list (where one may be
// given) that exists.
func (o *Out) load(v expr.Value, off int, list bool) (*Template, error) {
	st := o.St
	names := []expr.Value{v}
	if list {
		switch x := v.(type) {
		case *value.List:
			names = x.Items
		case value.Tuple:
			names = x
		}
	}
	var missing *NotFound
	all := &NotFound{}
	for _, n := range names {
		if err := expr.Strict(n); err != nil {
			return nil, st.Fail(off, err)
		}
		name, ok := value.Text(n)
		if !ok {
			return nil, st.Fail(off, py.Raise("TypeError", "a template name must be text, not %s", value.TypeName(n)))
		}
		t, err := o.Loader.Template(name, o.run.tmpl.Name)
		if err == nil {
			return t, nil
		}
		if !errors.As(err, &missing) {
			return nil, st.Fail(off, err)
		}
		all.Names = append(all.Names, name)
	}
	if len(names) == 1 {
		return nil, st.Fail(off, missing)
	}
	return nil, st.Fail(off, all)
}

// Frame is a fresh frame of the template's top scope.
func (t *Template) Frame() *expr.Frame { return t.scope.frame(nil) }
