package xpath

import (
	"math"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/module/xmldoc"
)

type constant struct{ v any }

func (k constant) eval(*context) any { return k.v }

type negate struct {
	of    expr
	minus bool
}

func (n *negate) eval(c *context) any {
	v := number(n.of.eval(c))
	if n.minus {
		return -v
	}
	return v
}

type binary struct {
	op   string
	a, b expr
}

func (b *binary) eval(c *context) any {
	switch b.op {
	case "or":
		return boolean(b.a.eval(c)) || boolean(b.b.eval(c))
	case "and":
		return boolean(b.a.eval(c)) && boolean(b.b.eval(c))
	case "|":
		l := c.nodes(b.a)
		return ordered(append(append(nodes{}, l...), c.nodes(b.b)...))
	case "=", "!=", "<", "<=", ">", ">=":
		return compare(b.op, b.a.eval(c), b.b.eval(c))
	}
	x, y := number(b.a.eval(c)), number(b.b.eval(c))
	switch b.op {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	case "div":
		return x / y
	}
	return math.Mod(x, y)
}

// compare compares as XPath 1.0 says: of nodes, any that compares makes it true.
func compare(op string, a, b any) bool {
	equality := op == "=" || op == "!="
	an, aIs := a.(nodes)
	bn, bIs := b.(nodes)
	if aIs && bIs {
		for _, x := range an {
			for _, y := range bn {
				if equality && simple(op, x.Value(), y.Value()) || !equality && simple(op, number(x.Value()), number(y.Value())) {
					return true
				}
			}
		}
		return false
	}
	if aIs || bIs {
		l, other := an, b
		if bIs {
			l, other = bn, a
		}
		if _, ok := other.(bool); ok {
			return simple(op, boolean(a), boolean(b))
		}
		for _, n := range l {
			var x any = n.Value()
			if _, ok := other.(float64); ok || !equality {
				x = number(x)
			}
			if aIs && simple(op, x, other) || bIs && simple(op, other, x) {
				return true
			}
		}
		return false
	}
	return simple(op, a, b)
}

// simple compares values that are no nodes.
func simple(op string, a, b any) bool {
	if op == "=" || op == "!=" {
		_, ab := a.(bool)
		_, bb := b.(bool)
		_, af := a.(float64)
		_, bf := b.(float64)
		var equal bool
		switch {
		case ab || bb:
			equal = boolean(a) == boolean(b)
		case af || bf:
			equal = number(a) == number(b)
		default:
			equal = text(a) == text(b)
		}
		return equal == (op == "=")
	}
	x, y := number(a), number(b)
	switch op {
	case "<":
		return x < y
	case "<=":
		return x <= y
	case ">":
		return x > y
	}
	return x >= y
}

func boolean(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case float64:
		return v != 0 && !math.IsNaN(v)
	case string:
		return v != ""
	case nodes:
		return len(v) > 0
	}
	return false
}

func number(v any) float64 {
	switch v := v.(type) {
	case bool:
		if v {
			return 1
		}
		return 0
	case float64:
		return v
	}
	s := strings.Trim(text(v), " \t\r\n")
	p := &parser{src: s}
	minus := p.skip("-")
	if c := p.at(0); !isDigit(c) && !(c == '.' && isDigit(p.at(1))) {
		return math.NaN()
	}
	n := p.number()
	if p.pos < len(s) {
		return math.NaN()
	}
	if minus {
		return -n
	}
	return n
}

func text(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return "true"
		}
		return "false"
	case float64:
		return format(v)
	case string:
		return v
	case nodes:
		if len(v) > 0 {
			return value(v[0])
		}
	}
	return ""
}

func value(n *xmldoc.Node) string { return n.Value() }

// format writes a number as libxml2 does: scientific beyond 1e9 and below 1e-5, where it is no integer of 32 bits.
func format(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case math.IsNaN(f):
		return "NaN"
	case f == 0:
		return "0"
	case f > math.MinInt32 && f < math.MaxInt32 && f == math.Trunc(f):
		return strconv.Itoa(int(f))
	}
	abs := math.Abs(f)
	if abs > 1e9 || abs < 1e-5 {
		mantissa, exp, _ := strings.Cut(strconv.FormatFloat(f, 'e', 14, 64), "e")
		return trimZeros(mantissa) + "e" + exp
	}
	places := 15
	if n := int(math.Log10(abs)); n > 0 {
		places -= n + 1
	} else {
		places -= n
	}
	return trimZeros(strconv.FormatFloat(f, 'f', places, 64))
}

func trimZeros(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
