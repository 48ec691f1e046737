package builtin

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

func escapeFilter(c *Call) (Value, error) {
	if err := Defined(c.in()); err != nil {
		return nil, err
	}
	return py.Escape(c.in()), nil
}

func forceEscapeFilter(c *Call) (Value, error) {
	t, err := c.text()
	return py.Markup(py.EscapeHTML(t)), err
}

func safeFilter(c *Call) (Value, error) {
	t, err := c.text()
	return py.Markup(t), err
}

func striptagsFilter(c *Call) (Value, error) {
	t, err := c.text()
	return py.StripTags(t), err
}

func xmlattrFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "autospace")
	if err != nil {
		return nil, err
	}
	d, err := c.mapping(c.in())
	if err != nil {
		return nil, err
	}
	var parts []string
	for k, v := range d.All() {
		if _, ok := v.(*value.Undefined); ok || v == nil {
			continue
		}
		if !isText(k) {
			return nil, py.Raise("TypeError", "expected string or bytes-like object, got '%s'", value.TypeName(k))
		}
		key := value.Str(k)
		if strings.ContainsAny(key, " \t\n\f\r/>=") {
			return nil, py.Raise("ValueError", "Invalid character in attribute name: %s", value.Quote(key))
		}
		parts = append(parts, string(py.Escape(k))+`="`+string(py.Escape(v))+`"`)
	}
	t := strings.Join(parts, " ")
	if t != "" && value.Truth(a.Value(0, true)) {
		t = " " + t
	}
	if c.Env.Autoescape() {
		return py.Markup(t), nil
	}
	return t, nil
}

// quoteURL is urllib.parse.quote.
func quoteURL(t, safe string, plus bool) string {
	var b strings.Builder
	for i := range len(t) {
		c := t[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("_.-~", c) >= 0, strings.IndexByte(safe, c) >= 0:
			b.WriteByte(c)
		case c == ' ' && plus:
			b.WriteByte('+')
		default:
			b.WriteByte('%')
			b.WriteByte("0123456789ABCDEF"[c>>4])
			b.WriteByte("0123456789ABCDEF"[c&15])
		}
	}
	return b.String()
}

func urlencodeFilter(c *Call) (Value, error) {
	if _, err := c.Bind(0); err != nil {
		return nil, err
	}
	var pairs []Value
	switch x := c.in().(type) {
	case *value.Dict:
		pairs = (&py.View{Kind: "dict_items", Dict: x}).List().Items
	case value.Iterable, *value.List, value.Tuple:
		items, err := c.list()
		if err != nil {
			return nil, err
		}
		pairs = items
	default:
		t, err := c.text()
		if b, ok := x.(py.Bytes); ok {
			t = string(b)
		}
		return quoteURL(t, "/", false), err
	}
	var out []string
	for _, p := range pairs {
		kv, err := c.listOf(p)
		if err != nil {
			return nil, err
		}
		if len(kv) != 2 {
			return nil, py.Raise("ValueError", "not enough values to unpack (expected 2, got %d)", len(kv))
		}
		k, err := Str(kv[0])
		if err != nil {
			return nil, err
		}
		v, err := Str(kv[1])
		if err != nil {
			return nil, err
		}
		out = append(out, quoteURL(k, "", true)+"="+quoteURL(v, "", true))
	}
	return strings.Join(out, "&"), nil
}

var (
	urlStart  = mustRE(`^([\(<]|&lt;)+`)
	urlEnd    = mustRE(`([\)>.,\n]|&gt;)+$`)
	httpRE    = mustRE(`(?ix)^((https?://|www\.)(([\w%-]+\.)+)?([a-z]{2,63}|xn--[\w%]{2,59})|([\w%-]{2,63}\.)+(com|net|int|edu|gov|org|info|mil)|(https?://)(([\d]{1,3})(\.[\d]{1,3}){3}|(\[([\da-f]{0,4}:){2}([\da-f]{0,4}:?){1,6}\])))(?::[\d]{1,5})?(?:[/?#]\S*)?$`)
	mailRE    = mustRE(`^\S+@\w[\w.-]*\.\w+$`)
	schemeRE  = mustRE(`^([\w.+-]{2,}:(/){0,2})$`)
	urlSpaces = mustRE(`(\s+)`)
)

