package stmt

import (
	"errors"
	"fmt"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// Loop is the variable `loop`.
type Loop struct {
	n     *For
	o     *Out
	frame *expr.Frame // where the loop stands
	run   *run
	items []expr.Value
	i     int
	depth int64
	last  expr.Value
	seen  bool
}

// TypeName is Python's name of the type.
func (*Loop) TypeName() string { return "LoopContext" }

// Str prints as str() does.
func (l *Loop) Str() string { return fmt.Sprintf("<LoopContext %d/%d>", l.i+1, len(l.items)) }

// Repr prints as repr() does.
func (l *Loop) Repr() string { return l.Str() }

// Truth is true unless the loop is empty.
func (l *Loop) Truth() bool { return len(l.items) > 0 }

// Attr gives the loop's attributes and methods.
func (l *Loop) Attr(name string) (expr.Value, bool) {
	n := len(l.items)
	switch name {
	case "index":
		return int64(l.i + 1), true
	case "index0":
		return int64(l.i), true
	case "revindex":
		return int64(n - l.i), true
	case "revindex0":
		return int64(n - l.i - 1), true
	case "first":
		return l.i == 0, true
	case "last":
		return l.i == n-1, true
	case "length":
		return int64(n), true
	case "depth":
		return l.depth + 1, true
	case "depth0":
		return l.depth, true
	case "previtem":
		if l.i > 0 {
			return l.items[l.i-1], true
		}
		return &value.Undefined{Name: "previtem", Hint: "there is no previous item"}, true
	case "nextitem":
		if l.i+1 < n {
			return l.items[l.i+1], true
		}
		return &value.Undefined{Name: "nextitem", Hint: "there is no next item"}, true
	case "cycle":
		return &expr.Function{Name: "cycle", Fn: func(c *builtin.Call) (expr.Value, error) {
			if len(c.Args) == 0 {
				return nil, py.Raise("TypeError", "no items for cycling given")
			}
			return c.Args[l.i%len(c.Args)], nil
		}}, true
	case "changed":
		return &expr.Function{Name: "changed", Fn: func(c *builtin.Call) (expr.Value, error) {
			now := value.Tuple(append([]expr.Value{}, c.Args...))
			if l.seen && value.Equal(l.last, now) {
				return false, nil
			}
			l.seen, l.last = true, now
			return true, nil
		}}, true
	}
	return nil, false
}

// Call renders the loop's body for another iterable: loop(item.children).
func (l *Loop) Call(c *builtin.Call) (expr.Value, error) {
	if !l.n.Recursive {
		return nil, py.Raise("TypeError", "The loop must have the 'recursive' marker to be called recursively.")
	}
	if len(c.Args) != 1 {
		return nil, py.Raise("TypeError", "loop() takes one argument, the items to go on with")
	}
	o := l.o
	if err := o.St.Enter(); err != nil {
		return nil, err
	}
	defer o.St.Leave()
	frame, r := o.St.Frame, o.run
	o.St.Frame, o.run = l.frame, l.run
	s, err := o.capture(func() error { return l.n.loop(o, c.Args[0], l.depth+1) })
	o.St.Frame, o.run = frame, r
	return o.text(s), err
}

// Exec runs the loop.
func (n *For) Exec(o *Out) error {
	v, err := n.Iter.Eval(o.St)
	if err != nil {
		return err
	}
	return n.loop(o, v, 0)
}

func (n *For) loop(o *Out, v expr.Value, depth int64) error {
	st := o.St
	items, live, err := n.items(o, v)
	if err != nil {
		return st.Fail(n.Iter.Off(), err)
	}
	outer := st.Frame
	frame := n.scope.frame(outer)
	var l *Loop
	if n.loopSlot >= 0 {
		l = &Loop{n: n, o: o, frame: outer, run: o.run, items: items, depth: depth}
	}
	name, _ := n.Target.(*expr.Name)
	ran := false
	for i := 0; ; i++ {
		if live != nil {
			if items = live.Items; i > expr.MaxItems { // a body may make the list longer
				return st.Fail(n.Off, errors.New("the list grows without end"))
			}
			if l != nil {
				l.items = items
			}
		}
		if i >= len(items) {
			break
		}
		if err := st.Step(); err != nil {
			return st.Fail(n.Off, err)
		}
		if ran {
			n.scope.reset(frame)
		}
		ran = true
		st.Frame = frame
		if l != nil {
			l.i = i
			frame.Vals[n.loopSlot] = l
		}
		e := items[i]
		if name != nil {
			frame.Vals[name.Slot] = e
		} else if err := o.assign(n.Target, e, false); err != nil {
			st.Frame = outer
			return err
		}
		err := n.Body.Exec(o)
		st.Frame = outer
		if err == errBreak {
			break
		}
		if err != nil && err != errContinue {
			return err
		}
	}
	if !ran && n.Else != nil {
		return o.in(n.elseScope, func() error { return n.Else.Exec(o) })
	}
	return nil
}

// items are what the loop walks; live is the list itself where it may grow.
func (n *For) items(o *Out, v expr.Value) (items []expr.Value, live *value.List, err error) {
	st := o.St
	if n.Test == nil {
		switch x := v.(type) {
		case *value.List:
			return x.Items, x, nil
		case value.Tuple:
			return x, nil, nil
		case *value.Dict:
			return append([]expr.Value{}, x.Keys()...), nil, nil
		}
		err = st.Iterate(v, func(e expr.Value) bool {
			items = append(items, e)
			return true
		})
		return items, nil, err
	}
	outer := st.Frame
	frame := n.testScope.frame(outer)
	var inner error
	err = st.Iterate(v, func(e expr.Value) bool {
		n.testScope.reset(frame)
		st.Frame = frame
		var ok bool
		if inner = o.assign(n.testTarget, e, false); inner == nil {
			ok, inner = st.EvalTruth(n.Test)
		}
		st.Frame = outer
		if ok {
			items = append(items, e)
		}
		return inner == nil
	})
	if inner != nil {
		err = inner
	}
	return items, nil, err
}
