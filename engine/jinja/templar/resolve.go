package templar

import (
	"errors"
	"math/big"

	"github.com/goplay-engine/goplay/engine/value"
)

// Resolve returns a variable by name, rendered; part of expr.Host. What is
// undefined inside gives an undefined value.
func (t *Templar) Resolve(name string) (value.Value, bool, error) {
	if t.vars == nil {
		return nil, false, nil
	}
	raw, pos, ok := t.vars.Lookup(name)
	if !ok {
		return nil, false, nil
	}
	switch x := raw.(type) {
	case nil, bool, int64, float64, *big.Int, value.Unsafe:
		return raw, true, nil
	case string:
		if !IsTemplate(x) {
			return raw, true, nil
		}
	}
	if name == "vars" || name == "hostvars" {
		return raw, true, nil // what is taken out of them renders itself
	}
	for _, n := range t.stack {
		if n == name {
			return nil, true, &Error{Pos: pos, Msg: "recursive loop detected in template string: " + short(raw), Err: ErrRecursion}
		}
	}
	if len(t.stack) >= maxVarDepth {
		return nil, true, &Error{Pos: pos, Msg: "recursive loop detected in template string: " + short(raw), Err: ErrRecursion}
	}
	t.stack = append(t.stack, name)
	v, err := t.render(raw, pos, 0)
	t.stack = t.stack[:len(t.stack)-1]
	if err != nil {
		var e *Error
		if errors.As(err, &e) && e.IsUndefined {
			return &value.Undefined{Name: e.Name, Hint: short(raw) + ": " + e.Msg, Pos: e.Pos}, true, nil
		}
		return nil, true, err
	}
	return v, true, nil
}

const maxVarDepth = 200

// ErrRecursion is the cause of errors of variables that hold themselves.
var ErrRecursion = errors.New("recursive loop detected in template string")

func short(v value.Value) string {
	s := value.Str(v)
	if len(s) > 300 {
		s = s[:300] + "..."
	}
	return s
}

// Var returns a variable by name, rendered; ok is false where it is not
// defined.
func (t *Templar) Var(name string) (v value.Value, ok bool, err error) {
	v, ok, err = t.VarNative(name)
	v = plain(v)
	if err == nil {
		v, err = opened(v)
	}
	return v, ok, err
}

// VarNative is Var for lookups: text that is to stay text keeps its kind,
// py.NativeText.
func (t *Templar) VarNative(name string) (v value.Value, ok bool, err error) {
	v, ok, err = t.Resolve(name)
	if err != nil || !ok {
		return nil, false, err
	}
	if u, undef := v.(*value.Undefined); undef {
		return nil, false, &Error{Pos: u.Pos, Msg: u.Error(), IsUndefined: true, Name: u.Name, Err: u}
	}
	return v, true, nil
}
