package report

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// Visible returns the part of a result that may be shown: private keys, the
// diff and, below -vvv, the invocation are left out.
func Visible(r *value.Dict, noLog bool, verbosity int) *value.Dict {
	if noLog {
		out := value.DictOf("censored", event.Censored)
		for _, k := range []string{"attempts", "changed", "retries", "failed", "unreachable", "skipped"} {
			if v, ok := r.GetStr(k); ok && (k == "attempts" || k == "changed" || k == "retries") {
				out.Set(k, v)
			}
		}
		if value.Str(r.At("_ansible_action")) == "debug" {
			out.Delete("changed")
		}
		return out
	}
	out := value.NewDictCap(r.Len())
	for k, v := range r.All() {
		name, _ := value.Text(k)
		switch {
		case strings.HasPrefix(name, "_ansible_"):
		case name == "invocation" && verbosity < 3:
		case name == "diff" && verbosity < 3:
		case name == "warnings" || name == "deprecations":
		case name == "failed" || name == "skipped":
		case name == "results":
			out.Set(k, public(v))
		default:
			out.Set(k, v)
		}
	}
	return out
}

// public leaves out the engine's private keys of items.
func public(v value.Value) value.Value {
	l, ok := v.(*value.List)
	if !ok {
		return v
	}
	out := value.NewList()
	for _, e := range l.Items {
		if d, ok := e.(*value.Dict); ok {
			c := value.NewDictCap(d.Len())
			for k, x := range d.All() {
				if name, _ := value.Text(k); !strings.HasPrefix(name, "_ansible_") {
					c.Set(k, x)
				}
			}
			e = c
		}
		out.Append(e)
	}
	return out
}

// whole is a result as other programs get it: with warnings, diff and
// invocation.
func whole(r *value.Dict, noLog bool) *value.Dict {
	out := Visible(r, noLog, 3)
	if !noLog {
		for _, k := range []string{"warnings", "deprecations"} {
			if v, ok := r.GetStr(k); ok {
				out.Set(k, v)
			}
		}
	}
	return out
}

// dump writes a result as it stands behind "=>".
func (d *Default) dump(r *value.Dict, noLog, verbose bool, indent int) string {
	return d.lay(r, Visible(r, noLog, d.s.Verbosity), verbose, indent)
}

// lay writes v, the part of the result r that is shown.
func (d *Default) lay(r, v *value.Dict, verbose bool, indent int) string {
	if verbose {
		debugOnly(r, v)
		indent = 4
	}
	if d.set.Streams {
		return withStreams(v)
	}
	if d.set.ResultYAML {
		var shown value.Value = v
		if !d.set.Lossless {
			for _, k := range []string{"stdout", "stderr"} {
				if v.Has(k) && v.Has(k+"_lines") {
					v.Set(k+"_lines", "<omitted>")
				}
			}
			shown = lossy(v)
		}
		if text, err := yaml.Dump(shown, yaml.DumpOptions{Indent: 4, SortKeys: true, Literal: true, AllowUnicode: true, Width: 80}); err == nil {
			return "\n" + indented(strings.TrimRight(text, "\n"))
		}
	}
	if d.s.Verbosity > 2 || d.set.PrettyJSON {
		indent = 4
	}
	if d.set.Lossless {
		indent = 0
	}
	return jsonText(v, indent)
}

// jsonText writes a result as JSON with sorted keys where they can be.
func jsonText(v value.Value, indent int) string {
	text, err := value.DumpJSON(v, value.JSONOptions{Indent: indent, SortKeys: true, Redact: true})
	if err != nil {
		if text, err = value.DumpJSON(v, value.JSONOptions{Indent: indent, Redact: true}); err != nil {
			return value.Repr(v)
		}
	}
	return text
}

// lineEnds are the line breaks and margins of JSON; its texts have none.
var lineEnds = regexp.MustCompile(`\n *`)

// flatJSON is Python's JSON of indent 0, which breaks lines without margins.
func flatJSON(v value.Value) string { return lineEnds.ReplaceAllString(jsonText(v, 1), "\n") }

