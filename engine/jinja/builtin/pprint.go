package builtin

import (
	"strings"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

const pprintWidth = 80

// pprint is Python's pprint.pformat: sorted keys, broken at 80 columns.
func pprint(v Value) string {
	var b strings.Builder
	pformat(&b, v, 0, 0, 0)
	return b.String()
}

// sorted returns v with all dictionaries in the order of their keys, as repr
// shows it in pprint.
func sortedDicts(v Value, depth int) Value {
	if depth > 500 {
		return v
	}
	switch x := v.(type) {
	case *value.Dict:
		d := value.NewDictCap(x.Len())
		for _, k := range sortKeys(x) {
			e, _ := x.Get(k)
			d.Set(k, sortedDicts(e, depth+1))
		}
		return d
	case *value.List:
		l := value.NewList()
		for _, e := range x.Items {
			l.Append(sortedDicts(e, depth+1))
		}
		return l
	case value.Tuple:
		t := value.Tuple{}
		for _, e := range x {
			t = append(t, sortedDicts(e, depth+1))
		}
		return t
	}
	return v
}

// sortKeys orders keys as pprint does: by value, by type name where they cannot
// be compared.
func sortKeys(d *value.Dict) []Value {
	keys := append([]Value{}, d.Keys()...)
	for i := range keys {
		for j := i; j > 0; j-- {
			less, err := py.Less(keys[j], keys[j-1])
			if err != nil {
				less = value.TypeName(keys[j]) < value.TypeName(keys[j-1])
			}
			if !less {
				break
			}
			keys[j], keys[j-1] = keys[j-1], keys[j]
		}
	}
	return keys
}

func pformat(b *strings.Builder, v Value, indent, allowance, depth int) {
	flat := value.Repr(sortedDicts(v, 0))
	if utf8.RuneCountInString(flat) <= pprintWidth-indent-allowance || depth > 100 {
		b.WriteString(flat)
		return
	}
	switch x := v.(type) {
	case *value.Dict:
		b.WriteByte('{')
		keys := sortKeys(x)
		for i, k := range keys {
			if i > 0 {
				b.WriteString(",\n" + strings.Repeat(" ", indent+1))
			}
			rep := value.Repr(k)
			b.WriteString(rep + ": ")
			allow := 1
			if i == len(keys)-1 {
				allow = allowance + 1
			}
			e, _ := x.Get(k)
			pformat(b, e, indent+utf8.RuneCountInString(rep)+3, allow, depth+1)
		}
		b.WriteByte('}')
	case *value.List:
		b.WriteByte('[')
		pformatItems(b, x.Items, indent+1, allowance+1, depth)
		b.WriteByte(']')
	case value.Tuple:
		b.WriteByte('(')
		end := ")"
		if len(x) == 1 {
			end = ",)"
		}
		pformatItems(b, x, indent+1, allowance+len(end), depth)
		b.WriteString(end)
	case string:
		pformatText(b, x, indent, allowance, depth == 0)
	case value.Unsafe:
		b.WriteString(flat)
	default:
		b.WriteString(flat)
	}
}

func pformatItems(b *strings.Builder, items []Value, indent, allowance, depth int) {
	for i, e := range items {
		if i > 0 {
			b.WriteString(",\n" + strings.Repeat(" ", indent))
		}
		allow := 1
		if i == len(items)-1 {
			allow = allowance
		}
		pformat(b, e, indent, allow, depth+1)
	}
}

// pformatText breaks long text into literals, one a line.
func pformatText(b *strings.Builder, t string, indent, allowance int, top bool) {
	if top {
		indent++
		allowance++
	}
	var chunks []string
	lines := py.SplitLines(t, true)
	limit := pprintWidth - indent
	for i, line := range lines {
		last := i == len(lines)-1
		lim := limit
		if last {
			lim -= allowance
		}
		rep := value.Quote(line)
		if utf8.RuneCountInString(rep) <= lim {
			chunks = append(chunks, rep)
			continue
		}
		parts := wordsAndSpace(line)
		cur := ""
		for j, part := range parts {
			cand := cur + part
			lim := limit
			if last && j == len(parts)-1 {
				lim -= allowance
			}
			if utf8.RuneCountInString(value.Quote(cand)) > lim {
				if cur != "" {
					chunks = append(chunks, value.Quote(cur))
				}
				cur = part
			} else {
				cur = cand
			}
		}
		if cur != "" {
			chunks = append(chunks, value.Quote(cur))
		}
	}
	if len(chunks) == 1 {
		b.WriteString(value.Quote(t))
		return
	}
	if top {
		b.WriteByte('(')
	}
	b.WriteString(strings.Join(chunks, "\n"+strings.Repeat(" ", indent)))
	if top {
		b.WriteByte(')')
	}
}

// wordsAndSpace cuts text behind each run of white space.
func wordsAndSpace(t string) []string {
	var out []string
	start, inSpace := 0, false
	for i, r := range t {
		sp := py.IsSpace(r)
		if inSpace && !sp {
			out = append(out, t[start:i])
			start = i
		}
		inSpace = sp
	}
	if start < len(t) {
		out = append(out, t[start:])
	}
	return out
}
