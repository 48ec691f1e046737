package pyplug

import "github.com/goplay-engine/goplay/engine/value"

// Names that mark what JSON has no form for.
const (
	tupleMark  = "\x00tuple"
	pairsMark  = "\x00pairs"
	unsafeMark = "\x00unsafe"
)

// pack marks tuples, text that is never a template, and dictionaries whose keys are
// no text.
func pack(v value.Value) value.Value {
	switch x := v.(type) {
	case value.Unsafe:
		return value.DictOf(unsafeMark, string(x))
	case *value.Secret:
		if s, err := x.Reveal(); err == nil {
			return s
		}
		return value.Str(x)
	case value.Tuple:
		return value.DictOf(tupleMark, packAll(x))
	case *value.List:
		return packAll(x.Items)
	case *value.Dict:
		out, plain := value.NewDictCap(x.Len()), true
		for k, e := range x.All() {
			if s, ok := value.Text(k); ok {
				k = s
			} else {
				plain = false
			}
			out.Set(k, pack(e))
		}
		if plain {
			return out
		}
		pairs := value.NewList()
		for k, e := range out.All() {
			pairs.Append(value.NewList(pack(k), e))
		}
		return value.DictOf(pairsMark, pairs)
	}
	return v
}

func packAll(list []value.Value) *value.List {
	out := value.NewList()
	for _, e := range list {
		out.Append(pack(e))
	}
	return out
}

// unpack takes the marks off.
func unpack(v value.Value) value.Value {
	switch x := v.(type) {
	case *value.List:
		for i, e := range x.Items {
			x.Items[i] = unpack(e)
		}
	case *value.Dict:
		if s, ok := x.At(unsafeMark).(string); ok {
			return value.Unsafe(s)
		}
		if l, ok := x.At(tupleMark).(*value.List); ok {
			var t value.Tuple
			for _, e := range l.Items {
				t = append(t, unpack(e))
			}
			return t
		}
		if l, ok := x.At(pairsMark).(*value.List); ok {
			d := value.NewDict()
			for _, e := range l.Items {
				if kv, ok := e.(*value.List); ok && len(kv.Items) == 2 {
					d.Set(unpack(kv.Items[0]), unpack(kv.Items[1]))
				}
			}
			return d
		}
		for k, e := range x.All() {
			x.Set(k, unpack(e))
		}
	}
	return v
}
