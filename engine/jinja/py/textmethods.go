package py

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
)

var textMethods, markupMethods map[string]method

func init() {
	textMethods = map[string]method{
		"upper": plainText(Upper), "lower": plainText(Lower), "casefold": plainText(CaseFold),
		"title": plainText(Title), "capitalize": plainText(Capitalize), "swapcase": plainText(swapCase),
		"isalnum":      textTest(all(func(r rune) bool { return unicode.IsLetter(r) || unicode.Is(unicode.N, r) })),
		"isalpha":      textTest(all(unicode.IsLetter)),
		"isascii":      textTest(func(s string) bool { return strings.IndexFunc(s, func(r rune) bool { return r > 127 }) < 0 }),
		"isdecimal":    textTest(all(func(r rune) bool { return unicode.Is(unicode.Nd, r) })),
		"isdigit":      textTest(all(isDigit)),
		"isnumeric":    textTest(all(func(r rune) bool { return unicode.Is(unicode.N, r) || strings.ContainsRune(hanNumbers, r) })),
		"isidentifier": textTest(isIdentifier),
		"islower":      textTest(isLower),
		"isupper":      textTest(isUpper),
		"istitle":      textTest(isTitle),
		"isspace":      textTest(all(isSpace)),
		"isprintable": textTest(func(s string) bool {
			return strings.IndexFunc(s, func(r rune) bool {
				return r != ' ' && !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S)
			}) < 0
		}),
		"find": finder(false, false), "rfind": finder(true, false),
		"index": finder(false, true), "rindex": finder(true, true),
		"startswith": affix("startswith", strings.HasPrefix), "endswith": affix("endswith", strings.HasSuffix),
		"strip": stripper(true, true), "lstrip": stripper(true, false), "rstrip": stripper(false, true),
		"ljust": justify('<'), "rjust": justify('>'), "center": justify('^'),
		"split": splitter(Split), "rsplit": splitter(rsplit),
		"partition": partition(false), "rpartition": partition(true),
		"splitlines": onText(0, []string{"keepends"}, func(s string, a []Value) (Value, error) {
			l := value.NewList()
			for _, line := range SplitLines(s, a[0] != absent && value.Truth(a[0])) {
				l.Append(line)
			}
			return l, nil
		}),
		"join": joinMethod,
		"replace": onText(2, []string{"/old", "/new", "/count"}, func(s string, a []Value) (Value, error) {
			old, err := wantText(a[0], "replace() argument 1 must be str")
			if err != nil {
				return nil, err
			}
			with, err := wantText(a[1], "replace() argument 2 must be str")
			if err != nil {
				return nil, err
			}
			n, err := optInt(a[2], -1)
			if err == nil && int64(len(with))*int64(strings.Count(s, old)) > MaxText {
				err = Raise("MemoryError", "the result of replace() is too large")
			}
			return Replace(s, old, with, n), err
		}),
		"count": onText(1, []string{"/sub", "/start", "/end"}, func(s string, a []Value) (Value, error) {
			sub, err := wantText(a[0], "must be str")
			if err != nil {
				return nil, err
			}
			part, _, ok, err := window(s, a[1], a[2])
			if err != nil || !ok {
				return int64(0), err
			}
			return int64(strings.Count(part, sub)), nil
		}),
		"removeprefix": onText(1, []string{"/prefix"}, func(s string, a []Value) (Value, error) {
			p, err := wantText(a[0], "removeprefix() argument must be str")
			return strings.TrimPrefix(s, p), err
		}),
		"removesuffix": onText(1, []string{"/suffix"}, func(s string, a []Value) (Value, error) {
			p, err := wantText(a[0], "removesuffix() argument must be str")
			return strings.TrimSuffix(s, p), err
		}),
		"zfill":      onText(1, []string{"/width"}, zfill),
		"expandtabs": onText(0, []string{"tabsize"}, expandTabs),
		"encode": func(o Value, c *call) (Value, error) {
			a, err := c.bind(0, "encoding", "errors")
			if err != nil {
				return nil, err
			}
			s, _ := textOf(o)
			return Encode(s, encodingName(a[0]), encodingName(a[1]))
		},
		"format": func(o Value, c *call) (Value, error) {
			s, _ := textOf(o)
			_, esc := o.(Markup)
			r, err := formatText2(s, c.args, c.kw, esc)
			if err != nil {
				return nil, err
			}
			if esc {
				return Markup(r), nil
			}
			return like(r, o), nil
		},
		"format_map": func(o Value, c *call) (Value, error) {
			a, err := c.bind(1, "/mapping")
			if err != nil {
				return nil, err
			}
			d, ok := a[0].(*value.Dict)
			if !ok {
				return nil, Raise("TypeError", "format_map() argument must be a mapping, not %s", value.TypeName(a[0]))
			}
			s, _ := textOf(o)
			r, err := StrFormat(s, nil, d)
			return like(r, o), err
		},
		"maketrans": func(_ Value, c *call) (Value, error) { return makeTrans(c) },
		"translate": onText(1, []string{"/table"}, translate),
		"__getitem__": onText(1, []string{"/key"}, func(s string, a []Value) (Value, error) {
			i, err := Index(a[0])
			if err != nil {
				return nil, err
			}
			n := int64(utf8.RuneCountInString(s))
			if i < 0 {
				i += n
			}
			if i < 0 || i >= n {
				return nil, Raise("IndexError", "string index out of range")
			}
			return RuneSlice(s, int(i), int(i)+1), nil
		}),
	}
	markupMethods = map[string]method{
		"unescape":  func(o Value, c *call) (Value, error) { return UnescapeHTML(string(o.(Markup))), nil },
		"striptags": func(o Value, c *call) (Value, error) { return StripTags(string(o.(Markup))), nil },
	}
	for k, m := range textMethods {
		markupMethods[k] = m
	}
}

