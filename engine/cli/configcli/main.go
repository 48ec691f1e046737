// Package configcli is the command ansible-config: it lists settings, shows
// their values and origins, shows the file in use, writes a new one and checks
// names.
//
// It imports config and tool.
package configcli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goplay-engine/goplay/engine/cli/tool"
	"github.com/goplay-engine/goplay/engine/config"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

const actions = "list,dump,view,init,validate"

type command struct {
	*tool.Tool
	action, file, kind, format string
	changed, disabled          bool
}

// Main runs the command and returns the exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, prog string) int {
	c := &command{Tool: tool.New(prog, "[-h] [--version] [-v] {"+actions+"} ...", "Show and check the configuration: "+strings.ReplaceAll(actions, ",", ", ")+".", stdin, stdout, stderr)}
	rest := args
	for i, a := range args {
		if !strings.HasPrefix(a, "-") {
			c.action = a
			rest = append(append([]string{}, args[:i]...), args[i+1:]...)
			break
		}
	}
	f := c.Flags
	f.StringVarP(&c.file, "config", "c", "", "the configuration file; by default the first of the search order")
	if c.action != "view" {
		f.StringVarP(&c.kind, "type", "t", "base", "settings of this kind of plugins (become, cache, callback, connection, inventory, lookup, shell, vars), base or all")
		f.StringVarP(&c.format, "format", "f", "", "the output's format")
	}
	switch c.action {
	case "dump":
		f.BoolVar(&c.changed, "only-changed", false, "leave out settings that have their default")
		f.BoolVar(&c.changed, "changed-only", false, "")
		c.Hide("changed-only")
	case "init":
		f.BoolVar(&c.disabled, "disabled", false, "put every entry behind a comment sign")
	}
	if done, code := c.Parse(rest); done {
		return code
	}
	return c.run()
}

func (c *command) run() int {
	formats := map[string]string{"list": "yaml,json", "dump": "display,json,yaml", "init": "ini,env,vars", "validate": "ini,env"}[c.action]
	switch {
	case c.action == "":
		return c.BadUsage("the following arguments are required: action")
	case !strings.Contains(","+actions+",", ","+c.action+","):
		return c.BadUsage(fmt.Sprintf("argument action: invalid choice: '%s' (choose from '%s')", c.action, strings.ReplaceAll(actions, ",", "', '")))
	case c.format == "":
		c.format, _, _ = strings.Cut(formats, ",")
	case !strings.Contains(","+formats+",", ","+c.format+","):
		return c.BadUsage(fmt.Sprintf("argument --format/-f: invalid choice: '%s' (choose from '%s')", c.format, strings.ReplaceAll(formats, ",", "', '")))
	}
	if kinds := "all,base," + strings.Join(config.PluginTypes, ","); c.kind != "" && !strings.Contains(","+kinds+",", ","+c.kind+",") {
		return c.BadUsage(fmt.Sprintf("argument -t/--type: invalid choice: '%s' (choose from '%s')", c.kind, strings.ReplaceAll(kinds, ",", "', '")))
	}
	if c.file != "" {
		if err := c.reload(); err != nil {
			return c.Misused(err.Error())
		}
	}
	do := map[string]func() error{"list": c.list, "dump": c.dump, "view": c.view, "init": c.init, "validate": c.validate}[c.action]
	if err := do(); err != nil {
		return c.Fail(err, 1)
	}
	return 0
}

// reload reads the file that -c names.
func (c *command) reload() error {
	abs, err := absolute(c.file)
	if err == nil {
		_, err = os.ReadFile(abs)
	}
	if err != nil {
		return fmt.Errorf("The provided configuration file is missing or not accessible: %s", abs)
	}
	c.Config, err = config.Load(config.Source{File: abs})
	return err
}

func (c *command) view() error {
	if c.Config.File == "" {
		return fmt.Errorf("Invalid or no config file was supplied")
	}
	src, err := os.ReadFile(c.Config.File)
	if err != nil {
		return fmt.Errorf("Failed to open config file: %w", err)
	}
	return c.Page(string(src))
}

// write prints a result as YAML or JSON.
func (c *command) write(v value.Value, sorted bool) error {
	var text string
	var err error
	if c.format == "json" {
		text, err = value.DumpJSON(v, value.JSONOptions{Indent: 4, SortKeys: sorted})
	} else {
		text, err = yaml.Dump(v, yaml.DumpOptions{SortKeys: sorted})
	}
	if err != nil {
		return err
	}
	return c.Page(text)
}

// plugins are the plugin names of a kind asked for: those given as arguments,
// or all.
func (c *command) plugins(kind string) []string {
	if c.Flags.NArg() > 0 {
		return c.Flags.Args()
	}
	return sortedNames(config.PluginOptions(kind))
}

// validate names entries of the file, or variables, that nothing reads.
func (c *command) validate() error {
	plugins := c.kind != "base"
	var bad []string
	if c.format == "ini" {
		if c.Config.File == "" {
			return fmt.Errorf("Invalid or no config file was supplied")
		}
		for _, n := range c.Config.Unknown(plugins) {
			at := strings.LastIndexByte(n, '.')
			bad = append(bad, fmt.Sprintf("Found unknown configuration key '%s' in section '%s' of %s", n[at+1:], n[:at], c.Config.File))
		}
	} else {
		bad = unknownEnv(plugins)
	}
	if len(bad) > 0 {
		return fmt.Errorf("%s", strings.Join(bad, "\n"))
	}
	fmt.Fprintln(c.Stdout, "All configurations seem valid!")
	return nil
}

func unknownEnv(plugins bool) (bad []string) {
	known := map[string]bool{}
	for _, n := range config.KnownEnv(plugins) {
		known[n] = true
	}
	for _, e := range os.Environ() {
		n, _, _ := strings.Cut(e, "=")
		switch {
		case known[n] || !strings.HasPrefix(n, "ANSIBLE_"),
			strings.HasPrefix(n, "ANSIBLE_TEST_"), strings.HasPrefix(n, "ANSIBLE_LINT_"), strings.HasPrefix(n, "ANSIBLE_GALAXY_SERVER_"):
			continue
		}
		bad = append(bad, "Found unknown environment variable: "+n)
	}
	return bad
}
