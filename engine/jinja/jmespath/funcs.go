package jmespath

import (
	"math"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// expref is &expression, a function to call on each item.
type expref struct {
	q *Query
	n *node
}

func typeName(v Value) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case *value.Dict, value.Mapping:
		return "object"
	case *expref:
		return "expref"
	}
	if _, ok := list(v); ok {
		return "array"
	}
	if isNumber(v) {
		return "number"
	}
	return "string"
}

type function struct {
	// args has the types each argument may have, split by |; "" is any. A last
	// one that begins with + may be repeated.
	args []string
	f    func(a []Value) (Value, error)
}

var functions map[string]function

func call(name string, args []Value) (Value, error) {
	fn := functions[name]
	repeat := len(fn.args) > 0 && strings.HasPrefix(fn.args[len(fn.args)-1], "+")
	if len(args) != len(fn.args) && !(repeat && len(args) >= len(fn.args)) {
		return nil, &Error{Msg: "Expected " + value.Str(int64(len(fn.args))) + " argument" + plural(len(fn.args)) + " for function " + name + "(), received " + value.Str(int64(len(args)))}
	}
	for i, a := range args {
		want := strings.TrimPrefix(fn.args[min(i, len(fn.args)-1)], "+")
		if want != "" && !matches(want, a) {
			return nil, &Error{Msg: "In function " + name + "(), invalid type for value: " + short(a) + ", expected one of: " + want + ", received: \"" + typeName(a) + "\""}
		}
	}
	return fn.f(args)
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func short(v Value) string {
	if _, ok := v.(*expref); ok {
		return "&expression"
	}
	t := value.Repr(v)
	if len(t) > 100 {
		t = strings.ToValidUTF8(t[:100], "") + "..."
	}
	return t
}

func matches(want string, v Value) bool {
	for _, w := range strings.Split(want, "|") {
		kind, of, hasOf := strings.Cut(w, "-")
		if typeName(v) != kind {
			continue
		}
		if !hasOf {
			return true
		}
		ok := true
		items, _ := list(v)
		for _, e := range items {
			ok = ok && typeName(e) == of
		}
		if ok {
			return true
		}
	}
	return false
}

func text(v Value) string { t, _ := value.Text(v); return t }

// by computes the key of each item.
func by(a []Value) ([]Value, []Value, error) {
	items, _ := list(a[0])
	ref := a[1].(*expref)
	keys := make([]Value, len(items))
	for i, e := range items {
		k, err := ref.q.eval(ref.n, e)
		if err != nil {
			return nil, nil, err
		}
		if t := typeName(k); t != "string" && t != "number" || t != typeName(keys[0]) && i > 0 {
			return nil, nil, &Error{Msg: "In function with &expression, the keys must be all numbers or all strings, but one is " + short(k)}
		}
		keys[i] = k
	}
	return items, keys, nil
}

func best(op string, items, keys []Value) (Value, error) {
	if len(items) == 0 {
		return nil, nil
	}
	b := 0
	for i := range items {
		better, err := py.Compare(op, keys[i], keys[b])
		if err != nil {
			return nil, err
		}
		if better {
			b = i
		}
	}
	return items[b], nil
}

func extreme(op string) func(a []Value) (Value, error) {
	return func(a []Value) (Value, error) {
		items, _ := list(a[0])
		return best(op, items, items)
	}
}

func extremeBy(op string) func(a []Value) (Value, error) {
	return func(a []Value) (Value, error) {
		items, keys, err := by(a)
		if err != nil {
			return nil, err
		}
		return best(op, items, keys)
	}
}

func sum(a []Value) (Value, error) {
	items, _ := list(a[0])
	var total Value = int64(0)
	var err error
	for _, e := range items {
		if total, err = py.Add(total, e); err != nil {
			return nil, err
		}
	}
	return total, nil
}

func toWhole(f func(float64) float64) func(a []Value) (Value, error) {
	return func(a []Value) (Value, error) {
		if x, ok := a[0].(float64); ok {
			return py.ToInt(f(x))
		}
		return a[0], nil
	}
}

func init() {
	functions = map[string]function{
		"abs": {[]string{"number"}, func(a []Value) (Value, error) { return py.Abs(a[0]) }},
		"avg": {[]string{"array-number"}, func(a []Value) (Value, error) {
			items, _ := list(a[0])
			if len(items) == 0 {
				return nil, nil
			}
			s, err := sum(a)
			if err != nil {
				return nil, err
			}
			return py.Div(s, int64(len(items)))
		}},
		"ceil": {[]string{"number"}, toWhole(math.Ceil)}, "floor": {[]string{"number"}, toWhole(math.Floor)},
		"contains": {[]string{"array|string", ""}, func(a []Value) (Value, error) {
			if items, ok := list(a[0]); ok {
				for _, e := range items {
					if value.Equal(e, a[1]) {
						return true, nil
					}
				}
				return false, nil
			}
			t, ok := value.Text(a[1])
			return ok && strings.Contains(text(a[0]), t), nil
		}},
		"ends_with":   {[]string{"string", "string"}, func(a []Value) (Value, error) { return strings.HasSuffix(text(a[0]), text(a[1])), nil }},
		"starts_with": {[]string{"string", "string"}, func(a []Value) (Value, error) { return strings.HasPrefix(text(a[0]), text(a[1])), nil }},
		"join": {[]string{"string", "array-string"}, func(a []Value) (Value, error) {
			items, _ := list(a[1])
			parts := make([]string, len(items))
			for i, e := range items {
				parts[i] = text(e)
			}
			return strings.Join(parts, text(a[0])), nil
		}},
		"keys": {[]string{"object"}, func(a []Value) (Value, error) {
			d, ok := a[0].(*value.Dict)
			if !ok {
				return value.NewList(a[0].(value.Mapping).Keys()...), nil
			}
			return value.NewList(append([]Value{}, d.Keys()...)...), nil
		}},
		"values": {[]string{"object"}, func(a []Value) (Value, error) {
			d, err := py.DictOf(a[:1], nil)
			if err != nil {
				return nil, err
			}
			return (&py.View{Kind: "dict_values", Dict: d}).List(), nil
		}},
		"length": {[]string{"string|array|object"}, func(a []Value) (Value, error) { return py.Len(a[0]) }},
		"map": {[]string{"expref", "array"}, func(a []Value) (Value, error) {
			ref := a[0].(*expref)
			items, _ := list(a[1])
			out := value.NewList()
			for _, e := range items {
				r, err := ref.q.eval(ref.n, e)
				if err != nil {
					return nil, err
				}
				out.Append(r)
			}
			return out, nil
		}},
		"max": {[]string{"array-number|array-string"}, extreme(">")}, "min": {[]string{"array-number|array-string"}, extreme("<")},
		"max_by": {[]string{"array", "expref"}, extremeBy(">")}, "min_by": {[]string{"array", "expref"}, extremeBy("<")},
		"merge": {[]string{"+object"}, func(a []Value) (Value, error) {
			out := value.NewDict()
			for _, e := range a {
				d, err := py.DictOf([]Value{e}, nil)
				if err != nil {
					return nil, err
				}
				out.Update(d)
			}
			return out, nil
		}},
		"not_null": {[]string{"+"}, func(a []Value) (Value, error) {
			for _, e := range a {
				if e != nil {
					return e, nil
				}
			}
			return nil, nil
		}},
		"reverse": {[]string{"array|string"}, func(a []Value) (Value, error) {
			if items, ok := list(a[0]); ok {
				out := value.NewList()
				for i := len(items) - 1; i >= 0; i-- {
					out.Append(items[i])
				}
				return out, nil
			}
			t := text(a[0])
			var b strings.Builder
			for len(t) > 0 {
				_, n := utf8.DecodeLastRuneInString(t)
				b.WriteString(t[len(t)-n:])
				t = t[:len(t)-n]
			}
			return b.String(), nil
		}},
		"sort": {[]string{"array-string|array-number"}, func(a []Value) (Value, error) {
			l, err := py.ListOf(a[0])
			if err == nil {
				err = py.Sort(l.Items, nil, false)
			}
			return l, err
		}},
		"sort_by": {[]string{"array", "expref"}, func(a []Value) (Value, error) {
			items, _, err := by(a)
			if err != nil {
				return nil, err
			}
			ref := a[1].(*expref)
			out := value.NewList(append([]Value{}, items...)...)
			return out, py.Sort(out.Items, func(v Value) (Value, error) { return ref.q.eval(ref.n, v) }, false)
		}},
		"sum": {[]string{"array-number"}, sum},
		"to_array": {[]string{""}, func(a []Value) (Value, error) {
			if _, ok := list(a[0]); ok {
				return a[0], nil
			}
			return value.NewList(a[0]), nil
		}},
		"to_string": {[]string{""}, func(a []Value) (Value, error) {
			if _, ok := value.Text(a[0]); ok {
				return a[0], nil
			}
			return value.DumpJSON(a[0], value.JSONOptions{Separators: true, ItemSep: ",", KeySep: ":", EscapeASCII: true})
		}},
		"to_number": {[]string{""}, func(a []Value) (Value, error) {
			if isNumber(a[0]) {
				return a[0], nil
			}
			t, ok := value.Text(a[0])
			if !ok {
				return nil, nil
			}
			if i, err := py.ParseInt(t, 10); err == nil {
				return i, nil
			}
			if f, err := py.ParseFloat(t); err == nil {
				return f, nil
			}
			return nil, nil
		}},
		"type": {[]string{""}, func(a []Value) (Value, error) { return typeName(a[0]), nil }},
	}
}

// nearest is a hint with a function whose name begins alike.
func nearest(name string) string {
	var names []string
	for n := range functions {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		if strings.HasPrefix(n, name) || strings.HasPrefix(name, n) || strings.ReplaceAll(n, "_", "") == strings.ReplaceAll(strings.ToLower(name), "_", "") {
			return " (did you mean " + n + "()?)"
		}
	}
	return ""
}
