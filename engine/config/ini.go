package config

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"gopkg.in/ini.v1"
)

// iniFile is ansible.cfg: text values by section and key.
type iniFile struct{ f *ini.File }

func readIni(file string) (*iniFile, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("Error reading config file (%s): %w", file, err)
	}
	src = bytes.ReplaceAll(bytes.TrimPrefix(src, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
	text, err := canonical(src)
	if err != nil {
		return nil, fmt.Errorf("Error reading config file (%s): %w", file, err)
	}
	f, err := ini.LoadSources(ini.LoadOptions{
		AllowPythonMultilineValues: true,
		IgnoreContinuation:         true,
		IgnoreInlineComment:        true,
		PreserveSurroundedQuote:    true,
		InsensitiveKeys:            true,
		KeyValueDelimiters:         "=",
	}, []byte(text))
	if err != nil {
		return nil, fmt.Errorf("Error reading config file (%s): %w", file, err)
	}
	return &iniFile{f}, nil
}

// canonical applies the rules of Python's parser that the INI library has not:
// a line indented deeper than its option continues it, equal names are errors,
// and so are entries outside sections. The result is plain INI.
func canonical(src []byte) (string, error) {
	var b strings.Builder
	section, option, indent, n := "", false, 0, 0
	seen := map[string]bool{}
	for raw := range strings.Lines(string(src)) {
		n++
		line := uncomment(strings.TrimRight(raw, "\r\n"))
		text := strings.TrimSpace(line)
		if text == "" {
			continue
		}
		in := len(line) - len(strings.TrimLeft(line, " \t"))
		if option && in > indent {
			b.WriteString("    " + text + "\n")
			continue
		}
		indent = in
		if text[0] == '[' && strings.Contains(text, "]") {
			section, option = text[1:strings.LastIndexByte(text, ']')], false
			if seen[section] {
				return "", fmt.Errorf("line %d: section '%s' already exists", n, section)
			}
			seen[section] = true
			b.WriteString("[" + section + "]\n")
			continue
		}
		if section == "" {
			return "", fmt.Errorf("line %d: File contains no section headers before '%s'", n, text)
		}
		at := strings.IndexAny(text, "=:")
		if at < 1 {
			return "", fmt.Errorf("line %d: '%s' is no 'name = value'", n, text)
		}
		key := strings.ToLower(strings.TrimSpace(text[:at]))
		if seen[section+"\x00"+key] {
			return "", fmt.Errorf("line %d: option '%s' in section '%s' already exists", n, key, section)
		}
		seen[section+"\x00"+key] = true
		option = true
		b.WriteString(key + " = " + strings.TrimSpace(text[at+1:]) + "\n")
	}
	return b.String(), nil
}

// uncomment cuts lines that begin with # or ;, and what follows a ; after a blank.
func uncomment(line string) string {
	if t := strings.TrimSpace(line); t == "" || t[0] == '#' || t[0] == ';' {
		return ""
	}
	for i := 1; i < len(line); i++ {
		if line[i] == ';' && (line[i-1] == ' ' || line[i-1] == '\t') {
			return line[:i]
		}
	}
	return line
}

// get returns the text of "section.key".
func (i *iniFile) get(name string) (string, bool) {
	at := strings.LastIndexByte(name, '.')
	if at < 0 {
		return "", false
	}
	return i.lookup(name[:at], name[at+1:])
}

func (i *iniFile) lookup(section, key string) (string, bool) {
	if i.f == nil || !i.f.HasSection(section) {
		return "", false
	}
	s := i.f.Section(section)
	key = strings.ToLower(key)
	if !s.HasKey(key) {
		return "", false
	}
	lines := strings.Split(s.Key(key).Value(), "\n")
	for n, l := range lines {
		lines[n] = strings.TrimSpace(l)
	}
	return strings.TrimSpace(strings.Join(lines, "\n")), true
}
