package run_test

import (
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine"
)

func TestHandlers(t *testing.T) {
	list := `
handlers:
- {name: h1, debug: {msg: one}}
- {name: h2, debug: {msg: two}, changed_when: true, notify: h3, listen: topic}
- {name: h3, debug: {msg: three}}
- {name: h1, debug: {msg: again}}
- {name: "h {{ n }}", debug: {msg: named}}
- {name: h4, debug: {msg: four}, listen: [topic, "{{ n }}"]}
vars: {n: N}
`
	cases := []struct{ name, tasks, want string }{
		{"order of definition, once each", `- {name: t, debug: {msg: x}, changed_when: true, notify: [h3, h1]}
- {name: u, debug: {msg: x}, changed_when: true, notify: h3}`, "t a changed x\nu a changed x\nh1 a ok one\nh3 a ok three"},
		{"a handler notifies a later one, a topic reaches all", `- {name: t, debug: {msg: x}, changed_when: true, notify: topic}`,
			"t a changed x\nh2 a changed two\nh3 a ok three\nh4 a ok four"},
		{"unchanged tasks notify nobody", `- {name: t, debug: {msg: x}, notify: h1}`, "t a ok x"},
		{"templated names", `- {name: t, debug: {msg: x}, changed_when: true, notify: "h {{ n }}"}`, "t a changed x\nh N a ok named"},
		{"flushed in the middle", `- {name: t, debug: {msg: x}, changed_when: true, notify: h1}
- meta: flush_handlers
- {name: u, debug: {msg: x}, changed_when: true, notify: h1}`, "t a changed x\nh1 a ok one\nu a changed x\nh1 a ok one"},
		{"names per item", `- {name: t, debug: {msg: x}, changed_when: true, notify: "h{{ item }}", loop: [1, 3]}`,
			"t a changed item=1 x\nt a changed item=3 x\nt a changed\nh1 a ok one\nh3 a ok three"},
		{"a failed host runs none", `- {name: t, debug: {msg: x}, changed_when: true, notify: h1}
- {name: f, fail: {msg: x}}`, "t a changed x\nf a failed"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tr, _, err := run(t, tasks("a", list, c.tasks), nil)
			if err != nil {
				t.Fatal(err)
			}
			same(t, tr, c.want)
		})
	}
}

func TestForcedHandlersOfFailedHosts(t *testing.T) {
	f := tasks("a,b", "handlers: [{name: h, debug: {msg: h}}]", `- {name: t, debug: {msg: x}, changed_when: true, notify: h}
- {name: f, fail: {msg: x}, when: inventory_hostname == 'a'}`)
	tr, sum, err := run(t, f, func(o *engine.Options) { o.ForceHandlers = true })
	if err != nil {
		t.Fatal(err)
	}
	same(t, tr, "t a changed x\nt b changed x\nf a failed\nf b skipped\nh a ok h\nh b ok h")
	if sum.Exit != 2 {
		t.Errorf("exit %d", sum.Exit)
	}
}

func TestMissingHandlerEndsTheRunUnshown(t *testing.T) {
	tr, sum, err := run(t, tasks("a", "", `- {name: t, debug: {msg: x}, changed_when: true, notify: nosuch}
- {name: u, debug: {msg: x}}`), nil)
	if err == nil || !strings.Contains(err.Error(), "The requested handler 'nosuch' was not found") || sum.Exit != 1 {
		t.Errorf("exit %d, %v", sum.Exit, err)
	}
	same(t, tr, "")
	if tr.stats != nil {
		t.Error("a recap is shown")
	}
}

// One role taken in with two files of tasks has its handlers once.
func TestHandlersOfIncludedRoles(t *testing.T) {
	f := tasks("a", "", `- include_role: {name: r}
- include_role: {name: r, tasks_from: other}`)
	f["roles/r/tasks/main.yml"] = "- {name: t, debug: {msg: x}, changed_when: true, notify: h}\n"
	f["roles/r/tasks/other.yml"] = "- {name: o, debug: {msg: x}, changed_when: true, notify: h}\n"
	f["roles/r/handlers/main.yml"] = "- {name: h, debug: {msg: h}}\n"
	tr, _, err := run(t, f, nil)
	if err != nil {
		t.Fatal(err)
	}
	same(t, tr, "t a changed x\no a changed x\nh a ok h")
}
