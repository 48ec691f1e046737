package conform

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Place says where cases run and what stands for DIR, LOCAL and URL.
type Place struct {
	Local string // folder on the controller
	Dir   string // folder on the host, made by the play
	URL   string // what Handler serves, as the host reaches it
	Host  string // inventory line of the host, after its name
}

// snap prints the files of cases' folders: kind, mode, owner, links, content with control characters spelled out.
// Few processes look at all cases together.
const snap = `( cd %[1]s 2>/dev/null || exit 0
echo ==FILES; find %[2]s -mindepth %[3]d -not -path '*.git/*' -not -path '*/gd/*' -not -path '*/venv/*' -not -name '*.pyc' -printf '%%p %%y %%m %%u:%%g %%l\n' | LC_ALL=C sort | cat -v
echo ==LINKS; find %[2]s -mindepth %[3]d -type f -links +1 -not -path '*.git/*' -printf '%%p has %%n links\n' | LC_ALL=C sort | cat -v
echo ==SUMS; find %[2]s -mindepth %[3]d -type f -size +8k -not -path '*.git/*' -not -path '*/gd/*' -not -path '*/venv/*' -not -name '*.pyc' -not -name 'o.*' -print0 | LC_ALL=C sort -z | xargs -0r cksum
echo ==CONTENT; find %[2]s -mindepth %[3]d -type f -size -9k -not -path '*.git/*' -not -path '*/gd/*' -not -path '*/venv/*' -not -name '*.pyc' -not -name 'o.*' -print0 | LC_ALL=C sort -z | xargs -0r tail -v -c +1 | cat -v
)
`

// dir is a case's folder below Dir.
func dir(base string, i int) string { return fmt.Sprintf("%s/%d", base, i) }

// Playbook writes the play that runs a file's cases: what is set up and looked at by raw, then the tasks in check mode,
// for real and again. Cases with a folder of their own go through each step together, those that change the host one
// after the other. The last task writes all results to LOCAL/results: three a case, then what the looks printed.
func (f *File) Playbook(p Place, cases []*Case) ([]byte, error) {
	b := book{vars: map[string]*yaml.Node{}}
	base := p.Dir + "/" + f.Name
	if f.Host != "" {
		b.script(replacer(p, base).Replace(f.Host))
	}
	b.looks = nil
	groups := [][]int{}
	for i := range cases {
		if f.own() && i > 0 {
			groups[0] = append(groups[0], i)
		} else {
			groups = append(groups, []int{i})
		}
	}
	for _, group := range groups {
		var setup, look strings.Builder
		for _, i := range group {
			d := dir(base, i)
			r := replacer(p, d)
			fmt.Fprintf(&setup, "( umask 022; rm -rf %s; mkdir -p %s; cd %s || exit 1\n%s\n%s\n) 2>&1\n", d, d, d, r.Replace(f.Setup), r.Replace(cases[i].Setup))
			for _, l := range []string{f.Look, cases[i].Look} {
				if l != "" {
					fmt.Fprintf(&look, "echo; echo '==CASE %d'\n( cd %s\n%s\n) 2>&1\n", i, d, r.Replace(l))
				}
			}
		}
		folders := "."
		if !f.own() {
			folders = fmt.Sprintf("./%d", group[0])
		}
		all := fmt.Sprintf(snap, base, folders, 2-strings.Count(folders, "/")) + look.String()
		b.script(setup.String() + "echo; " + all)
		for _, mode := range []string{"check", "run", "again"} {
			for _, i := range group {
				t, err := cases[i].task(replacer(p, dir(base, i)))
				if err != nil {
					return nil, fmt.Errorf("%s: %s: %w", f.Name, cases[i].Name, err)
				}
				t["name"] = cases[i].Name + " " + mode
				b.tasks = append(b.tasks, cases[i].step(t, fmt.Sprintf("c%d_%s", i, mode), mode == "check")...)
			}
			b.script(all)
		}
	}
	var names []string
	for i := range cases {
		names = append(names, fmt.Sprintf("c%d_check, c%d_run, c%d_again", i, i, i))
	}
	b.tasks = append(b.tasks, map[string]any{
		"name": "results", "delegate_to": "localhost", "diff": false,
		"copy": map[string]any{"dest": p.Local + "/results", "content": "RESULTS {{ [" + strings.Join(slices.Concat(names, b.looks), ", ") + "] | to_json }}"}})
	return yaml.Marshal([]any{map[string]any{"hosts": "target", "gather_facts": false, "vars": b.vars, "tasks": b.tasks}})
}

// own tells that the cases stay in folders of their own.
func (f *File) own() bool { return f.Where == "" || f.Where == "local" || f.Together }

// book is a play being written.
type book struct {
	vars  map[string]*yaml.Node
	tasks []any
	looks []string
}

// script adds a raw task; its text is a variable, so that neither templates nor quotes in it mean anything.
func (b *book) script(text string) {
	name := fmt.Sprintf("s%d", len(b.vars))
	text = "export PAGER=cat SYSTEMD_PAGER=cat TERM=dumb; ls() { command ls -1 \"$@\"; }\n" + text // the reference gives raw a terminal
	b.vars[name] = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!unsafe", Value: text, Style: yaml.LiteralStyle}
	b.tasks = append(b.tasks, map[string]any{"raw": "{{ " + name + " }}", "register": "r" + name, "ignore_errors": true})
	b.looks = append(b.looks, "r"+name)
}

// step is the task in one mode, its result in a variable.
func (c *Case) step(t map[string]any, result string, check bool) []any {
	to := t
	if c.Show != "" {
		to = map[string]any{"block": []any{t}}
	}
	to["diff"], to["ignore_errors"] = true, true
	if check {
		to["check_mode"] = true
	}
	if c.Show == "" {
		to["register"] = result
		return []any{to}
	}
	return []any{to, map[string]any{"set_fact": map[string]any{result: map[string]any{"shown": "{{ " + c.Show + " }}"}}}}
}

// task is the case's task, placeholders replaced.
func (c *Case) task(r *strings.Replacer) (map[string]any, error) {
	t := map[string]any{}
	if !c.With.IsZero() {
		if err := fill(&c.With, r).Decode(&t); err != nil {
			return nil, err
		}
	}
	if c.Do.IsZero() {
		t[c.Module] = nil
	} else {
		t[c.Module] = fill(&c.Do, r)
	}
	return t, nil
}

// fill copies a node, with the placeholders in its texts replaced.
func fill(n *yaml.Node, r *strings.Replacer) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return fill(n.Alias, r)
	}
	m := *n
	m.Anchor = ""
	m.Value = r.Replace(n.Value)
	m.Content = nil
	for _, k := range n.Content {
		m.Content = append(m.Content, fill(k, r))
	}
	return &m
}

func replacer(p Place, dir string) *strings.Replacer {
	return strings.NewReplacer("DIR", dir, "LOCAL", p.Local, "URL", p.URL)
}
