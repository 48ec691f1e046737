package py

import (
	"strings"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
)

// onText makes a method of text. Results keep the kind of the receiver: text
// from unsafe text is unsafe, from Markup is Markup.
func onText(need int, names []string, f func(s string, a []Value) (Value, error)) method {
	return func(o Value, c *call) (Value, error) {
		a, err := c.bind(need, names...)
		if err != nil {
			return nil, err
		}
		s, _ := textOf(o)
		v, err := f(s, a)
		if err != nil {
			return nil, err
		}
		switch o.(type) {
		case value.Unsafe:
			return value.MarkUnsafe(v), nil
		case Markup:
			return markAll(v), nil
		}
		return v, nil
	}
}

func markAll(v Value) Value {
	switch x := v.(type) {
	case string:
		return Markup(x)
	case *value.List:
		for i, e := range x.Items {
			x.Items[i] = markAll(e)
		}
	case value.Tuple:
		for i, e := range x {
			x[i] = markAll(e)
		}
	}
	return v
}

func plainText(f func(string) string) method {
	return onText(0, nil, func(s string, _ []Value) (Value, error) { return f(s), nil })
}

func textTest(f func(string) bool) method {
	return onText(0, nil, func(s string, _ []Value) (Value, error) { return f(s), nil })
}

func wantText(v Value, what string) (string, error) {
	s, ok := textOf(v)
	if ok {
		return s, nil
	}
	if err := undefined(v); err != nil {
		return "", err
	}
	return "", Raise("TypeError", "%s, not %s", what, value.TypeName(v))
}

func optInt(v Value, def int64) (int64, error) {
	if v == absent {
		return def, nil
	}
	return Index(v)
}

// window gives the bytes of s between two character positions as Python clips
// them, and the number of characters before; ok is false where start is
// behind the end.
func window(s string, start, end Value) (part string, before int, ok bool, err error) {
	if (start == absent || start == nil) && (end == absent || end == nil) {
		return s, 0, true, nil
	}
	n := utf8.RuneCountInString(s)
	from, to := 0, n
	if start != absent && start != nil {
		i, err := Index(start)
		if err != nil {
			return "", 0, false, Raise("TypeError", "slice indices must be integers or None or have an __index__ method")
		}
		if i > int64(n) {
			return "", 0, false, nil
		}
		from = clip(i, n)
	}
	if end != absent && end != nil {
		i, err := Index(end)
		if err != nil {
			return "", 0, false, Raise("TypeError", "slice indices must be integers or None or have an __index__ method")
		}
		to = clip(i, n)
	}
	if from > to {
		return "", 0, false, nil
	}
	return RuneSlice(s, from, to), from, true, nil
}

// RuneSlice is s[from:to] in characters, both in range.
func RuneSlice(s string, from, to int) string {
	if len(s) == utf8.RuneCountInString(s) {
		return s[from:to]
	}
	i, n, start := 0, 0, -1
	for ; i < len(s); n++ {
		if n == from {
			start = i
		}
		if n == to {
			break
		}
		_, w := utf8.DecodeRuneInString(s[i:])
		i += w
	}
	if start < 0 {
		return ""
	}
	return s[start:i]
}

// finder makes find, rfind, index and rindex.
func finder(last, raise bool) method {
	return onText(1, []string{"/sub", "/start", "/end"}, func(s string, a []Value) (Value, error) {
		sub, err := wantText(a[0], "must be str")
		if err != nil {
			return nil, err
		}
		part, before, ok, err := window(s, a[1], a[2])
		if err != nil {
			return nil, err
		}
		i := -1
		if ok {
			if last {
				i = strings.LastIndex(part, sub)
			} else {
				i = strings.Index(part, sub)
			}
		}
		if i < 0 {
			if raise {
				return nil, Raise("ValueError", "substring not found")
			}
			return int64(-1), nil
		}
		return int64(before + utf8.RuneCountInString(part[:i])), nil
	})
}

// affix makes startswith and endswith.
func affix(name string, test func(s, p string) bool) method {
	return onText(1, []string{"/prefix", "/start", "/end"}, func(s string, a []Value) (Value, error) {
		part, _, ok, err := window(s, a[1], a[2])
		if err != nil {
			return nil, err
		}
		if t, isTuple := a[0].(value.Tuple); isTuple {
			for _, e := range t {
				p, err := wantText(e, "tuple for "+name+" must only contain str")
				if err != nil {
					return nil, err
				}
				if ok && test(part, p) {
					return true, nil
				}
			}
			return false, nil
		}
		p, err := wantText(a[0], name+" first arg must be str or a tuple of str")
		if err != nil {
			return nil, err
		}
		return ok && test(part, p), nil
	})
}

func stripper(left, right bool) method {
	return onText(0, []string{"/chars"}, func(s string, a []Value) (Value, error) {
		drop := isSpace
		if a[0] != absent && a[0] != nil {
			set, err := wantText(a[0], "strip arg must be None or str")
			if err != nil {
				return nil, err
			}
			drop = func(r rune) bool { return strings.ContainsRune(set, r) }
		}
		if left {
			s = strings.TrimLeftFunc(s, drop)
		}
		if right {
			s = strings.TrimRightFunc(s, drop)
		}
		return s, nil
	})
}

