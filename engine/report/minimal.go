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
	case "command", "shell", "raw", "script", "win_command", "win_shell":
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
	case event.AsyncPoll, event.Warning, event.Deprecation, event.Message, event.Meta:
		(&Default{s: m.S, set: m.Set}).Event(x)
	}
}

func (m *Minimal) result(x *event.Result) {
	(&Default{s: m.S, set: m.Set}).warnings(x.Dict)
	caption, color := "SUCCESS", "ok"
	switch x.Status {
	case event.Skipped:
		m.S.Print(x.Host+" | SKIPPED", "skip")
		return
	case event.Unreachable:
		caption, color = "UNREACHABLE!", "unreachable"
		m.S.Print(fmt.Sprintf("%s | %s%s", x.Host, caption, m.arrow(x)), color)
		return
	case event.Failed:
		caption, color = "FAILED", "error"
	default:
		if value.Truth(x.Dict.At("changed")) {
			caption, color = "CHANGED", "changed"
		}
	}
	if x.ShowDiff && value.Truth(x.Dict.At("diff")) && value.Truth(x.Dict.At("changed")) {
		if text := m.S.Diff(x.Dict.At("diff"), 3); text != "" {
			m.S.Print(text, "")
		}
	}
	if rawOutput(x.Task.Resolved) && !x.Dict.Has("module_stdout") && !x.NoLog {
		m.S.Print(m.text(x, caption), color)
		return
	}
	if x.Status == event.Failed {
		caption = "FAILED!"
	}
	m.S.Print(fmt.Sprintf("%s | %s%s", x.Host, caption, m.arrow(x)), color)
}

func (m *Minimal) arrow(x *event.Result) string {
	indent := 4
	if m.OneLine && m.S.Verbosity < 3 {
		indent = 0
	}
	text, err := value.DumpJSON(Visible(x.Dict, x.NoLog, m.S.Verbosity), value.JSONOptions{Indent: indent, SortKeys: true, Redact: true})
	if err != nil {
		text = value.Repr(x.Dict)
	}
	return " => " + text
}

func (m *Minimal) text(x *event.Result, caption string) string {
	rc := "-1"
	if v, ok := x.Dict.GetStr("rc"); ok {
		rc = value.Str(v)
	}
	out, errs, msg := value.Str(x.Dict.At("stdout")), value.Str(x.Dict.At("stderr")), value.Str(x.Dict.At("msg"))
	if x.Dict.At("stdout") == nil {
		out = ""
	}
	if x.Dict.At("stderr") == nil {
		errs = ""
	}
	if x.Dict.At("msg") == nil {
		msg = ""
	}
	if m.OneLine {
		line := fmt.Sprintf("%s | %s | rc=%s | (stdout) %s", x.Host, caption, rc, strings.ReplaceAll(out, "\n", `\n`))
		if errs != "" {
			line += " (stderr) " + strings.ReplaceAll(errs, "\n", `\n`)
		}
		return line
	}
	return fmt.Sprintf("%s | %s | rc=%s >>\n%s%s%s\n", x.Host, caption, rc, out, errs, msg)
}
