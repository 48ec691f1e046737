package value

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
)

// TypeName returns Python's name for v's type.
func TypeName(v Value) string {
	switch x := v.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case int64, int, *big.Int:
		return "int"
	case float64:
		return "float"
	case string:
		return "str"
	case Unsafe:
		return "AnsibleUnsafeText"
	case *Dict:
		return "dict"
	case *List:
		return "list"
	case Tuple:
		return "tuple"
	case *Undefined:
		return "AnsibleUndefined"
	case *Secret:
		return "AnsibleVaultEncryptedUnicode"
	case Object:
		return x.TypeName()
	}
	return fmt.Sprintf("%T", v)
}

// Truth is Python's truth value. An undefined value is false.
func Truth(v Value) bool {
	switch x := v.(type) {
	case nil:
		return false
	case bool:
		return x
	case int64:
		return x != 0
	case int:
		return x != 0
	case *big.Int:
		return x.Sign() != 0
	case float64:
		return x != 0
	case string:
		return x != ""
	case Unsafe:
		return x != ""
	case *Dict:
		return x.Len() > 0
	case *List:
		return x.Len() > 0
	case Tuple:
		return len(x) > 0
	case *Undefined:
		return false
	case *Secret:
		s, _ := x.Reveal()
		return s != ""
	case Object:
		return x.Truth()
	}
	return true
}

// Str prints as Python's str() does.
func Str(v Value) string {
	switch x := v.(type) {
	case string:
		return x
	case Unsafe:
		return string(x)
	case *Secret:
		s, _ := x.Reveal()
		return s
	case *Undefined:
		return ""
	case Object:
		return x.Str()
	}
	return Repr(v)
}

// Repr prints as Python's repr() does.
func Repr(v Value) string {
	var b strings.Builder
	writeRepr(&b, v, 0)
	return b.String()
}

const (
	maxDepth = 1000      // a container that holds itself must not exhaust the stack
	maxPrint = 256 << 20 // nor one that holds another many times over the memory
)

func writeRepr(b *strings.Builder, v Value, depth int) {
	if depth > maxDepth || b.Len() > maxPrint {
		b.WriteString("...")
		return
	}
	switch x := v.(type) {
	case nil:
		b.WriteString("None")
	case bool:
		if x {
			b.WriteString("True")
		} else {
			b.WriteString("False")
		}
	case int64:
		b.WriteString(strconv.FormatInt(x, 10))
	case int:
		b.WriteString(strconv.Itoa(x))
	case *big.Int:
		b.WriteString(x.String())
	case float64:
		b.WriteString(FormatFloat(x))
	case string:
		b.WriteString(Quote(x))
	case Unsafe:
		b.WriteString(Quote(string(x)))
	case *Secret:
		s, _ := x.Reveal()
		b.WriteString(Quote(s))
	case *Dict:
		b.WriteByte('{')
		first := true
		for k, e := range x.All() {
			if !first {
				b.WriteString(", ")
			}
			first = false
			writeRepr(b, k, depth+1)
			b.WriteString(": ")
			writeRepr(b, e, depth+1)
		}
		b.WriteByte('}')
	case *List:
		b.WriteByte('[')
		writeItems(b, x.Items, depth)
		b.WriteByte(']')
	case Tuple:
		b.WriteByte('(')
		writeItems(b, x, depth)
		if len(x) == 1 {
			b.WriteByte(',')
		}
		b.WriteByte(')')
	case *Undefined:
		switch {
		case x.Lenient:
			b.WriteString("Undefined")
		case x.Hint != "" || x.Obj != nil:
			b.WriteString("AnsibleUndefined(hint=" + Quote(x.Error()) + ", obj=missing, name=" + Quote(x.Name) + ")")
		default:
			b.WriteString("AnsibleUndefined(hint=None, obj=missing, name=" + Quote(x.Name) + ")")
		}
	case Object:
		b.WriteString(x.Repr())
	default:
		fmt.Fprintf(b, "%v", v)
	}
}

func writeItems(b *strings.Builder, items []Value, depth int) {
	for i, e := range items {
		if i > 0 {
			b.WriteString(", ")
		}
		writeRepr(b, e, depth+1)
	}
}

// FormatFloat prints a float as Python's repr does: shortest form, ".0" for
// whole numbers, exponent from 1e16 up and below 1e-4.
func FormatFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		s := strconv.FormatFloat(f, 'e', -1, 64)
		return s
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// Quote writes a string literal as Python's repr does.
func Quote(s string) string {
	q := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		q = '"'
	}
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte(q)
	for i := 0; i < len(s); {
		r, n := rune(s[i]), 1
		if r >= 0x80 {
			r, n = decodeRune(s[i:])
		}
		switch {
		case r == rune(q) || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == unicode.ReplacementChar && n == 1: // a stray byte, as surrogateescape shows it
			fmt.Fprintf(&b, `\udc%02x`, s[i])
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x7f:
			b.WriteByte(byte(r))
		case printable(r):
			b.WriteRune(r)
		case r <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += n
	}
	b.WriteByte(q)
	return b.String()
}
