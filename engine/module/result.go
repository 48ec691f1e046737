package module

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// Fail returns a failed result with a message.
func Fail(format string, a ...any) *Result {
	r := OK()
	r.Failed = true
	r.Msg = format
	if len(a) > 0 {
		r.Msg = fmt.Sprintf(format, a...)
	}
	return r
}

// Error is a failure with further return values.
type Error struct {
	Msg    string
	Fields *value.Dict
}

func (e *Error) Error() string { return e.Msg }

// Errorf makes an *Error; kv are return values that go with it.
func Errorf(msg string, kv ...value.Value) *Error {
	d := value.NewDict()
	for i := 0; i+1 < len(kv); i += 2 {
		d.Set(kv[i], value.From(kv[i+1]))
	}
	return &Error{Msg: msg, Fields: d}
}

// FailErr turns err into a failed result, with the return values of an *Error.
func FailErr(err error) *Result {
	r := Fail("%s", err)
	if errors.Is(err, context.Canceled) {
		r.Msg = "interrupted: " + err.Error()
	}
	var e *Error
	if errors.As(err, &e) {
		r.Fields.Update(e.Fields)
	}
	return r
}

// Warn adds a warning and returns r.
func (r *Result) Warn(format string, a ...any) *Result {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, a...))
	return r
}

// AddDiff adds a difference and returns r.
func (r *Result) AddDiff(d Diff) *Result { r.Diff = append(r.Diff, d); return r }

func (d *Diff) dict() *value.Dict {
	o := value.NewDict()
	if d.Before != nil {
		o.Set("before", value.From(d.Before))
	}
	if d.After != nil {
		o.Set("after", value.From(d.After))
	}
	for _, h := range []struct{ k, v string }{
		{"before_header", d.BeforeHeader}, {"after_header", d.AfterHeader}, {"prepared", d.Prepared},
	} {
		if h.v != "" {
			o.Set(h.k, h.v)
		}
	}
	if d.SrcBinary {
		o.Set("src_binary", int64(1))
	}
	if d.DstBinary {
		o.Set("dst_binary", int64(1))
	}
	if d.SrcLarger > 0 {
		o.Set("src_larger", int64(d.SrcLarger))
	}
	if d.DstLarger > 0 {
		o.Set("dst_larger", int64(d.DstLarger))
	}
	return o
}

// Dict gives the form of the result that is registered.
func (r *Result) Dict() *value.Dict {
	d := value.NewDictCap(12)
	d.Set("changed", r.Changed)
	if r.Failed {
		d.Set("failed", true)
	}
	if r.Skipped {
		d.Set("skipped", true)
	}
	d.Update(r.Fields)
	if r.Msg != "" || r.HasMsg {
		d.Set("msg", r.Msg)
	}
	switch {
	case r.DiffList || len(r.Diff) > 1:
		l := value.NewList()
		for i := range r.Diff {
			l.Append(r.Diff[i].dict())
		}
		d.Set("diff", l)
	case len(r.Diff) == 1:
		d.Set("diff", r.Diff[0].dict())
	case r.DiffPresent:
		d.Set("diff", value.NewDict())
	}
	if r.Facts != nil {
		d.Set("ansible_facts", r.Facts)
	}
	if len(r.Warnings) > 0 {
		d.Set("warnings", value.From(r.Warnings))
	}
	if len(r.Deprecations) > 0 {
		l := value.NewList()
		for _, n := range r.Deprecations {
			e := value.DictOf("msg", n.Msg)
			if n.Date != "" {
				e.Set("date", n.Date)
			} else {
				e.Set("version", n.Version)
			}
			if n.Collection != "" {
				e.Set("collection_name", n.Collection)
			}
			l.Append(e)
		}
		d.Set("deprecations", l)
	}
	for _, k := range []string{"stdout", "stderr"} {
		if s, ok := value.Text(d.At(k)); ok && !d.Has(k+"_lines") {
			d.Set(k+"_lines", value.From(SplitLines(s)))
		}
	}
	return d
}

// SplitLines splits as Python's str.splitlines() does.
func SplitLines(s string) []string {
	out := []string{}
	for s != "" {
		i := strings.IndexFunc(s, isLineBreak)
		if i < 0 {
			return append(out, s)
		}
		out = append(out, s[:i])
		switch {
		case strings.HasPrefix(s[i:], "\r\n"):
			i += 2
		case s[i] < 0x80:
			i++
		case s[i] == 0xc2:
			i += 2
		default:
			i += 3
		}
		s = s[i:]
	}
	return out
}

func isLineBreak(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
		return true
	}
	return false
}