func justify(align rune) method {
	return onText(1, []string{"/width", "/fillchar"}, func(s string, a []Value) (Value, error) {
		w, err := Index(a[0])
		if err != nil {
			return nil, err
		}
		fill := " "
		if a[1] != absent {
			if fill, err = wantText(a[1], "The fill character must be a unicode character"); err != nil {
				return nil, err
			}
			if utf8.RuneCountInString(fill) != 1 {
				return nil, Raise("TypeError", "The fill character must be exactly one character long")
			}
		}
		n := w - int64(utf8.RuneCountInString(s))
		if n <= 0 {
			return s, nil
		}
		if n > MaxText {
			return nil, Raise("MemoryError", "a text of %d characters is too large", w)
		}
		switch align {
		case '<':
			return s + strings.Repeat(fill, int(n)), nil
		case '>':
			return strings.Repeat(fill, int(n)) + s, nil
		}
		return CenterPad(s, fill, int(n), w), nil
	})
}

// CenterPad is str.center: the odd character goes left where the width is odd.
func CenterPad(s, fill string, n int, width int64) string {
	left := n/2 + n&int(width)&1
	return strings.Repeat(fill, left) + s + strings.Repeat(fill, n-left)
}

// Split is str.split; sep nil splits at runs of white space. limit < 0 is none.
func Split(s string, sep *string, limit int64) ([]Value, error) {
	out := []Value{}
	if sep == nil {
		rest := strings.TrimLeftFunc(s, isSpace)
		for rest != "" {
			i := strings.IndexFunc(rest, isSpace)
			if i < 0 || limit >= 0 && int64(len(out)) >= limit {
				out = append(out, rest)
				break
			}
			out = append(out, rest[:i])
			rest = strings.TrimLeftFunc(rest[i:], isSpace)
		}
		return out, nil
	}
	if *sep == "" {
		return nil, Raise("ValueError", "empty separator")
	}
	for limit < 0 || int64(len(out)) < limit {
		i := strings.Index(s, *sep)
		if i < 0 {
			break
		}
		out = append(out, s[:i])
		s = s[i+len(*sep):]
	}
	return append(out, s), nil
}

func rsplit(s string, sep *string, limit int64) ([]Value, error) {
	if limit < 0 {
		return Split(s, sep, limit)
	}
	var rev []Value
	if sep == nil {
		rest := strings.TrimRightFunc(s, isSpace)
		for rest != "" {
			i := strings.LastIndexFunc(rest, isSpace)
			if i < 0 || int64(len(rev)) >= limit {
				rev = append(rev, rest)
				break
			}
			_, w := utf8.DecodeRuneInString(rest[i:])
			rev = append(rev, rest[i+w:])
			rest = strings.TrimRightFunc(rest[:i], isSpace)
		}
	} else {
		if *sep == "" {
			return nil, Raise("ValueError", "empty separator")
		}
		for int64(len(rev)) < limit {
			i := strings.LastIndex(s, *sep)
			if i < 0 {
				break
			}
			rev = append(rev, s[i+len(*sep):])
			s = s[:i]
		}
		rev = append(rev, s)
	}
	out := make([]Value, len(rev))
	for i, v := range rev {
		out[len(rev)-1-i] = v
	}
	return out, nil
}

func splitter(f func(string, *string, int64) ([]Value, error)) method {
	return onText(0, []string{"sep", "maxsplit"}, func(s string, a []Value) (Value, error) {
		var sep *string
		if a[0] != absent && a[0] != nil {
			t, err := wantText(a[0], "must be str or None")
			if err != nil {
				return nil, err
			}
			sep = &t
		}
		limit, err := optInt(a[1], -1)
		if err != nil {
			return nil, err
		}
		items, err := f(s, sep, limit)
		return &value.List{Items: items}, err
	})
}

// SplitLines is str.splitlines.
func SplitLines(s string, keep bool) []string {
	out := []string{}
	start := 0
	for i := 0; i < len(s); {
		r, w := utf8.DecodeRuneInString(s[i:])
		switch r {
		case '\n', '\v', '\f', '\r', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
			end := i + w
			if r == '\r' && end < len(s) && s[end] == '\n' {
				end++
			}
			if keep {
				out = append(out, s[start:end])
			} else {
				out = append(out, s[start:i])
			}
			start, i = end, end
			continue
		}
		i += w
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}

func partition(last bool) method {
	return onText(1, []string{"/sep"}, func(s string, a []Value) (Value, error) {
		sep, err := wantText(a[0], "must be str")
		if err != nil {
			return nil, err
		}
		if sep == "" {
			return nil, Raise("ValueError", "empty separator")
		}
		i := strings.Index(s, sep)
		if last {
			i = strings.LastIndex(s, sep)
		}
		switch {
		case i >= 0:
			return value.Tuple{s[:i], sep, s[i+len(sep):]}, nil
		case last:
			return value.Tuple{"", "", s}, nil
		}
		return value.Tuple{s, "", ""}, nil
	})
}

// Replace is str.replace; n < 0 replaces all.
func Replace(s, old, new string, n int64) string {
	if n >= 0 {
		return strings.Replace(s, old, new, int(min(n, int64(len(s)+1))))
	}
	return strings.ReplaceAll(s, old, new)
}
