package run_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine"
)

// A host's way through blocks: what fails where, and what runs then.
func TestBlocks(t *testing.T) {
	cases := []struct{ name, keywords, list, want, counts string }{
		{"rescue and always", "", `
- block:
  - {name: one, fail: {msg: x}, when: inventory_hostname == 'a'}
  - {name: two, debug: {msg: two}}
  rescue:
  - {name: resc, debug: {msg: "{{ ansible_failed_task.name }}"}}
  always:
  - {name: alw, debug: {msg: alw}}
- {name: end, debug: {msg: end}}`, `
one a failed
one b skipped
two b ok two
resc a ok one
alw a ok alw
alw b ok alw
end a ok end
end b ok end`, "a 3/0/1 b 3/0/0"},
		{"a failure in rescue stays one, always runs", "", `
- block:
  - {name: one, fail: {msg: x}, when: inventory_hostname == 'a'}
  rescue:
  - {name: resc, fail: {msg: y}}
  always:
  - {name: alw, debug: {msg: alw}}
- {name: end, debug: {msg: end}}`, `
one a failed
one b skipped
resc a failed
alw a ok alw
alw b ok alw
end b ok end`, "a 1/1/1 b 2/0/0"},
		{"an outer rescue takes what an inner one fails with", "", `
- block:
  - block:
    - {name: one, fail: {msg: x}, when: inventory_hostname == 'b'}
    rescue:
    - {name: inner, fail: {msg: y}}
    always:
    - {name: alw, fail: {msg: z}, when: inventory_hostname == 'a'}
  rescue:
  - {name: outer, debug: {msg: "{{ ansible_failed_task.name }}"}}
- {name: end, debug: {msg: end}}`, `
one a skipped
one b failed
inner b failed
alw a failed
alw b skipped
outer a ok alw
outer b ok inner
end a ok end
end b ok end`, "a 2/0/1 b 2/0/2"},
		{"a rescue without selected tasks rescues nothing", "tags: [run]\n", `
- block:
  - {name: one, fail: {msg: x}, when: inventory_hostname == 'a'}
  rescue:
  - {name: resc, debug: {msg: r}, tags: never}
- {name: end, debug: {msg: end}}`, `
one a failed
one b skipped
end b ok end`, "a 0/1/0 b 1/0/0"},
		{"any_errors_fatal sends all hosts to the rescue", "any_errors_fatal: true\n", `
- block:
  - {name: one, fail: {msg: x}, when: inventory_hostname == 'a'}
  - {name: two, debug: {msg: two}}
  rescue:
  - {name: resc, debug: {msg: r}}
- {name: end, debug: {msg: end}}`, `
one a failed
one b skipped
resc a ok r
resc b ok r
end a ok end
end b ok end`, "a 2/0/1 b 2/0/0"},
		{"ignored errors are none", "", `
- {name: one, fail: {msg: x}, ignore_errors: "{{ inventory_hostname == 'a' }}"}
- {name: end, debug: {msg: end}}`, `
one a failed ignored
one b failed
end a ok end`, "a 2/0/0 b 0/1/0"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tr, _, err := run(t, tasks("a,b", c.keywords, c.list), nil)
			if err != nil {
				t.Fatal(err)
			}
			same(t, tr, c.want)
			var got []string
			for _, h := range []string{"a", "b"} {
				s := tr.stats[h]
				got = append(got, h, fmt.Sprintf("%d/%d/%d", s.OK, s.Failed, s.Rescued))
			}
			if g := strings.Join(got, " "); g != c.counts {
				t.Errorf("ok/failed/rescued: got %s, want %s", g, c.counts)
			}
		})
	}
}

// Included tasks of hosts that take in different files are in lockstep per file.
func TestLockstepOfIncludes(t *testing.T) {
	f := tasks("a,b,c", "", `
- include_tasks: "{{ 'y' if inventory_hostname in 'ac' else 'x' }}.yml"
- {name: end, debug: {msg: end}}`)
	f["x.yml"] = "- {name: x1, debug: {msg: x}}\n- {name: x2, debug: {msg: x}}\n"
	f["y.yml"] = "- {name: y1, debug: {msg: y}}\n- {name: y2, debug: {msg: y}}\n"
	tr, _, err := run(t, f, nil)
	if err != nil {
		t.Fatal(err)
	}
	same(t, tr, `
y1 a ok y
y1 c ok y
y2 a ok y
y2 c ok y
x1 b ok x
x2 b ok x
end a ok end
end b ok end
end c ok end`)
}

func TestRunOnce(t *testing.T) {
	tr, sum, err := run(t, tasks("a,b", "", `
- {name: set, set_fact: {x: "{{ inventory_hostname }}"}, run_once: true}
- {name: see, debug: {msg: "{{ x }}"}}
- {name: not, debug: {msg: no}, run_once: true, when: inventory_hostname == 'b'}
- {name: all, fail: {msg: x}, run_once: true}
- {name: end, debug: {msg: end}}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	same(t, tr, `
set a ok
see a ok a
see b ok a
not a skipped
all a failed
NOHOSTS`)
	if sum.Exit != 2 || tr.stats["b"].Failed != 0 {
		t.Errorf("exit %d, %d failures of b", sum.Exit, tr.stats["b"].Failed)
	}
}

func TestUnreachableIsNotRescued(t *testing.T) {
	f := tasks("a,b", "", `
- block:
  - {name: ping, ping: }
  rescue:
  - {name: resc, debug: {msg: r}}
- {name: end, debug: {msg: end}}`)
	f["hosts"] = "a ansible_host=127.0.0.1 ansible_port=1\nb ansible_host=127.0.0.1 ansible_port=1\n"
	tr, sum, err := run(t, f, func(o *engine.Options) { o.Connection = "ssh" })
	if err != nil {
		t.Fatal(err)
	}
	if sum.Exit != 4 || tr.stats["a"].Unreachable != 1 || strings.Contains(strings.Join(tr.lines, "\n"), "resc") {
		t.Errorf("exit %d, %v", sum.Exit, tr.lines)
	}
}
