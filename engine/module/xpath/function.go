package xpath

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/module/xmldoc"
)

type call struct {
	prefix, name string
	args         []expr
}

func (f *call) eval(c *context) any {
	if f.prefix != "" {
		c.uri(f.prefix)
		panic(failure{errFunction})
	}
	fn, ok := functions[f.name]
	if !ok {
		panic(failure{errFunction})
	}
	args := make([]any, len(f.args))
	for i, a := range f.args {
		args[i] = a.eval(c)
	}
	if len(args) < fn.min || len(args) > fn.max {
		panic(failure{errArity})
	}
	return fn.f(c, args)
}

type function struct {
	min, max int
	f        func(c *context, a []any) any
}

var functions map[string]function

func init() {
	str := func(f func(c *context, s string) any) func(*context, []any) any { // of the context node by default
		return func(c *context, a []any) any {
			if len(a) == 0 {
				return f(c, c.node.Value())
			}
			return f(c, text(a[0]))
		}
	}
	node := func(f func(n *xmldoc.Node) string) func(*context, []any) any {
		return func(c *context, a []any) any {
			if len(a) == 0 {
				return f(c.node)
			}
			if l := set(a[0]); len(l) > 0 {
				return f(l[0])
			}
			return ""
		}
	}
	round := func(f func(float64) float64) func(*context, []any) any {
		return func(_ *context, a []any) any { return f(number(a[0])) }
	}
	texts := func(f func(s, t string) any) func(*context, []any) any {
		return func(_ *context, a []any) any { return f(text(a[0]), text(a[1])) }
	}
	functions = map[string]function{
		"last":          {0, 0, func(c *context, _ []any) any { return known(c.size, errSize) }},
		"position":      {0, 0, func(c *context, _ []any) any { return known(c.pos, errPosition) }},
		"count":         {1, 1, func(_ *context, a []any) any { return float64(len(set(a[0]))) }},
		"id":            {1, 1, id},
		"local-name":    {0, 1, node(localName)},
		"namespace-uri": {0, 1, node(func(n *xmldoc.Node) string { return n.URI })},
		"name": {0, 1, node(func(n *xmldoc.Node) string {
			if n.Kind == xmldoc.Element || n.Kind == xmldoc.Attr {
				return n.Name()
			}
			return localName(n)
		})},
		"string": {0, 1, str(func(_ *context, s string) any { return s })},
		"concat": {2, math.MaxInt, func(_ *context, a []any) any {
			var b strings.Builder
			for _, v := range a {
				b.WriteString(text(v))
			}
			return b.String()
		}},
		"starts-with":      {2, 2, texts(func(s, t string) any { return strings.HasPrefix(s, t) })},
		"contains":         {2, 2, texts(func(s, t string) any { return strings.Contains(s, t) })},
		"substring-before": {2, 2, texts(func(s, t string) any { b, _, ok := strings.Cut(s, t); return when(ok, b) })},
		"substring-after":  {2, 2, texts(func(s, t string) any { _, b, ok := strings.Cut(s, t); return when(ok, b) })},
		"substring":        {2, 3, substring},
		"string-length":    {0, 1, str(func(_ *context, s string) any { return float64(utf8.RuneCountInString(s)) })},
		"normalize-space": {0, 1, str(func(_ *context, s string) any {
			return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < 0x80 && isBlank(byte(r)) }), " ")
		})},
		"translate": {3, 3, translate},
		"boolean":   {1, 1, func(_ *context, a []any) any { return boolean(a[0]) }},
		"not":       {1, 1, func(_ *context, a []any) any { return !boolean(a[0]) }},
		"true":      {0, 0, func(*context, []any) any { return true }},
		"false":     {0, 0, func(*context, []any) any { return false }},
		"lang":      {1, 1, lang},
		"number": {0, 1, func(c *context, a []any) any {
			if len(a) == 0 {
				return number(c.node.Value())
			}
			return number(a[0])
		}},
		"sum": {1, 1, func(_ *context, a []any) any {
			sum := 0.0
			for _, n := range set(a[0]) {
				sum += number(n.Value())
			}
			return sum
		}},
		"floor":   {1, 1, round(math.Floor)},
		"ceiling": {1, 1, round(math.Ceil)},
		"round":   {1, 1, round(roundHalfUp)},
	}
}

func known(n int, err error) float64 {
	if n < 0 {
		panic(failure{err})
	}
	return float64(n)
}

func roundHalfUp(f float64) float64 {
	if f >= -0.5 && f < 0.5 {
		return math.Copysign(0, f)
	}
	if r := math.Floor(f); f-r < 0.5 || math.IsNaN(f) {
		return r
	}
	return math.Ceil(f)
}

func when(ok bool, s string) string {
	if ok {
		return s
	}
	return ""
}

// set is an argument that has to be nodes.
func set(v any) nodes {
	l, ok := v.(nodes)
	if !ok {
		panic(failure{errType})
	}
	return l
}

func localName(n *xmldoc.Node) string {
	switch n.Kind {
	case xmldoc.Element, xmldoc.Attr, xmldoc.PI, xmldoc.Namespace:
		return n.Local
	}
	return ""
}

func id(c *context, a []any) any {
	var want []string
	if l, ok := a[0].(nodes); ok {
		for _, n := range l {
			want = append(want, strings.Fields(n.Value())...)
		}
	} else {
		want = strings.Fields(text(a[0]))
	}
	var out nodes
	seen := map[string]bool{}
	for n := range c.top.Descendants() {
		for _, at := range n.Attrs {
			if at.Prefix == "xml" && at.Local == "id" && slices.Contains(want, at.Data) && !seen[at.Data] {
				seen[at.Data] = true
				out = append(out, n)
			}
		}
	}
	return out
}

func substring(_ *context, a []any) any {
	s := []rune(text(a[0]))
	from := roundHalfUp(number(a[1]))
	to := math.Inf(1)
	if len(a) == 3 {
		to = from + roundHalfUp(number(a[2]))
	}
	var b strings.Builder
	for i, r := range s {
		if p := float64(i + 1); p >= from && p < to {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func translate(_ *context, a []any) any {
	from, to := []rune(text(a[1])), []rune(text(a[2]))
	return strings.Map(func(r rune) rune {
		i := slices.Index(from, r)
		switch {
		case i < 0:
			return r
		case i < len(to):
			return to[i]
		}
		return -1
	}, text(a[0]))
}

func lang(c *context, a []any) any {
	want := strings.ToLower(text(a[0]))
	for n := c.node; n != nil; n = n.Parent {
		for _, at := range n.Attrs {
			if at.Prefix == "xml" && at.Local == "lang" {
				have := strings.ToLower(at.Data)
				return have == want || strings.HasPrefix(have, want+"-")
			}
		}
	}
	return false
}
