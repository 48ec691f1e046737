// Package value holds what Ansible variables are made of: None, booleans,
// integers of any size, floats, text (trusted or unsafe), ordered dictionaries,
// lists, tuples, secrets and undefined values, with Python's idea of
// truth, equality and printing.
//
// It imports nothing from the rest of the engine, so that the remote helper,
// the template engine and the play logic can share it.
//
// The dynamic Go types a Value may have:
//
//	nil        None / null
//	bool       True, False
//	int64      int; *big.Int where it does not fit (Norm* keep this invariant)
//	*big.Int   int beyond 64 bits
//	float64    float
//	string     text; rendered as a template where a variable is used
//	Unsafe     text that came from a host or was tagged !unsafe: never rendered
//	*Dict      ordered mapping
//	*List      mutable list
//	Tuple      immutable sequence
//	*Undefined a name that has no value, with its origin
//	*Secret    an inline vault value, decrypted on use, redacted in output
//
// The template engine adds its own types (ranges, macros, namespaces, markup,
// dates) which implement Object.
package value

import "fmt"

// Value is any of the dynamic types listed in the package comment.
type Value = any

// Unsafe is text that must never be rendered as a template.
type Unsafe string

// Tuple is Python's immutable sequence.
type Tuple []Value

// List is Python's mutable list. Pos, where not nil, has the position of each
// item in the file it was read from.
type List struct {
	Items []Value
	Pos   []Pos
}

// NewList returns a list of the given items.
func NewList(items ...Value) *List { return &List{Items: items} }

// Len returns the number of items; a nil list is empty.
func (l *List) Len() int {
	if l == nil {
		return 0
	}
	return len(l.Items)
}

// Append adds items at the end.
func (l *List) Append(items ...Value) { l.Items = append(l.Items, items...) }

// PosAt returns the position of item i, or the zero Pos.
func (l *List) PosAt(i int) Pos {
	if l != nil && i >= 0 && i < len(l.Pos) {
		return l.Pos[i]
	}
	return Pos{}
}

// Pos is a place in a file a user wrote. Line and Col count from 1; zero means
// unknown.
type Pos struct {
	File string
	Line int
	Col  int
}

// IsZero tells whether nothing is known of the place.
func (p Pos) IsZero() bool { return p.Line == 0 && p.File == "" }

// String gives file:line:col, leaving out what is unknown.
func (p Pos) String() string {
	switch {
	case p.IsZero():
		return ""
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Undefined is the value of a name that is not defined. Using it other than in
// `is defined`, `default` and the like is an error that Error describes.
type Undefined struct {
	Name string // the variable or attribute that is missing
	Hint string // the whole message where it is not made of Name and Obj
	Obj  Value  // the object whose attribute Name is missing, if any
	Pos  Pos    // where it was used
	// Lenient prints as nothing instead of failing: an inline if without else.
	Lenient bool
}

// Error gives the message in Ansible's words.
func (u *Undefined) Error() string {
	if u.Hint != "" {
		return u.Hint
	}
	if u.Obj != nil {
		return fmt.Sprintf("'%s object' has no attribute %s", TypeName(u.Obj), Quote(u.Name))
	}
	return fmt.Sprintf("'%s' is undefined", u.Name)
}

// Secret is a `!vault` value. Reveal decrypts it; the result is text that
// reports must not print in the clear.
type Secret struct {
	Cipher string // the armoured text, as written
	Pos    Pos
	Open   func(cipher string) (string, error) // supplied by whoever read it
}

// Reveal returns the clear text, or an error that names the vault id and the
// position.
func (s *Secret) Reveal() (string, error) {
	if s.Open == nil {
		return "", fmt.Errorf("%s: Attempting to decrypt but no vault secrets found", s.Pos)
	}
	return s.Open(s.Cipher)
}

// Object is implemented by values that other packages add.
type Object interface {
	// TypeName is Python's name of the type, as error messages show it.
	TypeName() string
	// Str and Repr print the value as str() and repr() do.
	Str() string
	Repr() string
	// Truth is Python's truth of the value.
	Truth() bool
}

// Iterable is an Object that can be walked like a list.
type Iterable interface {
	Object
	// Iterate calls yield for each item until it returns false.
	Iterate(yield func(Value) bool) error
}

// Texter is implemented by kinds of text that other packages add (markup).
// They are equal to plain text and the same key in a dictionary.
type Texter interface {
	Object
	Text() string
}

// Text returns the text of a string, Unsafe or Texter, and whether v is text at
// all.
func Text(v Value) (string, bool) {
	switch s := v.(type) {
	case string:
		return s, true
	case Unsafe:
		return string(s), true
	case Texter:
		return s.Text(), true
	}
	return "", false
}

// MarkUnsafe returns v with every text in it marked unsafe. Containers are
// copied, scalars shared.
func MarkUnsafe(v Value) Value {
	switch x := v.(type) {
	case string:
		return Unsafe(x)
	case *Dict:
		d := NewDictCap(x.Len())
		for k, e := range x.All() {
			d.Set(k, MarkUnsafe(e))
		}
		return d
	case *List:
		l := &List{Items: make([]Value, len(x.Items))}
		for i, e := range x.Items {
			l.Items[i] = MarkUnsafe(e)
		}
		return l
	case Tuple:
		t := make(Tuple, len(x))
		for i, e := range x {
			t[i] = MarkUnsafe(e)
		}
		return t
	}
	return v
}

// Copy returns a deep copy: containers anew, scalars shared.
func Copy(v Value) Value {
	switch x := v.(type) {
	case *Dict:
		d := NewDictCap(x.Len())
		for k, e := range x.All() {
			d.Set(k, Copy(e))
		}
		d.pos = x.pos
		return d
	case *List:
		l := &List{Items: make([]Value, len(x.Items)), Pos: x.Pos}
		for i, e := range x.Items {
			l.Items[i] = Copy(e)
		}
		return l
	case Tuple:
		t := make(Tuple, len(x))
		for i, e := range x {
			t[i] = Copy(e)
		}
		return t
	}
	return v
}

// Mapping is an Object that is read like a dictionary and may compute its
// entries when asked (hostvars, vars).
type Mapping interface {
	Object
	// GetItem returns the entry, rendered; ok is false where there is none.
	GetItem(key Value) (v Value, ok bool, err error)
	// Keys returns the keys in order.
	Keys() []Value
}
