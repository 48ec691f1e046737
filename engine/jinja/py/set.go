package py

import (
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// Set is Python's set: what the set filters make of text and tuples, and what
// text such as {1, 2} reads as. Whole numbers come in order; Python's order of
// anything else is arbitrary.
type Set struct{ items *value.Dict }

// NewSet returns the set of the items given; they must be hashable.
func NewSet(items []Value) *Set {
	items = slices.Clone(items)
	numbers := !slices.ContainsFunc(items, func(v Value) bool { _, ok := v.(int64); return !ok })
	if numbers {
		slices.SortFunc(items, func(a, b Value) int { return int(max(min(a.(int64)-b.(int64), 1), -1)) })
	}
	s := &Set{items: value.NewDictCap(len(items))}
	for _, v := range items {
		s.items.Set(v, nil)
	}
	return s
}

// TypeName is Python's name of the type.
func (*Set) TypeName() string { return "set" }

// Str prints as str() does.
func (s *Set) Str() string {
	if s.Len() == 0 {
		return "set()"
	}
	parts := make([]string, 0, s.Len())
	for _, v := range s.items.Keys() {
		parts = append(parts, value.Repr(v))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// Repr prints as repr() does.
func (s *Set) Repr() string { return s.Str() }

// Truth is false for the empty set.
func (s *Set) Truth() bool { return s.Len() > 0 }

// Len is the number of items.
func (s *Set) Len() int { return s.items.Len() }

// Contains tells whether v is one of the items.
func (s *Set) Contains(v Value) bool { _, ok := s.items.Get(v); return ok && Hashable(v) == nil }

// Iterate walks the items.
func (s *Set) Iterate(yield func(Value) bool) error {
	for _, v := range s.items.Keys() {
		if !yield(v) {
			break
		}
	}
	return nil
}

// EqualTo tells whether o is a set of the same items.
func (s *Set) EqualTo(o Value) bool {
	x, ok := o.(*Set)
	return ok && x.Len() == s.Len() && !slices.ContainsFunc(x.items.Keys(), func(v Value) bool { return !s.Contains(v) })
}
