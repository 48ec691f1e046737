package yaml

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
)

// ParseLiteral reads text as a Python literal: a number, quoted text, True,
// False, None, or a list, tuple, dictionary or set of them. It is an error where
// Python's ast.literal_eval has one. A set becomes a list.
func ParseLiteral(s string) (value.Value, error) {
	s = strings.TrimLeft(s, " \t")
	if s == "" {
		return nil, fmt.Errorf("not a literal: empty")
	}
	// Most texts are plain words, which no literal begins with.
	if c := s[0]; (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '/' || c >= utf8.RuneSelf) && !wordLiteral(s) {
		return nil, fmt.Errorf("not a literal: %q", s)
	}
	p := &literal{s: s}
	v, err := p.expr(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.i < len(p.s) && strings.Trim(p.s[p.i:], " \t\r\n") != "" {
		return nil, p.bad()
	}
	return v, nil
}

func wordLiteral(s string) bool {
	switch s[0] {
	case 'T', 'F', 'N', 'u', 'U', 'r', 'R', 'b', 'B', 's':
		return true
	}
	return false
}

type literal struct {
	s     string
	i     int
	depth int // open brackets: newlines are blanks inside
}

func (p *literal) bad() error { return fmt.Errorf("not a literal at offset %d: %q", p.i, p.s) }

func (p *literal) space() {
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == ' ' || c == '\t' || c == '\f':
		case (c == '\n' || c == '\r') && p.depth > 0:
		case c == '#':
			for p.i+1 < len(p.s) && p.s[p.i+1] != '\n' {
				p.i++
			}
		default:
			return
		}
		p.i++
	}
}

