package config

import (
	_ "embed"
	"sort"
	"strings"
	"sync"

	"github.com/goplay-engine/goplay/engine/value"
)

//go:embed plugins.txt
var pluginsText string

//go:embed describe.txt
var describeText string

// PluginTypes are the kinds of plugins that have options, as --type takes them.
var PluginTypes = []string{"become", "cache", "callback", "cliconf", "connection", "httpapi", "inventory", "lookup", "netconf", "shell", "vars"}

// PluginOptions returns the options of plugins of one type, by plugin name.
// Neither may be changed.
func PluginOptions(kind string) map[string][]Setting { return pluginTable()[kind] }

var pluginTable = sync.OnceValue(func() map[string]map[string][]Setting {
	t := map[string]map[string][]Setting{}
	for line := range strings.Lines(pluginsText) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), " | ")
		path := strings.Split(f[0], "/")
		kind := strings.ToLower(path[0])
		s := Setting{Name: path[2], Type: f[1], NoDefault: f[2] == "-", Ini: strings.Fields(f[3]), Env: strings.Fields(f[4]),
			Vars: strings.Fields(f[6]), Added: f[7], Keywords: strings.Fields(f[8]), Flags: strings.Fields(f[9]), Required: strings.TrimSpace(f[10]) != ""}
		if f[5] != "" {
			s.Choices = strings.Split(f[5], ",")
		}
		if !s.NoDefault {
			v, err := value.ParseJSON([]byte(f[2]))
			if err != nil {
				panic("plugin table: " + line)
			}
			s.Default = v
		}
		if t[kind] == nil {
			t[kind] = map[string][]Setting{}
		}
		t[kind][path[1]] = append(t[kind][path[1]], s)
	}
	return t
})

var descriptions = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(describeText) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), " | ")
		m[name] = text
	}
	return m
})

// Describe says in a sentence what a setting of Table is for.
func Describe(name string) string { return descriptions()[name] }

// PluginEntry returns the value of a plugin's option and where it came from;
// ok is false where there is no such option. An option that must be set and is
// not has the origin REQUIRED.
func (c *Config) PluginEntry(kind, plugin, option string) (e Entry, ok bool, err error) {
	for i, s := range PluginOptions(kind)[plugin] {
		if s.Name == option {
			e, err = c.resolve(&PluginOptions(kind)[plugin][i])
			if err == nil && s.Required && e.Origin == "default" {
				e.Origin = "REQUIRED"
			}
			return e, true, err
		}
	}
	return Entry{}, false, nil
}

// galaxyKeys are the options of a section galaxy_server.NAME.
var galaxyKeys = []Setting{{Name: "url", Required: true}, {Name: "username"}, {Name: "password"}, {Name: "token"}, {Name: "auth_url"},
	{Name: "api_version", Type: "int"}, {Name: "validate_certs", Type: "bool"}, {Name: "client_id"}, {Name: "timeout", Type: "int"}}

// GalaxyServer returns the options of one server of GALAXY_SERVER_LIST, in order.
func (c *Config) GalaxyServer(name string) (keys []string, entries map[string]Entry, err error) {
	entries = map[string]Entry{}
	for _, k := range galaxyKeys {
		s := k
		s.Ini = []string{"galaxy_server." + name + "." + k.Name}
		s.Env = []string{"ANSIBLE_GALAXY_SERVER_" + strings.ToUpper(name) + "_" + strings.ToUpper(k.Name)}
		switch k.Name {
		case "timeout":
			s.Default = int64(c.Int("GALAXY_SERVER_TIMEOUT"))
		case "validate_certs":
			s.Default = !c.Bool("GALAXY_IGNORE_CERTS")
		}
		e, err := c.resolve(&s)
		if err != nil {
			return nil, nil, err
		}
		if s.Required && e.Value == nil {
			e.Origin = "REQUIRED"
		}
		keys = append(keys, k.Name)
		entries[k.Name] = e
	}
	return keys, entries, nil
}

// Unknown returns the entries of the file (as section.key) that no setting
// reads; with plugins, options of plugins count as known.
func (c *Config) Unknown(plugins bool) []string {
	known := map[string]bool{}
	each(plugins, func(s *Setting) {
		for _, i := range s.Ini {
			known[strings.ToLower(i)] = true
		}
	})
	var out []string
	if c.ini.f == nil {
		return nil
	}
	for _, sec := range c.ini.f.Sections() {
		if strings.HasPrefix(sec.Name(), "galaxy_server.") {
			continue
		}
		for _, k := range sec.KeyStrings() {
			if n := strings.ToLower(sec.Name() + "." + k); !known[n] {
				out = append(out, sec.Name()+"."+k)
			}
		}
	}
	return out
}

// KnownEnv returns the names of all variables that settings read.
func KnownEnv(plugins bool) []string {
	seen := map[string]bool{"ANSIBLE_CONFIG": true}
	each(plugins, func(s *Setting) {
		for _, e := range s.Env {
			seen[strings.TrimPrefix(e, "-")] = true
		}
	})
	out := make([]string, 0, len(seen))
	for n := range seen {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

func each(plugins bool, do func(*Setting)) {
	for i := range Table() {
		do(&Table()[i])
	}
	if !plugins {
		return
	}
	for _, kind := range pluginTable() {
		for _, opts := range kind {
			for i := range opts {
				do(&opts[i])
			}
		}
	}
}
