package templar

import (
	"math"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/lex"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

// readLiteral reads a list or dictionary as Ansible does with text that looks
// like one: Python's literals, and JSON's true, false and null.
func readLiteral(s string) (value.Value, bool) {
	p := &litParser{s: strings.TrimLeft(s, " \t"), json: true}
	return p.all()
}

// pyLiteral reads any Python literal, as jinja2_native does.
func pyLiteral(s string) (value.Value, bool) {
	p := &litParser{s: s}
	if s == "" || s[0] == ' ' || s[0] == '\t' {
		return nil, false
	}
	return p.all()
}

type litParser struct {
	s     string
	i     int
	json  bool
	depth int
	open  int // inside brackets newlines are space
}

func (p *litParser) all() (value.Value, bool) {
	if !p.json {
		p.newlines()
	}
	v, ok := p.tuple()
	if !ok {
		return nil, false
	}
	p.newlines()
	return v, p.i == len(p.s)
}

func (p *litParser) newlines() {
	p.open++
	p.space()
	p.open--
}

func (p *litParser) space() {
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == ' ' || c == '\t' || c == '\f':
			p.i++
		case (c == '\n' || c == '\r') && p.open > 0:
			p.i++
		case c == '#' && p.open > 0:
			for p.i < len(p.s) && p.s[p.i] != '\n' {
				p.i++
			}
		case c == '\\' && strings.HasPrefix(p.s[p.i:], "\\\n"):
			p.i += 2
		default:
			return
		}
	}
}

func (p *litParser) eat(c byte) bool {
	p.space()
	if p.i < len(p.s) && p.s[p.i] == c {
		p.i++
		return true
	}
	return false
}

// tuple reads a value, or several with commas.
func (p *litParser) tuple() (value.Value, bool) {
	v, ok := p.value()
	if !ok || !p.eat(',') {
		return v, ok
	}
	t := value.Tuple{v}
	for {
		p.space()
		if p.i == len(p.s) || strings.IndexByte(")\n", p.s[p.i]) >= 0 {
			return t, true
		}
		if v, ok = p.value(); !ok {
			return nil, false
		}
		t = append(t, v)
		if !p.eat(',') {
			return t, true
		}
	}
}

func (p *litParser) value() (value.Value, bool) {
	if p.depth++; p.depth > 200 {
		return nil, false
	}
	defer func() { p.depth-- }()
	p.space()
	if p.i >= len(p.s) {
		return nil, false
	}
	switch c := p.s[p.i]; {
	case c == '[':
		return p.seq(']')
	case c == '(':
		return p.seq(')')
	case c == '{':
		return p.dict()
	case c == '-' || c == '+':
		p.i++
		v, ok := p.value()
		if !ok {
			return nil, false
		}
		switch v.(type) {
		case int64, float64:
		default:
			if value.TypeName(v) != "int" {
				return nil, false
			}
		}
		if c == '-' {
			n, err := py.Neg(v)
			return n, err == nil
		}
		return v, true
	case c >= '0' && c <= '9' || c == '.':
		return p.number()
	}
	if v, ok := p.str(); ok {
		return v, true
	}
	return p.word()
}

func (p *litParser) seq(end byte) (value.Value, bool) {
	p.i++
	p.open++
	defer func() { p.open-- }()
	items := []value.Value{}
	comma := false
	for !p.eat(end) {
		if len(items) > 0 && !comma {
			return nil, false
		}
		v, ok := p.value()
		if !ok {
			return nil, false
		}
		items = append(items, v)
		comma = p.eat(',')
	}
	if end == ']' {
		return &value.List{Items: items}, true
	}
	if len(items) == 1 && !comma {
		return items[0], true
	}
	return value.Tuple(items), true
}

func (p *litParser) dict() (value.Value, bool) {
	p.i++
	p.open++
	defer func() { p.open-- }()
	d := value.NewDict()
	comma := true
	for !p.eat('}') {
		if !comma {
			return nil, false
		}
		k, ok := p.value()
		if !ok || py.Hashable(k) != nil {
			return nil, false
		}
		if d.Len() == 0 && !p.eat(':') {
			return p.set(k)
		} else if d.Len() > 0 && !p.eat(':') {
			return nil, false
		}
		v, ok := p.value()
		if !ok {
			return nil, false
		}
		d.Set(k, v)
		comma = p.eat(',')
	}
	return d, true
}

// set reads what follows the first item of a set.
func (p *litParser) set(first value.Value) (value.Value, bool) {
	items := []value.Value{first}
	for !p.eat('}') {
		if !p.eat(',') {
			return nil, false
		}
		if p.eat('}') {
			break
		}
		v, ok := p.value()
		if !ok || py.Hashable(v) != nil {
			return nil, false
		}
		items = append(items, v)
	}
	return py.NewSet(items), true
}

func (p *litParser) number() (value.Value, bool) {
	start := p.i
	for p.i < len(p.s) {
		c := p.s[p.i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '.' || c == '_' ||
			(c == '-' || c == '+') && (p.s[p.i-1]|0x20) == 'e' && !strings.HasPrefix(strings.ToLower(p.s[start:]), "0x") {
			p.i++
			continue
		}
		break
	}
	text := p.s[start:p.i]
	toks, err := lex.Expression(text)
	if err == nil && len(toks) == 2 && (toks[0].Kind == lex.Int || toks[0].Kind == lex.Float) {
		return toks[0].Number(), true
	}
	// 1. and .5 are numbers of Python that Jinja2 does not know.
	if f, err := strconv.ParseFloat(text, 64); strings.Contains(text, ".") && (err == nil || math.IsInf(f, 0)) && strings.Trim(text, "0123456789.eE+-") == "" {
		return f, true
	}
	return nil, false
}

func (p *litParser) str() (value.Value, bool) {
	out, any := "", false
	for {
		p.space()
		j := p.i
		raw := false
		if j < len(p.s) && strings.IndexByte("uUrR", p.s[j]) >= 0 {
			raw = p.s[j]|0x20 == 'r'
			j++
		}
		if j >= len(p.s) || p.s[j] != '\'' && p.s[j] != '"' {
			return out, any
		}
		q := p.s[j : j+1]
		if strings.HasPrefix(p.s[j:], strings.Repeat(q, 3)) {
			q = strings.Repeat(q, 3)
		}
		start := j + len(q)
		k := start
		for ; ; k++ {
			if k >= len(p.s) || len(q) == 1 && p.s[k] == '\n' {
				return nil, false
			}
			if p.s[k] == '\\' {
				k++
				continue
			}
			if strings.HasPrefix(p.s[k:], q) {
				break
			}
		}
		text := p.s[start:k]
		if !raw && strings.IndexByte(text, '\\') >= 0 {
			var err error
			if text, err = lex.Unescape(text); err != nil {
				return nil, false
			}
		}
		out, any = out+text, true
		p.i = k + len(q)
	}
}

func (p *litParser) word() (value.Value, bool) {
	start := p.i
	for p.i < len(p.s) && (p.s[p.i] >= 'a' && p.s[p.i] <= 'z' || p.s[p.i] >= 'A' && p.s[p.i] <= 'Z' || p.s[p.i] == '_' || p.s[p.i] >= '0' && p.s[p.i] <= '9') {
		p.i++
	}
	switch w := p.s[start:p.i]; w {
	case "True":
		return true, true
	case "False":
		return false, true
	case "None":
		return nil, true
	case "true", "false", "null":
		if p.json {
			if w == "null" {
				return nil, true
			}
			return w == "true", true
		}
	}
	return nil, false
}
