package yaml

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// ResolveScalar gives a plain scalar its YAML 1.1 meaning: null, boolean,
// integer, float, date or text.
func ResolveScalar(s string) (value.Value, error) {
	if s == "" {
		return nil, nil
	}
	switch c := s[0]; {
	case c >= '0' && c <= '9', c == '+', c == '-', c == '.':
		if v, ok := readInt(s); ok {
			return v, nil
		}
		if v, ok := readFloat(s); ok {
			return v, nil
		}
		if v, ok, err := readTime(s); ok {
			return v, err
		}
	case c == '~':
		if s == "~" {
			return nil, nil
		}
	case c == '=':
		if s == "=" {
			return nil, fmt.Errorf("could not determine a constructor for the tag 'tag:yaml.org,2002:value'")
		}
	default:
		if s == "null" || s == "Null" || s == "NULL" {
			return nil, nil
		}
		if v, ok := readBool(s); ok {
			return v, nil
		}
	}
	return s, nil
}

func readBool(s string) (v, ok bool) {
	switch s {
	case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return true, true
	case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return false, true
	}
	return false, false
}

func cutSign(s string) (string, bool) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[1:], s[0] == '-'
	}
	return s, false
}

// all tells whether s is not empty and made of the given characters.
func all(s, set string) bool {
	return s != "" && strings.Trim(s, set) == ""
}

const (
	digits    = "0123456789"
	digits_   = digits + "_"
	hexDigit_ = digits_ + "abcdefABCDEF"
)

func readInt(s string) (value.Value, bool) {
	body, neg := cutSign(s)
	if body == "" || body[0] < '0' || body[0] > '9' {
		return nil, false
	}
	if len(body) < 18 && body[0] != '0' && all(body, digits) {
		n, _ := strconv.ParseInt(s, 10, 64)
		return n, true
	}
	base, text := 10, body
	switch {
	case strings.HasPrefix(body, "0b") && all(body[2:], "01_"):
		base, text = 2, body[2:]
	case strings.HasPrefix(body, "0x") && all(body[2:], hexDigit_):
		base, text = 16, body[2:]
	case body == "0":
	case body[0] == '0':
		if !all(body[1:], "01234567_") {
			return nil, false
		}
		base, text = 8, body[1:]
	case strings.Contains(body, ":"):
		n, ok := sexagesimal(body)
		if !ok {
			return nil, false
		}
		return value.NormInt(sign(n, neg)), true
	case !all(body, digits_):
		return nil, false
	}
	n, ok := new(big.Int).SetString(strings.ReplaceAll(text, "_", ""), base)
	if !ok {
		return nil, false
	}
	return value.NormInt(sign(n, neg)), true
}

func sign(n *big.Int, neg bool) *big.Int {
	if neg {
		return n.Neg(n)
	}
	return n
}

// sexagesimal reads 190:20:30 with base 60; every part but the first is below 60.
func sexagesimal(s string) (*big.Int, bool) {
	parts := strings.Split(s, ":")
	if !all(parts[0], digits_) {
		return nil, false
	}
	n, ok := new(big.Int).SetString(strings.ReplaceAll(parts[0], "_", ""), 10)
	if !ok {
		return nil, false
	}
	for _, p := range parts[1:] {
		d, err := strconv.Atoi(p)
		if err != nil || len(p) > 2 || d > 59 || !all(p, digits) {
			return nil, false
		}
		n.Add(n.Mul(n, big.NewInt(60)), big.NewInt(int64(d)))
	}
	return n, true
}

func readFloat(s string) (value.Value, bool) {
	body, neg := cutSign(s)
	switch body {
	case ".inf", ".Inf", ".INF":
		if neg {
			return math.Inf(-1), true
		}
		return math.Inf(1), true
	case ".nan", ".NaN", ".NAN":
		return math.NaN(), body == s
	}
	whole, rest, dot := strings.Cut(body, ".")
	if !dot || (whole == "" && body != s) { // "+.5" is text
		return nil, false
	}
	if strings.Contains(whole, ":") {
		n, ok := sexagesimal(whole)
		if !ok || (rest != "" && !all(rest, digits_)) {
			return nil, false
		}
		f, _ := new(big.Float).SetInt(n).Float64()
		frac, _ := strconv.ParseFloat("0."+strings.ReplaceAll(rest, "_", "")+"0", 64)
		if f += frac; neg {
			f = -f
		}
		return f, true
	}
	if whole != "" && (!all(whole, digits_) || whole[0] == '_') {
		return nil, false
	}
	frac, exp, hasExp := strings.Cut(strings.ToLower(rest), "e")
	if frac != "" && !all(frac, digits_) || whole == "" && (frac == "" || frac[0] == '_') {
		return nil, false
	}
	if hasExp {
		e, _ := cutSign(exp)
		if e == exp || !all(e, digits) { // the exponent's sign is required
			return nil, false
		}
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	if err != nil && !math.IsInf(f, 0) {
		return nil, false
	}
	return f, true
}

func asFloat(v value.Value) value.Value {
	switch x := v.(type) {
	case int64:
		return float64(x)
	case *big.Int:
		f, _ := new(big.Float).SetInt(x).Float64()
		return f
	}
	return v
}
