//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// moduleTasks are tasks whose cost is the module's and the way to it. RUN is another word in each run, so that
// there is always something to do.
var moduleTasks = []struct {
	name, task string
	facts      bool
	want       float64 // times faster than ansible-playbook's defaults
	parts      bool    // copies the tree, of which the reference gets parts
	anew       bool    // both programs connect anew, instead of using a connection that a run before has kept
}{
	{"100 lineinfile items", `    - lineinfile: {path: /root/bench-RUN, line: "line {{ item }}", create: true}
      loop: "{{ range(100) | list }}"
`, false, 50, false, false},
	{"tree of 1,000 files", `    - copy: {src: TREE/, dest: /root/tree-RUN/}
`, false, 50, true, false},
	{"gathering facts", "", true, 20, false, false},
	{"package already installed", `    - dnf: {name: labdemo, state: present}
`, false, 20, false, false},
	{"gathering facts, connecting anew", "", true, 0, false, true},
	{"package already installed, connecting anew", `    - dnf: {name: labdemo, state: present}
`, false, 0, false, true},
	// What a further task costs, where connecting is done.
	{"facts gathered 10 times", `    - setup:
      loop: "{{ range(10) | list }}"
`, false, 0, false, false},
	{"package already installed, 10 tasks", `    - dnf: {name: labdemo, state: present}
      loop: "{{ range(10) | list }}"
`, false, 0, false, false},
}

const (
	treeFiles           = 1000
	treeSmall, treePart = 10, 100 // what the reference copies of the tree
)

// modules measures single tasks on one host. The reference runs each once, after a run
// that connects where connections are kept. It would take half an hour for the tree, file by
// file: without -whole it copies two parts of it, and its time for all files is what these two say of a further file.
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
	for _, files := range []int{treeSmall, treePart, treeFiles} {
		if err := makeTree(treeOf(dir, files), files); err != nil {
			return nil, err
		}
	}
	var out []figure
	for n, t := range moduleTasks {
		one := func(program string, run, files int) (cost, error) {
			text := fmt.Sprintf("- hosts: web1\n  gather_facts: %v\n  tasks:\n%s", t.facts, t.task)
			if t.task == "" {
				text = fmt.Sprintf("- hosts: web1\n  gather_facts: %v\n", t.facts)
			}
			book := filepath.Join(dir, fmt.Sprintf("play-%d.yml", n))
			if err := os.WriteFile(book, []byte(strings.NewReplacer("RUN", fmt.Sprint(run), "TREE", treeOf(dir, files)).Replace(text)), 0o600); err != nil {
				return cost{}, err
			}
			// By default both programs keep connections for a minute.
			cp := filepath.Join(dir, fmt.Sprintf("cp-%d", n))
			if t.anew {
				cp += fmt.Sprintf("-%d", run)
			}
			return command{args: []string{program, "-i", inventory, book}, env: []string{"ANSIBLE_SSH_CONTROL_PATH_DIR=" + cp}}.run()
		}
		var mine costs
		for i := range b.pairs + 1 {
			c, err := one(b.goplay, i, treeFiles)
			if err != nil {
				return nil, err
			}
			if i > 0 { // the first sends the helper and connects
				mine = append(mine, c)
			}
		}
		fmt.Fprintln(os.Stderr, t.name+", the reference")
		m := mine.median()
		out = append(out, figure{name: t.name + ", goplay", value: seconds(m.wall)})
		var theirs time.Duration
		if t.parts && !b.whole {
			var part [2]cost
			for i, files := range []int{treeSmall, treePart} {
				if part[i], err = one("ansible-playbook", 1000+i, files); err != nil {
					return nil, err
				}
				out = append(out, figure{name: fmt.Sprintf("%d of them, ansible-playbook", files), value: seconds(part[i].wall)})
			}
			each := (part[1].wall - part[0].wall) / (treePart - treeSmall)
			theirs = part[1].wall + each*(treeFiles-treePart)
			out = append(out, figure{name: "all of them, ansible-playbook, from these two", value: seconds(theirs)})
		} else {
			if !t.anew && !t.parts { // so that a connection is there
				if _, err := one("ansible-playbook", 999, treeFiles); err != nil {
					return nil, err
				}
			}
			c, err := one("ansible-playbook", 1000, treeFiles)
			if err != nil {
				return nil, err
			}
			theirs = c.wall
			out = append(out, figure{name: t.name + ", ansible-playbook", value: seconds(theirs)})
		}
		out = append(out, times(t.name+", times faster", theirs, m.wall, t.want))
	}
	return out, nil
}

func treeOf(dir string, files int) string { return filepath.Join(dir, fmt.Sprintf("tree-%d", files)) }

// makeTree makes a tree of so many small files, 50 in a folder.
func makeTree(tree string, files int) error {
	for i := range files {
		sub := filepath.Join(tree, fmt.Sprintf("d%02d", i/50))
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(sub, fmt.Sprintf("f%04d", i)), fmt.Appendf(nil, "file %d\n", i), 0o644); err != nil {
			return err
		}
	}
	return nil
}
