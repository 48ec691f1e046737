package inventory

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// tomlReader reads TOML 1.0 as far as inventories need it: tables, arrays of
// tables, dotted and quoted keys, all values; dates stay text.
type tomlReader struct {
	file, s string
	i       int
	depth   int
}

func readTOML(file, src string) (d *value.Dict, err error) {
	r := &tomlReader{file: file, s: strings.ReplaceAll(src, "\r\n", "\n")}
	root := value.NewDict()
	at := root
	for {
		r.blank(true)
		if r.i >= len(r.s) {
			return root, nil
		}
		if r.s[r.i] == '[' {
			if at, err = r.header(root); err != nil {
				return nil, err
			}
		} else if err = r.pair(at); err != nil {
			return nil, err
		}
		if r.blank(false); r.i < len(r.s) && r.s[r.i] != '\n' {
			return nil, r.bad("expected the end of the line")
		}
	}
}

func (r *tomlReader) bad(format string, args ...any) error {
	head := r.s[:min(r.i, len(r.s))]
	line := strings.Count(head, "\n") + 1
	col := utf8.RuneCountInString(head[strings.LastIndexByte(head, '\n')+1:]) + 1
	return fmt.Errorf("%s:%d:%d: %s", r.file, line, col, fmt.Sprintf(format, args...))
}

// blank skips blanks and comments, with lines also line ends.
func (r *tomlReader) blank(lines bool) {
	for r.i < len(r.s) {
		switch c := r.s[r.i]; {
		case c == ' ' || c == '\t' || lines && c == '\n':
			r.i++
		case c == '#':
			for r.i < len(r.s) && r.s[r.i] != '\n' {
				r.i++
			}
		default:
			return
		}
	}
}

func (r *tomlReader) header(root *value.Dict) (*value.Dict, error) {
	array := strings.HasPrefix(r.s[r.i:], "[[")
	end := "]"
	if r.i++; array {
		r.i++
		end = "]]"
	}
	path, err := r.key()
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(r.s[r.i:], end) {
		return nil, r.bad("a table's name must end with '%s'", end)
	}
	r.i += len(end)
	if !array {
		return r.descend(root, path)
	}
	at, err := r.descend(root, path[:len(path)-1])
	if err != nil {
		return nil, err
	}
	last, d := path[len(path)-1], value.NewDict()
	l, ok := at.At(last).(*value.List)
	if !ok {
		if at.Has(last) {
			return nil, r.bad("'%s' is defined already and is no array of tables", last)
		}
		l = value.NewList()
		at.Set(last, l)
	}
	l.Append(d)
	return d, nil
}

func (r *tomlReader) descend(d *value.Dict, path []string) (*value.Dict, error) {
	for _, k := range path {
		switch x := d.At(k).(type) {
		case *value.Dict:
			d = x
		case *value.List:
			if x.Len() == 0 {
				return nil, r.bad("'%s' is no table", k)
			}
			next, ok := x.Items[x.Len()-1].(*value.Dict)
			if !ok {
				return nil, r.bad("'%s' is no table", k)
			}
			d = next
		default:
			if d.Has(k) {
				return nil, r.bad("'%s' is defined already and is no table", k)
			}
			next := value.NewDict()
			d.Set(k, next)
			d = next
		}
	}
	return d, nil
}

func (r *tomlReader) pair(d *value.Dict) error {
	line := strings.Count(r.s[:r.i], "\n") + 1
	path, err := r.key()
	if err != nil {
		return err
	}
	if r.i >= len(r.s) || r.s[r.i] != '=' {
		return r.bad("expected '=' after the key '%s'", strings.Join(path, "."))
	}
	r.i++
	r.blank(false)
	v, err := r.value()
	if err != nil {
		return err
	}
	if d, err = r.descend(d, path[:len(path)-1]); err != nil {
		return err
	}
	last := path[len(path)-1]
	if d.Has(last) {
		return r.bad("the key '%s' is defined twice", last)
	}
	d.Set(last, v)
	d.SetPos(last, value.Pos{File: r.file, Line: line})
	return nil
}

