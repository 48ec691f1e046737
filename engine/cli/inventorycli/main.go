// Package inventorycli is the command ansible-inventory: it shows what the
// sources say as JSON, YAML, TOML or a tree.
//
// It imports inventory, the template engine (for constructed groups) and tool;
// it runs nothing.
package inventorycli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine"
	"github.com/goplay-engine/goplay/engine/cli/tool"
	"github.com/goplay-engine/goplay/engine/config"
	"github.com/goplay-engine/goplay/engine/inventory"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/load"
	"github.com/goplay-engine/goplay/engine/value"
)

const usage = "[-h] [--version] [-v] [-i INVENTORY] [-l SUBSET] [--vault-id VAULT_IDS] [-J | --vault-password-file VAULT_PASSWORD_FILES] " +
	"[--playbook-dir BASEDIR] [-e EXTRA_VARS] [--list] [--host HOST] [--graph] [-y] [--toml] [--vars] [--export] [--output OUTPUT_FILE] [group]"

type command struct {
	*tool.Tool
	sources, extra, limit         []string
	list, graph, yaml, toml, vars bool
	export                        bool
	host, output, base            string

	inv      *inventory.Inventory
	extraVar *value.Dict
}

// Main runs the command and returns the exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, prog string) int {
	c := &command{Tool: tool.New(prog, usage, "Show what the inventory holds, by default as a dynamic inventory script would.", stdin, stdout, stderr)}
	f := c.Flags
	f.StringArrayVarP(&c.sources, "inventory", "i", nil, "inventory file, folder, script or comma separated host list; may be repeated")
	f.StringArrayVar(&c.sources, "inventory-file", nil, "")
	c.Hide("inventory-file")
	f.StringArrayVarP(&c.limit, "limit", "l", nil, "show only the hosts a pattern matches")
	f.StringArrayVarP(&c.extra, "extra-vars", "e", nil, "further variables: key=value, YAML, JSON or @file")
	f.StringVar(&c.base, "playbook-dir", "", "the folder whose group_vars and host_vars count as the playbook's")
	f.BoolVar(&c.list, "list", false, "show all hosts and groups")
	f.StringVar(&c.host, "host", "", "show the variables of one host")
	f.BoolVar(&c.graph, "graph", false, "show a tree of groups; with an argument that of one group")
	f.BoolVarP(&c.yaml, "yaml", "y", false, "write YAML instead of JSON")
	f.BoolVar(&c.toml, "toml", false, "write TOML instead of JSON")
	f.BoolVar(&c.vars, "vars", false, "show variables in the tree")
	f.BoolVar(&c.export, "export", false, "with --list, keep variables at the group or host that defines them")
	f.StringVar(&c.output, "output", "", "with --list, write to this file")
	c.VaultFlags()
	if done, code := c.Parse(args); done {
		return code
	}
	return c.run()
}

func (c *command) run() int {
	actions := 0
	for _, on := range []bool{c.list, c.graph, c.Flags.Changed("host")} {
		if on {
			actions++
		}
	}
	switch {
	case actions == 0:
		return c.Misused("No action selected, at least one of --host, --graph or --list needs to be specified.")
	case actions > 1:
		return c.Misused("Conflicting options used, only one of --host, --graph or --list can be used at the same time.")
	}
	if !c.export {
		c.export = c.Config.Bool("INVENTORY_EXPORT")
	}
	if err := c.prepare(); err != nil {
		return c.Fail(err, 1)
	}
	text, err := c.result()
	if err != nil {
		if err == errBadHost || err == errBadGroup {
			return c.Misused(err.Error())
		}
		return c.Fail(err, 4) // variables that cannot be read
	}
	if c.list && c.output != "" {
		if err := os.WriteFile(c.output, []byte(text), 0o644); err != nil {
			return c.Fail(fmt.Errorf("Unable to write to destination file (%s): %w", c.output, err), 1)
		}
		return 0
	}
	fmt.Fprintln(c.Stdout, strings.TrimSuffix(text, "\n"))
	return 0
}

// prepare reads secrets, extra variables and the sources.
func (c *command) prepare() error {
	secrets, err := c.Secrets()
	if err != nil {
		return err
	}
	files := c.Loader(secrets)
	if c.extraVar, err = engine.ExtraVars(c.extra, files, c.Config.HashBehaviour() == "merge"); err != nil {
		return err
	}
	if c.base == "" {
		c.base = cmp.Or(c.Config.Str("PLAYBOOK_DIR"), ".")
	}
	if c.base, err = filepath.Abs(c.base); err != nil {
		return err
	}
	o := Options(c.Config, files, c.Warn)
	o.Verbose = func(level int, msg string) { c.Screen.Verbose(level, "", msg) }
	foreign, end := engine.InventoryPlugins(c.Config, files, c.Warn, o.Verbose, c.extraVar, c.base)
	defer end()
	o.Foreign = foreign
	c.inv = inventory.New(o)
	sources := c.sources
	if len(sources) == 0 {
		sources = c.Config.Inventory()
	}
	return c.inv.Load(sources)
}

// Options turns settings into the inventory's options.
func Options(c *config.Config, files *load.Loader, warn func(string)) inventory.Options {
	return inventory.Options{
		Loader: files, Warn: warn, Eval: evaluator{templar.NewEngine(templar.Options{ErrorOnUndef: true})},
		Enabled: c.List("INVENTORY_ENABLED"), IgnoreExts: c.List("INVENTORY_IGNORE_EXTS"), IgnorePatterns: c.List("INVENTORY_IGNORE_PATTERNS"),
		VarsExts: c.List("YAML_FILENAME_EXTENSIONS"), Precedence: c.List("VARIABLE_PRECEDENCE"),
		UnparsedFailed: c.Bool("INVENTORY_UNPARSED_IS_FAILED"), AnyUnparsedFailed: c.Bool("INVENTORY_ANY_UNPARSED_IS_FAILED"),
		NoUnparsedWarning: !c.Bool("INVENTORY_UNPARSED_WARNING"), PatternMismatch: c.Str("HOST_PATTERN_MISMATCH"),
		GroupChars: c.Str("TRANSFORM_INVALID_GROUP_CHARS"), HashMerge: c.HashBehaviour() == "merge",
	}
}

type evaluator struct{ *templar.Engine }

// Template implements inventory.Evaluator.
func (e evaluator) Template(text string, vars *value.Dict) (value.Value, error) {
	return e.New(view{vars}, templar.Scope{}).Render(text, value.Pos{})
}

// Expression implements inventory.Evaluator.
func (e evaluator) Expression(expr string, vars *value.Dict) (value.Value, error) {
	return e.New(view{vars}, templar.Scope{}).Eval(expr, value.Pos{})
}

type view struct{ d *value.Dict }

func (v view) Lookup(name string) (value.Value, value.Pos, bool) {
	x, ok := v.d.GetStr(name)
	return x, v.d.PosOf(name), ok
}

func (v view) Names() []string {
	var out []string
	for _, k := range v.d.Keys() {
		out = append(out, value.Str(k))
	}
	return out
}
