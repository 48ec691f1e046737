package inventorycli

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// dumpTOML writes a result as the Python library toml does: scalars of a table
// first, then its tables.
func dumpTOML(d *value.Dict) (string, error) {
	var b strings.Builder
	if err := tomlTable(&b, nil, d); err != nil {
		return "", err
	}
	return strings.TrimPrefix(b.String(), "\n"), nil
}

func tomlTable(b *strings.Builder, path []string, d *value.Dict) error {
	plain := 0
	for k, v := range d.All() {
		if _, ok := value.Text(k); !ok {
			return fmt.Errorf("The source inventory contains a non-string key (%s) which cannot be represented in TOML. "+
				"The specified key will need to be converted to a string. Be aware that if your playbooks expect this key to be non-string, "+
				"your playbooks will need to be modified to support this change.", value.Str(k))
		}
		if _, ok := v.(*value.Dict); !ok && v != nil {
			plain++
		}
	}
	if len(path) > 0 && (plain > 0 || d.Len() == 0 || plain == d.Len()) {
		b.WriteString("\n[" + strings.Join(path, ".") + "]\n")
	}
	for k, v := range d.All() {
		if _, ok := v.(*value.Dict); ok || v == nil { // TOML has no null
			continue
		}
		text, err := tomlValue(v)
		if err != nil {
			return err
		}
		b.WriteString(tomlKey(value.Str(k)) + " = " + text + "\n")
	}
	for k, v := range d.All() {
		if sub, ok := v.(*value.Dict); ok {
			if err := tomlTable(b, append(path[:len(path):len(path)], tomlKey(value.Str(k))), sub); err != nil {
				return err
			}
		}
	}
	return nil
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
