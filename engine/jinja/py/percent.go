package py

import (
	"fmt"
	"math/big"
	"strings"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
)

// Percent is format % arg.
func Percent(format string, arg Value) (string, error) {
	args := []Value{arg}
	if t, ok := arg.(value.Tuple); ok {
		args = t
	}
	dict, isDict := arg.(*value.Dict)
	next, keyed := 0, false
	take := func() (Value, error) {
		if next >= len(args) || keyed {
			return nil, Raise("TypeError", "not enough arguments for format string")
		}
		next++
		return args[next-1], nil
	}
	var b strings.Builder
	for i := 0; i < len(format); {
		if format[i] != '%' {
			j := strings.IndexByte(format[i:], '%')
			if j < 0 {
				j = len(format) - i
			}
			b.WriteString(format[i : i+j])
			i += j
			continue
		}
		i++
		var cur Value
		have := false
		if i < len(format) && format[i] == '(' {
			depth, j := 1, i+1
			for ; j < len(format) && depth > 0; j++ {
				switch format[j] {
				case '(':
					depth++
				case ')':
					depth--
				}
			}
			if depth > 0 {
				return "", Raise("ValueError", "incomplete format key")
			}
			if _, isList := arg.(*value.List); isList {
				return "", Raise("TypeError", "list indices must be integers or slices, not str")
			}
			if !isDict {
				return "", Raise("TypeError", "format requires a mapping")
			}
			keyed = true
			key := format[i+1 : j-1]
			v, ok := dict.GetStr(key)
			if !ok {
				return "", Raise("KeyError", "%s", value.Quote(key))
			}
			cur, have = v, true
			i = j
		}
		sp := spec{align: '>', fill: ' ', prec: -1, width: -1}
		left := false
	flags:
		for ; i < len(format); i++ {
			switch format[i] {
			case '-':
				left = true
			case '+':
				sp.sign = '+'
			case ' ':
				if sp.sign != '+' {
					sp.sign = ' '
				}
			case '#':
				sp.alt = true
			case '0':
				sp.zero = true
			default:
				break flags
			}
		}
		number := func() (int, error) {
			if i < len(format) && format[i] == '*' {
				i++
				v, err := take()
				if err != nil {
					return 0, err
				}
				n, ok := v.(int64)
				if !ok {
					return 0, Raise("TypeError", "* wants int")
				}
				if n > MaxText || n < -MaxText {
					return 0, Raise("OverflowError", "Python int too large to convert to C int")
				}
				return int(n), nil
			}
			n := -1
			for ; i < len(format) && format[i] >= '0' && format[i] <= '9'; i++ {
				n = max(n, 0)*10 + int(format[i]-'0')
				if n > MaxText {
					return 0, Raise("ValueError", "width too big")
				}
			}
			return n, nil
		}
		w, err := number()
		if err != nil {
			return "", err
		}
		if w < -1 {
			left, w = true, -w
		}
		sp.width = w
		if i < len(format) && format[i] == '.' {
			i++
			if sp.prec, err = number(); err != nil {
				return "", err
			}
			sp.prec = max(sp.prec, 0)
		}
		for i < len(format) && (format[i] == 'h' || format[i] == 'l' || format[i] == 'L') {
			i++
		}
		if i >= len(format) {
			return "", Raise("ValueError", "incomplete format")
		}
		c := format[i]
		at := i
		i++
		if c == '%' && format[at-1] == '%' {
			b.WriteByte('%')
			continue
		}
		if !have {
			if cur, err = take(); err != nil {
				return "", err
			}
		}
		s, err := percentOne(c, format, at, &sp, cur)
		if err != nil {
			return "", err
		}
		n := utf8.RuneCountInString(s)
		switch {
		case sp.width <= n:
			b.WriteString(s)
		case left:
			b.WriteString(s)
			b.WriteString(strings.Repeat(" ", sp.width-n))
		default:
			b.WriteString(strings.Repeat(" ", sp.width-n))
			b.WriteString(s)
		}
	}
	if next < len(args) && !isDict {
		if _, isTuple := arg.(value.Tuple); isTuple || !isMapping(arg) {
			return "", Raise("TypeError", "not all arguments converted during string formatting")
		}
	}
	return b.String(), nil
}

