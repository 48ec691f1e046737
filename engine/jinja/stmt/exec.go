package stmt

import (
	"errors"

	"github.com/goplay-engine/goplay/engine/jinja/expr"
)

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
