package py

import (
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// StrFormat is format.format(*args, **kw).
func StrFormat(format string, args []Value, kw *value.Dict) (string, error) {
	return formatText2(format, args, kw, false)
}

func formatText2(format string, args []Value, kw *value.Dict, escape bool) (string, error) {
	f := &formatter{args: args, kw: kw, escape: escape, auto: -1}
	var b strings.Builder
	err := f.render(&b, format, 2)
	return b.String(), err
}

type formatter struct {
	args   []Value
	kw     *value.Dict
	escape bool
	auto   int // number of the next {}; -1 before the first field, -2 with explicit numbers
}

func (f *formatter) render(b *strings.Builder, s string, depth int) error {
	if depth < 0 {
		return Raise("ValueError", "Max string recursion exceeded")
	}
	for i := 0; i < len(s); {
		c := s[i]
		if c != '{' && c != '}' {
			j := strings.IndexAny(s[i:], "{}")
			if j < 0 {
				j = len(s) - i
			}
			b.WriteString(s[i : i+j])
			i += j
			continue
		}
		if i+1 < len(s) && s[i+1] == c {
			b.WriteByte(c)
			i += 2
			continue
		}
		if c == '}' {
			return Raise("ValueError", "Single '}' encountered in format string")
		}
		end, err := fieldEnd(s, i)
		if err != nil {
			return err
		}
		if err := f.field(b, s[i+1:end], depth); err != nil {
			return err
		}
		i = end + 1
		if b.Len() > MaxText {
			return Raise("MemoryError", "the result of format() is too large")
		}
	}
	return nil
}

// fieldEnd finds the brace that closes the field opened at i; brackets hide
// braces as in Python.
func fieldEnd(s string, i int) (int, error) {
	depth, inKey := 0, false
	for j := i; j < len(s); j++ {
		switch s[j] {
		case '[':
			inKey = depth == 1
		case ']':
			inKey = false
		case '{':
			if !inKey {
				depth++
			}
		case '}':
			if !inKey {
				if depth--; depth == 0 {
					return j, nil
				}
			}
		}
	}
	if i == len(s)-1 {
		return 0, Raise("ValueError", "Single '{' encountered in format string")
	}
	return 0, Raise("ValueError", "expected '}' before end of string")
}

func (f *formatter) field(b *strings.Builder, src string, depth int) error {
	name, conv, spec := src, byte(0), ""
	inKey := false
scan:
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c == '[':
			inKey = true
		case c == ']':
			inKey = false
		case inKey:
		case c == '{':
			return Raise("ValueError", "unexpected '{' in field name")
		case c == ':':
			name, spec = src[:i], src[i+1:]
			break scan
		case c == '!':
			name = src[:i]
			if i+1 >= len(src) {
				return Raise("ValueError", "end of string while looking for conversion specifier")
			}
			conv = src[i+1]
			if i+2 < len(src) {
				if src[i+2] != ':' {
					return Raise("ValueError", "expected ':' after conversion specifier")
				}
				spec = src[i+3:]
			}
			break scan
		}
	}
	v, err := f.lookup(name)
	if err != nil {
		return err
	}
	if strings.ContainsAny(spec, "{}") {
		var sb strings.Builder
		if err := f.render(&sb, spec, depth-1); err != nil {
			return err
		}
		spec = sb.String()
	}
	if err := undefined(v); err != nil {
		return err
	}
	switch conv {
	case 0:
	case 'r':
		v = value.Repr(v)
	case 's':
		v = value.Str(v)
	case 'a':
		v = ASCII(v)
	default:
		return Raise("ValueError", "Unknown conversion specifier %s", string(rune(conv)))
	}
	out, err := Format(v, spec)
	if err != nil {
		return err
	}
	if f.escape {
		if m, ok := v.(Markup); !ok || out != string(m) {
			out = EscapeHTML(out)
		}
	}
	b.WriteString(out)
	return nil
}

func (f *formatter) lookup(name string) (Value, error) {
	i := strings.IndexAny(name, ".[")
	if i < 0 {
		i = len(name)
	}
	first, rest := name[:i], name[i:]
	var v Value
	n, err := strconv.Atoi(first)
	switch {
	case first == "":
		if f.auto == -2 {
			return nil, Raise("ValueError", "cannot switch from manual field specification to automatic field numbering")
		}
		f.auto = max(f.auto, 0)
		n = f.auto
		f.auto++
		if n >= len(f.args) {
			return nil, Raise("IndexError", "Replacement index %d out of range for positional args tuple", n)
		}
		v = f.args[n]
	case err == nil && n >= 0:
		if f.auto >= 0 {
			return nil, Raise("ValueError", "cannot switch from automatic field numbering to manual field specification")
		}
		f.auto = -2
		if n >= len(f.args) {
			return nil, Raise("IndexError", "Replacement index %d out of range for positional args tuple", n)
		}
		v = f.args[n]
	default:
		e, ok := f.kw.GetStr(first)
		if !ok {
			return nil, Raise("KeyError", "%s", value.Quote(first))
		}
		v = e
	}
	for rest != "" {
		if rest[0] == '.' {
			j := strings.IndexAny(rest[1:], ".[")
			if j < 0 {
				j = len(rest) - 1
			}
			attr := rest[1 : j+1]
			rest = rest[j+1:]
			if attr == "" {
				return nil, Raise("ValueError", "Empty attribute in format string")
			}
			e, ok := Attr(v, attr)
			if !ok {
				return nil, Raise("AttributeError", "'%s' object has no attribute '%s'", value.TypeName(v), attr)
			}
			v = e
			continue
		}
		j := strings.IndexByte(rest, ']')
		if rest[0] != '[' || j < 0 {
			return nil, Raise("ValueError", "Missing ']' in format string")
		}
		key := rest[1:j]
		rest = rest[j+1:]
		if key == "" {
			return nil, Raise("ValueError", "Empty attribute in format string")
		}
		var k Value = key
		if n, err := strconv.ParseInt(key, 10, 64); err == nil && key[0] != '+' && key[0] != '-' {
			k = n
		}
		if v, err = item(v, k); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// item is v[k] as Python has it.
func item(v, k Value) (Value, error) {
	switch x := v.(type) {
	case *value.Dict:
		e, ok := x.Get(k)
		if !ok {
			return nil, Raise("KeyError", "%s", value.Repr(k))
		}
		return e, nil
	case *value.List:
		i, err := listIndex(x, k)
		if err != nil {
			return nil, err
		}
		return x.Items[i], nil
	case value.Tuple:
		i, ok := k.(int64)
		if !ok {
			return nil, Raise("TypeError", "tuple indices must be integers or slices, not %s", value.TypeName(k))
		}
		if i < 0 || i >= int64(len(x)) {
			return nil, Raise("IndexError", "tuple index out of range")
		}
		return x[i], nil
	case value.Mapping:
		e, ok, err := x.GetItem(k)
		if err == nil && !ok {
			err = Raise("KeyError", "%s", value.Repr(k))
		}
		return e, err
	case *value.Undefined:
		return nil, x
	}
	if _, ok := textOf(v); ok {
		if _, isInt := k.(int64); !isInt {
			return nil, Raise("TypeError", "string indices must be integers, not '%s'", value.TypeName(k))
		}
		return Call(v, "__getitem__", []Value{k}, nil)
	}
	return nil, Raise("TypeError", "'%s' object is not subscriptable", value.TypeName(v))
}
