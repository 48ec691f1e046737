package pyre

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Template is a parsed replacement.
type Template struct {
	parts []part
}

type part struct {
	text  string
	group int // -1 for text
}

// Expand fills in the groups of m; groups that took no part are empty.
func (t *Template) Expand(m *Match) string {
	if len(t.parts) == 1 && t.parts[0].group < 0 {
		return t.parts[0].text
	}
	var b strings.Builder
	for _, p := range t.parts {
		if p.group < 0 {
			b.WriteString(p.text)
			continue
		}
		s, _ := m.Group(p.group)
		b.WriteString(s)
	}
	return b.String()
}

var plainEscapes = map[rune]rune{'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v', '\\': '\\'}

// Template parses a replacement as re.sub does.
func (r *Regexp) Template(src string) (*Template, error) {
	t := &Template{}
	if strings.IndexByte(src, '\\') < 0 {
		t.parts = []part{{src, -1}}
		return t, nil
	}
	var lit strings.Builder
	rs := []rune(src)
	fail := func(pos int, format string, a ...any) error {
		return &Error{Msg: fmt.Sprintf(format, a...), Pattern: src, Pos: pos}
	}
	group := func(n, pos int) error {
		if n > r.NumGroups() {
			return fail(pos, "invalid group reference %d", n)
		}
		if lit.Len() > 0 {
			t.parts = append(t.parts, part{lit.String(), -1})
			lit.Reset()
		}
		t.parts = append(t.parts, part{"", n})
		return nil
	}
	isOct := func(i int) bool { return i < len(rs) && rs[i] >= '0' && rs[i] <= '7' }
	isDig := func(i int) bool { return i < len(rs) && rs[i] >= '0' && rs[i] <= '9' }
	for i := 0; i < len(rs); {
		if rs[i] != '\\' {
			lit.WriteRune(rs[i])
			i++
			continue
		}
		start := i
		i++
		if i >= len(rs) {
			return nil, fail(start, "bad escape (end of pattern)")
		}
		c := rs[i]
		i++
		switch {
		case c == 'g':
			n, next, err := r.namedRef(src, rs, i, fail)
			if err != nil {
				return nil, err
			}
			if err := group(n, i+1); err != nil {
				return nil, err
			}
			i = next
		case c == '0':
			n := 0
			for k := 0; k < 2 && isOct(i); k++ {
				n = n*8 + int(rs[i]-'0')
				i++
			}
			lit.WriteRune(rune(n & 0xff))
		case c >= '1' && c <= '9':
			n := int(c - '0')
			if isDig(i) {
				if c <= '7' && isOct(i) && isOct(i+1) {
					v := n*64 + int(rs[i]-'0')*8 + int(rs[i+1]-'0')
					if v > 0o377 {
						return nil, fail(start, "octal escape value \\%s outside of range 0-0o377", string(rs[start+1:i+2]))
					}
					lit.WriteRune(rune(v))
					i += 2
					continue
				}
				n = n*10 + int(rs[i]-'0')
				i++
			}
			if err := group(n, start+1); err != nil {
				return nil, err
			}
		case plainEscapes[c] != 0:
			lit.WriteRune(plainEscapes[c])
		case c < 0x80 && unicode.IsLetter(c):
			return nil, fail(start, "bad escape \\%c", c)
		default:
			lit.WriteByte('\\')
			lit.WriteRune(c)
		}
	}
	if lit.Len() > 0 || len(t.parts) == 0 {
		t.parts = append(t.parts, part{lit.String(), -1})
	}
	return t, nil
}

// namedRef reads <name> or <number> behind \g.
func (r *Regexp) namedRef(src string, rs []rune, i int, fail func(int, string, ...any) error) (n, next int, err error) {
	if i >= len(rs) || rs[i] != '<' {
		return 0, 0, fail(i, "missing <")
	}
	i++
	end := i
	for end < len(rs) && rs[end] != '>' {
		end++
	}
	if end >= len(rs) {
		if end == i {
			return 0, 0, fail(i, "missing group name")
		}
		return 0, 0, fail(i, "missing >, unterminated name")
	}
	name := string(rs[i:end])
	if name == "" {
		return 0, 0, fail(i, "missing group name")
	}
	if isIdent(name) {
		n, ok := r.byName[name]
		if !ok {
			return 0, 0, &Error{Msg: fmt.Sprintf("unknown group name '%s'", name), Pattern: src, Pos: -1, IsIndex: true}
		}
		return n, end + 1, nil
	}
	n, e := strconv.Atoi(name)
	if e != nil || n < 0 {
		return 0, 0, fail(i, "bad character in group name '%s'", name)
	}
	return n, end + 1, nil
}

func isIdent(s string) bool {
	for i, c := range s {
		if !(c == '_' || unicode.IsLetter(c) || i > 0 && unicode.IsDigit(c)) {
			return false
		}
	}
	return s != ""
}
