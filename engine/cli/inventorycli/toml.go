package inventorycli

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// dumpTOML writes a result as the Python library toml does: level by level,
// scalars of a table before the tables below it.
func dumpTOML(root *value.Dict) (string, error) {
	type table struct {
		name string
		d    *value.Dict
	}
	var b strings.Builder
	for level := []table{{"", root}}; len(level) > 0; {
		var next []table
		for _, t := range level {
			plain, below, err := tomlTable(t.d)
			if err != nil {
				return "", err
			}
			if t.name != "" && (plain != "" || len(below) == 0) {
				if b.Len() > 0 && !strings.HasSuffix(b.String(), "\n\n") {
					b.WriteString("\n")
				}
				b.WriteString("[" + t.name + "]\n")
			}
			b.WriteString(plain)
			for _, k := range below {
				name := tomlKey(k)
				if t.name != "" {
					name = t.name + "." + name
				}
				next = append(next, table{name, t.d.At(k).(*value.Dict)})
			}
		}
		level = next
	}
	return b.String(), nil
}

// tomlTable returns the lines of a table's scalars and the names of its tables.
func tomlTable(d *value.Dict) (plain string, below []string, err error) {
	for k, v := range d.All() {
		name, ok := value.Text(k)
		if !ok {
			return "", nil, fmt.Errorf("The source inventory contains a non-string key (%s) which cannot be represented in TOML. "+
				"The specified key will need to be converted to a string. Be aware that if your playbooks expect this key to be non-string, "+
				"your playbooks will need to be modified to support this change.", value.Str(k))
		}
		if _, ok := v.(*value.Dict); ok {
			below = append(below, name)
			continue
		}
		if v == nil { // TOML has no null
			continue
		}
		text, err := tomlValue(v)
		if err != nil {
			return "", nil, err
		}
		plain += tomlKey(name) + " = " + text + "\n"
	}
	return plain, below, nil
}

var bareKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func tomlKey(k string) string {
	if bareKey.MatchString(k) {
		return k
	}
	return tomlText(k)
}

func tomlText(s string) string {
	q := strconv.QuoteToGraphic(s)
	return strings.NewReplacer(`\x`, `\u00`, `\a`, `\u0007`, `\v`, `\u000b`).Replace(q)
}

func tomlValue(v value.Value) (string, error) {
	switch x := v.(type) {
	case bool:
		return strconv.FormatBool(x), nil
	case string, value.Unsafe:
		return tomlText(value.Str(x)), nil
	case *value.Secret:
		return "", fmt.Errorf("The source inventory contains a vaulted value that cannot be represented in TOML: %s", x.Pos)
	case *value.List:
		s := "["
		for _, e := range x.Items {
			t, err := tomlValue(e)
			if err != nil {
				return "", err
			}
			s += " " + t + ","
		}
		return s + "]", nil
	case *value.Dict:
		var parts []string
		for k, e := range x.All() {
			t, err := tomlValue(e)
			if err != nil {
				return "", err
			}
			parts = append(parts, tomlKey(value.Str(k))+" = "+t)
		}
		return "{ " + strings.Join(parts, ", ") + " }", nil
	case nil:
		return `""`, nil
	}
	return value.Str(v), nil
}
