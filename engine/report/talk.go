package report

import (
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/value"
)

// talk prints what every layout prints: warnings, messages, what -v adds.
type talk struct {
	s   *Screen
	set Settings
}

// Event implements event.Sink.
func (d *talk) Event(e event.Event) {
	switch x := e.(type) {
	case event.Warning:
		d.s.Warn(x.Msg, x.Verbatim)
	case event.Deprecation:
		d.deprecation(x)
	case event.Message:
		if x.Stderr && x.Wrap {
			d.s.PrintErr(wrap(x.Text, d.s.Columns), x.Color)
		} else if x.Stderr {
			d.s.PrintErr(x.Text, x.Color)
		} else if x.Banner {
			d.s.Banner(x.Text, x.Color)
		} else if x.Level == 0 {
			d.s.Print(x.Text, x.Color)
		} else {
			d.s.Verbose(x.Level, x.Host, x.Text)
		}
	case event.Meta:
		d.s.Verbose(2, "", "META: "+x.Text)
	}
}

// warnings prints what a result warns of, which may quote what no_log hides.
func (d *talk) warnings(x *event.Result) {
	if x.NoLog {
		return
	}
	r := x.Dict
	if l, ok := r.At("warnings").(*value.List); ok && d.set.ActionWarnings {
		for _, w := range l.Items {
			d.s.Warn(value.Str(w), false)
		}
	}
	if l, ok := r.At("deprecations").(*value.List); ok && d.set.ActionWarnings {
		for _, e := range l.Items {
			w, ok := e.(*value.Dict)
			if !ok {
				continue
			}
			x := event.Deprecation{Msg: value.Str(w.At("msg"))}
			if v := w.At("version"); v != nil {
				x.Version = value.Str(v)
			}
			if v := w.At("date"); v != nil {
				x.Date = value.Str(v)
			}
			if v := w.At("collection_name"); v != nil {
				x.Collection = value.Str(v)
			}
			d.deprecation(x)
		}
	}
}

func (d *talk) deprecation(x event.Deprecation) {
	if !d.set.ShowDeprecations && !x.Removed {
		return
	}
	msg := strings.TrimSpace(x.Msg)
	if !strings.HasSuffix(msg, ".") {
		msg += "."
	}
	from := ""
	if x.Collection != "" && x.Collection != "ansible.builtin" {
		from = "from " + x.Collection + " "
	}
	switch {
	case x.Removed:
		d.s.Deprecated("[DEPRECATED]: " + msg + " Please update your playbooks.")
		return
	case x.Date != "":
		msg += fmt.Sprintf(" This feature will be removed %sin a release after %s.", from, x.Date)
	case x.Version != "":
		pkg := from
		if pkg == "" {
			pkg = "from ansible-core "
		}
		msg += fmt.Sprintf(" This feature will be removed %sin version %s.", pkg, x.Version)
	default:
		msg += " This feature will be removed in a future release."
	}
	d.s.Deprecated("[DEPRECATION WARNING]: " + msg + " Deprecation warnings can be disabled by setting deprecation_warnings=False in ansible.cfg.")
}
