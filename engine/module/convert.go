package module

import (
	"errors"
	"fmt"
	"math/big"
	"os"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// The conversions follow Ansible's: what a parameter accepts besides its own
// type, and the words used where it does not.

var boolWords = map[string]bool{
	"y": true, "yes": true, "on": true, "1": true, "true": true, "t": true,
	"n": false, "no": false, "off": false, "0": false, "false": false, "f": false,
}

func parseBool(s string) (b, ok bool) {
	b, ok = boolWords[strings.ToLower(strings.TrimSpace(s))]
	return b, ok
}

// ParseBool converts a value to a boolean as parameters of type bool do.
func ParseBool(v value.Value) (bool, error) { return toBool(plain(v)) }

// toBool converts as Ansible does; the error is the tail of its message.
func toBool(v value.Value) (bool, error) {
	switch x := v.(type) {
	case bool:
		return x, nil
	case int64:
		if x == 0 || x == 1 {
			return x == 1, nil
		}
	case float64:
		if x == 0 || x == 1 {
			return x == 1, nil
		}
	case *big.Int:
	case string:
		if b, ok := parseBool(x); ok {
			return b, nil
		}
	default:
		return false, fmt.Errorf("<class '%s'> cannot be converted to a bool", value.TypeName(v))
	}
	return false, fmt.Errorf("The value '%s' is not a valid boolean.  Valid booleans include: "+
		"0, 1, 'y', 'yes', 'on', '1', 'true', 't', 'n', 'no', 'off', '0', 'false', 'f'", value.Str(v))
}

// parseInt reads an integer as Python's int() does: blanks around it and single
// underscores within are allowed.
func parseInt(s string) (value.Value, bool) {
	t := strings.TrimSpace(s)
	if strings.HasPrefix(t, "_") || strings.HasSuffix(t, "_") || strings.Contains(t, "__") {
		return nil, false
	}
	t = strings.ReplaceAll(t, "_", "")
	if n, err := strconv.ParseInt(t, 10, 64); err == nil {
		return n, true
	}
	if n, ok := new(big.Int).SetString(t, 10); ok {
		return value.NormInt(n), true
	}
	return nil, false
}

func convert(v value.Value, typ string, env func(string) string) (value.Value, error) {
	name := value.TypeName(v)
	switch typ {
	case "bool":
		return toBool(v)
	case "int":
		switch x := v.(type) {
		case bool, int64, *big.Int:
			return x, nil
		case string:
			if n, ok := parseInt(x); ok {
				return n, nil
			}
		}
		return nil, fmt.Errorf("<class '%s'> cannot be converted to an int", name)
	case "float":
		switch x := v.(type) {
		case float64:
			return x, nil
		case bool:
			if x {
				return 1.0, nil
			}
			return 0.0, nil
		case int64:
			return float64(x), nil
		case *big.Int:
			f, _ := new(big.Float).SetInt(x).Float64()
			return f, nil
		case string:
			if f, err := strconv.ParseFloat(strings.TrimSpace(x), 64); err == nil {
				return f, nil
			}
		}
		return nil, fmt.Errorf("<class '%s'> cannot be converted to a float", name)
	case "str":
		return value.Str(v), nil
	case "path":
		return ExpandPath(value.Str(v), env), nil
	case "json", "jsonarg":
		if s, ok := v.(string); ok {
			return strings.TrimSpace(s), nil
		}
		s, err := value.DumpJSON(v, value.JSONOptions{})
		return s, err
	case "list":
		return toList(v)
	case "dict":
		return toDict(v)
	}
	return v, nil // raw
}

func toList(v value.Value) (value.Value, error) {
	switch x := v.(type) {
	case *value.List:
		return x, nil
	case value.Tuple:
		return value.NewList(x...), nil
	case string:
		l := value.NewList()
		for _, e := range strings.Split(x, ",") {
			l.Append(e)
		}
		return l, nil
	case int64, float64, bool, *big.Int:
		return value.NewList(value.Str(x)), nil
	}
	return nil, fmt.Errorf("<class '%s'> cannot be converted to a list", value.TypeName(v))
}

func toDict(v value.Value) (value.Value, error) {
	switch x := v.(type) {
	case *value.Dict:
		return x, nil
	case string:
		if strings.HasPrefix(x, "{") {
			if d, err := value.ParseJSON([]byte(x)); err == nil {
				if d, ok := d.(*value.Dict); ok {
					return d, nil
				}
			}
			if d, err := parseLiteral(x); err == nil {
				if d, ok := d.(*value.Dict); ok {
					return d, nil
				}
			}
			return nil, errors.New("unable to evaluate string as dictionary")
		}
		if strings.Contains(x, "=") {
			return dictFromPairs(x)
		}
		return nil, errors.New("dictionary requested, could not parse JSON or key=value")
	}
	return nil, fmt.Errorf("<class '%s'> cannot be converted to a dict", value.TypeName(v))
}

// dictFromPairs reads `a=b, c="d e"`: blanks and commas part the pairs, quotes
// and backslashes protect them.
func dictFromPairs(s string) (value.Value, error) {
	var fields []string
	var cur strings.Builder
	quote := rune(0)
	escaped := false
	flush := func() {
		if t := strings.TrimSpace(cur.String()); t != "" {
			fields = append(fields, t)
		}
		cur.Reset()
	}
	for _, r := range strings.TrimSpace(s) {
		switch {
		case escaped:
			cur.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case quote != 0:
			if r == quote {
				quote = 0
			} else {
				cur.WriteRune(r)
			}
		case r == '\'' || r == '"':
			quote = r
		case r == ',' || r == ' ':
			flush()
		default:
			cur.WriteRune(r)
		}
	}
	flush()
	d := value.NewDict()
	for i, f := range fields {
		k, v, ok := strings.Cut(f, "=")
		if !ok {
			return nil, fmt.Errorf("dictionary update sequence element #%d has length 1; 2 is required", i)
		}
		d.Set(k, v)
	}
	return d, nil
}

// ExpandPath expands a leading ~ or ~user, then $NAME and ${NAME}; unknown names
// stay as they are. env nil means the process's environment.
func ExpandPath(p string, env func(string) string) string {
	lookup := func(n string) (string, bool) {
		if env != nil {
			if v := env(n); v != "" {
				return v, true
			}
		}
		return os.LookupEnv(n)
	}
	if strings.HasPrefix(p, "~") {
		user, rest, slash := strings.Cut(p[1:], "/")
		home, ok := "", false
		if user == "" {
			if home, ok = lookup("HOME"); !ok {
				home, ok = homeOf("")
			}
		} else {
			home, ok = homeOf(user)
		}
		if ok {
			p = strings.TrimRight(home, "/")
			if slash {
				p += "/" + rest
			} else if p == "" {
				p = "/"
			}
		}
	}
	if !strings.Contains(p, "$") {
		return p
	}
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		if p[i] != '$' || i+1 == len(p) {
			b.WriteByte(p[i])
			continue
		}
		name, end := "", i+1
		if p[end] == '{' {
			if j := strings.IndexByte(p[end:], '}'); j > 0 {
				name, end = p[end+1:end+j], end+j+1
			}
		} else {
			for end < len(p) && (p[end] == '_' || isAlnum(p[end])) {
				end++
			}
			name = p[i+1 : end]
		}
		v, ok := lookup(name)
		if name == "" || !ok {
			b.WriteByte('$')
			continue
		}
		b.WriteString(v)
		i = end - 1
	}
	return b.String()
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