func encodingName(v Value) string {
	if s, ok := textOf(v); ok {
		return s
	}
	return ""
}

func joinMethod(o Value, c *call) (Value, error) {
	a, err := c.bind(1, "/iterable")
	if err != nil {
		return nil, err
	}
	sep, _ := textOf(o)
	_, markup := o.(Markup)
	_, unsafe := o.(value.Unsafe)
	var b strings.Builder
	n := 0
	var bad error
	err = Iterate(a[0], func(e Value) bool {
		s, ok := textOf(e)
		if !ok {
			if bad = undefined(e); bad == nil {
				bad = Raise("TypeError", "sequence item %d: expected str instance, %s found", n, value.TypeName(e))
			}
			return false
		}
		if n > 0 {
			b.WriteString(sep)
		}
		if markup {
			s = string(Escape(e))
		}
		if _, ok := e.(value.Unsafe); ok {
			unsafe = true
		}
		b.WriteString(s)
		n++
		return true
	})
	if bad != nil {
		return nil, bad
	}
	if err != nil {
		if IsKind(err, "TypeError") {
			err = Raise("TypeError", "can only join an iterable")
		}
		return nil, err
	}
	switch {
	case markup:
		return Markup(b.String()), nil
	case unsafe:
		return value.Unsafe(b.String()), nil
	}
	return b.String(), nil
}

func zfill(s string, a []Value) (Value, error) {
	w, err := Index(a[0])
	if err != nil {
		return nil, err
	}
	n := w - int64(utf8.RuneCountInString(s))
	if n <= 0 {
		return s, nil
	}
	if n > MaxText {
		return nil, Raise("MemoryError", "a text of %d characters is too large", w)
	}
	zeros := strings.Repeat("0", int(n))
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[:1] + zeros + s[1:], nil
	}
	return zeros + s, nil
}

func expandTabs(s string, a []Value) (Value, error) {
	size, err := optInt(a[0], 8)
	if err != nil {
		return nil, err
	}
	if size > 0 && size*int64(strings.Count(s, "\t")) > MaxText {
		return nil, Raise("MemoryError", "the result of expandtabs() is too large")
	}
	var b strings.Builder
	col := int64(0)
	for _, r := range s {
		switch r {
		case '\t':
			if size > 0 {
				n := size - col%size
				b.WriteString(strings.Repeat(" ", int(n)))
				col += n
			}
		case '\n', '\r':
			b.WriteRune(r)
			col = 0
		default:
			b.WriteRune(r)
			col++
		}
	}
	return b.String(), nil
}

func makeTrans(c *call) (Value, error) {
	a, err := c.bind(1, "/x", "/y", "/z")
	if err != nil {
		return nil, err
	}
	d := value.NewDict()
	if a[1] == absent {
		src, ok := a[0].(*value.Dict)
		if !ok {
			return nil, Raise("TypeError", "if you give only one argument to maketrans it must be a dict")
		}
		for k, v := range src.All() {
			if s, ok := textOf(k); ok {
				r, _ := utf8.DecodeRuneInString(s)
				k = int64(r)
			}
			d.Set(k, v)
		}
		return d, nil
	}
	x, okX := textOf(a[0])
	y, okY := textOf(a[1])
	if !okX || !okY || utf8.RuneCountInString(x) != utf8.RuneCountInString(y) {
		return nil, Raise("ValueError", "the first two maketrans arguments must have equal length")
	}
	to := []rune(y)
	for i, r := range []rune(x) {
		d.Set(int64(r), int64(to[i]))
	}
	if z, ok := textOf(a[2]); ok {
		for _, r := range z {
			d.Set(int64(r), nil)
		}
	}
	return d, nil
}

func translate(s string, a []Value) (Value, error) {
	d, ok := a[0].(*value.Dict)
	if !ok {
		return nil, Raise("TypeError", "'%s' object is not subscriptable", value.TypeName(a[0]))
	}
	var b strings.Builder
	for _, r := range s {
		v, ok := d.Get(int64(r))
		switch x := v.(type) {
		case nil:
			if !ok {
				b.WriteRune(r)
			}
		case int64:
			b.WriteRune(rune(x))
		default:
			b.WriteString(value.Str(v))
		}
	}
	return b.String(), nil
}
