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
	f, err := ini.LoadSources(ini.LoadOptions{
		AllowPythonMultilineValues: true,
		IgnoreContinuation:         true,
		IgnoreInlineComment:        true,
		PreserveSurroundedQuote:    true,
		InsensitiveKeys:            true,
		KeyValueDelimiters:         "=:",
		AllowBooleanKeys:           false,
		SkipUnrecognizableLines:    false,
	}, src)
	if err != nil {
		return nil, fmt.Errorf("Error reading config file (%s%s): %w", file, lineOf(src, err), err)
	}
	return &iniFile{f}, nil
}

// lineOf finds the line an error of the reader speaks of, as ":12".
func lineOf(src []byte, err error) string {
	msg := err.Error()
	i := strings.LastIndex(msg, ": ")
	if i < 0 {
		return ""
	}
	bad := strings.TrimSpace(msg[i+2:])
	n := 0
	for line := range bytes.Lines(src) {
		n++
		if bad != "" && strings.TrimSpace(string(line)) == bad {
			return fmt.Sprintf(":%d", n)
		}
	}
	return ""
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
	v := s.Key(key).Value()
	// As Python's parser has it, " ;" begins a comment within a line.
	lines := strings.Split(v, "\n")
	for n, l := range lines {
		if strings.HasPrefix(l, ";") {
			l = ""
		}
		if at := strings.Index(l, " ;"); at >= 0 {
			l = l[:at]
		}
		if at := strings.Index(l, "\t;"); at >= 0 {
			l = l[:at]
		}
		lines[n] = strings.TrimRight(l, " \t")
	}
	return strings.TrimSpace(strings.Join(lines, "\n")), true
}
