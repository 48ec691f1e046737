package playbook

import (
	"slices"

	"github.com/goplay-engine/goplay/engine/value"
)

// Own returns a keyword as written on this very level.
func (b *Base) Own(k Key) Field {
	for i := range b.fields {
		if b.fields[i].key == k {
			return b.fields[i].Field
		}
	}
	return Field{}
}

func (b *Base) set(k Key, f Field) {
	for i := range b.fields {
		if b.fields[i].key == k {
			b.fields[i].Field = f
			return
		}
	}
	b.fields = append(b.fields, keyed{k, f})
}

// SetOwn sets a keyword on this level, for the engine's own use (the debugger,
// implicit tasks). It must not be called once the node is shared between hosts.
func (b *Base) SetOwn(k Key, v value.Value) { b.set(k, Field{Val: v, Pos: b.Pos, Set: true}) }

// Copy returns a copy of the task that may be changed on its own.
func (t *Task) Copy() *Task {
	c := *t
	c.fields = slices.Clone(t.fields)
	c.Args, _ = value.Copy(t.Args).(*value.Dict)
	c.Vars = t.Vars.Clone()
	return &c
}

// skipped tells whether keywords written on n do not reach what is below n: a
// dynamic include hands down its vars only.
func skipped(n Node) bool {
	t, ok := n.(*Task)
	return ok && !t.Static
}

// Get returns the keyword that counts for n: the nearest level that has it
// written. It is not for keywords that extend (see All).
func Get(n Node, k Key) Field {
	self := true
	for n != nil {
		b := n.Keywords()
		if self || !skipped(n) {
			if f := b.Own(k); f.Set {
				return f
			}
		}
		self = false
		n = b.Parent
	}
	return Field{}
}

// All returns every level's writing of a keyword that reaches n, outermost
// first: for tags, when, environment, module_defaults, notify and collections.
func All(n Node, k Key) []Field {
	var out []Field
	self := true
	for n != nil {
		b := n.Keywords()
		if self || !skipped(n) {
			if f := b.Own(k); f.Set {
				out = append(out, f)
			}
		}
		if p, ok := n.(*Play); ok && k == KeyWhen {
			for i := len(p.Included) - 1; i >= 0; i-- {
				out = append(out, p.Included[i])
			}
		}
		self = false
		n = b.Parent
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// Get is Get(t, k).
func (t *Task) Get(k Key) Field { return Get(t, k) }

// All is All(t, k).
func (t *Task) All(k Key) []Field { return All(t, k) }

// Get is Get(p, k).
func (p *Play) Get(k Key) Field { return p.Own(k) }

// Play returns the play a node belongs to, nil where it has none.
func PlayOf(n Node) *Play {
	for n != nil {
		if p, ok := n.(*Play); ok {
			return p
		}
		n = n.Keywords().Parent
	}
	return nil
}

// Conditions returns the conditions of n, outermost first, lists taken apart:
// each is a bool or the text of an expression.
func Conditions(n Node) []Field {
	var out []Field
	for _, f := range All(n, KeyWhen) {
		out = append(out, Items(f)...)
	}
	return out
}

// Items takes a list apart, item by item with its position; a value that is not
// a list is its own only item, None is none.
func Items(f Field) []Field {
	if !f.Set || f.Val == nil {
		return nil
	}
	l, ok := f.Val.(*value.List)
	if !ok {
		return []Field{f}
	}
	out := make([]Field, len(l.Items))
	for i, v := range l.Items {
		p := l.PosAt(i)
		if p.IsZero() {
			p = f.Pos
		}
		out[i] = Field{Val: v, Pos: p, Set: true}
	}
	return out
}
