package value

import (
	"bytes"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"unicode/utf8"
)

// JSONOptions chooses among the layouts of Python's json.dumps.
type JSONOptions struct {
	Indent      int  // spaces per level; 0 writes one line
	SortKeys    bool // as sort_keys=True
	EscapeASCII bool // as ensure_ascii=True
	Compact     bool // "," and ":" without spaces (the wire form)
	Redact      bool // secrets are written as {"__ansible_vault": cipher text}, not revealed
	// Lines breaks lines even where Indent is 0; IndentText replaces the spaces.
	Lines      bool
	IndentText string
	// Separators makes ItemSep and KeySep replace "," and ":" with their spaces.
	Separators      bool
	ItemSep, KeySep string
}

// JSON returns v as one line of compact JSON, the form sent over the wire.
func JSON(v Value) []byte {
	var b bytes.Buffer
	if err := WriteJSON(&b, v, JSONOptions{Compact: true}); err != nil {
		return []byte("null")
	}
	return b.Bytes()
}

// DumpJSON returns v as json.dumps would with the options given.
func DumpJSON(v Value, o JSONOptions) (string, error) {
	var b bytes.Buffer
	err := WriteJSON(&b, v, o)
	return b.String(), err
}

// WriteJSON writes v as JSON. Undefined values and unknown types are errors.
func WriteJSON(b *bytes.Buffer, v Value, o JSONOptions) error { return writeJSON(b, v, o, 0) }

func writeJSON(b *bytes.Buffer, v Value, o JSONOptions, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("Circular reference detected")
	}
	if b.Len() > maxPrint {
		return fmt.Errorf("the JSON text is too large")
	}
	switch x := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(x))
	case int64:
		b.WriteString(strconv.FormatInt(x, 10))
	case int:
		b.WriteString(strconv.Itoa(x))
	case *big.Int:
		b.WriteString(x.String())
	case float64:
		b.WriteString(jsonFloat(x))
	case string:
		writeJSONString(b, x, o.EscapeASCII)
	case Unsafe:
		writeJSONString(b, string(x), o.EscapeASCII)
	case *Secret:
		if o.Redact {
			return writeJSONDict(b, DictOf("__ansible_vault", x.Cipher), o, depth)
		}
		s, err := x.Reveal()
		if err != nil {
			return err
		}
		writeJSONString(b, s, o.EscapeASCII)
	case *Dict:
		return writeJSONDict(b, x, o, depth)
	case *List:
		return writeJSONItems(b, x.Items, o, depth)
	case Tuple:
		return writeJSONItems(b, x, o, depth)
	case *Undefined:
		return x
	case Iterable:
		l := NewList()
		if err := x.Iterate(func(e Value) bool { l.Append(e); return true }); err != nil {
			return err
		}
		return writeJSONItems(b, l.Items, o, depth)
	case Object:
		writeJSONString(b, x.Str(), o.EscapeASCII)
	default:
		return fmt.Errorf("Object of type %s is not JSON serializable", TypeName(v))
	}
	return nil
}

func jsonFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return FormatFloat(f)
}

func newline(b *bytes.Buffer, o JSONOptions, depth int) {
	if o.Indent > 0 || o.Lines {
		b.WriteByte('\n')
		for range o.Indent * depth {
			b.WriteByte(' ')
		}
		if o.IndentText != "" {
			for range depth {
				b.WriteString(o.IndentText)
			}
		}
	}
}

func separator(b *bytes.Buffer, o JSONOptions) {
	if o.Separators {
		b.WriteString(o.ItemSep)
		return
	}
	b.WriteByte(',')
	if o.Indent == 0 && !o.Lines && !o.Compact {
		b.WriteByte(' ')
	}
}

func writeJSONItems(b *bytes.Buffer, items []Value, o JSONOptions, depth int) error {
	if len(items) == 0 {
		b.WriteString("[]")
		return nil
	}
	b.WriteByte('[')
	for i, e := range items {
		if i > 0 {
			separator(b, o)
		}
		newline(b, o, depth+1)
		if err := writeJSON(b, e, o, depth+1); err != nil {
			return err
		}
	}
	newline(b, o, depth)
	b.WriteByte(']')
	return nil
}

func writeJSONDict(b *bytes.Buffer, d *Dict, o JSONOptions, depth int) error {
	if d.Len() == 0 {
		b.WriteString("{}")
		return nil
	}
	order := make([]int, d.Len())
	for i := range order {
		order[i] = i
	}
	if o.SortKeys {
		if err := sortKeys(d, order); err != nil {
			return err
		}
	}
	b.WriteByte('{')
	for n, i := range order {
		if n > 0 {
			separator(b, o)
		}
		newline(b, o, depth+1)
		k, v := d.Entry(i)
		if _, ok := k.(Tuple); ok {
			return fmt.Errorf("keys must be str, int, float, bool or None, not tuple")
		}
		writeJSONString(b, jsonKey(k), o.EscapeASCII)
		if o.Separators {
			b.WriteString(o.KeySep)
		} else {
			b.WriteByte(':')
			if !o.Compact {
				b.WriteByte(' ')
			}
		}
		if err := writeJSON(b, v, o, depth+1); err != nil {
			return err
		}
	}
	newline(b, o, depth)
	b.WriteByte('}')
	return nil
}

func jsonKey(k Value) string {
	switch x := k.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(x)
	case float64:
		return jsonFloat(x)
	}
	return Str(k)
}

const hexDigits = "0123456789abcdef"

func writeJSONString(b *bytes.Buffer, s string, ascii bool) {
	b.WriteByte('"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= 0x20 && c != '"' && c != '\\' {
				i++
				continue
			}
			b.WriteString(s[start:i])
			switch c {
			case '"', '\\':
				b.WriteByte('\\')
				b.WriteByte(c)
			case '\n':
				b.WriteString(`\n`)
			case '\r':
				b.WriteString(`\r`)
			case '\t':
				b.WriteString(`\t`)
			case '\b':
				b.WriteString(`\b`)
			case '\f':
				b.WriteString(`\f`)
			default:
				b.WriteString(`\u00`)
				b.WriteByte(hexDigits[c>>4])
				b.WriteByte(hexDigits[c&15])
			}
			i++
			start = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			// Stray bytes travel as lone surrogates, as Python's surrogateescape has it.
			b.WriteString(s[start:i])
			fmt.Fprintf(b, `\udc%02x`, c)
			start = i + 1
		case ascii && r > 0xffff:
			b.WriteString(s[start:i])
			r -= 0x10000
			fmt.Fprintf(b, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
			start = i + n
		case ascii:
			b.WriteString(s[start:i])
			fmt.Fprintf(b, `\u%04x`, r)
			start = i + n
		}
		i += n
	}
	b.WriteString(s[start:])
	b.WriteByte('"')
}

// sortKeys orders as Python's sort does; keys of different kinds are an error.
func sortKeys(d *Dict, order []int) error {
	var err error
	less := func(a, b Value) bool {
		if s, ok := Text(a); ok {
			if t, ok := Text(b); ok {
				return s < t
			}
		}
		ai, af, aF, ok1 := number(a)
		bi, bf, bF, ok2 := number(b)
		if !ok1 || !ok2 {
			err = fmt.Errorf("'<' not supported between instances of '%s' and '%s'", TypeName(a), TypeName(b))
			return false
		}
		if !aF {
			af, _ = new(big.Float).SetInt(ai).Float64()
		}
		if !bF {
			bf, _ = new(big.Float).SetInt(bi).Float64()
		}
		return af < bf
	}
	stableSort(order, func(i, j int) bool { return less(d.keys[i], d.keys[j]) })
	return err
}
