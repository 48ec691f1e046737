package templar

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// restoreNewlines adds the newlines at the end of the source that Jinja2 drops.
func restoreNewlines(src, out, nl string) string {
	want, have := countNewlines(src), countNewlines(out)
	if want > have {
		out += strings.Repeat(nl, want-have)
	}
	return out
}

func countNewlines(s string) int {
	n := 0
	for n < len(s) && s[len(s)-1-n] == '\n' {
		n++
	}
	return n
}

func mark(st *expr.State, v value.Value) value.Value {
	if st.Unsafe {
		if n, ok := v.(py.NativeText); ok {
			return py.NativeUnsafe(n)
		}
		o, _ := opened(v) // printed or walked before, so it opens
		return value.MarkUnsafe(o)
	}
	return v
}

// plain makes ordinary text of text that native results would keep as text.
func plain(v value.Value) value.Value {
	switch x := v.(type) {
	case py.NativeText:
		return string(x)
	case py.NativeUnsafe:
		return value.Unsafe(x)
	}
	return v
}

// text is plain unless native results are on.
func (t *Templar) text(v value.Value) value.Value {
	if t.eng.opts.Native {
		return v
	}
	return plain(v)
}

// opened replaces the secrets in v by their text, which is not to be rendered.
func opened(v value.Value) (value.Value, error) {
	if value.Walk(v, func(e value.Value) bool { _, secret := e.(*value.Secret); return !secret }) {
		return v, nil
	}
	var err error
	list := func(in []value.Value) []value.Value {
		out := make([]value.Value, len(in))
		for i, e := range in {
			if err == nil {
				out[i], err = opened(e)
			}
		}
		return out
	}
	switch x := v.(type) {
	case *value.Secret:
		s, err := x.Reveal()
		return value.Unsafe(s), err
	case *value.List:
		return &value.List{Items: list(x.Items), Pos: x.Pos}, err
	case value.Tuple:
		return value.Tuple(list(x)), err
	case *value.Dict:
		d := value.NewDictCap(x.Len())
		for k, e := range x.All() {
			if e, err = opened(e); err != nil {
				return nil, err
			}
			if k, err = opened(k); err != nil {
				return nil, err
			}
			d.Set(k, e)
		}
		return d, nil
	}
	return v, nil
}

// Native tells whether jinja2_native is on.
func (t *Templar) Native() bool { return t.eng.opts.Native }

// native turns the value of a sole expression into the result: containers stay
// what they are, everything else is printed, and text that reads as a literal
// is read as one.
func (t *Templar) native(st *expr.State, v value.Value) (value.Value, error) {
	v, err := expr.Finalize(st, v)
	if err != nil {
		return nil, err
	}
	switch x := v.(type) {
	case nil:
		if t.eng.opts.Native {
			return nil, nil
		}
		return "", nil
	case py.NativeText:
		return mark(st, x), nil
	case py.NativeUnsafe:
		return x, nil
	case bool:
		return x, nil
	case *value.Dict, *value.List:
		st.Taint(v)
		if literalOnly(v, 0) {
			return mark(st, v), nil
		}
	case *value.Undefined:
		if err := expr.Strict(x); err != nil {
			return nil, err
		}
		return "", nil
	}
	if t.eng.opts.Native {
		if _, text := value.Text(v); !text {
			return mark(st, v), nil
		}
	}
	s, err := st.Print(v)
	if err != nil {
		return nil, err
	}
	return t.literal(st, s), nil
}

// literalOnly tells whether printing v and reading it again gives v.
func literalOnly(v value.Value, depth int) bool {
	if depth > 100 {
		return false
	}
	switch x := v.(type) {
	case nil, bool, int64, string, value.Unsafe, *value.Secret:
		return true
	case float64:
		return x-x == 0
	case *value.Dict:
		for k, e := range x.All() {
			if !literalOnly(k, depth+1) || !literalOnly(e, depth+1) {
				return false
			}
		}
		return true
	case *value.List:
		for _, e := range x.Items {
			if !literalOnly(e, depth+1) {
				return false
			}
		}
		return true
	case value.Tuple:
		for _, e := range x {
			if !literalOnly(e, depth+1) {
				return false
			}
		}
		return true
	}
	return false
}

// literal reads text that looks like a list, a dictionary or a boolean.
func (t *Templar) literal(st *expr.State, s string) value.Value {
	if t.eng.opts.Native {
		if v, ok := nativeLiteral(s); ok {
			return mark(st, v)
		}
		return mark(st, s)
	}
	switch {
	case s == "True":
		return true
	case s == "False":
		return false
	case strings.HasPrefix(s, "{") || strings.HasPrefix(s, "["):
		if v, ok := readLiteral(s); ok {
			return mark(st, v)
		}
	}
	return mark(st, s)
}

// nativeLiteral reads any Python literal. Quoted text keeps its quotes, so that
// passing it through several variables does not take them off.
func nativeLiteral(s string) (value.Value, bool) {
	v, ok := pyLiteral(s)
	if t, text := v.(string); ok && text {
		return s[:1] + t + s[:1], true
	}
	return v, ok
}
