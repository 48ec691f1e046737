package py

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/value"
)

// spec is a parsed format specification.
type spec struct {
	fill  rune
	align rune // < > ^ = or 0
	sign  byte // + - space or 0
	alt   bool
	zero  bool
	noNeg bool // z: no negative zero
	width int
	group byte // , or _ or 0
	prec  int  // -1 where not given
	typ   byte
}

func (s *spec) signOf(neg bool) string {
	switch {
	case neg:
		return "-"
	case s.sign == '+' || s.sign == ' ':
		return string(s.sign)
	}
	return ""
}

func parseSpec(src string, typeName string) (*spec, error) {
	s := &spec{fill: ' ', prec: -1, width: -1}
	rs := []rune(src)
	i := 0
	isAlign := func(k int) bool { return k < len(rs) && strings.ContainsRune("<>^=", rs[k]) }
	if isAlign(1) {
		s.fill, s.align = rs[0], rs[1]
		i = 2
	} else if isAlign(0) {
		s.align = rs[0]
		i = 1
	}
	at := func() rune {
		if i < len(rs) {
			return rs[i]
		}
		return 0
	}
	if c := at(); c == '+' || c == '-' || c == ' ' {
		s.sign = byte(c)
		i++
	}
	if at() == 'z' {
		s.noNeg = true
		i++
	}
	if at() == '#' {
		s.alt = true
		i++
	}
	if at() == '0' {
		s.zero = true
		if s.align == 0 {
			s.align = '='
		}
		if !isAlign(1) {
			s.fill = '0'
		}
		i++
	}
	digits := func() (int, error) {
		n := -1
		for ; at() >= '0' && at() <= '9'; i++ {
			n = max(n, 0)*10 + int(at()-'0')
			if n > MaxText {
				return 0, Raise("ValueError", "Too many decimal digits in format string")
			}
		}
		return n, nil
	}
	var err error
	if s.width, err = digits(); err != nil {
		return nil, err
	}
	if c := at(); c == ',' || c == '_' {
		s.group = byte(c)
		i++
		if c := at(); c == ',' || c == '_' {
			return nil, Raise("ValueError", "Cannot specify both ',' and '_'.")
		}
	}
	if at() == '.' {
		i++
		if s.prec, err = digits(); err != nil {
			return nil, err
		}
		if s.prec < 0 {
			return nil, Raise("ValueError", "Format specifier missing precision")
		}
	}
	if i < len(rs) {
		if i+1 < len(rs) || rs[i] > 0x7f {
			return nil, Raise("ValueError", "Invalid format specifier '%s' for object of type '%s'", src, typeName)
		}
		s.typ = byte(rs[i])
	}
	return s, nil
}

// Format is format(v, spec).
func Format(v Value, src string) (string, error) {
	if err := undefined(v); err != nil {
		return "", err
	}
	if src == "" {
		return value.Str(v), nil
	}
	if d, ok := v.(*DateTime); ok {
		return d.Strftime(src), nil
	}
	n, isNum := toNum(v)
	s, isText := textOf(v)
	name := value.TypeName(v)
	if !isNum && !isText {
		return "", Raise("TypeError", "unsupported format string passed to %s.__format__", name)
	}
	sp, err := parseSpec(src, name)
	if err != nil {
		return "", err
	}
	if isText {
		return formatText(s, sp)
	}
	_, isBool := v.(bool)
	if isBool && sp.typ == 0 {
		name = "int"
	}
	unknown := Raise("ValueError", "Unknown format code '%c' for object of type '%s'", sp.typ, name)
	if n.isF {
		switch sp.typ {
		case 0, 'e', 'E', 'f', 'F', 'g', 'G', 'n', '%':
			return formatFloat(n.f, sp), nil
		}
		return "", unknown
	}
	switch sp.typ {
	case 0, 'd', 'n', 'b', 'o', 'x', 'X', 'c':
		return formatInt(n.bigInt(), sp)
	case 'e', 'E', 'f', 'F', 'g', 'G', '%':
		f, err := n.float()
		if err != nil {
			return "", err
		}
		return formatFloat(f, sp), nil
	}
	return "", unknown
}

func formatText(s string, sp *spec) (string, error) {
	switch {
	case sp.typ != 0 && sp.typ != 's':
		return "", Raise("ValueError", "Unknown format code '%c' for object of type 'str'", sp.typ)
	case sp.sign != 0:
		return "", Raise("ValueError", "Sign not allowed in string format specifier")
	case sp.noNeg:
		return "", Raise("ValueError", "Negative zero coercion (z) not allowed in string format specifier")
	case sp.alt:
		return "", Raise("ValueError", "Alternate form (#) not allowed in string format specifier")
	case sp.group != 0:
		return "", Raise("ValueError", "Cannot specify '%c' with 's'.", sp.group)
	case sp.align == '=' && !sp.zero:
		return "", Raise("ValueError", "'=' alignment not allowed in string format specifier")
	}
	if sp.prec >= 0 {
		s = cutRunes(s, sp.prec)
	}
	align := sp.align
	if align == 0 || align == '=' {
		align = '<'
	}
	return pad(s, "", sp, align), nil
}

// pad fills prefix and body to the width; = puts the fill between them.
func pad(body, prefix string, sp *spec, align rune) string {
	n := sp.width - utf8.RuneCountInString(prefix) - utf8.RuneCountInString(body)
	if n <= 0 {
		return prefix + body
	}
	fill := strings.Repeat(string(sp.fill), n)
	switch align {
	case '<':
		return prefix + body + fill
	case '^':
		l := strings.Repeat(string(sp.fill), n/2)
		return l + prefix + body + strings.Repeat(string(sp.fill), n-n/2)
	case '=':
		return prefix + fill + body
	}
	return fill + prefix + body
}

