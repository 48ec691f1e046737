// Command build writes docs/modules.md from what the modules and actions say of themselves, the same that
// `goplay doc` shows. Run it with `make docs`.
//
// It imports engine/cli/doccli and engine/module/conform only.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/cli/doccli"
)

type option struct {
	Description []string `json:"description"`
	Type        string   `json:"type"`
	Elements    string   `json:"elements"`
	Required    bool     `json:"required"`
	Default     any      `json:"default"`
	Choices     []any    `json:"choices"`
	Aliases     []string `json:"aliases"`
}

type entry struct {
	Doc struct {
		Collection string            `json:"collection"`
		Short      string            `json:"short_description"`
		Options    map[string]option `json:"options"`
		Attributes map[string]struct {
			Support string `json:"support"`
		} `json:"attributes"`
	} `json:"doc"`
}

func main() {
	var out, errs bytes.Buffer
	if code := doccli.Main([]string{"--metadata-dump"}, nil, &out, &errs, "goplay doc"); code != 0 {
		fmt.Fprintln(os.Stderr, "docs:", errs.String())
		os.Exit(code)
	}
	var dump struct {
		All struct{ Module map[string]entry }
	}
	if err := json.Unmarshal(out.Bytes(), &dump); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
	cases, err := readCases(dump.All.Module)
	if err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
	if err := os.WriteFile("docs/modules.md", page(dump.All.Module, cases), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
}

func page(modules map[string]entry, all map[string]*compared) []byte {
	var names []string
	for n := range modules {
		names = append(names, n)
	}
	slices.Sort(names)
	var b bytes.Buffer
	b.WriteString("# Modules\n\nWhat goplay runs itself, without Python on the target. Made by `make docs` from the program; `goplay doc NAME`\n" +
		"shows the same. Any other module runs with the target's Python, where there is one.\n\n" +
		"*cases* counts the uses of a module, or of one of its parameters, whose results and effects ansible-playbook gave on a lab host and\n" +
		"goplay is compared with (engine/module/conform). Most run in `go test`; of those that change a\n" +
		"whole host `make test` compares the lists `debhost`, `elhost` and `user` on lab hosts, `lab/conform -compare` all.\n\n| module | what it does | check mode | cases |\n| --- | --- | --- | --- |\n")
	for _, n := range names {
		e := modules[n]
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s |\n", n, anchor(n), cell(e.Doc.Short), e.Doc.Attributes["check_mode"].Support, count(all[n].number()))
	}
	for _, n := range names {
		e := modules[n]
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n", n, strings.TrimSuffix(e.Doc.Short, "."))
		b.WriteString(all[n].text())
		if len(e.Doc.Options) == 0 {
			continue
		}
		b.WriteString("\n| parameter | type | default | meaning | cases |\n| --- | --- | --- | --- | --- |\n")
		var params []string
		for p := range e.Doc.Options {
			params = append(params, p)
		}
		slices.Sort(params)
		for _, p := range params {
			b.WriteString(row(p, e.Doc.Options[p], all[n].param(p)))
		}
	}
	return b.Bytes()
}

func row(name string, o option, cases int) string {
	typ := o.Type
	if o.Elements != "" {
		typ += " of " + o.Elements
	}
	def := ""
	switch {
	case o.Required:
		def = "required"
	case o.Default != nil:
		j, _ := json.Marshal(o.Default)
		def = "`" + string(j) + "`"
	}
	text := strings.Join(o.Description, " ")
	if len(o.Choices) > 0 {
		text += " One of " + quoted(o.Choices) + "."
	}
	if len(o.Aliases) > 0 {
		text += " Also called " + quoted(o.Aliases) + "."
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s | %s |\n", name, typ, cell(def), cell(text), count(cases))
}

func quoted[T any](list []T) string {
	var out []string
	for _, v := range list {
		out = append(out, fmt.Sprintf("`%v`", v))
	}
	return strings.Join(out, ", ")
}

// cell makes a text fit into a table.
func cell(s string) string {
	return strings.TrimSpace(strings.NewReplacer("|", "\\|", "\n", " ").Replace(s))
}

// anchor is how headings are linked to.
func anchor(s string) string { return strings.ReplaceAll(s, ".", "") }
