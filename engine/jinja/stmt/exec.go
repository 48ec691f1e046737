package stmt

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// Loader finds other templates for include, import and extends.
type Loader interface {
	// Template returns a compiled template. A *NotFound error means that there
	// is no such file.
	Template(name, from string) (*Template, error)
}

// NotFound is the error of a template file that does not exist.
type NotFound struct {
	Names []string
	Cause error
}

func (e *NotFound) Error() string {
	if e.Cause != nil {
		return e.Cause.Error()
	}
	if len(e.Names) == 1 {
		return e.Names[0]
	}
	return fmt.Sprintf("none of the templates given were found: %v", e.Names)
}

// Out collects what a rendering prints.
type Out struct {
	St  *expr.State
	Buf []byte
	// Pieces counts what was printed; Native tells that the last was text to
	// be kept as text.
	Pieces int
	Native bool
	Loader Loader

	run *run
}

// run is one running template.
type run struct {
	tmpl   *Template
	parent *Template           // what it extends
	blocks map[string][]*Block // most derived first, shared with its parents
	muted  bool                // outside blocks after extends nothing is printed
}

// Write makes Out an io.Writer.
func (o *Out) Write(p []byte) (int, error) { return o.WriteString(string(p)) }

// WriteString appends text.
func (o *Out) WriteString(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	if len(o.Buf)+len(s) > expr.MaxOutput {
		return 0, errors.New("the result is too large")
	}
	o.Buf = append(o.Buf, s...)
	o.Pieces++
	o.Native = false
	return len(s), nil
}

// capture runs f and returns what it printed.
func (o *Out) capture(f func() error) (string, error) {
	start, pieces, native, muted := len(o.Buf), o.Pieces, o.Native, o.run.muted
	o.run.muted = false
	r := o.run
	err := f()
	r.muted = muted
	o.Pieces, o.Native = pieces, native
	s := string(o.Buf[start:])
	o.Buf = o.Buf[:start]
	return s, err
}

// text is the value of a captured block.
func (o *Out) text(s string) expr.Value {
	if o.St.Escape {
		return py.Markup(s)
	}
	if o.St.Unsafe {
		return value.Unsafe(s)
	}
	return s
}

// in runs f inside a new frame of scope sc.
func (o *Out) in(sc *scope, f func() error) error {
	st := o.St
	old := st.Frame
	st.Frame = sc.frame(old)
	err := f()
	st.Frame = old
	return err
}

// Exec runs the statements in order.
func (s Seq) Exec(o *Out) error {
	for _, e := range s {
		if err := e.Exec(o); err != nil {
			return err
		}
	}
	return nil
}

// Exec prints the text.
func (t *Text) Exec(o *Out) error {
	if o.run.muted {
		return nil
	}
	_, err := o.WriteString(t.S)
	return err
}

// Exec prints the value; None prints as nothing.
func (n *Output) Exec(o *Out) error {
	if o.run.muted {
		return nil
	}
	v, err := n.X.Eval(o.St)
	if err != nil {
		return err
	}
	if v, err = expr.Finalize(o.St, v); err != nil {
		return o.St.Fail(n.X.Off(), err)
	}
	return o.emit(n.X, v)
}

func (o *Out) emit(n expr.Node, v expr.Value) error {
	var s string
	switch x := v.(type) {
	case nil:
	case string:
		s = x
	case int64:
		o.Buf = strconv.AppendInt(o.Buf, x, 10)
		o.Pieces++
		o.Native = false
		return nil
	case py.NativeText:
		if x == "" {
			o.Pieces++
		}
		_, err := o.WriteString(string(x))
		o.Native = true
		return err
	default:
		var err error
		if s, err = o.St.Print(v); err != nil {
			return o.St.Fail(n.Off(), err)
		}
	}
	if s == "" {
		o.Pieces++ // printing nothing counts where the rest is text to be kept
		o.Native = false
		return nil
	}
	if _, err := o.WriteString(s); err != nil {
		return o.St.Fail(n.Off(), err)
	}
	return nil
}

// Exec runs the first branch whose test holds.
func (n *If) Exec(o *Out) error {
	for i, t := range n.Tests {
		ok, err := o.St.EvalTruth(t)
		if err != nil {
			return err
		}
		if ok {
			return n.Bodies[i].Exec(o)
		}
	}
	if n.Else != nil {
		return n.Else.Exec(o)
	}
	return nil
}

