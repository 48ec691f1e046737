package expr

import (
	"errors"
	"fmt"
	"math/big"
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

func (st *State) open(v Value) (Value, error) {
	switch x := v.(type) {
	case value.Unsafe:
		st.Unsafe = true
	case *value.Secret:
		return x.Reveal()
	}
	return v, nil
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
			return st.open(v)
		}
		return missingAttr(obj, name), nil
	case *value.Undefined:
		return undefinedPart(x), nil
	case *value.Secret:
		s, err := x.Reveal()
		if err != nil {
			return nil, err
		}
		obj = s
	}
	if v, ok := py.Attr(obj, name); ok {
		return st.open(v)
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
			return st.open(v)
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
	switch x := obj.(type) {
	case *value.Dict:
		if s, ok := key.(string); ok {
			if v, ok := x.GetStr(s); ok {
				return st.open(v)
			}
		} else if hashable(key) == nil {
			if v, ok := x.Get(key); ok {
				return st.open(v)
			}
		}
	case *value.List:
		if i, ok := index(key, len(x.Items)); ok {
			return st.open(x.Items[i])
		}
	case value.Tuple:
		if i, ok := index(key, len(x)); ok {
			return st.open(x[i])
		}
	case *value.Undefined:
		return undefinedPart(x), nil
	case *value.Secret:
		s, err := x.Reveal()
		if err != nil {
			return nil, err
		}
		return st.getItem(s, key)
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
			return st.open(v)
		}
	default:
		if s, ok := value.Text(obj); ok {
			if i, ok := index(key, utf8.RuneCountInString(s)); ok {
				return like(obj, runeAt(s, i)), nil
			}
		} else if g, ok := obj.(interface{ GetItem(Value) (Value, bool) }); ok {
			if v, ok := g.GetItem(key); ok {
				return st.open(v)
			}
		}
	}
	if err := Strict(key); err != nil {
		return nil, err
	}
	if s, ok := value.Text(key); ok {
		if v, ok := py.Attr(obj, s); ok {
			return st.open(v)
		}
		if m, ok := st.method(obj, s); ok {
			return m, nil
		}
	}
	return missingItem(obj, key), nil
}

// like gives text the trust of the text it came from.
func like(from Value, s string) Value {
	if _, ok := from.(value.Unsafe); ok {
		return value.Unsafe(s)
	}
	return s
}

func runeAt(s string, i int) string {
	if len(s) == utf8.RuneCountInString(s) {
		return s[i : i+1]
	}
	for p, r := range s {
		if i == 0 {
			return s[p : p+utf8.RuneLen(r)]
		}
		i--
	}
	return ""
}

