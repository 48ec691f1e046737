package report

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/value"
)

// play is a short run: one task that is fine, one that fails.
func play(s event.Sink) {
	p := &event.PlayStart{ID: "p1", Name: "all", Hosts: []string{"h1"}, Pos: value.Pos{File: "/b/k.yml", Line: 1}}
	first := &event.Task{ID: "t1", Name: "first", Own: "first", Action: "debug", Resolved: "ansible.builtin.debug", Pos: value.Pos{File: "/b/k.yml", Line: 5}, Play: p, Args: value.DictOf("msg", "hi")}
	second := &event.Task{ID: "t2", Name: "web : second", Own: "second", Action: "command", Resolved: "ansible.builtin.command", Pos: value.Pos{File: "/b/k.yml", Line: 9}, Play: p, Args: value.DictOf("_raw_params", "false")}
	for _, e := range []event.Event{
		event.PlaybookStart{File: "/b/k.yml", Plays: 1}, *p,
		event.TaskStart{Task: first},
		event.Result{Task: first, Host: "h1", Dict: value.DictOf("changed", false, "failed", false, "msg", "hi", "_ansible_verbose_always", true, "_ansible_action", "debug"), Verbose: true},
		event.TaskStart{Task: second},
		event.Result{Task: second, Host: "h1", Status: event.Failed, Dict: value.DictOf("changed", true, "failed", true, "rc", int64(1), "cmd", value.NewList("a", "b"), "msg", "non-zero <return> code", "stdout", "x\ny")},
		event.Stats{Hosts: []string{"h1"}, Counts: map[string]*event.Counts{"h1": {OK: 1, Failed: 1}}},
	} {
		s.Event(e)
	}
}

func output(t *testing.T, o Options) string {
	t.Helper()
	clock := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	now = func() time.Time { clock = clock.Add(500 * time.Millisecond); return clock }
	defer func() { now = time.Now }()
	var out bytes.Buffer
	o.Screen = NewScreen(&out, &out, "never", 0)
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	play(s)
	return out.String()
}

// The lines of minimal and oneline were recorded from ansible-core.
func TestLayouts(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Stdout: "minimal"}, "h1 | SUCCESS => {\n    \"msg\": \"hi\"\n}\nh1 | FAILED | rc=1 >>\nx\nynon-zero <return> code\n"},
		{Options{Stdout: "oneline"}, "h1 | SUCCESS => {    \"changed\": false,    \"msg\": \"hi\"}\n" +
			`h1 | FAILED! => {"changed": true,"cmd": ["a","b"],"msg": "non-zero <return> code","rc": 1,"stdout": "x\ny"}` + "\n"},
		{Options{Stdout: "null", Enabled: []string{"ansible.posix.timer"}}, "Playbook run took 0 days, 0 hours, 0 minutes, 0 seconds\n"},
		{Options{Stdout: "null", Enabled: []string{"nosuch"}}, "[WARNING]: Skipping callback plugin 'nosuch', unable to load\n"},
		{Options{Stdout: "null", Enabled: []string{"profile_tasks"}}, "Friday 02 January 2026  03:04:06 +0000 (0:00:00.500)       0:00:00.500 ******** \n" +
			"Friday 02 January 2026  03:04:07 +0000 (0:00:01.000)       0:00:01.500 ******** \n" +
			"Friday 02 January 2026  03:04:09 +0000 (0:00:02.000)       0:00:03.500 ******** \n" + strings.Repeat("=", 79) + " \n" +
			"first ------------------------------------------------------------------- 1.00s\nweb : second ------------------------------------------------------------ 0.50s\n"},
		{Options{Stdout: "debug"}, "\nFAILED! => {\n    \"changed\": true,\n    \"cmd\": [\n        \"a\",\n        \"b\"\n    ],\n    \"rc\": 1\n}\n\nSTDOUT:\n\nx\ny\n\n\nMSG:\n\nnon-zero <return> code\n"},
	} {
		got := output(t, c.o)
		if c.o.Stdout == "debug" {
			got = got[strings.Index(got, "fatal"):]
			c.want = "fatal: [h1]: " + c.want[1:]
			got = got[:min(len(got), len(c.want))]
		}
		if got != c.want {
			t.Errorf("%s %v:\n%q\nwant\n%q", c.o.Stdout, c.o.Enabled, got, c.want)
		}
	}
	if _, err := New(Options{Stdout: "nosuch", Screen: NewScreen(nil, nil, "never", 0)}); err == nil || err.Error() != "Invalid callback for stdout specified: nosuch" {
		t.Error(err)
	}
}

