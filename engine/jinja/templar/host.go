package templar

import (
	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/value"
)

var _ expr.Host = (*Templar)(nil)

// Global is a name that no variable has; part of expr.Host.
func (t *Templar) Global(name string) (value.Value, bool) {
	v, ok := globals()[name]
	return v, ok
}

var globals = sync1(func() map[string]value.Value {
	out := map[string]value.Value{}
	for n, f := range builtin.Globals {
		out[n] = &expr.Function{Name: n, Fn: f}
	}
	for n, f := range map[string]builtin.Func{"lookup": lookup, "query": query, "q": query, "namespace": namespace} {
		out[n] = &expr.Function{Name: n, Fn: f}
	}
	return out
})

// Filter finds a filter that the playbook brings; part of expr.Host.
func (t *Templar) Filter(name string) (builtin.Func, bool) { return t.plugin("filter", name) }

// Test finds a test that the playbook brings; part of expr.Host.
func (t *Templar) Test(name string) (builtin.Func, bool) { return t.plugin("test", name) }

// Override finds a filter or test that the playbook brings under the short name
// of a built-in one.
func (t *Templar) Override(kind, name string) (builtin.Func, bool) {
	if t.eng.opts.Override == nil || t.scope.Plugin != nil {
		return nil, false
	}
	p, ok := t.eng.opts.Override(kind, name)
	f, isFunc := p.(builtin.Func)
	return f, ok && isFunc
}

// brought finds a plugin that a playbook brings.
func (t *Templar) brought(kind, name string) (any, bool) {
	if t.scope.Plugin != nil {
		return t.scope.Plugin(kind, name)
	}
	if t.eng.opts.Plugin != nil {
		return t.eng.opts.Plugin(kind, name)
	}
	return nil, false
}

func (t *Templar) plugin(kind, name string) (builtin.Func, bool) {
	p, ok := t.brought(kind, name)
	if !ok {
		return nil, false
	}
	switch f := p.(type) {
	case builtin.Func:
		return f, true
	case func(*builtin.Call) (value.Value, error):
		return f, true
	}
	return nil, false
}

// WrittenText tells whether a variable is text as written in a file, and where.
func (t *Templar) WrittenText(name string) (value.Pos, bool) {
	if t.vars == nil {
		return value.Pos{}, false
	}
	v, pos, ok := t.vars.Lookup(name)
	s, text := v.(string)
	return pos, ok && text && pos.File != "" && !IsTemplate(s)
}