// withStreams writes a result with what programs and people said below it, as
// it is.
func withStreams(v *value.Dict) string {
	v = v.Clone()
	var said strings.Builder
	for _, k := range []string{"stdout", "stderr", "msg", "module_stdout", "module_stderr"} {
		if x, ok := v.GetStr(k); ok && value.Truth(x) {
			fmt.Fprintf(&said, "\n\n%s:\n\n%s\n", strings.ToUpper(k), value.Str(x))
		}
		v.Delete(k)
		v.Delete(k + "_lines")
	}
	return jsonText(v, 4) + said.String()
}

// lossy trims what a YAML block cannot show: blanks at line ends and around
// text of several lines.
func lossy(v value.Value) value.Value {
	switch x := v.(type) {
	case *value.Dict:
		d := value.NewDictCap(x.Len())
		for k, e := range x.All() {
			d.Set(k, lossy(e))
		}
		return d
	case *value.List:
		l := value.NewList()
		for _, e := range x.Items {
			l.Append(lossy(e))
		}
		return l
	}
	s, ok := value.Text(v)
	if !ok || !strings.Contains(s, "\n") {
		return v
	}
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(s, "\t", "    "), " \n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \r")
	}
	return strings.Join(lines, "\n")
}

func indented(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if l != "" {
			lines[i] = "    " + l
		}
	}
	return strings.Join(lines, "\n")
}

// debugOnly leaves debug's message alone on the screen.
func debugOnly(r, v *value.Dict) {
	if !value.Truth(r.At("_ansible_verbose_always")) || r.Has("assertion") || r.Has("evaluated_to") {
		return
	}
	if value.Str(r.At("_ansible_action")) != "debug" {
		return
	}
	alone := v.Has("msg") // a message stands alone; with var, its name says which it is
	for _, k := range append([]value.Value(nil), v.Keys()...) {
		switch name, _ := value.Text(k); name {
		case "changed", "failed", "skipped", "invocation", "skip_reason":
			v.Delete(k)
		case "msg", "exception":
		default:
			if alone {
				v.Delete(k)
			}
		}
	}
}

// recap prints the figures of all hosts.
func (d *Default) recap(x event.Stats) {
	d.s.Banner("PLAY RECAP", "")
	for _, h := range x.Hosts {
		c := x.Counts[h]
		color := "ok"
		switch {
		case c.Failed > 0 || c.Unreachable > 0:
			color = "error"
		case c.Changed > 0:
			color = "changed"
		}
		name := pad(h, 26)
		if d.s.Color {
			name = pad(d.s.Paint(h, color), 37) // the codes count, in Ansible too
		}
		line := name + " : " + strings.Join([]string{
			d.figure("ok", c.OK, "ok"), d.figure("changed", c.Changed, "changed"),
			d.figure("unreachable", c.Unreachable, "unreachable"), d.figure("failed", c.Failed, "error"),
			d.figure("skipped", c.Skipped, "skip"), d.figure("rescued", c.Rescued, "ok"),
			d.figure("ignored", c.Ignored, "warn")}, " ")
		d.s.Print(line, "")
	}
	d.s.Print("", "")
	d.customStats(x)
}

func pad(s string, n int) string {
	if w := len([]rune(s)); w < n {
		return s + strings.Repeat(" ", n-w)
	}
	return s
}

// figure is one "ok=3   " of the recap.
func (d *Default) figure(name string, n int, color string) string {
	text := name + "=" + pad(itoa(n), 4)
	if n > 0 {
		return d.s.Paint(text, color)
	}
	return text
}

func itoa(n int) string { return value.Repr(int64(n)) }

func (d *Default) customStats(x event.Stats) {
	if !d.set.CustomStats || len(x.Custom) == 0 {
		return
	}
	d.s.Banner("CUSTOM STATS: ", "")
	dump := func(v *value.Dict) string {
		indent := 1
		if d.set.Lossless {
			indent = 0
		}
		return strings.ReplaceAll(jsonText(v, indent), "\n", "")
	}
	for _, h := range sortedKeys(x.Custom) {
		if h != "_run" {
			d.s.Print("\t"+h+": "+dump(x.Custom[h]), "")
		}
	}
	if r, ok := x.Custom["_run"]; ok {
		d.s.Print("", "")
		d.s.Print("\tRUN: "+dump(r), "")
	}
	d.s.Print("", "")
}
