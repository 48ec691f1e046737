package builtin

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/pyre"
	"github.com/goplay-engine/goplay/engine/value"
)

// textFilter makes a filter without parameters out of a function on text.
func textFilter(f func(string) string) Func {
	return func(c *Call) (Value, error) {
		if _, err := c.Bind(0); err != nil {
			return nil, err
		}
		t, err := c.text()
		if err != nil {
			return nil, err
		}
		return c.like(f(t)), nil
	}
}

// titleFilter is Jinja2's title, which capitalises behind spaces, dashes and
// opening brackets only.
func titleFilter(t string) string {
	var b strings.Builder
	start := 0
	flush := func(end int) {
		w := t[start:end]
		if w != "" {
			_, n := utf8.DecodeRuneInString(w)
			b.WriteString(py.Upper(w[:n]))
			b.WriteString(py.Lower(w[n:]))
		}
		start = end
	}
	inSep := false
	for i, r := range t {
		sep := r == '-' || py.IsSpace(r) || strings.ContainsRune("({[<", r)
		if sep != inSep {
			flush(i)
			inSep = sep
		}
	}
	flush(len(t))
	return b.String()
}

func centerFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "width")
	if err != nil {
		return nil, err
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	w, err := a.Int(0, 80)
	if err != nil {
		return nil, err
	}
	n := w - int64(utf8.RuneCountInString(t))
	if n <= 0 {
		return c.like(t), nil
	}
	if n > py.MaxText {
		return nil, py.Raise("MemoryError", "center(%d) is too large", w)
	}
	return c.like(py.CenterPad(t, " ", int(n), w)), nil
}

func replaceFilter(c *Call) (Value, error) {
	a, err := c.Bind(2, "old", "new", "count")
	if err != nil {
		return nil, err
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	old, err := a.Text(0, "")
	if err != nil {
		return nil, err
	}
	with, err := a.Text(1, "")
	if err != nil {
		return nil, err
	}
	n := int64(-1)
	if a.Has(2) {
		if n, err = py.Index(a.v[2]); err != nil {
			return nil, err
		}
	}
	if int64(len(with))*int64(strings.Count(t, old)) > py.MaxText {
		return nil, py.Raise("MemoryError", "the result of replace is too large")
	}
	return c.like(py.Replace(t, old, with, n)), nil
}

func trimFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "chars")
	if err != nil {
		return nil, err
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	if a.Has(0) {
		set, err := a.Text(0, "")
		if err != nil {
			return nil, err
		}
		return c.like(strings.TrimFunc(t, func(r rune) bool { return strings.ContainsRune(set, r) })), nil
	}
	return c.like(strings.TrimFunc(t, py.IsSpace)), nil
}

func truncateFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "length", "killwords", "end", "leeway")
	if err != nil {
		return nil, err
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	length, err := a.Int(0, 255)
	if err != nil {
		return nil, err
	}
	end, err := a.Text(2, "...")
	if err != nil {
		return nil, err
	}
	leeway := int64(5)
	if a.Has(3) {
		if leeway, err = a.Int(3, 5); err != nil {
			return nil, err
		}
	}
	if _, text := value.Text(c.in()); !text {
		n, err := py.Len(c.in())
		if err == nil && n > length+leeway {
			err = py.Raise("TypeError", "can only concatenate %s (not \"str\") to %[1]s", value.TypeName(c.in()))
		}
		return c.in(), err
	}
	endLen := int64(utf8.RuneCountInString(end))
	if length < endLen {
		return nil, fail("expected length >= %d, got %d", endLen, length)
	}
	if leeway < 0 {
		return nil, fail("expected leeway >= 0, got %d", leeway)
	}
	n := int64(utf8.RuneCountInString(t))
	if n <= length+leeway {
		return c.like(t), nil
	}
	cut := py.RuneSlice(t, 0, int(length-endLen))
	if !value.Truth(a.v[1]) {
		if i := strings.LastIndexByte(cut, ' '); i >= 0 {
			cut = cut[:i]
		}
	}
	return c.like(cut + end), nil
}

func wordcountFilter(c *Call) (Value, error) {
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	n, in := int64(0), false
	for _, r := range t {
		w := r == '_' || unicode.IsLetter(r) || unicode.Is(unicode.N, r)
		if w && !in {
			n++
		}
		in = w
	}
	return n, nil
}

func indentFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "width", "first", "blank")
	if err != nil {
		return nil, err
	}
	t, err := c.onlyText("splitlines")
	if err != nil {
		return nil, err
	}
	pad := "    "
	if w, ok := value.Text(a.v[0]); ok {
		pad = w
	} else if a.given[0] {
		n, err := py.Index(a.v[0])
		if err != nil {
			return nil, err
		}
		if n*int64(1+strings.Count(t, "\n")) > py.MaxText {
			return nil, py.Raise("MemoryError", "indent(%d) is too large", n)
		}
		pad = strings.Repeat(" ", int(max(n, 0)))
	}
	lines := py.SplitLines(t+"\n", false)
	blank := value.Truth(a.v[2])
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			b.WriteByte('\n')
			if blank || line != "" {
				b.WriteString(pad)
			}
		} else if value.Truth(a.v[1]) {
			b.WriteString(pad)
		}
		b.WriteString(line)
	}
	return c.like(b.String()), nil
}

