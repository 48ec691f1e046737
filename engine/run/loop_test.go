package run_test

import "testing"

func TestLoops(t *testing.T) {
	cases := []struct{ name, task, want string }{
		{"list", `{debug: {msg: "{{ item }}"}, loop: [1, x]}`, "t a ok item=1 1\nt a ok item=x x\nt a ok"},
		{"items flatten one level", `{debug: {msg: "{{ item }}"}, with_items: [[1, 2], [[3]]]}`, "t a ok item=1 1\nt a ok item=2 2\nt a ok item=[3] [3]\nt a ok"},
		{"empty", `{debug: {msg: x}, loop: []}`, "t a skipped"},
		{"condition per item", `{debug: {msg: "{{ item }}"}, loop: [1, 2], when: item == 2}`, "t a skipped item=1\nt a ok item=2 2\nt a ok"},
		{"all skipped", `{debug: {msg: "{{ item }}"}, loop: [1], when: item == 2}`, "t a skipped item=1\nt a skipped"},
		{"undefined loop of a skipped task", `{debug: {msg: x}, loop: "{{ nosuch }}", when: false}`, "t a skipped"},
		{"undefined loop", `{debug: {msg: x}, loop: "{{ nosuch }}", ignore_errors: true}`, "t a failed ignored 'nosuch' is undefined. 'nosuch' is undefined"},
		{"names and label", `{debug: {msg: "{{ i.n }}{{ x }}{{ ansible_loop_var }}"}, loop: [{n: 5}], loop_control: {loop_var: i, index_var: x, label: "L{{ i.n }}"}}`, "t a ok item=L5 50i\nt a ok"},
		{"extended", `{debug: {msg: "{{ ansible_loop.index }}{{ ansible_loop.last }}{{ ansible_loop.nextitem | default('-') }}{{ ansible_loop.allitems }}"}, loop: [7, 8], loop_control: {extended: true}}`,
			"t a ok item=7 1False8[7, 8]\nt a ok item=8 2True-[7, 8]\nt a ok"},
		{"extended without all items", `{debug: {msg: "{{ ansible_loop.allitems is defined }}"}, loop: [7], loop_control: {extended: true, extended_allitems: false}}`, "t a ok item=7 False\nt a ok"},
		{"break_when", `{debug: {msg: "{{ item }}"}, loop: [1, 2, 3], register: r, loop_control: {break_when: [r.msg == 2]}}`, "t a ok item=1 1\nt a ok item=2 2\nt a ok"},
		{"one failure fails the task", `{assert: {that: item == 1, quiet: true}, loop: [1, 2], ignore_errors: true}`, "t a ok item=1\nt a failed item=2 ignored\nt a failed ignored"},
		{"a loop needs a list", `{debug: {msg: x}, loop: text, ignore_errors: true}`, "t a failed ignored Invalid data passed to 'loop', it requires a list, got this instead: text. Hint: If you passed a list/dict of just one element, try adding wantlist=True to your lookup invocation or use q/query instead of lookup."},
		{"until per item", `{debug: {msg: "{{ item }}"}, loop: [1, 2], register: r, until: r.msg == 2, retries: 1, delay: 0, ignore_errors: true}`, "t a failed item=1 ignored 1\nt a ok item=2 2\nt a failed ignored"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tr, _, err := run(t, tasks("a", "", "- name: t\n  <<: "+c.task+"\n"), nil)
			if err != nil {
				t.Fatal(err)
			}
			same(t, tr, c.want)
		})
	}
}

// What a loop leaves in its registered variable.
func TestRegisteredLoop(t *testing.T) {
	tr, _, err := run(t, tasks("a", "", `
- {name: t, debug: {msg: "{{ item }}"}, loop: [1, 2], when: item == 1, register: r}
- {name: see, debug: {msg: "{{ r.results | map(attribute='item') | list }} {{ r.results[1].skipped }} {{ r.results[0].skipped is defined }} {{ r.msg }} {{ r.changed }} {{ r.skipped }}"}}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	same(t, tr, "t a ok item=1 1\nt a skipped item=2\nt a ok\nsee a ok [1, 2] True False All items completed False False")
}
