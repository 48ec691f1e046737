// Package py has what Python's own types do in a template: operators, order,
// methods, number and text formatting.
//
// It imports engine/value only; the evaluator and the filters import it.
package py

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// Value is short for value.Value.
type Value = value.Value

// Markup is text that is HTML already (markupsafe.Markup).
type Markup string

// NativeText is text that native results leave as text even where it looks like
// a literal: what string, to_json, to_yaml and the like return.
type NativeText string

// TypeName is Python's name of the type.
func (Markup) TypeName() string { return "Markup" }

// Str prints as str() does.
func (m Markup) Str() string { return string(m) }

// Repr prints as repr() does.
func (m Markup) Repr() string { return "Markup(" + value.Quote(string(m)) + ")" }

// Truth is false for empty text.
func (m Markup) Truth() bool { return m != "" }

// Text makes it a value.Texter.
func (m Markup) Text() string { return string(m) }

// TypeName is Python's name of the type.
func (NativeText) TypeName() string { return "NativeJinjaText" }

// Str prints as str() does.
func (t NativeText) Str() string { return string(t) }

// Repr prints as repr() does.
func (t NativeText) Repr() string { return value.Quote(string(t)) }

// Truth is false for empty text.
func (t NativeText) Truth() bool { return t != "" }

// Text makes it a value.Texter.
func (t NativeText) Text() string { return string(t) }

// NativeUnsafe is NativeText that comes from outside.
type NativeUnsafe string

// TypeName is Python's name of the type.
func (NativeUnsafe) TypeName() string { return "NativeJinjaUnsafeText" }

// Str prints as str() does.
func (t NativeUnsafe) Str() string { return string(t) }

// Repr prints as repr() does.
func (t NativeUnsafe) Repr() string { return value.Quote(string(t)) }

// Truth is false for empty text.
func (t NativeUnsafe) Truth() bool { return t != "" }

// Text makes it a value.Texter.
func (t NativeUnsafe) Text() string { return string(t) }

// Bytes is Python's bytes, what encode() returns.
type Bytes string

// TypeName is Python's name of the type.
func (Bytes) TypeName() string { return "bytes" }

// Str prints as str() does, the same as Repr.
func (b Bytes) Str() string { return b.Repr() }

// Repr prints as repr() does.
func (b Bytes) Repr() string {
	q := byte('\'')
	if strings.Contains(string(b), "'") && !strings.Contains(string(b), `"`) {
		q = '"'
	}
	out := []byte{'b', q}
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == q || c == '\\':
			out = append(out, '\\', c)
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\r':
			out = append(out, `\r`...)
		case c == '\t':
			out = append(out, `\t`...)
		case c < 0x20 || c >= 0x7f:
			out = append(out, fmt.Sprintf(`\x%02x`, c)...)
		default:
			out = append(out, c)
		}
	}
	return string(append(out, q))
}

// Truth is false for no bytes.
func (b Bytes) Truth() bool { return b != "" }

// EqualTo compares with other bytes.
func (b Bytes) EqualTo(o Value) bool { x, ok := o.(Bytes); return ok && x == b }

// Range is Python's range object.
type Range struct{ Start, Stop, Step int64 }

// TypeName is Python's name of the type.
func (*Range) TypeName() string { return "range" }

// Str prints as str() does.
func (r *Range) Str() string {
	s := "range(" + strconv.FormatInt(r.Start, 10) + ", " + strconv.FormatInt(r.Stop, 10)
	if r.Step != 1 {
		s += ", " + strconv.FormatInt(r.Step, 10)
	}
	return s + ")"
}

// Repr prints as repr() does.
func (r *Range) Repr() string { return r.Str() }

// Truth is false for an empty range.
func (r *Range) Truth() bool { return r.Len() > 0 }

