// Package doccli is the command ansible-doc: it describes the modules, actions,
// keywords, roles and plugins that goplay has.
//
// Options of modules come from the structs that also validate them, so the text
// cannot disagree with what the program does. It imports module, config, the
// tables of templates and lookups, and tool.
package doccli

import (
	"fmt"
	"io"
	"sort"
	"strings"

	"golang.org/x/term"

	"github.com/goplay-engine/goplay/engine/cli/tool"
	"github.com/goplay-engine/goplay/engine/value"
)

const kinds = "become,cache,callback,cliconf,connection,httpapi,inventory,lookup,netconf,shell,vars,module,strategy,test,filter,role,keyword"

type command struct {
	*tool.Tool
	kind, rolesPath, entry, base        string
	list, files, snippet, json, dumpAll bool
	modulePath                          []string
	width                               int
}

// Main runs the command and returns the exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, prog string) int {
	usage := "[-h] [--version] [-v] [-M MODULE_PATH] [--playbook-dir BASEDIR] [-t TYPE] [-j] [-r ROLES_PATH] [-e ENTRY_POINT] [-s | -F | -l | --metadata-dump] [plugin ...]"
	c := &command{Tool: tool.New(prog, usage, "Describe modules, plugins, keywords and roles.", stdin, stdout, stderr), width: 80}
	f := c.Flags
	f.StringVarP(&c.kind, "type", "t", "module", "what to describe: "+strings.ReplaceAll(kinds, ",", ", "))
	f.BoolVarP(&c.list, "list", "l", false, "list what there is; an argument is a namespace to list")
	f.BoolVarP(&c.files, "list_files", "F", false, "list names and where they come from")
	f.BoolVarP(&c.snippet, "snippet", "s", false, "show a task to fill in")
	f.BoolVarP(&c.json, "json", "j", false, "write JSON")
	f.BoolVar(&c.dumpAll, "metadata-dump", false, "write all documentation as JSON")
	f.StringVarP(&c.rolesPath, "roles-path", "r", "", "folders with roles")
	f.StringVarP(&c.entry, "entry-point", "e", "", "the entry point of roles to show")
	f.StringVar(&c.base, "playbook-dir", "", "the folder whose roles count as the playbook's")
	f.StringArrayVarP(&c.modulePath, "module-path", "M", nil, "further folders with modules")
	if done, code := c.Parse(args); done {
		return code
	}
	if w, _, err := term.GetSize(1); err == nil && w > 80 {
		c.width = w
	}
	return c.run()
}

func (c *command) run() int {
	if !strings.Contains(","+kinds+",", ","+c.kind+",") {
		return c.BadUsage(fmt.Sprintf("argument -t/--type: invalid choice: '%s' (choose from '%s')", c.kind, strings.ReplaceAll(kinds, ",", "', '")))
	}
	docs, err := c.docs(c.kind)
	if err != nil {
		return c.Fail(err, 1)
	}
	if c.list || c.files {
		return c.listing(docs)
	}
	if c.dumpAll {
		all := value.NewDict()
		for _, d := range docs {
			all.Set(d.Name, d.json())
		}
		return c.write(value.DictOf("all", value.DictOf(c.kind, all)))
	}
	if c.Flags.NArg() == 0 {
		return c.Misused("Incorrect options passed")
	}
	if c.snippet && !strings.Contains(",module,inventory,lookup,", ","+c.kind+",") {
		return c.Misused("Snippets are only available for the following plugin types: inventory, lookup, module")
	}
	out := value.NewDict()
	var text strings.Builder
	for _, name := range c.Flags.Args() {
		d := find(docs, name)
		if d == nil {
			c.Warn(fmt.Sprintf("%s was not found%s", name, suggest(docs, name)))
			continue
		}
		switch {
		case c.json:
			out.Set(name, d.json())
		case c.snippet:
			text.WriteString(c.snippetOf(d) + "\n")
		default:
			text.WriteString(c.text(d))
		}
	}
	if c.json {
		return c.write(out)
	}
	if text.Len() > 0 {
		if err := c.Page(text.String()); err != nil {
			return c.Fail(err, 1)
		}
	}
	return 0
}

func (c *command) write(v value.Value) int {
	s, err := value.DumpJSON(v, value.JSONOptions{Indent: 4, SortKeys: true})
	if err != nil {
		return c.Fail(err, 1)
	}
	if err := c.Page(s); err != nil {
		return c.Fail(err, 1)
	}
	return 0
}

// find returns the entry with that name, full or short.
func find(docs []*doc, name string) *doc {
	for _, d := range docs {
		if d.Name == name {
			return d
		}
	}
	for _, d := range docs {
		if d.short() == name || "ansible.legacy."+d.short() == name {
			return d
		}
		for _, a := range d.Aliases {
			if a == name || a[strings.LastIndexByte(a, '.')+1:] == name {
				return d
			}
		}
	}
	return nil
}

func suggest(docs []*doc, name string) string {
	name = name[strings.LastIndexByte(name, '.')+1:]
	for _, d := range docs {
		s := d.short()
		if len(name) > 2 && (strings.HasPrefix(s, name) || strings.HasPrefix(name, s) && len(s) > 2) {
			return " (did you mean " + d.Name + "?)"
		}
	}
	return ""
}

func (c *command) listing(docs []*doc) int {
	var all, shown []*doc
	for _, d := range docs {
		all = append(all, d)
		for _, a := range d.Aliases {
			alias := *d
			alias.Name = a
			all = append(all, &alias)
		}
	}
	wide := 0
	for _, d := range all {
		keep := c.Flags.NArg() == 0
		for _, ns := range c.Flags.Args() {
			keep = keep || strings.HasPrefix(d.Name, ns+".") || d.Name == ns
		}
		if keep {
			shown = append(shown, d)
			wide = max(wide, len(d.Name))
		}
	}
	sort.Slice(shown, func(i, j int) bool { return shown[i].Name < shown[j].Name })
	if c.json {
		out := value.NewDict()
		for _, d := range shown {
			text := d.Short
			if c.files {
				text = d.From
			}
			out.Set(d.Name, text)
		}
		return c.write(out)
	}
	var b strings.Builder
	for _, d := range shown {
		text := d.Short
		if c.files {
			text = d.From
		} else if c.kind == "keyword" {
			fmt.Fprintf(&b, "%s: %s\n", d.Name, text)
			continue
		}
		if room := c.width - wide - 5; len(text) > room && room > 10 && !c.files {
			text = text[:room] + "..."
		}
		fmt.Fprintf(&b, "%-*s %s\n", wide, d.Name, text)
	}
	if err := c.Page(b.String()); err != nil {
		return c.Fail(err, 1)
	}
	return 0
}