func (p *literal) peek() byte {
	p.space()
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

// expr reads one value, or at the top a tuple without parentheses.
func (p *literal) expr(level int) (value.Value, error) {
	v, err := p.value(level)
	if err != nil || level > 0 || p.peek() != ',' {
		return v, err
	}
	t := value.Tuple{v}
	for p.peek() == ',' {
		p.i++
		if p.peek() == 0 {
			break
		}
		if v, err = p.value(level + 1); err != nil {
			return nil, err
		}
		t = append(t, v)
	}
	return t, nil
}

func (p *literal) value(level int) (value.Value, error) {
	if level > 90 { // Python gives up near here too
		return nil, fmt.Errorf("not a literal: nested too deep")
	}
	switch c := p.peek(); {
	case c == '[':
		items, _, err := p.items(']', level)
		return &value.List{Items: items}, err
	case c == '(':
		items, comma, err := p.items(')', level)
		if err == nil && len(items) == 1 && !comma {
			return items[0], nil
		}
		return value.Tuple(items), err
	case c == '{':
		return p.braces(level)
	case c == '+' || c == '-':
		return p.signed(level)
	case c >= '0' && c <= '9' || c == '.':
		return p.number()
	case c == '\'' || c == '"':
		return p.strings()
	}
	start := p.i
	for p.i < len(p.s) && (isAlnum(p.s[p.i]) || p.s[p.i] == '_') {
		p.i++
	}
	word := p.s[start:p.i]
	switch word {
	case "True":
		return true, nil
	case "False":
		return false, nil
	case "None":
		return nil, nil
	case "set":
		if p.peek() == '(' {
			if p.i++; p.peek() == ')' {
				p.i++
				return value.NewList(), nil
			}
		}
	}
	if p.i < len(p.s) && (p.s[p.i] == '\'' || p.s[p.i] == '"') && len(word) <= 2 {
		p.i = start
		return p.strings()
	}
	p.i = start
	return nil, p.bad()
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func (p *literal) signed(level int) (value.Value, error) {
	neg := p.s[p.i] == '-'
	p.i++
	v, err := p.value(level + 1)
	if err != nil {
		return nil, err
	}
	switch x := v.(type) {
	case int64:
		if neg {
			return value.NormInt(new(big.Int).Neg(big.NewInt(x))), nil
		}
		return x, nil
	case *big.Int:
		if neg {
			return value.NormInt(new(big.Int).Neg(x)), nil
		}
		return x, nil
	case float64:
		if neg {
			return -x, nil
		}
		return x, nil
	}
	return nil, p.bad()
}

func (p *literal) items(end byte, level int) (items []value.Value, comma bool, err error) {
	p.depth++
	defer func() { p.depth-- }()
	p.i++
	items = []value.Value{}
	for {
		if p.peek() == end {
			p.i++
			return items, comma, nil
		}
		v, err := p.value(level + 1)
		if err != nil {
			return nil, false, err
		}
		items = append(items, v)
		switch p.peek() {
		case ',':
			p.i++
			comma = true
		case end:
		default:
			return nil, false, p.bad()
		}
	}
}

func (p *literal) braces(level int) (value.Value, error) {
	p.depth++
	defer func() { p.depth-- }()
	p.i++
	d, set := value.NewDict(), false
	for n := 0; ; n++ {
		if p.peek() == '}' {
			p.i++
			if set {
				return value.NewList(d.Keys()...), nil
			}
			return d, nil
		}
		k, err := p.value(level + 1)
		if err != nil {
			return nil, err
		}
		switch k.(type) {
		case *value.List, *value.Dict:
			return nil, p.bad()
		}
		if n == 0 {
			set = p.peek() != ':'
		}
		var v value.Value
		if !set {
			if p.peek() != ':' {
				return nil, p.bad()
			}
			p.i++
			if v, err = p.value(level + 1); err != nil {
				return nil, err
			}
		}
		d.Set(k, v)
		switch p.peek() {
		case ',':
			p.i++
		case '}':
		default:
			return nil, p.bad()
		}
	}
}

func (p *literal) number() (value.Value, error) {
	start := p.i
	for p.i < len(p.s) {
		c := p.s[p.i]
		if isAlnum(c) || c == '_' || c == '.' {
			p.i++
			continue
		}
		if (c == '+' || c == '-') && (p.s[p.i-1] == 'e' || p.s[p.i-1] == 'E') && !strings.HasPrefix(p.s[start:], "0x") {
			p.i++
			continue
		}
		break
	}
	t := strings.ToLower(p.s[start:p.i])
	if strings.Contains(t, "__") || strings.HasSuffix(t, "_") || strings.Contains(t, "_.") || strings.Contains(t, "._") {
		return nil, p.bad()
	}
	plain := strings.ReplaceAll(t, "_", "")
	if len(t) > 1 && t[0] == '0' && strings.ContainsRune("xob", rune(t[1])) {
		if n, ok := new(big.Int).SetString(t, 0); ok {
			return value.NormInt(n), nil
		}
		return nil, p.bad()
	}
	if all(plain, digits) {
		if plain[0] == '0' && strings.Trim(plain, "0") != "" {
			return nil, p.bad()
		}
		n, _ := new(big.Int).SetString(plain, 10)
		return value.NormInt(n), nil
	}
	if !all(plain, digits+".e+-") {
		return nil, p.bad()
	}
	f, err := strconv.ParseFloat(plain, 64)
	if err != nil && f == 0 {
		return nil, p.bad()
	}
	return f, nil
}

// strings reads one or more adjacent string literals.
func (p *literal) strings() (value.Value, error) {
	var b strings.Builder
	for {
		start := p.i
		for p.i < len(p.s) && isAlnum(p.s[p.i]) {
			p.i++
		}
		prefix := strings.ToLower(p.s[start:p.i])
		switch prefix {
		case "", "u", "r", "b", "br", "rb":
		default:
			return nil, p.bad()
		}
		if err := p.quoted(&b, strings.Contains(prefix, "r")); err != nil {
			return nil, err
		}
		save := p.i
		c := p.peek()
		next := p.s[min(p.i+1, len(p.s)):]
		if c == '\'' || c == '"' || strings.IndexByte("urbURB", c) >= 0 && c != 0 && next != "" && (next[0] == '\'' || next[0] == '"') {
			continue
		}
		p.i = save
		return b.String(), nil
	}
}

func (p *literal) quoted(b *strings.Builder, raw bool) error {
	q := p.s[p.i : p.i+1]
	if strings.HasPrefix(p.s[p.i:], q+q+q) {
		q += q + q
	}
	p.i += len(q)
	for p.i < len(p.s) {
		if strings.HasPrefix(p.s[p.i:], q) {
			p.i += len(q)
			return nil
		}
		c := p.s[p.i]
		switch {
		case c == '\n' && len(q) == 1, c == 0:
			return p.bad()
		case c == '\\' && p.i+1 < len(p.s):
			if raw {
				b.WriteString(p.s[p.i : p.i+2])
				p.i += 2
			} else if err := p.escape(b); err != nil {
				return err
			}
		default:
			b.WriteByte(c)
			p.i++
		}
	}
	return p.bad()
}

func (p *literal) escape(b *strings.Builder) error {
	c := p.s[p.i+1]
	p.i += 2
	if i := strings.IndexByte("abfnrtv\\'\"", c); i >= 0 {
		b.WriteByte("\a\b\f\n\r\t\v\\'\""[i])
		return nil
	}
	if w := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]; w > 0 {
		if p.i+w > len(p.s) {
			return p.bad()
		}
		n, err := strconv.ParseUint(p.s[p.i:p.i+w], 16, 32)
		if err != nil || n > utf8.MaxRune {
			return p.bad()
		}
		b.WriteRune(rune(n))
		p.i += w
		return nil
	}
	switch {
	case c == '\n':
	case c >= '0' && c <= '7':
		n, w := int(c-'0'), 1
		for w < 3 && p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '7' {
			n, w = n*8+int(p.s[p.i]-'0'), w+1
			p.i++
		}
		b.WriteRune(rune(n))
	default:
		b.WriteByte('\\')
		b.WriteByte(c)
	}
	return nil
}
