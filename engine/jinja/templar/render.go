package templar

import (
	"errors"
	"math/big"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/lex"
	"github.com/goplay-engine/goplay/engine/jinja/pongo"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/jinja/stmt"
	"github.com/goplay-engine/goplay/engine/value"
)

// IsTemplate tells whether s holds delimiters, so that rendering may change it.
func IsTemplate(s string) bool {
	for i := strings.IndexByte(s, '{'); i >= 0 && i+1 < len(s); {
		switch s[i+1] {
		case '{', '%', '#':
			return true
		}
		j := strings.IndexByte(s[i+1:], '{')
		if j < 0 {
			return false
		}
		i += j + 1
	}
	return false
}

// compiled is a template ready to run, or why it is not.
type compiled struct {
	t   *stmt.Template
	src *expr.Source
	// name is the variable where the source is nothing but {{ name }}.
	name string
	err  error
}

// compileText compiles a string of a YAML value.
func (e *Engine) compileText(s string) *compiled {
	if c, ok := e.text.get(s); ok {
		return c
	}
	cfg := lex.Default()
	cfg.RawStrings = true
	c := e.compile("", s, &cfg, 0)
	if c.t != nil {
		c.name = soleName(s)
	}
	if len(s) < 1<<16 {
		e.text.put(s, c)
	}
	return c
}

func (e *Engine) compile(name, s string, cfg *lex.Config, skip int) *compiled {
	src := &expr.Source{Text: lex.Normalize(s, cfg.KeepTrailingNewline), File: name, Skip: skip}
	c := &compiled{src: src}
	c.t, c.err = pongo.Compile(name, src, cfg, e.exts)
	return c
}

// soleName returns x of {{ x }}; one newline after it is allowed.
func soleName(s string) string {
	s = strings.TrimSuffix(s, "\n")
	if !strings.HasPrefix(s, "{{") || !strings.HasSuffix(s, "}}") {
		return ""
	}
	s = strings.TrimFunc(s[2:len(s)-2], func(r rune) bool { return r == ' ' || r >= 9 && r <= 13 })
	for _, r := range s {
		if !(r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0x80) {
			return ""
		}
	}
	return s
}

// Render renders every template in v, recursively, with native results: exactly
// {{ x }} keeps x's type. pos is where v was written. Undefined variables are
// an *Error whose IsUndefined is true.
func (t *Templar) Render(v value.Value, pos value.Pos) (value.Value, error) {
	out, err := t.render(v, pos, 0)
	if n, ok := out.(py.NativeText); ok {
		out = string(n)
	}
	return out, err
}

// RenderLenient is Render that leaves text as it is where a variable in it is
// undefined (task names).
func (t *Templar) RenderLenient(v value.Value, pos value.Pos) (value.Value, error) {
	switch x := v.(type) {
	case *value.Dict:
		d := value.NewDictCap(x.Len())
		for k, e := range x.All() {
			r, err := t.RenderLenient(e, pos)
			if err != nil {
				return nil, err
			}
			d.Set(k, r)
		}
		return d, nil
	case *value.List:
		l := &value.List{Items: make([]value.Value, len(x.Items)), Pos: x.Pos}
		for i, e := range x.Items {
			r, err := t.RenderLenient(e, pos)
			if err != nil {
				return nil, err
			}
			l.Items[i] = r
		}
		return l, nil
	}
	out, err := t.Render(v, pos)
	var e *Error
	if errors.As(err, &e) && e.IsUndefined {
		return v, nil
	}
	return out, err
}

const maxNesting = 500