// isMapping tells what % takes for a mapping: anything with items other than
// tuples and text.
func isMapping(v Value) bool {
	switch v.(type) {
	case *value.Dict, *value.List, value.Mapping, *value.Undefined:
		return true
	}
	return false
}

func percentOne(c byte, format string, at int, sp *spec, v Value) (string, error) {
	if c != 'r' && c != 'a' { // repr() shows what is undefined
		if err := undefined(v); err != nil {
			return "", err
		}
	}
	switch c {
	case 's', 'r', 'a':
		s := ""
		switch c {
		case 's':
			s = value.Str(v)
		case 'r':
			s = value.Repr(v)
		default:
			s = ASCII(v)
		}
		if sp.prec >= 0 {
			s = cutRunes(s, sp.prec)
		}
		return s, nil
	case 'c':
		if s, ok := textOf(v); ok {
			if utf8.RuneCountInString(s) == 1 {
				return s, nil
			}
			return "", Raise("TypeError", "%%c requires int or char")
		}
		n, err := Index(v)
		if err != nil {
			return "", Raise("TypeError", "%%c requires int or char")
		}
		if n < 0 || n > 0x10ffff {
			return "", Raise("OverflowError", "%%c arg not in range(0x110000)")
		}
		return string(rune(n)), nil
	case 'd', 'i', 'u', 'o', 'x', 'X':
		n, ok := toNum(v)
		if !ok {
			kind := "a real number is"
			if c == 'o' || c == 'x' || c == 'X' {
				kind = "an integer is"
			}
			return "", Raise("TypeError", "%%%c format: %s required, not %s", c, kind, value.TypeName(v))
		}
		if n.isF {
			if c == 'o' || c == 'x' || c == 'X' {
				return "", Raise("TypeError", "%%%c format: an integer is required, not float", c)
			}
			i, err := ToInt(n.f)
			if err != nil {
				return "", err
			}
			n, _ = toNum(i)
		}
		base := map[byte]int{'o': 8, 'x': 16, 'X': 16}[c]
		if base == 0 {
			base = 10
		}
		x := n.bigInt()
		digits := new(big.Int).Abs(x).Text(base)
		if c == 'X' {
			digits = strings.ToUpper(digits)
		}
		if len(digits) < sp.prec {
			digits = strings.Repeat("0", sp.prec-len(digits)) + digits
		}
		prefix := sp.signOf(x.Sign() < 0)
		if sp.alt && base != 10 {
			prefix += "0" + string(c)
		}
		return zeroFill(prefix, digits, sp), nil
	case 'e', 'E', 'f', 'F', 'g', 'G':
		f, err := ToFloat(v)
		if _, isText := textOf(v); err != nil || isText {
			return "", Raise("TypeError", "must be real number, not %s", value.TypeName(v))
		}
		neg, digits := floatDigits(f, c, sp)
		prefix := sp.signOf(neg)
		if digits[0] > '9' { // inf and nan are never filled with zeros
			sp = &spec{width: -1}
		}
		return zeroFill(prefix, digits, sp), nil
	}
	r, _ := utf8.DecodeRuneInString(format[at:])
	return "", Raise("ValueError", "unsupported format character '%c' (0x%x) at index %d", r, r, utf8.RuneCountInString(format[:at]))
}

func zeroFill(prefix, digits string, sp *spec) string {
	if sp.zero && len(prefix)+len(digits) < sp.width {
		digits = strings.Repeat("0", sp.width-len(prefix)-len(digits)) + digits
	}
	return prefix + digits
}

// ASCII is ascii(v).
func ASCII(v Value) string {
	var b strings.Builder
	for _, r := range value.Repr(v) {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

func cutRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
