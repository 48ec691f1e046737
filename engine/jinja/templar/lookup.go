package templar

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// Lookup calls a lookup plugin as query() does, with rendered terms; with_*
// loops use it.
func (t *Templar) Lookup(name string, terms []value.Value, kwargs *value.Dict) ([]value.Value, error) {
	f, ok := t.findLookup(name)
	if !ok {
		return nil, &LookupError{fmt.Errorf("lookup plugin (%s) not found", name)}
	}
	return f(t, terms, kwargs)
}

func (t *Templar) findLookup(name string) (LookupFunc, bool) {
	if t.eng.opts.Override != nil && t.scope.Plugin == nil {
		if p, ok := t.eng.opts.Override("lookup", name); ok {
			f, isLookup := p.(LookupFunc)
			return f, isLookup
		}
	}
	if f, ok := t.eng.opts.Lookups[name]; ok {
		return f, true
	}
	short := strings.TrimPrefix(strings.TrimPrefix(name, "ansible.builtin."), "ansible.legacy.")
	if f, ok := t.eng.opts.Lookups[short]; ok {
		return f, true
	}
	if p, ok := t.brought("lookup", name); ok {
		switch f := p.(type) {
		case LookupFunc:
			return f, true
		case func(*Templar, []value.Value, *value.Dict) ([]value.Value, error):
			return f, true
		}
	}
	return nil, false
}

func query(c *builtin.Call) (value.Value, error) { return runLookup(c, true) }

func lookup(c *builtin.Call) (value.Value, error) { return runLookup(c, false) }

// runLookup is lookup() and query(). The results come from outside, so their
// text is unsafe unless allow_unsafe says otherwise.
func runLookup(c *builtin.Call, wantList bool) (value.Value, error) {
	if len(c.Args) == 0 {
		return nil, py.Raise("TypeError", "lookup() missing 1 required positional argument: 'name'")
	}
	if err := expr.Strict(c.Args[0]); err != nil {
		return nil, err
	}
	name := value.Str(c.Args[0])
	onError, allowUnsafe := "strict", false
	if st, ok := c.Env.(*expr.State); ok {
		if t, ok := st.Host.(*Templar); ok {
			allowUnsafe = t.eng.opts.AllowUnsafe
		}
	}
	kw := value.NewDict()
	for k, v := range c.Kwargs.All() {
		switch value.Str(k) {
		case "wantlist":
			wantList = value.Truth(v)
		case "errors":
			onError = value.Str(v)
		case "allow_unsafe":
			allowUnsafe = value.Truth(v)
		default:
			kw.Set(k, v)
		}
	}
	if t, ok := hostOf(c); ok && onError != "strict" {
		if _, known := t.findLookup(name); !known {
			onError = "strict" // a plugin that is not there cannot be passed over
		}
	}
	terms := c.Args[1:]
	for _, a := range terms {
		if err := deepStrict(a); err != nil {
			return nil, err
		}
	}
	for _, a := range kw.All() {
		if u, ok := a.(*value.Undefined); ok && kw.Len() > 0 {
			if !u.Lenient && strings.TrimPrefix(name, "ansible.builtin.") != "env" { // which may not need its default
				return nil, u
			}
		}
	}
	// Terms may be templates themselves, as in lookup('pipe', 'echo {{ x }}').
	if t, ok := hostOf(c); ok {
		terms = append([]value.Value(nil), terms...)
		for i, a := range terms {
			v, err := t.RenderKeeping(a, value.Pos{})
			if err != nil {
				return nil, err
			}
			terms[i] = v
		}
	}
	out, err := c.Env.Lookup(name, terms, kw)
	if err != nil {
		var u *value.Undefined
		var e *Error
		if errors.As(err, &u) || errors.As(err, &e) && e.IsUndefined {
			return nil, err
		}
		if onError == "strict" {
			if e != nil || errors.As(err, new(*LookupError)) {
				return nil, err
			}
			return nil, &pluginError{name, err}
		}
		if t, ok := hostOf(c); ok && onError == "warn" && t.eng.opts.Warn != nil {
			t.eng.opts.Warn((&pluginError{name, err}).head() + err.Error())
		}
		if wantList {
			return value.NewList(), nil
		}
		return nil, nil
	}
	if !allowUnsafe {
		if st, ok := c.Env.(*expr.State); ok && len(out) > 0 {
			st.Unsafe = true
		}
		for i, v := range out {
			if n, ok := v.(py.NativeText); ok {
				v = py.NativeUnsafe(n)
			}
			out[i] = value.MarkUnsafe(v)
		}
	}
	if wantList || len(out) == 0 { // no results are an empty list, never empty text
		return value.NewList(out...), nil
	}
	if len(out) == 1 {
		return out[0], nil
	}
	parts := make([]string, len(out))
	for i, v := range out {
		if _, ok := value.Text(v); !ok {
			return value.NewList(out...), nil
		}
		parts[i] = value.Str(v)
	}
	s := strings.Join(parts, ",")
	if allowUnsafe {
		return s, nil
	}
	return value.Unsafe(s), nil
}

// LookupError is an error that a lookup words for the user; others are shown as
// what went wrong inside the plugin.
type LookupError struct{ Err error }

func (e *LookupError) Error() string { return e.Err.Error() }
func (e *LookupError) Unwrap() error { return e.Err }

type pluginError struct {
	name string
	err  error
}

func (e *pluginError) Unwrap() error { return e.err }

func (e *pluginError) head() string {
	return fmt.Sprintf("An unhandled exception occurred while running the lookup plugin '%s'. Error was a <class 'ansible.errors.AnsibleError'>, original message: ", e.name)
}

// Error says what went wrong twice as the reference does, the second time with
// the cause.
func (e *pluginError) Error() string {
	short := e.err.Error()
	if cause := errors.Unwrap(e.err); cause != nil {
		short = strings.TrimSuffix(short, ": "+cause.Error())
	}
	return e.head() + short + ". " + e.err.Error()
}

// hostOf is the templar a call is made for.
func hostOf(c *builtin.Call) (*Templar, bool) {
	st, ok := c.Env.(*expr.State)
	if !ok {
		return nil, false
	}
	t, ok := st.Host.(*Templar)
	return t, ok
}

// deepStrict is the error of the first undefined value in v.
func deepStrict(v value.Value) (err error) {
	value.Walk(v, func(e value.Value) bool {
		err = expr.Strict(e)
		return err == nil
	})
	return err
}
