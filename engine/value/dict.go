package value

import (
	"fmt"
	"iter"
	"math"
	"math/big"
	"sync/atomic"
)

// Dict is a mapping that keeps the order in which keys were added, with
// Python's key equality: 1, 1.0 and True are one key, trusted and unsafe text
// are equal. The zero Dict is empty and ready to use; a nil Dict reads as empty.
type Dict struct {
	keys  []Value
	vals  []Value
	index map[any]int // nil while there are few keys
	pos   map[string]Pos
	plain uint32 // 1: known to hold no template, see SetPlain
}

const smallDict = 8

// NewDict returns an empty dictionary.
func NewDict() *Dict { return &Dict{} }

// NewDictCap returns an empty dictionary with room for n keys.
func NewDictCap(n int) *Dict {
	return &Dict{keys: make([]Value, 0, n), vals: make([]Value, 0, n)}
}

// DictOf builds a dictionary from key, value, key, value ...
func DictOf(kv ...Value) *Dict {
	d := NewDictCap(len(kv) / 2)
	for i := 0; i+1 < len(kv); i += 2 {
		d.Set(kv[i], kv[i+1])
	}
	return d
}

// hashKey folds keys that Python takes for equal into one comparable value.
func hashKey(k Value) any {
	switch x := k.(type) {
	case string:
		return x
	case Unsafe:
		return string(x)
	case int64:
		return x
	case int:
		return int64(x)
	case bool:
		if x {
			return int64(1)
		}
		return int64(0)
	case float64:
		if x == math.Trunc(x) && math.Abs(x) < 1<<62 {
			return int64(x)
		}
		return x
	case nil:
		return nil
	case *big.Int:
		return "\x00big" + x.String()
	case Texter:
		return x.Text()
	case *Secret:
		s, _ := x.Reveal()
		return s
	case Tuple:
		s := "\x00tuple"
		for _, e := range x {
			s += fmt.Sprintf("\x00%T:%v", hashKey(e), hashKey(e))
		}
		return s
	}
	return k // pointers compare by identity
}

func (d *Dict) find(k Value) int {
	if d == nil {
		return -1
	}
	h := hashKey(k)
	if d.index != nil {
		if i, ok := d.index[h]; ok {
			return i
		}
		return -1
	}
	for i, e := range d.keys {
		if s, ok := e.(string); ok {
			if hs, ok := h.(string); ok && hs == s {
				return i
			}
			continue
		}
		if hashKey(e) == h {
			return i
		}
	}
	return -1
}

// Len returns the number of keys.
func (d *Dict) Len() int {
	if d == nil {
		return 0
	}
	return len(d.keys)
}

// Get returns the value of key k.
func (d *Dict) Get(k Value) (Value, bool) {
	if i := d.find(k); i >= 0 {
		return d.vals[i], true
	}
	return nil, false
}

// GetStr returns the value of a text key.
func (d *Dict) GetStr(k string) (Value, bool) {
	if d == nil {
		return nil, false
	}
	if d.index == nil {
		for i, e := range d.keys {
			switch s := e.(type) {
			case string:
				if s == k {
					return d.vals[i], true
				}
			case Unsafe:
				if string(s) == k {
					return d.vals[i], true
				}
			case Texter:
				if s.Text() == k {
					return d.vals[i], true
				}
			}
		}
		return nil, false
	}
	if i, ok := d.index[k]; ok {
		return d.vals[i], true
	}
	return nil, false
}

// At returns the value of a text key, or nil.
func (d *Dict) At(k string) Value { v, _ := d.GetStr(k); return v }

// Has tells whether the text key is there.
func (d *Dict) Has(k string) bool { _, ok := d.GetStr(k); return ok }

// Plain tells whether SetPlain was called since the last change.
func (d *Dict) Plain() bool { return atomic.LoadUint32(&d.plain) == 1 }

// SetPlain notes that nothing in d, at any depth, is a template, so that the
// template engine need not look through it at each use. Whoever changes a
// container inside d afterwards must not put templates there.
func (d *Dict) SetPlain() { atomic.StoreUint32(&d.plain, 1) }

// Set adds or replaces; a replaced key keeps its place.
func (d *Dict) Set(k, v Value) {
	if d.plain != 0 {
		atomic.StoreUint32(&d.plain, 0)
	}
	if i := d.find(k); i >= 0 {
		d.vals[i] = v
		return
	}
	d.keys = append(d.keys, k)
	d.vals = append(d.vals, v)
	if d.index != nil {
		d.index[hashKey(k)] = len(d.keys) - 1
	} else if len(d.keys) > smallDict {
		d.reindex()
	}
}

func (d *Dict) reindex() {
	d.index = nil
	if len(d.keys) <= smallDict {
		return
	}
	d.index = make(map[any]int, len(d.keys)*2)
	for i, k := range d.keys {
		d.index[hashKey(k)] = i
	}
}

// Delete removes key k and tells whether it was there.
func (d *Dict) Delete(k Value) bool {
	i := d.find(k)
	if i < 0 {
		return false
	}
	// Copied rather than shifted in place, so that a walk in progress is safe.
	d.keys = append(append(make([]Value, 0, len(d.keys)), d.keys[:i]...), d.keys[i+1:]...)
	d.vals = append(append(make([]Value, 0, len(d.vals)), d.vals[:i]...), d.vals[i+1:]...)
	d.reindex()
	return true
}

// All walks keys and values in order.
func (d *Dict) All() iter.Seq2[Value, Value] {
	return func(yield func(Value, Value) bool) {
		if d == nil {
			return
		}
		keys, vals := d.keys, d.vals
		for i, k := range keys {
			if !yield(k, vals[i]) {
				return
			}
		}
	}
}

// Keys returns the keys in order; the slice must not be changed.
func (d *Dict) Keys() []Value {
	if d == nil {
		return nil
	}
	return d.keys
}

// Entry returns key and value number i.
func (d *Dict) Entry(i int) (Value, Value) { return d.keys[i], d.vals[i] }

// Update sets every key of o, in o's order.
func (d *Dict) Update(o *Dict) {
	for k, v := range o.All() {
		d.Set(k, v)
	}
	if o != nil {
		for k, p := range o.pos {
			d.SetPos(k, p)
		}
	}
}

// Clone returns a shallow copy.
func (d *Dict) Clone() *Dict {
	c := NewDictCap(d.Len() + 4)
	c.Update(d)
	return c
}

// SetPos records where the value of a text key was written.
func (d *Dict) SetPos(k string, p Pos) {
	if d.pos == nil {
		d.pos = map[string]Pos{}
	}
	d.pos[k] = p
}

// PosOf returns where the value of a text key was written, or the zero Pos.
func (d *Dict) PosOf(k string) Pos {
	if d == nil {
		return Pos{}
	}
	return d.pos[k]
}
