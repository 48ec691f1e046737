package expr

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// Attr is Jinja2's environment.getattr: an attribute, else an item.
func (st *State) Attr(obj Value, name string) Value {
	v, err := st.getAttr(obj, name)
	if err != nil {
		return &value.Undefined{Name: name, Hint: err.Error(), Obj: obj}
	}
	return v
}

// Item is Jinja2's environment.getitem: an item, else an attribute.
func (st *State) Item(obj, key Value) Value {
	v, err := st.getItem(obj, key)
	if err != nil {
		return &value.Undefined{Name: value.Str(key), Hint: err.Error(), Obj: obj}
	}
	return v
}

func (st *State) getAttr(obj Value, name string) (Value, error) {
	switch x := obj.(type) {
	case *value.Dict:
		if dictMethod(name) {
			return &BoundMethod{obj, name}, nil
		}
		if v, ok := py.Attr(obj, name); ok {
			return v, nil
		}
		if v, ok := x.GetStr(name); ok {
			return st.seen(v), nil
		}
		return missingAttr(obj, name), nil
	case *value.Undefined:
		return undefinedPart(x), nil
	case *value.Secret:
		var err error
		if obj, err = st.reveal(x); err != nil {
			return nil, err
		}
	}
	if v, ok := py.Attr(obj, name); ok {
		return st.seen(v), nil
	}
	if m, ok := st.method(obj, name); ok {
		return m, nil
	}
	if m, ok := obj.(value.Mapping); ok {
		v, ok, err := entry(m, name)
		if err != nil {
			return nil, err
		}
		if ok {
			return st.seen(v), nil
		}
	}
	return missingAttr(obj, name), nil
}

// entry reads a computed mapping. What is undefined inside the entry makes the
// entry undefined, not the template wrong.
func entry(m value.Mapping, key Value) (Value, bool, error) {
	v, ok, err := m.GetItem(key)
	var u *value.Undefined
	if errors.As(err, &u) {
		return &value.Undefined{Name: u.Name, Hint: err.Error(), Pos: u.Pos}, true, nil
	}
	return v, ok, err
}

// undefinedPart: what is asked of an undefined value is the same undefined
// value, so that `a.b.c is defined` works and messages name the first cause.
func undefinedPart(u *value.Undefined) Value {
	if u.Lenient {
		c := *u
		c.Lenient = false
		return &c
	}
	return u
}

func objectName(obj Value) string {
	if obj == nil {
		return "None"
	}
	if _, ok := obj.(value.Unsafe); ok {
		return "ansible.utils.unsafe_proxy.AnsibleUnsafeText object"
	}
	return value.TypeName(obj) + " object"
}

func missingAttr(obj Value, name string) *value.Undefined {
	if d, ok := obj.(*value.Dict); ok {
		return &value.Undefined{Name: name, Obj: d}
	}
	return &value.Undefined{Name: name, Obj: obj, Hint: fmt.Sprintf("'%s' has no attribute %s", objectName(obj), value.Quote(name))}
}

func missingItem(obj, key Value) *value.Undefined {
	if s, ok := value.Text(key); ok {
		return missingAttr(obj, s)
	}
	return &value.Undefined{Name: value.Str(key), Obj: obj, Hint: fmt.Sprintf("%s has no element %s", objectName(obj), value.Repr(key))}
}

func (st *State) getItem(obj, key Value) (Value, error) {
	key, err := st.reveal(key)
	if err != nil {
		return nil, err
	}
	switch x := obj.(type) {
	case *value.Dict:
		if s, ok := key.(string); ok {
			if v, ok := x.GetStr(s); ok {
				return st.seen(v), nil
			}
		} else if hashable(key) == nil {
			if v, ok := x.Get(key); ok {
				return st.seen(v), nil
			}
		}
	case *value.List:
		if i, ok := index(key, len(x.Items)); ok {
			return st.seen(x.Items[i]), nil
		}
	case value.Tuple:
		if i, ok := index(key, len(x)); ok {
			return st.seen(x[i]), nil
		}
	case *value.Undefined:
		return undefinedPart(x), nil
	case *value.Secret:
		s, err := st.reveal(x)
		if err != nil {
			return nil, err
		}
		return st.getItem(s, key)
	case py.Bytes:
		if i, ok := index(key, len(x)); ok {
			return int64(x[i]), nil
		}
	case *py.Range:
		if i, ok := index(key, int(x.Len())); ok {
			return x.At(int64(i)), nil
		}
	case value.Mapping:
		v, ok, err := entry(x, key)
		if err != nil {
			return nil, err
		}
		if ok {
			return st.seen(v), nil
		}
	default:
		if s, ok := value.Text(obj); ok {
			if i, ok := index(key, utf8.RuneCountInString(s)); ok {
				return like(obj, runeAt(s, i)), nil
			}
		} else if g, ok := obj.(interface{ GetItem(Value) (Value, bool) }); ok {
			if v, ok := g.GetItem(key); ok {
				return st.seen(v), nil
			}
		}
	}
	if err := Strict(key); err != nil {
		return nil, err
	}
	if s, ok := value.Text(key); ok {
		if v, ok := py.Attr(obj, s); ok {
			return st.seen(v), nil
		}
		if m, ok := st.method(obj, s); ok {
			return m, nil
		}
	}
	return missingItem(obj, key), nil
}

// aDict stands for all dictionaries when asking which methods they have.
var aDict = value.NewDict()

func dictMethod(name string) bool { return py.HasMethod(aDict, name) }

// special: a dictionary may have an attribute of that name.
func special(name string) bool { return dictMethod(name) || len(name) > 2 && name[:2] == "__" }

// Eval reads the attribute.
func (n *Attr) Eval(st *State) (Value, error) {
	obj, err := n.X.Eval(st)
	if err != nil {
		return nil, err
	}
	if d, ok := obj.(*value.Dict); ok && !n.method {
		v, ok := d.GetStr(n.Name)
		if !ok {
			return &value.Undefined{Name: n.Name, Obj: d, Pos: here(n.at)}, nil
		}
		return st.seen(v), nil
	}
	v, err := st.getAttr(obj, n.Name)
	if err != nil {
		return nil, st.Fail(n.Off(), err)
	}
	if u, ok := v.(*value.Undefined); ok && u.Pos.IsZero() {
		u.Pos = here(n.at)
	}
	return v, nil
}

// Eval reads the item or the slice.
func (n *Item) Eval(st *State) (Value, error) {
	obj, err := n.X.Eval(st)
	if err != nil {
		return nil, err
	}
	if s, ok := n.Key.(*Slice); ok {
		v, err := st.slice(obj, s)
		if err != nil {
			return nil, st.Fail(n.Off(), err)
		}
		return v, nil
	}
	key, err := n.Key.Eval(st)
	if err != nil {
		return nil, err
	}
	v, err := st.getItem(obj, key)
	if err != nil {
		return nil, st.Fail(n.Off(), err)
	}
	if u, ok := v.(*value.Undefined); ok && u.Pos.IsZero() {
		u.Pos = here(n.at)
	}
	return v, nil
}