func (r *tomlReader) key() (path []string, err error) {
	for {
		r.blank(false)
		if r.i >= len(r.s) {
			return nil, r.bad("expected a key")
		}
		var k string
		if c := r.s[r.i]; c == '"' || c == '\'' {
			if k, err = r.text(); err != nil {
				return nil, err
			}
		} else {
			start := r.i
			for r.i < len(r.s) && (isWord(r.s[r.i]) || r.s[r.i] == '-') {
				r.i++
			}
			if k = r.s[start:r.i]; k == "" {
				return nil, r.bad("expected a key")
			}
		}
		path = append(path, k)
		if r.blank(false); r.i >= len(r.s) || r.s[r.i] != '.' {
			return path, nil
		}
		r.i++
	}
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// text reads one of the four kinds of strings.
func (r *tomlReader) text() (string, error) {
	q := r.s[r.i : r.i+1]
	long := strings.HasPrefix(r.s[r.i:], q+q+q)
	if long {
		q += q + q
	}
	r.i += len(q)
	if long && strings.HasPrefix(r.s[r.i:], "\n") {
		r.i++
	}
	var b strings.Builder
	for r.i < len(r.s) {
		c := r.s[r.i]
		switch {
		case strings.HasPrefix(r.s[r.i:], q):
			r.i += len(q)
			for long && r.i < len(r.s) && r.s[r.i] == q[0] { // quotes before the closing ones
				b.WriteByte(q[0])
				r.i++
			}
			return b.String(), nil
		case c == '\n' && !long:
			return "", r.bad("the string does not end on its line")
		case c == '\\' && q[0] == '"':
			if err := r.escape(&b); err != nil {
				return "", err
			}
		default:
			b.WriteByte(c)
			r.i++
		}
	}
	return "", r.bad("the string has no closing %s", q)
}

func (r *tomlReader) escape(b *strings.Builder) error {
	if r.i+1 >= len(r.s) {
		return r.bad("the string has no end")
	}
	c := r.s[r.i+1]
	r.i += 2
	if i := strings.IndexByte("btnfre\"\\", c); i >= 0 {
		b.WriteByte("\b\t\n\f\r\x1b\"\\"[i])
		return nil
	}
	if n := map[byte]int{'u': 4, 'U': 8}[c]; n > 0 && r.i+n <= len(r.s) {
		if x, err := strconv.ParseUint(r.s[r.i:r.i+n], 16, 32); err == nil && utf8.ValidRune(rune(x)) {
			b.WriteRune(rune(x))
			r.i += n
			return nil
		}
	}
	if strings.TrimLeft(string(c), " \t\n") == "" { // a line that goes on
		for r.i < len(r.s) && strings.IndexByte(" \t\n", r.s[r.i]) >= 0 {
			r.i++
		}
		return nil
	}
	return r.bad("unknown escape '\\%c'", c)
}

var tomlDate = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ][0-9:.]+(?:[Zz]|[+-][0-9:]+)?)?|^[0-9]{2}:[0-9]{2}:[0-9.]+`)

func (r *tomlReader) value() (value.Value, error) {
	if r.depth++; r.depth > 200 {
		return nil, r.bad("nested too deep")
	}
	defer func() { r.depth-- }()
	if r.i >= len(r.s) {
		return nil, r.bad("expected a value")
	}
	switch r.s[r.i] {
	case '"', '\'':
		return r.text()
	case '[':
		return r.array()
	case '{':
		return r.inline()
	}
	if m := tomlDate.FindString(r.s[r.i:]); m != "" {
		r.i += len(m)
		return strings.TrimSpace(m), nil
	}
	start := r.i
	for r.i < len(r.s) && (isWord(r.s[r.i]) || strings.IndexByte("+-.", r.s[r.i]) >= 0) {
		r.i++
	}
	word := r.s[start:r.i]
	switch strings.TrimLeft(word, "+-") {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "inf", "nan":
		return yaml.ResolveScalar(strings.NewReplacer("inf", ".inf", "nan", ".nan").Replace(strings.TrimLeft(word, "+")))
	}
	if v, err := yaml.ParseLiteral(strings.TrimPrefix(word, "+")); err == nil && word != "" {
		switch v.(type) {
		case int64, float64:
			return v, nil
		}
	}
	r.i = start
	return nil, r.bad("'%s' is not a value", word)
}

func (r *tomlReader) array() (value.Value, error) {
	r.i++
	l := value.NewList()
	for {
		r.blank(true)
		if r.i < len(r.s) && r.s[r.i] == ']' {
			r.i++
			return l, nil
		}
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		l.Append(v)
		r.blank(true)
		switch {
		case r.i < len(r.s) && r.s[r.i] == ',':
			r.i++
		case r.i >= len(r.s) || r.s[r.i] != ']':
			return nil, r.bad("expected ',' or ']'")
		}
	}
}

func (r *tomlReader) inline() (value.Value, error) {
	r.i++
	d := value.NewDict()
	r.blank(false)
	if r.i < len(r.s) && r.s[r.i] == '}' {
		r.i++
		return d, nil
	}
	for {
		if err := r.pair(d); err != nil {
			return nil, err
		}
		r.blank(false)
		if r.i >= len(r.s) {
			return nil, r.bad("expected '}'")
		}
		r.i++
		switch r.s[r.i-1] {
		case ',':
		case '}':
			return d, nil
		default:
			return nil, r.bad("expected ',' or '}'")
		}
	}
}
