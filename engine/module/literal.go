package module

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
)

// parseLiteral reads a Python literal: dictionaries, lists, tuples, quoted text,
// numbers, True, False and None. It serves parameters of type dict given as text.
func parseLiteral(s string) (value.Value, error) {
	p := &literalParser{s: s}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.skip(); p.i < len(p.s) {
		return nil, p.bad()
	}
	return v, nil
}

type literalParser struct {
	s string
	i int
}

func (p *literalParser) bad() error { return fmt.Errorf("malformed literal at offset %d", p.i) }

func (p *literalParser) skip() {
	for p.i < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.i]) >= 0 {
		p.i++
	}
}

func (p *literalParser) eat(c byte) bool {
	p.skip()
	if p.i < len(p.s) && p.s[p.i] == c {
		p.i++
		return true
	}
	return false
}

func (p *literalParser) value(depth int) (value.Value, error) {
	p.skip()
	if p.i >= len(p.s) || depth > 200 {
		return nil, p.bad()
	}
	switch c := p.s[p.i]; {
	case c == '{':
		p.i++
		d := value.NewDict()
		for !p.eat('}') {
			k, err := p.value(depth + 1)
			if err != nil {
				return nil, err
			}
			switch k.(type) {
			case *value.Dict, *value.List:
				return nil, p.bad()
			}
			if !p.eat(':') {
				return nil, p.bad()
			}
			v, err := p.value(depth + 1)
			if err != nil {
				return nil, err
			}
			d.Set(k, v)
			if !p.eat(',') {
				if !p.eat('}') {
					return nil, p.bad()
				}
				break
			}
		}
		return d, nil
	case c == '[' || c == '(':
		p.i++
		end := byte(']')
		if c == '(' {
			end = ')'
		}
		l, comma := value.NewList(), false
		for !p.eat(end) {
			v, err := p.value(depth + 1)
			if err != nil {
				return nil, err
			}
			l.Append(v)
			if comma = p.eat(','); !comma {
				if !p.eat(end) {
					return nil, p.bad()
				}
				break
			}
		}
		if c == '(' {
			if l.Len() == 1 && !comma {
				return l.Items[0], nil
			}
			return value.Tuple(l.Items), nil
		}
		return l, nil
	case c == '\'' || c == '"':
		return p.text(c)
	}
	start := p.i
	for p.i < len(p.s) && (isAlnum(p.s[p.i]) || strings.IndexByte("+-._", p.s[p.i]) >= 0) {
		p.i++
	}
	switch w := p.s[start:p.i]; w {
	case "True":
		return true, nil
	case "False":
		return false, nil
	case "None":
		return nil, nil
	case "":
		return nil, p.bad()
	default:
		if n, ok := parseInt(w); ok {
			return n, nil
		}
		f, err := strconv.ParseFloat(w, 64)
		if err != nil {
			return nil, p.bad()
		}
		return f, nil
	}
}

func (p *literalParser) text(quote byte) (value.Value, error) {
	var b strings.Builder
	for p.i++; p.i < len(p.s); p.i++ {
		c := p.s[p.i]
		switch {
		case c == quote:
			p.i++
			return b.String(), nil
		case c == '\\' && p.i+1 < len(p.s):
			p.i++
			switch e := p.s[p.i]; e {
			case 'n':
				b.WriteByte('\n')
			case 't':
				b.WriteByte('\t')
			case 'r':
				b.WriteByte('\r')
			case '\\', '\'', '"':
				b.WriteByte(e)
			case '\n':
			case 'x', 'u', 'U':
				n := map[byte]int{'x': 2, 'u': 4, 'U': 8}[e]
				if p.i+n >= len(p.s) {
					return nil, p.bad()
				}
				r, err := strconv.ParseUint(p.s[p.i+1:p.i+1+n], 16, 32)
				if err != nil || r > utf8.MaxRune {
					return nil, p.bad()
				}
				b.WriteRune(rune(r))
				p.i += n
			default:
				b.WriteByte('\\')
				b.WriteByte(e)
			}
		default:
			b.WriteByte(c)
		}
	}
	return nil, p.bad()
}
