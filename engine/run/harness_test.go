package run_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine"
	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/value"
)

// trace writes down what a run tells: "task host status", with the message of
// debug behind it.
type trace struct {
	lines  []string
	active map[string]int // tasks under way, with the free strategies
	most   int
	atOnce map[string]int // per task
	stats  map[string]*event.Counts
	warned []string
}

func (tr *trace) Event(e event.Event) {
	switch x := e.(type) {
	case event.PlayStart:
		tr.lines = append(tr.lines, "PLAY "+x.Name)
	case event.NoHosts:
		tr.lines = append(tr.lines, "NOHOSTS")
	case event.TaskStart:
		if x.Task.Free {
			tr.active[x.Task.Own]++
			n := 0
			for _, c := range tr.active {
				n += c
			}
			tr.most = max(tr.most, n)
			tr.atOnce[x.Task.Own] = max(tr.atOnce[x.Task.Own], tr.active[x.Task.Own])
		}
	case event.Result:
		line := x.Task.Own + " " + x.Host + " " + x.Status.String()
		if x.Item {
			line += " item=" + value.Str(x.Label)
		}
		if x.Ignored {
			line += " ignored"
		}
		if m := x.Dict.At("msg"); m != nil && x.Task.Resolved == "ansible.builtin.debug" && x.Status != event.Skipped && !x.Loop {
			line += " " + value.Str(m)
		}
		tr.lines = append(tr.lines, line)
		if x.Task.Free && !x.Item {
			tr.active[x.Task.Own]--
		}
	case event.Warning:
		tr.warned = append(tr.warned, x.Msg)
	case event.Stats:
		tr.stats = x.Counts
	}
}

// files are the files of a test, by name; play.yml is run.
type files map[string]string

func run(t *testing.T, f files, change func(*engine.Options)) (*trace, engine.Summary, error) {
	t.Helper()
	dir := t.TempDir()
	if f["hosts"] == "" {
		f["hosts"] = "a\nb\nc\nd\n"
	}
	for name, text := range f {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("ANSIBLE_CONFIG", filepath.Join(dir, "none.cfg"))
	tr := &trace{active: map[string]int{}, atOnce: map[string]int{}}
	o := engine.Options{Playbooks: []string{filepath.Join(dir, "play.yml")}, Inventory: []string{filepath.Join(dir, "hosts")},
		Stdout: io.Discard, Stderr: io.Discard, Sink: tr, Forks: 4}
	if change != nil {
		change(&o)
	}
	sum, err := engine.Run(context.Background(), o)
	return tr, sum, err
}

// tasks makes a playbook of one play over some hosts.
func tasks(hosts, keywords, list string) files {
	return files{"play.yml": fmt.Sprintf("- hosts: %s\n  gather_facts: false\n%s  tasks:\n%s", hosts, indent(keywords, 2), indent(list, 4))}
}

func indent(s string, n int) string {
	var b strings.Builder
	for l := range strings.SplitSeq(strings.Trim(s, "\n"), "\n") {
		if l != "" {
			b.WriteString(strings.Repeat(" ", n) + l + "\n")
		}
	}
	return b.String()
}

// same compares traces, the PLAY lines left out.
func same(t *testing.T, tr *trace, want string) {
	t.Helper()
	var got []string
	for _, l := range tr.lines {
		if !strings.HasPrefix(l, "PLAY ") {
			got = append(got, l)
		}
	}
	w := strings.Trim(indent(want, 0), "\n")
	if g := strings.Join(got, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}
