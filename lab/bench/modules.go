//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// moduleTasks are tasks whose cost is the module's and the way to it. RUN is another word in each run, so that
// there is always something to do.
var moduleTasks = []struct {
	name, task string
	facts      bool
	want       float64 // times faster than ansible-playbook's defaults
}{
	{"100 lineinfile items", `    - lineinfile: {path: /root/bench-RUN, line: "line {{ item }}", create: true}
      loop: "{{ range(100) | list }}"
`, false, 50},
	{"tree of 1,000 files", `    - copy: {src: TREE/, dest: /root/tree-RUN/}
`, false, 50},
	{"gathering facts", "", true, 20},
	{"package already installed", `    - dnf: {name: labdemo, state: present}
`, false, 20},
}

// modules measures single tasks on one host. The reference runs each once: the tree takes it minutes.
func modules(b *bench) ([]figure, error) {
	for _, c := range [][]string{{"up", "web1"}, {"ssh", "web1", "dnf -q -y install labdemo"}} {
		if out, err := exec.Command("lab/lab", c...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("lab %v: %w\n%s", c, err, out)
		}
	}
	dir, err := os.MkdirTemp("", "bench-modules")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	tree := filepath.Join(dir, "tree")
	for i := range 1000 {
		sub := filepath.Join(tree, fmt.Sprintf("d%02d", i/50))
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(sub, fmt.Sprintf("f%04d", i)), fmt.Appendf(nil, "file %d\n", i), 0o644); err != nil {
			return nil, err
		}
	}
	var out []figure
	for n, t := range moduleTasks {
		one := func(program string, run int) (cost, error) {
			text := fmt.Sprintf("- hosts: web1\n  gather_facts: %v\n  tasks:\n%s", t.facts, t.task)
			if t.task == "" {
				text = fmt.Sprintf("- hosts: web1\n  gather_facts: %v\n", t.facts)
			}
			book := filepath.Join(dir, fmt.Sprintf("play-%d.yml", n))
			if err := os.WriteFile(book, []byte(strings.NewReplacer("RUN", fmt.Sprint(run), "TREE", tree).Replace(text)), 0o600); err != nil {
				return cost{}, err
			}
			return command{args: []string{program, "-i", inventory, book}}.run()
		}
		var mine costs
		for i := range b.pairs + 1 {
			c, err := one(b.goplay, i)
			if err != nil {
				return nil, err
			}
			if i > 0 { // the first sends the helper
				mine = append(mine, c)
			}
		}
		fmt.Fprintln(os.Stderr, t.name+", the reference")
		theirs, err := one("ansible-playbook", 1000)
		if err != nil {
			return nil, err
		}
		m := mine.median()
		out = append(out, figure{name: t.name + ", goplay", value: seconds(m.wall)}, figure{name: t.name + ", ansible-playbook", value: seconds(theirs.wall)},
			times(t.name+", times faster", theirs.wall, m.wall, t.want))
	}
	return out, nil
}
