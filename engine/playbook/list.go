package playbook

import (
	"fmt"
	"io"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// ListOptions say what List prints.
type ListOptions struct {
	Hosts, Tasks, Tags bool // --list-hosts, --list-tasks, --list-tags; none: --syntax-check
	Only, Skip         []string
	// HostsOf returns the hosts of a play; needed with Hosts only.
	HostsOf func(p *Play) ([]string, error)
	// Render renders a name, pattern or tag of a play; nil leaves templates. An
	// error on a name or pattern leaves it as it is written.
	Render func(p *Play, f Field) (value.Value, error)
}

// List prints plays, hosts, tasks and tags as ansible-playbook does.
func List(w io.Writer, books []*Playbook, o ListOptions) error {
	for _, b := range books {
		if _, err := fmt.Fprintf(w, "\nplaybook: %s\n", b.File); err != nil {
			return err
		}
		for i, p := range b.Plays {
			if err := checkPattern(p, o); err != nil {
				return err
			}
			if !o.Hosts && !o.Tasks && !o.Tags {
				continue
			}
			if err := listPlay(w, i+1, p, o); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkPattern tells of a pattern that cannot be rendered, for --syntax-check too.
func checkPattern(p *Play, o ListOptions) error {
	if o.Render == nil {
		return nil
	}
	if _, err := o.Render(p, p.Hosts); err != nil {
		return parseError(p.Hosts.Pos, "The field 'hosts' has an invalid value, which includes an undefined variable. The error was: %s", twice(err))
	}
	return nil
}

func listPlay(w io.Writer, number int, p *Play, o ListOptions) error {
	soft := func(f Field) value.Value {
		if o.Render == nil {
			return f.Val
		}
		v, err := o.Render(p, f)
		if err != nil {
			return f.Val
		}
		return v
	}
	hosts := soft(p.Hosts)
	name := patternText(hosts)
	if p.NameSet {
		name = value.Str(soft(Field{Val: p.Name, Pos: p.Pos, Set: true}))
	}
	playTags, _ := TagsOf(p, nil)
	fmt.Fprintf(w, "\n  play #%d (%s): %s\tTAGS: [%s]\n", number, patternText(hosts), name, strings.Join(playTags, ","))
	if o.Hosts {
		if _, ok := hosts.(*value.List); !ok {
			hosts = value.NewList(hosts)
		}
		list, err := o.HostsOf(p)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "    pattern: %s\n    hosts (%d):\n", value.Repr(hosts), len(list))
		for _, h := range list {
			fmt.Fprintf(w, "      %s\n", h)
		}
	}
	if !o.Tasks && !o.Tags {
		return nil
	}
	if o.Tasks {
		fmt.Fprint(w, "    tasks:\n")
	}
	all := map[string]bool{}
	for _, t := range playTags { // the implicit flushing of handlers has them
		all[t] = true
	}
	for _, s := range p.Sections() {
		if err := listEntries(w, p, s.Entries, o, all); err != nil {
			return err
		}
	}
	if o.Tags {
		fmt.Fprintf(w, "      TASK TAGS: [%s]\n", strings.Join(sortedKeys(all), ", "))
	}
	return nil
}

// listEntries prints the tasks that would run. Of blocks the block part only, as
// the reference does.
func listEntries(w io.Writer, p *Play, entries []Entry, o ListOptions, all map[string]bool) error {
	var render func(Field) (value.Value, error)
	if o.Render != nil {
		render = func(f Field) (value.Value, error) { return o.Render(p, f) }
	}
	for _, e := range entries {
		if b, ok := e.(*Block); ok {
			if err := listEntries(w, p, b.Block, o, all); err != nil {
				return err
			}
			continue
		}
		t := e.(*Task)
		if t.Implicit && t.Short == "meta" {
			continue
		}
		tags, err := TagsOf(t, render)
		if err != nil {
			return err
		}
		if !Tagged(tags, o.Only, o.Skip) {
			continue
		}
		sort.Strings(tags)
		for _, tag := range tags {
			all[tag] = true
		}
		if o.Tasks {
			fmt.Fprintf(w, "      %s\tTAGS: [%s]\n", t.Title(), strings.Join(tags, ", "))
		}
	}
	return nil
}

func sortedKeys(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
