package lookup

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/value"
)

var section = regexp.MustCompile(`^\[(.*)\]\s*$`)

// readINI reads a file as Python's configparser does. Entries without a value
// are nil, and an error unless noValue.
func readINI(data string, properties, keepCase, noValue bool) (map[string]*value.Dict, error) {
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
		if m := section.FindStringSubmatch(text); m != nil {
			cur = m[1]
			if out[cur] == nil {
				out[cur] = value.NewDict()
			}
			last = ""
			continue
		}
		if cur == "" {
			return nil, fmt.Errorf("File contains no section headers: line %d: %q", i+1, line)
		}
		d = out[cur]
		k := strings.IndexAny(text, "=:")
		var v Value
		name := text
		if k >= 0 {
			name, v = strings.TrimSpace(text[:k]), strings.TrimSpace(text[k+1:])
		} else if !noValue {
			return nil, fmt.Errorf("Source contains parsing errors: line %d: %q has no value", i+1, line)
		}
		if !keepCase {
			name = strings.ToLower(name)
		}
		if d.Has(name) && !properties {
			return nil, fmt.Errorf("Duplicate option in %%s: line %d: option '%s' in section '%s' already exists", i+1, name, cur)
		}
		d.Set(name, v)
		last, lastIndent = name, indent
	}
	return out, nil
}
