package templar

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/lex"
	"github.com/goplay-engine/goplay/engine/jinja/stmt"
	"github.com/goplay-engine/goplay/engine/value"
)

// condition is a compiled bare expression.
type condition struct {
	n       expr.Node
	src     *expr.Source
	err     error
	mutates bool
}

// setup prepares a rendering of the condition.
func (c *condition) setup(st *expr.State) *expr.State {
	if c.mutates {
		st.Mutates, st.Copies = true, map[string]value.Value{}
	}
	return st
}

func (t *Templar) bare(s string, cond bool) *condition {
	key := any(s)
	if !cond {
		key = [1]string{s}
	}
	if c, ok := t.eng.exprs.get(key); ok {
		return c
	}
	c := &condition{src: &expr.Source{Text: lex.Normalize(s, true)}}
	if cond {
		c.n, c.err = expr.ParseCond(c.src.Text)
	} else {
		c.n, c.err = expr.Parse(c.src.Text)
	}
	if c.err != nil {
		off := 0
		var le *lex.Error
		if errors.As(c.err, &le) {
			off = le.Off
		}
		c.err = &expr.Error{Src: c.src, Off: off, Err: c.err}
	} else {
		c.mutates = stmt.Mutates(c.n)
	}
	t.eng.exprs.put(key, c)
	return c
}

// Eval evaluates a bare expression (no delimiters).
func (t *Templar) Eval(src string, pos value.Pos) (value.Value, error) {
	c := t.bare(src, false)
	if c.err != nil {
		return nil, t.fail(c.err, src, pos)
	}
	st := c.setup(t.start(c.src))
	v, err := c.n.Eval(st)
	if err == nil {
		err = expr.Strict(v)
		if err != nil {
			err = st.Fail(c.n.Off(), err)
		}
	}
	if err != nil {
		return nil, t.fail(err, src, pos)
	}
	if v, err = expr.Finalize(st, v); err != nil {
		return nil, t.fail(err, src, pos)
	}
	v = plain(v)
	st.Taint(v)
	return mark(st, v), nil
}

// EvalNative evaluates a bare expression to what {{ expr }} would give.
func (t *Templar) EvalNative(src string, pos value.Pos) (value.Value, error) {
	v, err := t.Eval(src, pos)
	if err != nil {
		return nil, err
	}
	return t.native(t.start(nil), v)
}

// Cond evaluates a condition as `when:` holds it: a bool, or text with a bare
// expression; delimiters in it are rendered first, as Ansible does.
func (t *Templar) Cond(cond value.Value, pos value.Pos) (bool, error) {
	switch x := cond.(type) {
	case nil:
		return true, nil
	case bool:
		return x, nil
	case *value.Undefined:
		return false, t.fail(expr.Strict(x), "", pos)
	case *value.Secret:
		s, err := x.Reveal()
		if err != nil {
			return false, &Error{Pos: pos, Msg: err.Error(), Err: err}
		}
		cond = value.Unsafe(s)
	}
	s, ok := value.Text(cond)
	if !ok {
		return value.Truth(cond), nil
	}
	if s == "" {
		return true, nil
	}
	if IsTemplate(s) && isTrusted(cond) {
		v, err := t.Render(s, pos)
		if err != nil {
			return false, err
		}
		switch x := v.(type) {
		case bool:
			return x, nil
		case string:
			s = x
		case value.Unsafe:
			return false, &Error{Pos: pos, Msg: "Conditional is marked as unsafe, and cannot be evaluated: " + short(x)}
		default:
			return value.Truth(v), nil
		}
		if s == "" {
			return false, nil // unlike a condition that is empty as written
		}
	}
	c := t.bare(s, true)
	if c.err != nil {
		return false, asStatement(t.fail(c.err, s, pos), s)
	}
	st := c.setup(&expr.State{Run: &expr.Run{Host: t}, Src: c.src})
	v, err := c.n.Eval(st)
	if err != nil {
		return false, asStatement(t.fail(err, s, pos), s)
	}
	ok, err = st.Truth(c.n, v)
	if err != nil {
		return false, asStatement(t.fail(err, s, pos), s)
	}
	return ok, nil
}

// asStatement words an error in a condition as the reference does, which reads the
// condition inside an if statement.
func asStatement(err error, cond string) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	whole := "{% if " + cond + " %} True {% else %} False {% endif %}"
	if why, _, ok := strings.Cut(e.Msg, syntaxEnd); ok && strings.HasPrefix(why, syntaxHead) {
		e.Msg = strings.ReplaceAll(why, "'end of template'", "'end of statement block'") + syntaxEnd + whole
	} else if why, ok := strings.CutPrefix(e.Msg, fmt.Sprintf(typeErrorHead, short(cond))); ok {
		e.Msg = fmt.Sprintf(typeErrorHead, whole) + why
	}
	return err
}

func isTrusted(v value.Value) bool { _, unsafe := v.(value.Unsafe); return !unsafe }

// CondWarning is the warning that a condition is a template itself, "" where it
// is none.
func CondWarning(text string) string {
	if strings.Contains(text, "{{") && strings.Contains(text, "}}") || strings.Contains(text, "{%") {
		return "conditional statements should not include jinja2 templating delimiters such as {{ }} or {% %}. Found: " + text
	}
	return ""
}
