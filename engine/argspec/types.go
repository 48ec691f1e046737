package argspec

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// convert gives an argument the type its option has.
func (c *checker) convert(name string, o, args *value.Dict, path []string) {
	v, ok := args.GetStr(name)
	if !ok || v == nil {
		return
	}
	kind := "str"
	if t := o.At("type"); t != nil {
		kind = value.Str(t)
	}
	got, err := c.as(kind, v)
	if err != nil {
		where := ""
		if len(path) > 0 {
			where = fmt.Sprintf(" found in '%s'.", strings.Join(path, " -> "))
		}
		c.errors = append(c.errors, fmt.Sprintf("argument '%s' is of type %s%s and we were unable to convert to %s: %s",
			name, c.opts.Class(v), where, kind, err))
		return
	}
	elements := o.At("elements")
	l, isList := got.(*value.List)
	if elements == nil || !isList || kind != "list" {
		args.Set(name, got)
		return
	}
	out := value.NewList()
	for _, e := range l.Items {
		x, err := c.as(value.Str(elements), e)
		if err != nil {
			c.errors = append(c.errors, fmt.Sprintf("Elements value for option '%s'%s is of type %s and we were unable to convert to %s: %s",
				name, foundIn(path), c.opts.Class(e), value.Str(elements), err))
			continue
		}
		out.Append(x)
	}
	args.Set(name, out)
}

func foundIn(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return fmt.Sprintf(" found in '%s'", strings.Join(path, " -> "))
}

// as converts v to one of the types an option may have.
func (c *checker) as(kind string, v value.Value) (value.Value, error) {
	no := func(what string) error { return fmt.Errorf("%s cannot be converted to %s", c.opts.Class(v), what) }
	if s, ok := v.(*value.Secret); ok {
		text, err := s.Reveal()
		if err != nil {
			return nil, err
		}
		v = text
	}
	switch kind {
	case "raw":
		return v, nil
	case "str":
		if _, ok := value.Text(v); ok {
			return v, nil
		}
		return value.Str(v), nil
	case "path":
		return expandPath(value.Str(v)), nil
	case "int":
		return toInt(v, no("an int"))
	case "float":
		return toFloat(v, no("a float"))
	case "bool":
		switch v.(type) {
		case bool, string, value.Unsafe, int64, float64:
			return toBool(v)
		}
		return nil, no("a bool")
	case "list":
		return toList(v, no("a list"))
	case "dict":
		return toDict(v, no("a dict"))
	case "json", "jsonarg":
		switch v.(type) {
		case string, value.Unsafe:
			return strings.TrimSpace(value.Str(v)), nil
		case *value.Dict, *value.List, value.Tuple:
			return value.DumpJSON(v, value.JSONOptions{})
		}
		return nil, no("a json string")
	case "bytes":
		return toSize(value.Str(v), false, no("a Byte value"))
	case "bits":
		return toSize(value.Str(v), true, no("a Bit value"))
	}
	return nil, errors.New("'" + kind + "' is not a type an option may have")
}

func expandPath(p string) string {
	p = os.Expand(p, func(name string) string {
		if v, ok := os.LookupEnv(name); ok {
			return v
		}
		return "$" + name
	})
	if p == "~" || strings.HasPrefix(p, "~/") {
		if home, err := os.UserHomeDir(); err == nil {
			return home + p[1:]
		}
	}
	return p
}

func toInt(v value.Value, no error) (value.Value, error) {
	switch x := v.(type) {
	case int64, *big.Int, bool:
		return x, nil
	case float64:
		if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
			return int64(x), nil
		}
	case string, value.Unsafe:
		if n, ok := new(big.Int).SetString(strings.TrimSpace(value.Str(x)), 10); ok {
			return value.NormInt(n), nil
		}
	}
	return nil, no
}

func toFloat(v value.Value, no error) (value.Value, error) {
	switch x := v.(type) {
	case float64:
		return x, nil
	case int64:
		return float64(x), nil
	case bool:
		if x {
			return 1.0, nil
		}
		return 0.0, nil
	case string, value.Unsafe:
		if f, err := strconv.ParseFloat(strings.TrimSpace(value.Str(x)), 64); err == nil {
			return f, nil
		}
	}
	return nil, no
}

