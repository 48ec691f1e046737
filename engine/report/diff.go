package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/pmezard/go-difflib/difflib"

	"github.com/goplay-engine/goplay/engine/value"
)

// Diff renders what a module returned as `diff` (a dictionary or a list of
// them) the way Ansible shows it. context is the number of unchanged lines.
func (s *Screen) Diff(v value.Value, context int) string {
	var list []value.Value
	switch x := v.(type) {
	case *value.Dict:
		list = []value.Value{x}
	case *value.List:
		list = x.Items
	}
	var b strings.Builder
	for _, e := range list {
		if d, ok := e.(*value.Dict); ok {
			s.diffOne(&b, d, context)
		}
	}
	return b.String()
}

func (s *Screen) diffOne(b *strings.Builder, d *value.Dict, context int) {
	if d.Has("dst_binary") {
		b.WriteString("diff skipped: destination file appears to be binary\n")
	}
	if d.Has("src_binary") {
		b.WriteString("diff skipped: source file appears to be binary\n")
	}
	if n, ok := d.GetStr("dst_larger"); ok {
		fmt.Fprintf(b, "diff skipped: destination file size is greater than %s\n", value.Str(n))
	}
	if n, ok := d.GetStr("src_larger"); ok {
		fmt.Fprintf(b, "diff skipped: source file size is greater than %s\n", value.Str(n))
	}
	before, ok1 := d.GetStr("before")
	after, ok2 := d.GetStr("after")
	if ok1 && ok2 {
		s.unified(b, d, diffText(before), diffText(after), context)
	}
	if p, ok := d.GetStr("prepared"); ok {
		b.WriteString(value.Str(p))
	}
}

// diffText: dictionaries are shown as indented JSON.
func diffText(v value.Value) string {
	switch x := v.(type) {
	case nil:
		return ""
	case *value.Dict, *value.List:
		text, err := value.DumpJSON(x, value.JSONOptions{Indent: 4, SortKeys: true, EscapeASCII: true})
		if err != nil {
			return value.Str(v)
		}
		return text + "\n"
	}
	return value.Str(v)
}

func header(d *value.Dict, side string) string {
	if h, ok := d.GetStr(side + "_header"); ok && value.Truth(h) {
		return side + ": " + value.Str(h)
	}
	return side
}

func (s *Screen) unified(b *strings.Builder, d *value.Dict, before, after string, context int) {
	if before == after {
		return
	}
	a, z := lines(before), lines(after)
	m := difflib.NewMatcher(a, z)
	groups := m.GetGroupedOpCodes(context)
	if len(groups) == 0 {
		return
	}
	line := func(text, color string) {
		text, nl := strings.CutSuffix(text, "\n")
		b.WriteString(s.Paint(text, color) + "\n")
		if !nl {
			b.WriteString(`\ No newline at end of file` + "\n")
		}
	}
	line("--- "+header(d, "before")+"\n", "diff_remove")
	line("+++ "+header(d, "after")+"\n", "diff_add")
	for _, g := range groups {
		first, last := g[0], g[len(g)-1]
		line(fmt.Sprintf("@@ -%s +%s @@\n", span(first.I1, last.I2), span(first.J1, last.J2)), "diff_lines")
		for _, c := range g {
			if c.Tag == 'e' {
				for _, l := range a[c.I1:c.I2] {
					line(" "+l, "")
				}
				continue
			}
			for _, l := range a[c.I1:c.I2] {
				line("-"+l, "diff_remove")
			}
			for _, l := range z[c.J1:c.J2] {
				line("+"+l, "diff_add")
			}
		}
	}
	b.WriteString("\n")
}

// span is difflib's "start,length" with its two special cases.
func span(start, stop int) string {
	n := stop - start
	switch n {
	case 1:
		return fmt.Sprint(start + 1)
	case 0:
		return fmt.Sprintf("%d,0", start)
	}
	return fmt.Sprintf("%d,%d", start+1, n)
}

// lines splits and keeps the line ends: all that Python's splitlines takes for one.
func lines(text string) []string {
	var l []string
	start := 0
	for i, r := range text {
		switch r {
		case '\r':
			if strings.HasPrefix(text[i+1:], "\n") {
				continue
			}
		case '\n', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
		default:
			continue
		}
		end := i + utf8.RuneLen(r)
		l, start = append(l, text[start:end]), end
	}
	if start < len(text) {
		l = append(l, text[start:])
	}
	return l
}
