package lookup

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/builtin"
	"github.com/goplay-engine/goplay/engine/pyre"
	"github.com/goplay-engine/goplay/engine/value"
)

func ini(c *call) ([]Value, error) {
	out := []Value{}
	for _, term := range spread(c.terms) {
		t, err := builtin.Str(term)
		if err != nil {
			return nil, err
		}
		opts := map[string]string{}
		key := t
		if words, kv := keyValues(t); len(kv) > 0 {
			key, opts = strings.Join(words, " "), kv
		}
		for k := range opts {
			switch k {
			case "type", "file", "section", "re", "encoding", "default", "case_sensitive", "allow_no_value", "allow_none", "interpolation":
			default:
				return nil, fmt.Errorf("'%s' is not a valid option for the ini lookup", k)
			}
		}
		if key == "" {
			return nil, fmt.Errorf("No key to lookup was provided as first term with in string inline option(s): %s", t)
		}
		get := func(name, def string) (string, error) {
			if v, ok := opts[name]; ok {
				return v, nil
			}
			return c.str(name, def)
		}
		is := func(name string, def bool) bool {
			if v, ok := opts[name]; ok {
				return strings.EqualFold(v, "true") || strings.EqualFold(v, "yes") || v == "1"
			}
			return c.flag(name, def)
		}
		name, err := get("file", "ansible.ini")
		if err != nil {
			return nil, err
		}
		sec, err := get("section", "global")
		if err != nil {
			return nil, err
		}
		kind, err := get("type", "ini")
		if err != nil {
			return nil, err
		}
		if kind == "properties" {
			sec = "java_properties"
		}
		_, data, err := c.open(name)
		if err != nil {
			return nil, err
		}
		enc, err := get("encoding", "utf-8")
		if err != nil {
			return nil, err
		}
		if data, err = decode(data, enc); err != nil {
			if strings.Contains(err.Error(), "%s") {
				return nil, fmt.Errorf("%s", strings.Replace(err.Error(), "%s", "'"+name+"'", 1))
			}
			return nil, fmt.Errorf("ini lookup: %s: %w", name, err)
		}
		keepCase := is("case_sensitive", false)
		secs, _, err := builtin.ReadINI(string(data), builtin.INIOptions{Properties: kind == "properties", KeepCase: keepCase,
			NoValue: is("allow_no_value", false) || is("allow_none", false)})
		if err != nil {
			if strings.Contains(err.Error(), "%s") {
				return nil, fmt.Errorf("%s", strings.Replace(err.Error(), "%s", "'"+name+"'", 1))
			}
			return nil, fmt.Errorf("ini lookup: %s: %w", name, err)
		}
		if secs[sec] == nil && sec != "DEFAULT" {
			return nil, bare("No section '%s' in %s", sec, name)
		}
		d := value.NewDict()
		d.Update(secs["DEFAULT"])
		d.Update(secs[sec])
		value1 := func(v Value) (Value, error) {
			s, ok := v.(string)
			if !ok || !is("interpolation", true) {
				return v, nil
			}
			return interpolate(s, d, 0)
		}
		if is("re", false) {
			re, err := pyre.Compile(key, 0)
			if err != nil {
				return nil, err
			}
			for k, v := range d.All() {
				m, err := re.Match(value.Str(k))
				if err != nil {
					return nil, err
				}
				if m != nil {
					if v, err = value1(v); err != nil {
						return nil, err
					}
					out = append(out, v)
				}
			}
			continue
		}
		if !keepCase {
			key = strings.ToLower(key)
		}
		v, ok := d.GetStr(key)
		if ok {
			if v, err = value1(v); err != nil {
				return nil, err
			}
		} else {
			v = c.opt("default", "")
			if s, given := opts["default"]; given {
				v = s
			}
		}
		if v != nil {
			out = append(out, v)
		}
	}
	return out, nil
}

// interpolate replaces %(name)s and %%.
func interpolate(s string, d *value.Dict, depth int) (string, error) {
	if depth > 10 {
		return "", fmt.Errorf("Recursion limit exceeded in value substitution of %q", s)
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		switch {
		case strings.HasPrefix(s[i:], "%%"):
			b.WriteByte('%')
			i++
		case strings.HasPrefix(s[i:], "%("):
			end := strings.Index(s[i:], ")s")
			if end < 0 {
				return "", fmt.Errorf("bad interpolation variable reference %q", s[i:])
			}
			v, ok := d.GetStr(strings.ToLower(s[i+2 : i+end]))
			if !ok {
				return "", fmt.Errorf("Bad value substitution: %q names %q, which is not set", s, s[i+2:i+end])
			}
			t, err := interpolate(value.Str(v), d, depth+1)
			if err != nil {
				return "", err
			}
			b.WriteString(t)
			i += end + 1
		default:
			return "", fmt.Errorf("'%%' must be followed by '%%' or '(', found: %q", s[i:])
		}
	}
	return b.String(), nil
}
