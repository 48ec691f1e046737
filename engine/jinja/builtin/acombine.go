package builtin

import (
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

func combineFilter(c *Call) (Value, error) {
	recursive, listMerge := false, "replace"
	for k, v := range c.Kwargs.All() {
		switch value.Str(k) {
		case "recursive":
			recursive = value.Truth(v)
		case "list_merge":
			listMerge = value.Str(v)
		default:
			return nil, fail("'recursive' and 'list_merge' are the only valid keyword arguments%s", hint(value.Str(k), []string{"recursive", "list_merge"}))
		}
	}
	if indexOf(mergeModes, listMerge) < 0 {
		return nil, fail("merge_hash: 'list_merge' argument can only be equal to 'replace', 'keep', 'append', 'prepend', 'append_rp' or 'prepend_rp'")
	}
	var dicts []Value
	for _, t := range c.Args {
		if err := Defined(t); err != nil {
			return nil, err
		}
		if isSequence(t) {
			flattenInto(&dicts, t, 0, true)
		} else if t != nil {
			dicts = append(dicts, t)
		}
	}
	if len(dicts) == 0 {
		return value.NewDict(), nil
	}
	result := dicts[len(dicts)-1]
	for i := len(dicts) - 2; i >= 0; i-- {
		m, err := mergeHash(dicts[i], result, recursive, listMerge)
		if err != nil {
			return nil, err
		}
		result = m
	}
	return result, nil
}

var mergeModes = []string{"replace", "keep", "append", "prepend", "append_rp", "prepend_rp"}

// mergeHash is how Ansible puts y over x.
func mergeHash(a, b Value, recursive bool, listMerge string) (Value, error) {
	if err := Defined(a, b); err != nil {
		return nil, err
	}
	x, okX := asDict(a)
	y, okY := asDict(b)
	if !okX || !okY {
		return nil, fail("failed to combine variables, expected dicts but got a '%s' and a '%s': \n%s\n%s",
			value.TypeName(a), value.TypeName(b), shortJSON(a), shortJSON(b))
	}
	if x.Len() == 0 || value.Equal(x, y) {
		return y.Clone(), nil
	}
	out := x.Clone()
	if !recursive && listMerge == "replace" {
		out.Update(y)
		return out, nil
	}
	for k, yv := range y.All() {
		xv, ok := x.Get(k)
		if !ok {
			out.Set(k, yv)
			continue
		}
		_, dx := asDict(xv)
		_, dy := asDict(yv)
		switch {
		case dx && dy:
			if !recursive {
				out.Set(k, yv)
				continue
			}
			m, err := mergeHash(xv, yv, recursive, listMerge)
			if err != nil {
				return nil, err
			}
			out.Set(k, m)
		case isSequence(xv) && isSequence(yv):
			xs, ys := itemsOf(xv), itemsOf(yv)
			switch listMerge {
			case "replace":
				out.Set(k, yv)
			case "append":
				out.Set(k, value.NewList(concat(xs, ys)...))
			case "prepend":
				out.Set(k, value.NewList(concat(ys, xs)...))
			case "append_rp":
				out.Set(k, value.NewList(concat(without(xs, ys), ys)...))
			case "prepend_rp":
				out.Set(k, value.NewList(concat(ys, without(xs, ys))...))
			}
		default:
			out.Set(k, yv)
		}
	}
	return out, nil
}

func shortJSON(v Value) string {
	t, err := value.DumpJSON(jsonReady(v), value.JSONOptions{Redact: true})
	if err != nil {
		return value.Repr(v)
	}
	if len(t) > 300 {
		t = strings.ToValidUTF8(t[:300], "") + "..."
	}
	return t
}

func concat(a, b []Value) []Value { return append(append(make([]Value, 0, len(a)+len(b)), a...), b...) }

func without(a, b []Value) []Value {
	drop := newSet()
	for _, v := range b {
		drop.add(v)
	}
	out := []Value{}
	for _, v := range a {
		if !drop.has(v) {
			out = append(out, v)
		}
	}
	return out
}
