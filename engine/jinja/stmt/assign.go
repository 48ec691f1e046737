package stmt

import (
	"errors"

	"github.com/goplay-engine/goplay/engine/jinja/expr"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

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
