package report

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/value"
)

// Minimal is the report of ad hoc commands; with OneLine each result takes one
// line.
type Minimal struct {
	S       *Screen
	OneLine bool
	Set     Settings
}

// rawOutput are modules whose output is shown as text instead of JSON.
func rawOutput(action string) bool {
	switch strings.TrimPrefix(strings.TrimPrefix(action, "ansible.builtin."), "ansible.legacy.") {
	case "command", "shell", "raw", "win_command", "win_shell":
		return true
	}
	return false
}

// Event implements event.Sink.
func (m *Minimal) Event(e event.Event) {
	switch x := e.(type) {
	case event.Result:
		if !x.Item {
			m.result(&x)
		}
	case event.Included:
		for _, r := range inclusions(x) {
			m.result(&r)
		}
	case event.AsyncPoll:
		NewDefault(m.S, m.Set).async(x)
	}
}

// inclusions are the results that hosts have of an include.
func inclusions(x event.Included) []event.Result {
	d := value.DictOf("changed", false, "include", x.File, "include_args", value.NewDict())
	if name, ok := x.Task.Args.GetStr("_raw_params"); ok {
		d.Set("include", name)
	}
	var out []event.Result
	for _, h := range x.Hosts {
		out = append(out, event.Result{Task: x.Task, Host: h, Dict: d})
	}
	return out
}

func (m *Minimal) result(x *event.Result) {
	if x.Status == event.Changed && !m.OneLine && !x.NoLog && x.ShowDiff && value.Truth(x.Dict.At("diff")) {
		if text := m.S.Diff(x.Dict.At("diff"), 3); text != "" {
			m.S.Print(text, "")
		}
	}
	(&talk{m.S, m.Set}).warnings(x)
	caption, color := "SUCCESS", "ok"
	switch x.Status {
	case event.Skipped:
		m.S.Print(x.Host+" | SKIPPED", "skip")
		return
	case event.Unreachable:
		if m.OneLine && !x.NoLog {
			m.S.Print(x.Host+" | UNREACHABLE!: "+text(x.Dict.At("msg")), "unreachable")
			return
		}
		m.S.Print(x.Host+" | UNREACHABLE! => "+m.dump(x), "unreachable")
		return
	case event.Failed:
		caption, color = "FAILED", "error"
	default:
		if value.Truth(x.Dict.At("changed")) {
			caption, color = "CHANGED", "changed"
		}
	}
	asText := rawOutput(x.Task.Resolved) && !x.Dict.Has("module_stdout") && !x.Dict.Has("ansible_job_id") && !x.NoLog
	if asText && !(m.OneLine && x.Status == event.Failed) {
		m.S.Print(m.output(x, caption), color)
		return
	}
	if x.Status == event.Failed {
		caption = "FAILED!"
	}
	m.S.Print(fmt.Sprintf("%s | %s => %s", x.Host, caption, m.dump(x)), color)
}

func (m *Minimal) dump(x *event.Result) string {
	v := Visible(x.Dict, x.NoLog, m.S.Verbosity)
	switch {
	case !m.OneLine:
		if x.Verbose {
			debugOnly(x.Dict, v)
		}
		return jsonText(v, 4)
	case x.Verbose || m.S.Verbosity > 2:
		return strings.ReplaceAll(jsonText(v, 4), "\n", "")
	}
	return strings.ReplaceAll(flatJSON(v), "\n", "")
}

// text is a value on the screen, nothing where there is none.
func text(v value.Value) string {
	if v == nil {
		return ""
	}
	return value.Str(v)
}

// output shows what a command printed.
func (m *Minimal) output(x *event.Result, caption string) string {
	rc := "-1"
	if v, ok := x.Dict.GetStr("rc"); ok {
		rc = value.Str(v)
	}
	out, errs := text(x.Dict.At("stdout")), text(x.Dict.At("stderr"))
	if m.OneLine {
		line := fmt.Sprintf("%s | %s | rc=%s | (stdout) %s", x.Host, caption, rc, strings.ReplaceAll(out, "\n", `\n`))
		if errs != "" {
			line += " (stderr) " + strings.ReplaceAll(errs, "\n", `\n`)
		}
		return line
	}
	return fmt.Sprintf("%s | %s | rc=%s >>\n%s%s%s\n", x.Host, caption, rc, out, errs, text(x.Dict.At("msg")))
}
