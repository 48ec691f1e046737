package configcli

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/config"
	"github.com/goplay-engine/goplay/engine/value"
)

// init writes a configuration with every setting at its default.
func (c *command) init() error {
	var all []config.Setting
	var about []string
	add := func(s config.Setting, text string) {
		all = append(all, s)
		about = append(about, text)
	}
	if c.kind == "base" || c.kind == "all" {
		for _, s := range config.Table() {
			add(s, config.Describe(s.Name))
		}
	}
	for _, k := range config.PluginTypes {
		if c.kind != "all" && c.kind != k {
			continue
		}
		for _, p := range c.plugins(k) {
			for _, s := range config.PluginOptions(k)[p] {
				add(s, fmt.Sprintf("Option %s of the %s plugin %s.", s.Name, k, p))
			}
		}
	}
	switch c.format {
	case "env":
		return c.Page(c.initEnv(all, about))
	case "vars":
		return c.Page(c.initVars(all, about))
	}
	return c.Page(c.initIni(all, about))
}

func typeOf(s *config.Setting) string {
	if s.Type == "" {
		return "string"
	}
	return s.Type
}

func (c *command) sign(s string) string {
	if c.disabled {
		return s
	}
	return ""
}

func (c *command) initIni(all []config.Setting, about []string) string {
	var order []string
	sections, seen := map[string]*strings.Builder{}, map[string]bool{}
	for i := range all {
		s := &all[i]
		if len(s.Ini) == 0 {
			continue
		}
		last := s.Ini[len(s.Ini)-1]
		at := strings.LastIndexByte(last, '.')
		section, key := last[:at], last[at+1:]
		if seen[last] {
			continue // an option that several plugins share
		}
		seen[last] = true
		b := sections[section]
		if b == nil {
			b = &strings.Builder{}
			sections[section] = b
			order = append(order, section)
		}
		fmt.Fprintf(b, "# (%s) %s\n%s%s=%s\n\n", typeOf(s), about[i], c.sign(";"), key, c.Config.DefaultText(s))
	}
	var out strings.Builder
	for _, n := range order {
		out.WriteString("[" + n + "]\n" + sections[n].String() + "\n")
	}
	return out.String()
}

func (c *command) initEnv(all []config.Setting, about []string) string {
	var out strings.Builder
	seen := map[string]bool{}
	for i := range all {
		s := &all[i]
		if len(s.Env) == 0 || s.Type == "bool" && s.NoDefault {
			continue
		}
		name := strings.TrimPrefix(s.Env[len(s.Env)-1], "-")
		if seen[name] {
			continue
		}
		seen[name] = true
		v := c.Config.DefaultText(s)
		if strings.ContainsAny(v, " ~$\"'\\{}|&;<>()*?[]#") {
			v = "'" + strings.ReplaceAll(v, "'", `'"'"'`) + "'"
		}
		fmt.Fprintf(&out, "# (%s) %s\n%s%s=%s\n\n", typeOf(s), about[i], c.sign("#"), name, v)
	}
	return out.String()
}

func (c *command) initVars(all []config.Setting, about []string) string {
	var out strings.Builder
	seen := map[string]bool{}
	for i := range all {
		s := &all[i]
		if len(s.Vars) == 0 {
			continue
		}
		name := s.Vars[len(s.Vars)-1]
		if seen[name] {
			continue
		}
		seen[name] = true
		text, err := value.DumpJSON(s.Default, value.JSONOptions{}) // JSON is YAML
		if err != nil {
			text = "null"
		}
		fmt.Fprintf(&out, "# (%s) %s\n%s%s: %s\n\n", typeOf(s), about[i], c.sign("#"), name, text)
	}
	return out.String()
}
