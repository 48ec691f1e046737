package builtin

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

var iniSection = regexp.MustCompile(`^\[(.*)\]\s*$`)

// INIOptions say how ReadINI reads.
type INIOptions struct {
	Properties bool // a Java properties file: no sections
	KeepCase   bool // of the names
	NoValue    bool // entries without a value are none, not errors
}

// ReadINI reads text as Python's configparser does; order has the names of the
// sections as they come.
func ReadINI(data string, o INIOptions) (sections map[string]*value.Dict, order []string, err error) {
	properties, keepCase, noValue := o.Properties, o.KeepCase, o.NoValue
	out := map[string]*value.Dict{}
	cur := ""
	if properties {
		cur = "java_properties"
		out[cur] = value.NewDict()
	}
	var d *value.Dict
	last, lastIndent := "", 0
	for i, line := range py.SplitLines(data, false) {
		text := strings.TrimSpace(line)
		if text == "" || text[0] == '#' || text[0] == ';' {
			if text == "" && last != "" && d != nil {
				continue
			}
			continue
		}
		indent := len(line) - len(strings.TrimLeft(line, " \t"))
		if last != "" && d != nil && indent > lastIndent {
			if s, ok := value.Text(d.At(last)); ok {
				d.Set(last, s+"\n"+text)
				continue
			}
		}
		if m := iniSection.FindStringSubmatch(text); m != nil {
			cur = m[1]
			if out[cur] == nil {
				out[cur] = value.NewDict()
				order = append(order, cur)
			}
			last = ""
			continue
		}
		if cur == "" {
			return nil, nil, fmt.Errorf("File contains no section headers: line %d: %q", i+1, line)
		}
		d = out[cur]
		k := strings.IndexAny(text, "=:")
		var v Value
		name := text
		if k >= 0 {
			name, v = strings.TrimSpace(text[:k]), strings.TrimSpace(text[k+1:])
		} else if !noValue {
			return nil, nil, fmt.Errorf("Source contains parsing errors: line %d: %q has no value", i+1, line)
		}
		if !keepCase {
			name = strings.ToLower(name)
		}
		if d.Has(name) && !properties {
			return nil, nil, fmt.Errorf("Duplicate option in %%s: line %d: option '%s' in section '%s' already exists", i+1, name, cur)
		}
		d.Set(name, v)
		last, lastIndent = name, indent
	}
	return out, order, nil
}