func formatInt(x *big.Int, sp *spec) (string, error) {
	if sp.prec >= 0 {
		return "", Raise("ValueError", "Precision not allowed in integer format specifier")
	}
	if sp.noNeg {
		return "", Raise("ValueError", "Negative zero coercion (z) not allowed in integer format specifier")
	}
	if sp.typ == 'c' {
		if sp.sign != 0 {
			return "", Raise("ValueError", "Sign not allowed with integer format specifier 'c'")
		}
		if !x.IsInt64() || x.Int64() < 0 || x.Int64() > 0x10ffff {
			return "", Raise("OverflowError", "%%c arg not in range(0x110000)")
		}
		a := sp.align
		if a == 0 {
			a = '<'
		}
		return pad(string(rune(x.Int64())), "", sp, a), nil
	}
	base, every := 10, 3
	switch sp.typ {
	case 'b':
		base, every = 2, 4
	case 'o':
		base, every = 8, 4
	case 'x', 'X':
		base, every = 16, 4
	}
	if sp.group == ',' && base != 10 {
		return "", Raise("ValueError", "Cannot specify ',' with '%c'.", sp.typ)
	}
	digits := new(big.Int).Abs(x).Text(base)
	if sp.typ == 'X' {
		digits = strings.ToUpper(digits)
	}
	prefix := sp.signOf(x.Sign() < 0)
	if sp.alt && base != 10 {
		prefix += "0" + string(sp.typ)
	}
	return finish(digits, "", prefix, sp, every), nil
}

// finish groups the digits, fills with zeros between the groups where asked
// for, and pads.
func finish(digits, rest, prefix string, sp *spec, every int) string {
	align := sp.align
	if align == 0 {
		align = '>'
	}
	if sp.group != 0 {
		if sp.fill == '0' && align == '=' {
			for len(group(digits, sp.group, every))+len(rest)+len(prefix) < sp.width {
				digits = "0" + digits
			}
		}
		digits = group(digits, sp.group, every)
	}
	return pad(digits+rest, prefix, sp, align)
}

func group(digits string, sep byte, every int) string {
	n := len(digits)
	if n <= every {
		return digits
	}
	var b strings.Builder
	for i := range n {
		if i > 0 && (n-i)%every == 0 {
			b.WriteByte(sep)
		}
		b.WriteByte(digits[i])
	}
	return b.String()
}

// floatDigits gives the digits of |f| in one of the forms e, f and g, or % and 0.
func floatDigits(f float64, typ byte, sp *spec) (neg bool, digits string) {
	neg = math.Signbit(f) && !math.IsNaN(f)
	a := math.Abs(f)
	upper := typ == 'E' || typ == 'F' || typ == 'G'
	prec := sp.prec
	switch {
	case math.IsNaN(f):
		digits = "nan"
	case math.IsInf(f, 0):
		digits = "inf"
	default:
		switch typ {
		case 'e', 'E':
			if prec < 0 {
				prec = 6
			}
			digits = strconv.FormatFloat(a, 'e', prec, 64)
			if sp.alt && prec == 0 {
				digits = strings.Replace(digits, "e", ".e", 1)
			}
		case 'f', 'F', '%':
			if prec < 0 {
				prec = 6
			}
			if typ == '%' {
				a *= 100
			}
			digits = strconv.FormatFloat(a, 'f', prec, 64)
			if sp.alt && prec == 0 {
				digits += "."
			}
		case 0:
			if prec < 0 {
				digits = value.FormatFloat(a)
				break
			}
			digits = general(a, prec, sp.alt, true)
		default:
			if prec < 0 {
				prec = 6
			}
			digits = general(a, prec, sp.alt, false)
		}
	}
	if upper {
		digits = strings.ToUpper(digits)
	}
	if typ == '%' {
		digits += "%"
	}
	return neg, digits
}

// general is the g form: prec significant digits, without the zeros at the end.
// With point it keeps a ".0" and switches to the exponent one digit earlier, as
// the type left out does.
func general(a float64, prec int, alt, point bool) string {
	if prec == 0 {
		prec = 1
	}
	e := strconv.FormatFloat(a, 'e', prec-1, 64)
	i := strings.IndexByte(e, 'e')
	exp, _ := strconv.Atoi(e[i+1:])
	limit := prec
	if point {
		limit--
	}
	if exp < -4 || exp >= limit {
		mant := e[:i]
		if !alt && strings.Contains(mant, ".") {
			mant = strings.TrimRight(strings.TrimRight(mant, "0"), ".")
		}
		return mant + e[i:]
	}
	s := strconv.FormatFloat(a, 'f', prec-1-exp, 64)
	if !alt && strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if point && !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func formatFloat(f float64, sp *spec) string {
	typ := sp.typ
	if typ == 'n' {
		typ = 'g'
	}
	neg, digits := floatDigits(f, typ, sp)
	if sp.noNeg && strings.Trim(digits, "0.e+-%") == "" {
		neg = false
	}
	prefix := sp.signOf(neg)
	whole, rest := digits, ""
	if i := strings.IndexAny(digits, ".eE%"); i >= 0 && digits[0] <= '9' {
		whole, rest = digits[:i], digits[i:]
	}
	if digits[0] > '9' { // inf, nan
		n := *sp
		n.group = 0
		if n.fill == '0' && n.zero {
			return pad(digits, prefix, &n, '=')
		}
		sp = &n
	}
	return finish(whole, rest, prefix, sp, 3)
}
