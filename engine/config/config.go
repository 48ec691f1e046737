// Package config turns ansible.cfg and the ANSIBLE_* environment into one typed
// settings value in which every setting knows where it came from.
//
// Command line flags outrank what is here; whoever parses them overrides with
// Set. It imports engine/value and nothing that knows plays or hosts.
package config

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// Source says what Load reads. The zero value is the process's own surroundings.
type Source struct {
	File      string                      // -c file of ansible-config; "" searches
	Dir       string                      // current folder; "" is os.Getwd
	Home      string                      // "" is os.UserHomeDir
	LookupEnv func(string) (string, bool) // nil is os.LookupEnv
}

// Entry is the value of one setting and where it came from: "default", the
// path of the file, "env: NAME" or "cli".
type Entry struct {
	Value  value.Value
	Origin string
}

// Config is every setting. It is read-only after Load but for Set.
type Config struct {
	// File is the ansible.cfg in use, "" where there is none.
	File string
	// Warnings are what Load has to tell the user.
	Warnings []string

	src     Source
	ini     *iniFile
	entries map[string]Entry
	home    string // ANSIBLE_HOME
}

// Load finds and reads ansible.cfg, reads the environment and checks types.
// Errors name the file and line or the variable.
func Load(src Source) (*Config, error) {
	if src.LookupEnv == nil {
		src.LookupEnv = os.LookupEnv
	}
	if src.Dir == "" {
		src.Dir, _ = os.Getwd()
	}
	if src.Home == "" {
		src.Home, _ = os.UserHomeDir()
	}
	c := &Config{src: src, ini: &iniFile{}, entries: make(map[string]Entry, len(Table()))}
	c.File = src.File
	if c.File == "" {
		c.File = c.find()
	}
	if c.File != "" {
		ini, err := readIni(c.File)
		if err != nil {
			return nil, err
		}
		c.ini = ini
	}
	home, err := c.resolve(lookupSetting("ANSIBLE_HOME"))
	if err != nil {
		return nil, err
	}
	c.home = value.Str(home.Value)
	for i := range Table() {
		s := &Table()[i]
		e, err := c.resolve(s)
		if err != nil {
			return nil, err
		}
		c.entries[s.Name] = e
	}
	if c.File != "" {
		c.entries["CONFIG_FILE"] = Entry{c.File, ""}
	} else {
		c.entries["CONFIG_FILE"] = Entry{nil, ""}
	}
	return c, nil
}

// find returns the first ansible.cfg of the search order, and warns of one in a
// folder anybody may write to.
func (c *Config) find() string {
	isFile := func(p string) bool {
		st, err := os.Stat(p)
		return err == nil && st.Mode().IsRegular()
	}
	if p, ok := c.src.LookupEnv("ANSIBLE_CONFIG"); ok && p != "" {
		p = c.absolute(p, c.src.Dir)
		if st, err := os.Stat(p); err == nil && st.IsDir() {
			p = filepath.Join(p, "ansible.cfg")
		}
		if isFile(p) {
			return p
		}
	}
	local := filepath.Join(c.src.Dir, "ansible.cfg")
	if st, err := os.Stat(c.src.Dir); err == nil && runtime.GOOS != "windows" && st.Mode().Perm()&0o002 != 0 {
		if isFile(local) {
			c.Warnings = append(c.Warnings, fmt.Sprintf("Ansible is being run in a world writable directory (%s), ignoring it as an ansible.cfg source. "+
				"For more information see https://docs.ansible.com/ansible/devel/reference_appendices/config.html#cfg-in-world-writable-dir", c.src.Dir))
		}
	} else if isFile(local) {
		return local
	}
	for _, p := range []string{filepath.Join(c.src.Home, ".ansible.cfg"), "/etc/ansible/ansible.cfg"} {
		if isFile(p) {
			return p
		}
	}
	return ""
}

// resolve reads one setting: environment, then file, then default.
func (c *Config) resolve(s *Setting) (Entry, error) {
	for i := len(s.Env) - 1; i >= 0; i-- {
		name := strings.TrimPrefix(s.Env[i], "-")
		raw, ok := c.src.LookupEnv(name)
		if !ok || raw == "" && isNumber(s.Type) {
			continue
		}
		v, err := c.convert(s.Type, raw, "")
		return c.checked(s, v, "env: "+name, err)
	}
	for i := len(s.Ini) - 1; i >= 0; i-- {
		raw, ok := c.ini.get(s.Ini[i])
		if !ok {
			continue
		}
		v, err := c.convert(s.Type, unquoteFor(s.Type, raw), c.File)
		return c.checked(s, v, c.File, err)
	}
	v, err := c.defaultOf(s)
	return Entry{v, "default"}, err
}

// isNumber tells the types for which an empty variable counts as unset.
func isNumber(typ string) bool {
	return typ == "integer" || typ == "int" || typ == "float"
}

func (c *Config) checked(s *Setting, v value.Value, origin string, err error) (Entry, error) {
	if err != nil {
		return Entry{}, fmt.Errorf("Invalid type for configuration option setting: %s (from %s), was %s needed a different value: %w", s.Name, origin, s.typeName(), err)
	}
	if len(s.Choices) > 0 && v != nil {
		for _, e := range listOf(v) {
			if !contains(s.Choices, value.Str(e)) {
				return Entry{}, fmt.Errorf("Invalid value %q for configuration option setting: %s (from %s), valid values are: %s",
					value.Str(e), s.Name, origin, strings.Join(s.Choices, ", "))
			}
		}
	}
	return Entry{v, origin}, nil
}

func listOf(v value.Value) []value.Value {
	switch x := v.(type) {
	case *value.List:
		return x.Items
	case value.Tuple:
		return x
	}
	return []value.Value{v}
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

// Get returns the value of a setting by its name (DEFAULT_FORKS), or nil.
func (c *Config) Get(name string) value.Value { return c.entries[name].Value }

// Entry returns a setting with its origin, and whether there is such a setting.
func (c *Config) Entry(name string) (Entry, bool) {
	e, ok := c.entries[name]
	return e, ok
}

// Set overrides a setting, as a command line flag does.
func (c *Config) Set(name string, v value.Value) { c.entries[name] = Entry{value.From(v), "cli"} }

// Home is the folder ANSIBLE_HOME, without a trailing slash.
func (c *Config) Home() string { return c.home }

// Dir is the folder that relative paths of ansible.cfg refer to: that of the
// file, or the current one.
func (c *Config) Dir() string {
	if c.File != "" {
		return filepath.Dir(c.File)
	}
	return c.src.Dir
}