func TestJSON(t *testing.T) {
	v, err := value.ParseJSON([]byte(output(t, Options{Stdout: "json"})))
	if err != nil {
		t.Fatal(err)
	}
	at := func(v value.Value, path ...any) value.Value {
		for _, p := range path {
			switch x := p.(type) {
			case string:
				v = v.(*value.Dict).At(x)
			case int:
				v = v.(*value.List).Items[x]
			}
		}
		return v
	}
	for want, path := range map[string][]any{
		"'web : second'":         {"plays", 0, "tasks", 1, "task", "name"},
		"'/b/k.yml:9'":           {"plays", 0, "tasks", 1, "task", "path"},
		"True":                   {"plays", 0, "tasks", 1, "hosts", "h1", "failed"},
		"'command'":              {"plays", 0, "tasks", 1, "hosts", "h1", "action"},
		"None":                   {"plays", 0, "tasks", 0, "hosts", "h1", "failed"},
		"1":                      {"stats", "h1", "failures"},
		"'2026-01-02T03:04:05.5": {"plays", 0, "play", "duration", "start"},
		"{}":                     {"global_custom_stats"},
	} {
		if got := value.Repr(at(v, path...)); !strings.HasPrefix(got, want) {
			t.Errorf("%v: %s, want %s", path, got, want)
		}
	}
}

// Recorded from ansible-core's junit.
func TestJUnit(t *testing.T) {
	dir := t.TempDir()
	env := map[string]string{"JUNIT_OUTPUT_DIR": dir, "JUNIT_TASK_RELATIVE_PATH": "/b"}
	output(t, Options{Stdout: "null", Enabled: []string{"junit"}, Option: func(names, _ []string) (string, bool) { v, ok := env[names[0]]; return v, ok }})
	files, _ := filepath.Glob(filepath.Join(dir, "k-*.xml"))
	if len(files) != 1 {
		t.Fatal(files)
	}
	got, _ := os.ReadFile(files[0])
	want := `<?xml version="1.0" ?>
<testsuites disabled="0" errors="0" failures="1" tests="2" time="1">
	<testsuite disabled="0" errors="0" failures="1" name="k" skipped="0" tests="2" time="1">
		<testcase classname="k.yml:5" name="[h1] all: first msg=hi" time="0.5">
			<system-out>{
    &quot;changed&quot;: false,
    &quot;msg&quot;: &quot;hi&quot;
}</system-out>
		</testcase>
		<testcase classname="k.yml:9" name="[h1] all: web : second _raw_params=false" time="0.5">
			<failure message="non-zero &lt;return&gt; code" type="failure">{
&quot;changed&quot;: true,
&quot;cmd&quot;: [
&quot;a&quot;,
&quot;b&quot;
],
&quot;msg&quot;: &quot;non-zero &lt;return&gt; code&quot;,
&quot;rc&quot;: 1,
&quot;stdout&quot;: &quot;x\ny&quot;
}</failure>
		</testcase>
	</testsuite>
</testsuites>
`
	if string(got) != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestColors(t *testing.T) {
	s := NewScreen(nil, nil, "always", 0)
	s.Colors = map[string]string{"ok": "rgb123", "changed": "gray5", "skip": "color88"}
	for kind, code := range map[string]string{"ok": "38;5;67", "changed": "38;5;237", "skip": "38;5;88", "error": "0;31", "unreachable": "1;31"} {
		if got, want := s.Paint("x", kind), "\x1b["+code+"mx\x1b[0m"; got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
}
