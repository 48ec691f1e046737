package expr

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

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

// Contains is Python's `item in box`.
func (st *State) Contains(box, item Value) (bool, error) {
	box, err := st.reveal(box)
	if err != nil {
		return false, err
	}
	if item, err = st.reveal(item); err != nil {
		return false, err
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
			if err := opens(e); err != nil {
				return false, err
			}
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
			if !yield(st.seen(x.Items[i])) {
				return nil
			}
		}
		return nil
	case value.Tuple:
		for _, e := range x {
			if !yield(st.seen(e)) {
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
		s, err := st.reveal(x)
		if err != nil {
			return err
		}
		return st.Iterate(s, yield)
	case *py.Range:
		if x.Len() > MaxItems {
			return fmt.Errorf("the range has %d items, more than a template may walk", x.Len())
		}
		return x.Iterate(yield)
	case py.Bytes:
		return py.Iterate(x, yield)
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