func toBool(v value.Value) (bool, error) {
	if b, ok := v.(bool); ok {
		return b, nil
	}
	switch strings.ToLower(strings.TrimSpace(value.Str(v))) {
	case "y", "yes", "on", "1", "true", "t", "1.0":
		return true, nil
	case "n", "no", "off", "0", "false", "f", "0.0":
		return false, nil
	}
	return false, fmt.Errorf("The value '%s' is not a valid boolean.  Valid booleans include: "+
		"'true', 't', 'on', 'yes', 'y', 1, '1', 'false', 'f', 'off', 'no', 'n', 0, '0'", value.Str(v))
}

func toList(v value.Value, no error) (value.Value, error) {
	switch x := v.(type) {
	case *value.List:
		return &value.List{Items: append([]value.Value(nil), x.Items...)}, nil
	case value.Tuple:
		return value.NewList(x...), nil
	case string, value.Unsafe:
		l := value.NewList()
		for s := range strings.SplitSeq(value.Str(x), ",") {
			l.Append(s)
		}
		return l, nil
	case int64, float64, bool, *big.Int:
		return value.NewList(value.Str(x)), nil
	}
	return nil, no
}

var pairBreak = regexp.MustCompile(`[,\s]+`)

// toDict reads a dictionary from JSON, Python's writing of one, or a=b, c=d.
func toDict(v value.Value, no error) (value.Value, error) {
	if d, ok := v.(*value.Dict); ok {
		return d, nil
	}
	s, ok := value.Text(v)
	if !ok {
		return nil, no
	}
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "{") {
		if x, err := value.ParseJSONText(s); err == nil {
			if d, ok := x.(*value.Dict); ok {
				return d, nil
			}
		}
		if x, err := yaml.ParseLiteral(s); err == nil {
			if d, ok := x.(*value.Dict); ok {
				return d, nil
			}
		}
		return nil, errors.New("unable to evaluate string as dictionary")
	}
	if !strings.Contains(s, "=") {
		return nil, errors.New("dictionary requested, could not parse JSON or key=value")
	}
	d := value.NewDict()
	for _, f := range splitPairs(s) {
		k, x, ok := strings.Cut(f, "=")
		if !ok {
			return nil, errors.New("dictionary requested, could not parse JSON or key=value")
		}
		d.Set(k, x)
	}
	return d, nil
}

// splitPairs splits at commas and white space outside of quotes; the quotes go.
func splitPairs(s string) []string {
	if !strings.ContainsAny(s, `"'`) {
		return pairBreak.Split(strings.Trim(s, ", \t\n"), -1)
	}
	var out []string
	var b strings.Builder
	quote := rune(0)
	flush := func() {
		if b.Len() > 0 {
			out = append(out, b.String())
			b.Reset()
		}
	}
	for _, c := range s {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote == 0 && strings.ContainsRune(", \t\n", c):
			flush()
		default:
			b.WriteRune(c)
		}
	}
	flush()
	return out
}

var size = regexp.MustCompile(`^\s*(\d*\.?\d*)\s*([A-Za-z]+)?\s*$`)

// toSize reads 10K, 1.5GB: powers of 1024, B for bytes and b for bits.
func toSize(s string, bits bool, no error) (value.Value, error) {
	m := size.FindStringSubmatch(s)
	if m == nil || m[1] == "" {
		return nil, no
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return nil, no
	}
	if m[2] == "" {
		return int64(math.RoundToEven(n)), nil
	}
	i := strings.IndexByte("BKMGTPEZY", m[2][0]&^0x20)
	if i < 0 {
		return nil, no
	}
	unit := "B"
	if bits {
		unit = "b"
	}
	rest := m[2][1:]
	if i == 0 {
		rest = m[2]
	}
	word := map[bool]string{true: "bit", false: "byte"}[bits]
	if rest != "" && rest != unit && !strings.EqualFold(rest, word) {
		return nil, no
	}
	f := math.RoundToEven(n * math.Pow(1024, float64(i)))
	if f >= 1<<63 {
		b, _ := new(big.Float).SetFloat64(f).Int(nil)
		return b, nil
	}
	return int64(f), nil
}
