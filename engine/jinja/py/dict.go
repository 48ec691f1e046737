package py

import (
	"github.com/goplay-engine/goplay/engine/value"
)

func onDict(need int, names []string, f func(d *value.Dict, a []Value) (Value, error)) method {
	return func(o Value, c *call) (Value, error) {
		a, err := c.bind(need, names...)
		if err != nil {
			return nil, err
		}
		if len(a) > 0 && len(names) > 0 && names[0] == "/key" {
			if err := Hashable(a[0]); err != nil {
				return nil, err
			}
		}
		return f(o.(*value.Dict), a)
	}
}

func orNone(v Value) Value {
	if v == absent {
		return nil
	}
	return v
}

var dictMethods = map[string]method{
	"keys":   onDict(0, nil, func(d *value.Dict, a []Value) (Value, error) { return &View{"dict_keys", d}, nil }),
	"values": onDict(0, nil, func(d *value.Dict, a []Value) (Value, error) { return &View{"dict_values", d}, nil }),
	"items":  onDict(0, nil, func(d *value.Dict, a []Value) (Value, error) { return &View{"dict_items", d}, nil }),
	"get": onDict(1, []string{"/key", "/default"}, func(d *value.Dict, a []Value) (Value, error) {
		if v, ok := d.Get(a[0]); ok {
			return v, nil
		}
		return orNone(a[1]), nil
	}),
	"pop": onDict(1, []string{"/key", "/default"}, func(d *value.Dict, a []Value) (Value, error) {
		if v, ok := d.Get(a[0]); ok {
			d.Delete(a[0])
			return v, nil
		}
		if a[1] == absent {
			return nil, Raise("KeyError", "%s", value.Repr(a[0]))
		}
		return a[1], nil
	}),
	"popitem": onDict(0, nil, func(d *value.Dict, a []Value) (Value, error) {
		if d.Len() == 0 {
			return nil, Raise("KeyError", "'popitem(): dictionary is empty'")
		}
		k, v := d.Entry(d.Len() - 1)
		d.Delete(k)
		return value.Tuple{k, v}, nil
	}),
	"setdefault": onDict(1, []string{"/key", "/default"}, func(d *value.Dict, a []Value) (Value, error) {
		if v, ok := d.Get(a[0]); ok {
			return v, nil
		}
		d.Set(a[0], orNone(a[1]))
		return orNone(a[1]), nil
	}),
	"clear": onDict(0, nil, func(d *value.Dict, a []Value) (Value, error) {
		*d = value.Dict{}
		return nil, nil
	}),
	"copy": onDict(0, nil, func(d *value.Dict, a []Value) (Value, error) { return d.Clone(), nil }),
	"fromkeys": onDict(1, []string{"/iterable", "/value"}, func(_ *value.Dict, a []Value) (Value, error) {
		d := value.NewDict()
		var bad error
		err := Iterate(a[0], func(k Value) bool {
			if bad = Hashable(k); bad != nil {
				return false
			}
			d.Set(k, orNone(a[1]))
			return true
		})
		if err == nil {
			err = bad
		}
		return d, err
	}),
	"update": func(o Value, c *call) (Value, error) {
		d := o.(*value.Dict)
		if len(c.args) > 1 {
			return nil, Raise("TypeError", "update expected at most 1 argument, got %d", len(c.args))
		}
		more, err := DictOf(c.args, c.kw)
		if err != nil {
			return nil, err
		}
		d.Update(more)
		return nil, nil
	},
	"__getitem__": onDict(1, []string{"/key"}, func(d *value.Dict, a []Value) (Value, error) {
		v, ok := d.Get(a[0])
		if !ok {
			return nil, Raise("KeyError", "%s", value.Repr(a[0]))
		}
		return v, nil
	}),
	"__setitem__": onDict(2, []string{"/key", "/value"}, func(d *value.Dict, a []Value) (Value, error) {
		d.Set(a[0], a[1])
		return nil, nil
	}),
	"__delitem__": onDict(1, []string{"/key"}, func(d *value.Dict, a []Value) (Value, error) {
		if !d.Delete(a[0]) {
			return nil, Raise("KeyError", "%s", value.Repr(a[0]))
		}
		return nil, nil
	}),
}

// DictOf is dict(arg, **kw): a mapping or a list of pairs.
func DictOf(args []Value, kw *value.Dict) (*value.Dict, error) {
	d := value.NewDict()
	if len(args) > 1 {
		return nil, Raise("TypeError", "dict expected at most 1 argument, got %d", len(args))
	}
	if len(args) == 1 {
		switch x := args[0].(type) {
		case *value.Dict:
			d.Update(x)
		case value.Mapping:
			for _, k := range x.Keys() {
				v, _, err := x.GetItem(k)
				if err != nil {
					return nil, err
				}
				d.Set(k, v)
			}
		default:
			n := 0
			var bad error
			err := Iterate(x, func(e Value) bool {
				pair, err := ListOf(e)
				if _, ok := e.(*value.Undefined); ok {
					bad = err
				} else if err != nil {
					bad = Raise("TypeError", "cannot convert dictionary update sequence element #%d to a sequence", n)
				} else if len(pair.Items) != 2 {
					bad = Raise("ValueError", "dictionary update sequence element #%d has length %d; 2 is required", n, len(pair.Items))
				} else if bad = Hashable(pair.Items[0]); bad == nil {
					d.Set(pair.Items[0], pair.Items[1])
				}
				n++
				return bad == nil
			})
			if err == nil {
				err = bad
			}
			if err != nil {
				return nil, err
			}
		}
	}
	d.Update(kw)
	return d, nil
}

var rangeMethods = map[string]method{
	"count": func(o Value, c *call) (Value, error) {
		a, err := c.bind(1, "/value")
		if err != nil {
			return nil, err
		}
		if o.(*Range).Contains(a[0]) {
			return int64(1), nil
		}
		return int64(0), nil
	},
	"index": func(o Value, c *call) (Value, error) {
		a, err := c.bind(1, "/value")
		if err != nil {
			return nil, err
		}
		r := o.(*Range)
		i, isInt := a[0].(int64)
		if !isInt || !r.Contains(i) {
			return nil, Raise("ValueError", "%s is not in range", value.Repr(a[0]))
		}
		return (i - r.Start) / r.Step, nil
	},
}

// Attr gives start, stop and step.
func (r *Range) Attr(name string) (Value, bool) {
	switch name {
	case "start":
		return r.Start, true
	case "stop":
		return r.Stop, true
	case "step":
		return r.Step, true
	}
	return nil, false
}

var viewMethods = map[string]method{
	"isdisjoint": func(o Value, c *call) (Value, error) {
		a, err := c.bind(1, "/other")
		if err != nil {
			return nil, err
		}
		mine, found := o.(*View).List().Items, false
		err = Iterate(a[0], func(e Value) bool { found = has(mine, e); return !found })
		return !found, err
	},
}