// assign stores v in a target of the current frame.
func (o *Out) assign(target expr.Node, v expr.Value, top bool) error {
	st := o.St
	switch x := target.(type) {
	case *expr.Name:
		x.Set(st, v)
		if top {
			o.export(x.Name, v)
		}
		return nil
	case *expr.Tuple:
		items, err := o.unpack(v, len(x.Items))
		if err != nil {
			return st.Fail(target.Off(), err)
		}
		for i, t := range x.Items {
			if err := o.assign(t, items[i], top); err != nil {
				return err
			}
		}
		return nil
	case *expr.Attr:
		obj, err := x.X.Eval(st)
		if err != nil {
			return err
		}
		ns, ok := obj.(interface{ SetAttr(string, expr.Value) })
		if !ok {
			if err := expr.Strict(obj); err != nil {
				return st.Fail(target.Off(), err)
			}
			return st.Fail(target.Off(), errors.New("cannot assign attribute on non-namespace object"))
		}
		ns.SetAttr(x.Name, v)
		return nil
	}
	return st.Fail(target.Off(), errors.New("cannot assign to this expression"))
}

func (o *Out) export(name string, v expr.Value) {
	c := o.St.Ctx
	if c.Vars == nil {
		c.Vars = value.NewDict()
	}
	c.Vars.Set(name, v)
	if name[0] != '_' {
		if c.Exported == nil {
			c.Exported = map[string]bool{}
		}
		c.Exported[name] = true
	}
}

func (o *Out) unpack(v expr.Value, n int) ([]expr.Value, error) {
	switch x := v.(type) {
	case value.Tuple:
		if len(x) == n {
			return x, nil
		}
	case *value.List:
		if len(x.Items) == n {
			return x.Items, nil
		}
	}
	var items []expr.Value
	err := o.St.Iterate(v, func(e expr.Value) bool {
		items = append(items, e)
		return len(items) <= n
	})
	switch {
	case py.IsKind(err, "TypeError"):
		return nil, py.Raise("TypeError", "cannot unpack non-iterable %s object", value.TypeName(v))
	case err != nil:
		return nil, err
	case len(items) > n:
		return nil, py.Raise("ValueError", "too many values to unpack (expected %d)", n)
	case len(items) < n:
		return nil, py.Raise("ValueError", "not enough values to unpack (expected %d, got %d)", n, len(items))
	}
	return items, nil
}

// Exec assigns.
func (n *Set) Exec(o *Out) error {
	v, err := n.X.Eval(o.St)
	if err != nil {
		return err
	}
	return o.assign(n.Target, v, n.top)
}

// filtered applies the filters of a block to its text.
func (o *Out) filtered(n expr.Node, v expr.Value) (expr.Value, error) {
	f, ok := n.(*expr.Filter)
	if !ok {
		return v, nil
	}
	if f.X != nil {
		var err error
		if v, err = o.filtered(f.X, v); err != nil {
			return nil, err
		}
	}
	return f.Apply(o.St, v)
}

// Exec assigns what the block prints.
func (n *SetBlock) Exec(o *Out) error {
	var v expr.Value
	err := o.in(n.scope, func() error {
		s, err := o.capture(func() error { return n.Body.Exec(o) })
		if err != nil {
			return err
		}
		v, err = o.filtered(n.Filter, o.text(s))
		return err
	})
	if err != nil {
		return err
	}
	return o.assign(n.Target, v, n.top)
}

// Exec prints what the block prints, filtered.
func (n *FilterBlock) Exec(o *Out) error {
	return o.in(n.scope, func() error {
		muted := o.run.muted
		s, err := o.capture(func() error { o.run.muted = muted; return n.Body.Exec(o) })
		if err != nil {
			return err
		}
		v, err := o.filtered(n.Filter, o.text(s))
		if err != nil {
			return err
		}
		return o.emit(n.Filter, v)
	})
}

// Exec runs the body with its variables.
func (n *With) Exec(o *Out) error {
	vals := make([]expr.Value, len(n.Values))
	for i, x := range n.Values {
		v, err := x.Eval(o.St)
		if err != nil {
			return err
		}
		vals[i] = v
	}
	return o.in(n.scope, func() error {
		for i, t := range n.Targets {
			if err := o.assign(t, vals[i], false); err != nil {
				return err
			}
		}
		return n.Body.Exec(o)
	})
}

// Exec evaluates.
func (n *Do) Exec(o *Out) error {
	_, err := n.X.Eval(o.St)
	return err
}

// Exec runs the body with escaping switched.
func (n *Autoescape) Exec(o *Out) error {
	return o.in(n.scope, func() error {
		on, err := o.St.EvalTruth(n.X)
		if err != nil {
			return err
		}
		old := o.St.Escape
		o.St.Escape = on
		err = n.Body.Exec(o)
		o.St.Escape = old
		return err
	})
}

var errBreak, errContinue = errors.New("'break' outside loop"), errors.New("'continue' outside loop")

// Exec leaves or repeats the loop around.
func (n *Jump) Exec(*Out) error {
	if n.Break {
		return errBreak
	}
	return errContinue
}