func urlizeFilter(c *Call) (Value, error) {
	a, err := c.Bind(0, "trim_url_limit", "nofollow", "target", "rel", "extra_schemes")
	if err != nil {
		return nil, err
	}
	t, err := c.text()
	if err != nil {
		return nil, err
	}
	limit := int64(-1)
	if a.Has(0) {
		if limit, err = a.Int(0, -1); err != nil {
			return nil, err
		}
	}
	rel, err := a.Text(3, "")
	if err != nil {
		return nil, err
	}
	words := map[string]bool{"noopener": true}
	for _, w := range strings.Fields(rel) {
		words[w] = true
	}
	if value.Truth(a.v[1]) {
		words["nofollow"] = true
	}
	rel = ` rel="` + py.EscapeHTML(strings.Join(sortedKeys(words), " ")) + `"`
	target := ""
	if a.Has(2) {
		target = ` target="` + string(py.Escape(a.v[2])) + `"`
	}
	var schemes []string
	if a.Has(4) {
		items, err := c.listOf(a.v[4])
		if err != nil {
			return nil, err
		}
		for _, v := range items {
			u := value.Str(v)
			if m, _ := schemeRE.Match(u); m == nil {
				return nil, fail("%s is not a valid URI scheme prefix.", value.Quote(u))
			}
			schemes = append(schemes, u)
		}
	}
	if _, ok := c.in().(py.Markup); !ok {
		t = py.EscapeHTML(t)
	}
	pieces, err := urlSpaces.Split(t, 0)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(linkWord(p.Text, limit, rel, target, schemes))
	}
	if c.Env.Autoescape() {
		return py.Markup(b.String()), nil
	}
	return b.String(), nil
}

func sortedKeys(m map[string]bool) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	for i := range out {
		for j := i; j > 0 && out[j] < out[j-1]; j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out
}

func linkWord(word string, limit int64, rel, target string, schemes []string) string {
	head, middle, tail := "", word, ""
	if m, _ := urlStart.Search(middle); m != nil {
		head, middle = m.Text(), middle[m.End(0):]
	}
	if strings.HasSuffix(middle, ")") || strings.HasSuffix(middle, ">") || strings.HasSuffix(middle, ".") ||
		strings.HasSuffix(middle, ",") || strings.HasSuffix(middle, "\n") || strings.HasSuffix(middle, "&gt;") {
		if m, _ := urlEnd.Search(middle); m != nil {
			tail, middle = m.Text(), middle[:m.Start(0)]
		}
	}
	for _, p := range [][2]string{{"(", ")"}, {"<", ">"}, {"&lt;", "&gt;"}} {
		open := strings.Count(middle, p[0])
		if open <= strings.Count(middle, p[1]) {
			continue
		}
		for range min(open, strings.Count(tail, p[1])) {
			end := strings.Index(tail, p[1]) + len(p[1])
			middle += tail[:end]
			tail = tail[end:]
		}
	}
	short := func(t string) string {
		if limit >= 0 && int64(utf8.RuneCountInString(t)) > limit {
			return py.RuneSlice(t, 0, int(limit)) + "..."
		}
		return t
	}
	if m, _ := httpRE.Match(middle); m != nil {
		href := middle
		if !strings.HasPrefix(middle, "https://") && !strings.HasPrefix(middle, "http://") {
			href = "https://" + middle
		}
		middle = `<a href="` + href + `"` + rel + target + `>` + short(middle) + `</a>`
	} else if strings.HasPrefix(middle, "mailto:") && isMail(middle[7:]) {
		middle = `<a href="` + middle + `">` + middle[7:] + `</a>`
	} else if strings.Contains(middle, "@") && !strings.HasPrefix(middle, "www.") && !strings.Contains(middle, ":") && isMail(middle) {
		middle = `<a href="mailto:` + middle + `">` + middle + `</a>`
	} else {
		for _, sc := range schemes {
			if middle != sc && strings.HasPrefix(middle, sc) {
				middle = `<a href="` + middle + `"` + rel + target + `>` + middle + `</a>`
			}
		}
	}
	return head + middle + tail
}

func isMail(t string) bool { m, _ := mailRE.Match(t); return m != nil }

func urldecodeFilter(c *Call) (Value, error) {
	t, err := c.onlyText("replace")
	if err != nil {
		return nil, err
	}
	return c.like(unquoteURL(strings.ReplaceAll(t, "+", " "))), nil
}

// unquoteURL is urllib.parse.unquote: bad escapes stay as they are.
func unquoteURL(t string) string {
	if u, err := url.PathUnescape(t); err == nil {
		return u
	}
	var b strings.Builder
	for i := 0; i < len(t); i++ {
		if t[i] == '%' && i+2 < len(t) {
			if u, err := url.PathUnescape(t[i : i+3]); err == nil {
				b.WriteString(u)
				i += 2
				continue
			}
		}
		b.WriteByte(t[i])
	}
	return b.String()
}