// Len returns the number of items.
func (r *Range) Len() int64 {
	if r.Step > 0 && r.Start < r.Stop {
		return int64((uint64(r.Stop)-uint64(r.Start)-1)/uint64(r.Step)) + 1
	}
	if r.Step < 0 && r.Start > r.Stop {
		return int64((uint64(r.Start)-uint64(r.Stop)-1)/uint64(-r.Step)) + 1
	}
	return 0
}

// At returns item i, which must be in 0..Len()-1.
func (r *Range) At(i int64) int64 { return r.Start + i*r.Step }

// Iterate walks the numbers.
func (r *Range) Iterate(yield func(Value) bool) error {
	n := r.Len()
	for i := int64(0); i < n; i++ {
		if !yield(r.At(i)) {
			break
		}
	}
	return nil
}

// Contains is Python's `in`.
func (r *Range) Contains(v Value) bool {
	if f, ok := v.(float64); ok && f == float64(int64(f)) {
		v = int64(f)
	}
	if b, ok := v.(bool); ok {
		v = map[bool]int64{false: 0, true: 1}[b]
	}
	i, ok := v.(int64)
	if !ok || r.Len() == 0 {
		return false
	}
	if r.Step > 0 {
		return i >= r.Start && i < r.Stop && (i-r.Start)%r.Step == 0
	}
	return i <= r.Start && i > r.Stop && (r.Start-i)%-r.Step == 0
}

// EqualTo compares by the numbers produced.
func (r *Range) EqualTo(o Value) bool {
	x, ok := o.(*Range)
	return ok && r.Len() == x.Len() && (r.Len() == 0 || r.Start == x.Start && (r.Len() == 1 || r.Step == x.Step))
}

// View is what keys(), values() and items() of a dictionary return. It sees
// later changes of the dictionary.
type View struct {
	Kind string // dict_keys, dict_values or dict_items
	Dict *value.Dict
}

// TypeName is Python's name of the type.
func (v *View) TypeName() string { return v.Kind }

// Str prints as str() does.
func (v *View) Str() string { return v.Kind + "(" + value.Repr(v.List()) + ")" }

// Repr prints as repr() does.
func (v *View) Repr() string { return v.Str() }

// Truth is false for an empty dictionary.
func (v *View) Truth() bool { return v.Dict.Len() > 0 }

// Len returns the number of entries.
func (v *View) Len() int { return v.Dict.Len() }

// List returns the entries as they are now.
func (v *View) List() *value.List {
	l := &value.List{Items: make([]Value, 0, v.Dict.Len())}
	for k, e := range v.Dict.All() {
		switch v.Kind {
		case "dict_keys":
			l.Items = append(l.Items, k)
		case "dict_values":
			l.Items = append(l.Items, e)
		default:
			l.Items = append(l.Items, value.Tuple{k, e})
		}
	}
	return l
}

// Iterate walks the entries.
func (v *View) Iterate(yield func(Value) bool) error {
	for _, e := range v.List().Items {
		if !yield(e) {
			break
		}
	}
	return nil
}

// EqualTo compares keys and items as sets, values by identity.
func (v *View) EqualTo(o Value) bool {
	x, ok := o.(*View)
	if !ok || x.Kind != v.Kind || x.Len() != v.Len() {
		return false
	}
	if v.Kind == "dict_values" {
		return x == v
	}
	for k, e := range v.Dict.All() {
		w, ok := x.Dict.Get(k)
		if !ok || v.Kind == "dict_items" && !value.Equal(e, w) {
			return false
		}
	}
	return true
}

// Error names the Python exception an error stands for.
type Error struct {
	Kind string // TypeError, ValueError, ZeroDivisionError, OverflowError, KeyError, IndexError, AttributeError
	Msg  string
}

func (e *Error) Error() string { return e.Msg }

// Raise returns an error of the given kind in Python's words.
func Raise(kind, format string, a ...any) error {
	return &Error{Kind: kind, Msg: fmt.Sprintf(format, a...)}
}

// IsKind tells whether err stands for the Python exception of that name.
func IsKind(err error, kind string) bool {
	e, ok := err.(*Error)
	return ok && e.Kind == kind
}
