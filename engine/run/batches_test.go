package run_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine"
)

func TestSerial(t *testing.T) {
	cases := []struct{ serial, want string }{
		{"0", "abcd"}, {"1", "a b c d"}, {"3", "abc d"}, {"9", "abcd"}, {`"50%"`, "ab cd"}, {`"30%"`, "a b c d"}, {`"1%"`, "a b c d"},
		{"[1, 2]", "a bc d"}, {`[1, "50%"]`, "a bc d"}, {"[]", "abcd"}, {`"{{ 2 }}"`, "ab cd"},
	}
	for _, c := range cases {
		tr, _, err := run(t, tasks("all", "serial: "+c.serial, `- {name: t, debug: {msg: "{{ ansible_play_batch | join }}"}}`), nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range tr.lines {
			if b := l[strings.LastIndex(l, " ")+1:]; strings.HasPrefix(l, "t ") && (len(got) == 0 || got[len(got)-1] != b) {
				got = append(got, b)
			}
		}
		if g := strings.Join(got, " "); g != c.want {
			t.Errorf("serial %s: got %s, want %s", c.serial, g, c.want)
		}
	}
	if _, _, err := run(t, tasks("all", "serial: x", `- {debug: }`), nil); err == nil {
		t.Error("serial: x is taken")
	}
}

// How many of four hosts may fail; a play after the one that was ended does not run.
func TestMaxFailPercentage(t *testing.T) {
	cases := []struct {
		percent string
		failing string
		goesOn  bool
	}{
		{"0", "", true}, {"0", "a", false}, {"24", "a", false}, {"25", "a", true}, {"25", "ab", false}, {"50%", "ab", true}, {"49.9", "ab", false}, {"100", "abc", true},
	}
	for _, c := range cases {
		f := tasks("all", "max_fail_percentage: "+c.percent, fmt.Sprintf("- {name: t, fail: {msg: x}, when: inventory_hostname in '%s'}\n- {name: end, debug: {msg: e}}", c.failing))
		if c.failing == "" {
			f = tasks("all", "max_fail_percentage: "+c.percent, "- {name: end, debug: {msg: e}}")
		}
		f["play.yml"] += "- hosts: all\n  gather_facts: false\n  tasks: [{name: later, debug: {msg: l}}]\n"
		tr, _, err := run(t, f, nil)
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(tr.lines, "\n")
		if got := strings.Contains(all, "end d ok"); got != c.goesOn {
			t.Errorf("%s of %q failing: went on %v", c.percent, c.failing, got)
		}
		if got := strings.Contains(all, "later d ok"); got != c.goesOn {
			t.Errorf("%s of %q failing: later play ran %v", c.percent, c.failing, got)
		}
	}
}

func TestWholeBatchFailedEndsTheRun(t *testing.T) {
	f := tasks("all", "serial: 2", "- {name: t, fail: {msg: x}, when: inventory_hostname in 'ab'}")
	f["play.yml"] += "- hosts: all\n  gather_facts: false\n  tasks: [{name: later, debug: {msg: l}}]\n"
	tr, sum, err := run(t, f, nil)
	if err != nil {
		t.Fatal(err)
	}
	same(t, tr, "t a failed\nt b failed")
	if sum.Exit != 2 {
		t.Errorf("exit %d", sum.Exit)
	}
}

func TestFreeKeepsForksAndThrottle(t *testing.T) {
	// Three hosts that are at the first task at once wait for each other; the fourth finds their marks.
	met := filepath.ToSlash(t.TempDir())
	f := tasks("all", "strategy: free", `
- {name: wide, debug: {msg: "{{ lookup('pipe', 'cd `+met+` && touch ' ~ inventory_hostname ~ ' && n=0; until [ $(ls | wc -l) -ge 3 ] || [ $n = 600 ]; do sleep 0.1; n=$((n+1)); done') }}"}}
- {name: narrow, debug: {msg: "{{ lookup('pipe', 'sleep 0.02') }}"}, throttle: 1}
- {name: group, group_by: {key: "g_{{ inventory_hostname }}"}}
- {name: see, debug: {msg: "{{ hostvars['a'].group_names | length }}{{ groups | length > 0 }}"}}`)
	tr, _, err := run(t, f, func(o *engine.Options) { o.Forks = 3 })
	if err != nil {
		t.Fatal(err)
	}
	if tr.most != 3 {
		t.Errorf("%d tasks at once with 3 forks", tr.most)
	}
	if tr.atOnce["narrow"] != 1 {
		t.Errorf("%d hosts at a task with throttle 1", tr.atOnce["narrow"])
	}
	if n := len(tr.lines); n != 17 {
		t.Errorf("%d lines: %v", n, tr.lines)
	}
}

func TestFreeHasNoBarrier(t *testing.T) {
	done := filepath.ToSlash(filepath.Join(t.TempDir(), "done")) // b's last task leaves it, which a's first waits for
	tr, _, err := run(t, tasks("a,b", "strategy: free", `
- {name: slow, debug: {msg: "{{ lookup('pipe', 'n=0; until [ -e `+done+` ] || [ $n = 600 ]; do sleep 0.1; n=$((n+1)); done') }}"}, when: inventory_hostname == 'a'}
- {name: end, debug: {msg: e}}
- {name: mark, debug: {msg: "{{ lookup('pipe', 'touch `+done+`') }}"}}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	// a may be told of before b's mark
	tr.lines = slices.DeleteFunc(tr.lines, func(l string) bool { return strings.HasPrefix(l, "mark ") })
	same(t, tr, "slow b skipped\nend b ok e\nslow a ok \nend a ok e")
}