// index turns a key into a place in a sequence of n items.
func index(key Value, n int) (int, bool) {
	var i int64
	switch k := key.(type) {
	case int64:
		i = k
	case bool:
		if k {
			i = 1
		}
	default:
		return 0, false
	}
	if i < 0 {
		i += int64(n)
	}
	return int(i), i >= 0 && i < int64(n)
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
		return st.open(v)
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

func (st *State) slice(obj Value, s *Slice) (Value, error) {
	var part [3]*int64
	for i, e := range []Node{s.Lo, s.Hi, s.Step} {
		if e == nil {
			continue
		}
		v, err := e.Eval(st)
		if err != nil {
			return nil, err
		}
		if err := Strict(v); err != nil {
			return nil, err
		}
		switch x := v.(type) {
		case nil:
		case int64:
			part[i] = &x
		case bool:
			b := int64(0)
			if x {
				b = 1
			}
			part[i] = &b
		case *big.Int:
			b := int64(1) << 60 * int64(x.Sign())
			part[i] = &b
		default:
			return nil, py.Raise("TypeError", "slice indices must be integers or None or have an __index__ method")
		}
	}
	if part[2] != nil && *part[2] == 0 {
		return nil, py.Raise("ValueError", "slice step cannot be zero")
	}
	if x, ok := obj.(*value.Secret); ok {
		t, err := x.Reveal()
		if err != nil {
			return nil, err
		}
		obj = t
	}
	if t, ok := value.Text(obj); ok {
		if len(t) == utf8.RuneCountInString(t) {
			lo, hi, step := bounds(part, len(t))
			if step == 1 {
				if lo > hi {
					hi = lo
				}
				return like(obj, t[lo:hi]), nil
			}
			return like(obj, string(pick([]byte(t), part))), nil
		}
		return like(obj, string(pick([]rune(t), part))), nil
	}
	switch x := obj.(type) {
	case *value.List:
		return &value.List{Items: pick(x.Items, part)}, nil
	case value.Tuple:
		return value.Tuple(pick(x, part)), nil
	case *py.Range:
		if x.Len() > MaxItems {
			return nil, errors.New("the range is too long")
		}
		lo, hi, step := bounds(part, int(x.Len()))
		return &py.Range{Start: x.At(int64(lo)), Stop: x.At(int64(hi)), Step: x.Step * int64(step)}, nil
	case *value.Undefined:
		return undefinedPart(x), nil
	}
	if _, ok := obj.(*value.Dict); ok {
		return nil, py.Raise("TypeError", "unhashable type: 'slice'")
	}
	return nil, py.Raise("TypeError", "'%s' object is not subscriptable", value.TypeName(obj))
}

// bounds are Python's slice.indices.
func bounds(p [3]*int64, n int) (lo, hi, step int) {
	step = 1
	if p[2] != nil {
		step = int(max(min(*p[2], 1<<40), -1<<40))
	}
	floor, ceil := 0, n
	lo, hi = 0, n
	if step < 0 {
		floor, ceil = -1, n-1
		lo, hi = n-1, -1
	}
	clamp := func(v int64) int {
		if v < 0 {
			v += int64(n)
		}
		return int(max(min(v, int64(ceil)), int64(floor)))
	}
	if p[0] != nil {
		lo = clamp(*p[0])
	}
	if p[1] != nil {
		hi = clamp(*p[1])
	}
	return lo, hi, step
}

func pick[T any](s []T, p [3]*int64) []T {
	lo, hi, step := bounds(p, len(s))
	out := []T{}
	if step > 0 {
		for i := lo; i < hi; i += step {
			out = append(out, s[i])
		}
	} else {
		for i := lo; i > hi; i += step {
			out = append(out, s[i])
		}
	}
	return out
}

// Contains is Python's `item in box`.
func (st *State) Contains(box, item Value) (bool, error) {
	if s, ok := box.(*value.Secret); ok {
		t, err := s.Reveal()
		if err != nil {
			return false, err
		}
		box = t
	}
	if d, ok := box.(*value.Dict); ok {
		if err := hashable(item); err != nil {
			return false, err
		}
		_, ok := d.Get(item)
		return ok, nil
	}
	if l, ok := box.(*value.List); ok {
		for _, e := range l.Items {
			if value.Equal(e, item) {
				return true, nil
			}
		}
		if len(l.Items) > 0 {
			return false, Strict(item)
		}
		return false, nil
	}
	if err := Strict(item); err != nil {
		return false, err
	}
	return py.Contains(box, item)
}

// Iterate walks any iterable.
func (st *State) Iterate(v Value, yield func(Value) bool) error {
	switch x := v.(type) {
	case *value.List:
		// By index, so that a list that grows on the way is walked as Python does.
		for i := 0; i < len(x.Items); i++ {
			if i > MaxItems {
				return errors.New("the list grows without end")
			}
			e, err := st.open(x.Items[i])
			if err != nil {
				return err
			}
			if !yield(e) {
				return nil
			}
		}
		return nil
	case value.Tuple:
		for _, e := range x {
			e, err := st.open(e)
			if err != nil {
				return err
			}
			if !yield(e) {
				return nil
			}
		}
		return nil
	case *value.Dict:
		for k := range x.All() {
			if !yield(k) {
				return nil
			}
		}
		return nil
	case *value.Undefined:
		return Strict(x)
	case *value.Secret:
		s, err := x.Reveal()
		if err != nil {
			return err
		}
		return st.Iterate(s, yield)
	case *py.Range:
		if x.Len() > MaxItems {
			return fmt.Errorf("the range has %d items, more than a template may walk", x.Len())
		}
		return x.Iterate(yield)
	case value.Mapping:
		for _, k := range x.Keys() {
			if !yield(k) {
				return nil
			}
		}
		return nil
	case value.Iterable:
		return x.Iterate(yield)
	}
	if s, ok := value.Text(v); ok {
		st.seen(v)
		for i := 0; i < len(s); {
			_, n := utf8.DecodeRuneInString(s[i:])
			if !yield(like(v, s[i:i+n])) {
				return nil
			}
			i += n
		}
		return nil
	}
	return py.Raise("TypeError", "'%s' object is not iterable", value.TypeName(v))
}