func formatFilter(c *Call) (Value, error) {
	if len(c.Args) == 0 {
		return nil, py.Raise("TypeError", "format() missing the value to work on")
	}
	if len(c.Args) > 1 && c.Kwargs.Len() > 0 {
		return nil, fail("can't handle positional and keyword arguments at the same time")
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	var arg Value = value.Tuple(append([]Value{}, c.Args[1:]...))
	if c.Kwargs.Len() > 0 {
		arg = c.Kwargs
	}
	r, err := py.Percent(t, arg)
	if err != nil {
		return nil, err
	}
	return c.like(r), nil
}

func stringFilter(c *Call) (Value, error) {
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	return py.NativeText(t), nil // that it may be unsafe the evaluator knows
}

// wordSep cuts text into words, runs of white space and parts of words that
// may be broken behind a hyphen.
var wordSep = mustRE(`[ \t\n\v\f\r]+|(?<=[\w!"'&.,?])-{2,}(?=\w)|[^ \t\n\v\f\r]+?(?:-(?:(?<=[^\d\W]{2}-)|(?<=[^\d\W]-[^\d\W]-))(?=[^\d\W]-?[^\d\W])|(?=[ \t\n\v\f\r]|\Z)|(?<=[\w!"'&.,?])(?=-{2,}\w))`)
var spaceSep = mustRE(`[ \t\n\v\f\r]+|[^ \t\n\v\f\r]+`)

func mustRE(p string) *pyre.Regexp {
	r, err := pyre.Compile(p, 0)
	if err != nil {
		panic(err)
	}
	return r
}

func wordwrapFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "width", "break_long_words", "wrapstring", "break_on_hyphens")
	if err != nil {
		return nil, err
	}
	t, err := c.onlyText("splitlines")
	if err != nil {
		return nil, err
	}
	width, err := a.Int(0, 79)
	if err != nil {
		return nil, err
	}
	if width <= 0 {
		return nil, py.Raise("ValueError", "invalid width %d (must be > 0)", width)
	}
	long, hyphens := value.Truth(a.Value(1, true)), value.Truth(a.Value(3, true))
	sep := "\n"
	if a.Has(2) {
		if sep, err = a.Text(2, sep); err != nil {
			return nil, err
		}
	}
	var out []string
	for _, line := range py.SplitLines(t, false) {
		lines, err := wrapLine(line, int(width), long, hyphens)
		if err != nil {
			return nil, err
		}
		out = append(out, strings.Join(lines, sep))
	}
	return c.like(strings.Join(out, sep)), nil
}

// wrapLine breaks one line as textwrap.wrap does.
func wrapLine(line string, width int, long, hyphens bool) ([]string, error) {
	re := spaceSep
	if hyphens {
		re = wordSep
	}
	all, err := re.FindAll(line, 0)
	if err != nil {
		return nil, err
	}
	var chunks []string
	for _, m := range all {
		if m.Text() != "" {
			chunks = append(chunks, m.Text())
		}
	}
	blank := func(t string) bool { return strings.TrimFunc(t, py.IsSpace) == "" }
	count := utf8.RuneCountInString
	var lines []string
	for len(chunks) > 0 {
		if len(lines) > 0 && blank(chunks[0]) {
			chunks = chunks[1:]
		}
		var cur []string
		n := 0
		for len(chunks) > 0 && n+count(chunks[0]) <= width {
			n += count(chunks[0])
			cur = append(cur, chunks[0])
			chunks = chunks[1:]
		}
		if len(chunks) > 0 && count(chunks[0]) > width {
			w := chunks[0]
			room := width - n
			if width < 1 {
				room = 1
			}
			if long {
				end := room
				if hyphens && count(w) > room {
					head := py.RuneSlice(w, 0, room)
					if i := strings.LastIndexByte(head, '-'); i > 0 && strings.Trim(head[:i], "-") != "" {
						end = count(head[:i]) + 1
					}
				}
				cur = append(cur, py.RuneSlice(w, 0, end))
				chunks[0] = py.RuneSlice(w, end, count(w))
			} else if len(cur) == 0 {
				cur = append(cur, w)
				chunks = chunks[1:]
			}
		}
		if len(cur) > 0 && blank(cur[len(cur)-1]) {
			cur = cur[:len(cur)-1]
		}
		if len(cur) > 0 {
			lines = append(lines, strings.Join(cur, ""))
		}
	}
	return lines, nil
}
