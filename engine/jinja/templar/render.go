package templar

import (
	"errors"
	"math/big"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/jinja/stmt"
	"github.com/goplay-engine/goplay/engine/value"
)

// Render renders every template in v, recursively, with native results: exactly
// {{ x }} keeps x's type. pos is where v was written. Undefined variables are
// an *Error whose IsUndefined is true.
func (t *Templar) Render(v value.Value, pos value.Pos) (value.Value, error) {
	out, err := t.RenderKeeping(v, pos)
	if err == nil {
		if out, err = opened(out); err != nil {
			err = &Error{Pos: pos, Msg: err.Error(), Err: err}
		}
	}
	return out, err
}

// RenderKeeping is Render that leaves secrets closed where v has them as
// written: for values that are passed on as variables.
func (t *Templar) RenderKeeping(v value.Value, pos value.Pos) (value.Value, error) {
	out, err := t.render(v, pos, 0)
	return t.text(out), err
}

// RenderLenient is RenderKeeping that leaves text as it is where a variable in it is
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
	out, err := t.RenderKeeping(v, pos)
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
			d.Set(k, t.text(r))
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
			l.Items[i] = t.text(r)
		}
		return l, nil
	case value.Tuple:
		// the reference rebuilds every sequence of a variable as a list
		l := &value.List{Items: make([]value.Value, len(x))}
		for i, e := range x {
			r, err := t.render(e, pos, depth+1)
			if err != nil {
				return nil, err
			}
			l.Items[i] = r
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

// renderText renders one string. Where undefined variables are no error, it
// stays as it is.
func (t *Templar) renderText(s string, pos value.Pos) (value.Value, error) {
	v, err := t.renderStrict(s, pos)
	if err != nil && t.ignores(err) {
		return s, nil
	}
	return v, err
}

// ignores tells whether err is an undefined variable and those are no errors.
func (t *Templar) ignores(err error) bool {
	var e *Error
	return !t.eng.opts.ErrorOnUndef && errors.As(err, &e) && e.IsUndefined
}

func (t *Templar) renderStrict(s string, pos value.Pos) (value.Value, error) {
	c := t.eng.compileText(s)
	if c.err != nil {
		return nil, t.fail(c.err, s, pos)
	}
	if c.name != "" && t.vars != nil {
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