func (t *Templar) render(v value.Value, pos value.Pos, depth int) (value.Value, error) {
	switch x := v.(type) {
	case string:
		if !IsTemplate(x) {
			return x, nil
		}
		return t.renderText(x, pos)
	case *value.Secret:
		s, err := x.Reveal()
		if err != nil {
			return nil, &Error{Pos: pos, Msg: err.Error(), Err: err}
		}
		return s, nil
	case *value.Dict:
		if static(x, 0) {
			return x, nil
		}
		if depth > maxNesting {
			return nil, t.tooDeep(pos)
		}
		d := value.NewDictCap(x.Len())
		for k, e := range x.All() {
			s, _ := value.Text(k)
			p := x.PosOf(s)
			if p.IsZero() {
				p = pos
			}
			r, err := t.render(e, p, depth+1)
			if err != nil {
				return nil, err
			}
			if n, ok := r.(py.NativeText); ok {
				r = string(n)
			}
			d.Set(k, r)
			if q := x.PosOf(s); !q.IsZero() {
				d.SetPos(s, q)
			}
		}
		return d, nil
	case *value.List:
		if static(x, 0) {
			return x, nil
		}
		if depth > maxNesting {
			return nil, t.tooDeep(pos)
		}
		l := &value.List{Items: make([]value.Value, len(x.Items)), Pos: x.Pos}
		for i, e := range x.Items {
			p := x.PosAt(i)
			if p.IsZero() {
				p = pos
			}
			r, err := t.render(e, p, depth+1)
			if err != nil {
				return nil, err
			}
			if n, ok := r.(py.NativeText); ok {
				r = string(n)
			}
			l.Items[i] = r
		}
		return l, nil
	case value.Tuple:
		l := make(value.Tuple, len(x))
		for i, e := range x {
			r, err := t.render(e, pos, depth+1)
			if err != nil {
				return nil, err
			}
			l[i] = r
		}
		return l, nil
	}
	return v, nil
}

func (t *Templar) tooDeep(pos value.Pos) error {
	return &Error{Pos: pos, Msg: "the value is nested too deeply"}
}

// static tells whether nothing in v would change by rendering.
func static(v value.Value, depth int) bool {
	if depth > maxNesting {
		return false
	}
	switch x := v.(type) {
	case string:
		return !IsTemplate(x)
	case *value.Dict:
		if x.Plain() {
			return true
		}
		for _, e := range x.All() {
			if !static(e, depth+1) {
				return false
			}
		}
		x.SetPlain()
	case *value.List:
		for _, e := range x.Items {
			if !static(e, depth+1) {
				return false
			}
		}
	case value.Tuple:
		for _, e := range x {
			if !static(e, depth+1) {
				return false
			}
		}
	case *value.Secret:
		return false
	}
	return true
}

// start makes the state of a rendering.
func (t *Templar) start(src *expr.Source) *expr.State {
	r := &struct {
		st  expr.State
		run expr.Run
		ctx expr.Context
	}{}
	r.run.Host = t
	r.st = expr.State{Run: &r.run, Ctx: &r.ctx, Src: src}
	return &r.st
}

func (t *Templar) renderText(s string, pos value.Pos) (value.Value, error) {
	c := t.eng.compileText(s)
	if c.err != nil {
		return nil, t.fail(c.err, s, pos)
	}
	if c.name != "" {
		if v, _, ok := t.vars.Lookup(c.name); ok {
			switch v.(type) {
			case nil, bool, int64, float64, *big.Int:
				return v, nil
			}
		}
	}
	st := t.start(c.src)
	if c.t.Sole != nil && !strings.HasSuffix(s, "\n") {
		st.Frame = c.t.Frame()
		st.Mutates = c.t.Mutates
		v, err := c.t.Sole.Eval(st)
		if err != nil {
			return nil, t.fail(err, s, pos)
		}
		v, err = t.native(st, v)
		if err != nil {
			return nil, t.fail(st.Fail(c.t.Sole.Off(), err), s, pos)
		}
		return v, nil
	}
	o := &stmt.Out{St: st, Loader: t}
	if err := c.t.Render(o, st.Ctx); err != nil {
		return nil, t.fail(err, s, pos)
	}
	text := string(o.Buf)
	if o.Native && o.Pieces == 1 {
		return mark(st, py.NativeText(restoreNewlines(s, text, "\n"))), nil
	}
	v := t.literal(st, text)
	if _, ok := value.Text(v); ok {
		return mark(st, restoreNewlines(s, text, "\n")), nil
	}
	return v, nil
}

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
			return value.Unsafe(n)
		}
		return value.MarkUnsafe(v)
	}
	return v
}

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
	case nil, bool, int64, string, value.Unsafe:
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
		if v, ok := pyLiteral(s); ok {
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
	v, ok, err = t.Resolve(name)
	if err != nil || !ok {
		return nil, false, err
	}
	if u, undef := v.(*value.Undefined); undef {
		return nil, false, &Error{Pos: u.Pos, Msg: u.Error(), IsUndefined: true, Name: u.Name, Err: u}
	}
	if n, native := v.(py.NativeText); native {
		v = string(n)
	}
	return v, true, nil
}
