package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/vars"
)

// attempt runs the action, again and again where until and retries say so.
func (tr *taskRun) attempt(ctx context.Context, view *vars.View, t *templar.Templar, s settings, x *execution) *execution {
	until := playbook.Items(playbook.Get(tr.task, playbook.KeyUntil))
	hasUntil := playbook.Get(tr.task, playbook.KeyUntil).Set
	tries := 1
	if s.retries >= 0 && (hasUntil || s.retries > 0) {
		tries = s.retries + 1
	}
	s.attempts = tries > 1 || hasUntil
	for n := 1; ; n++ {
		tr.execute1(ctx, view, t, s, x, n)
		if x.fatal != nil || ctx.Err() != nil || x.status == event.Unreachable {
			return x
		}
		if tries == 1 && !hasUntil {
			return x
		}
		x.dict.Set("attempts", int64(n))
		done := x.status != event.Failed
		if hasUntil {
			ok, _, err := testAll(tr.resultTemplar(view, x.dict), until, tr)
			if err != nil {
				return tr.merge(x, tr.failure(err))
			}
			done = ok
		}
		if done {
			return x
		}
		if n >= tries {
			x.dict.Set("attempts", int64(max(n-1, 0)))
			x.dict.Set("failed", true)
			x.status = event.Failed
			if v, ok := x.dict.GetStr("failed_when_result"); ok && !value.Truth(v) {
				x.status = event.OK // failed_when has the last word
				if value.Truth(x.dict.At("changed")) {
					x.status = event.Changed
				}
			}
			return x
		}
		shown := x.dict.Clone()
		shown.Set("retries", int64(tries))
		tr.emit(event.Retry{Task: tr.ev, Host: tr.h.name, Name: tr.hostName(), Dict: shown, Left: tries - n, Delegate: bare(tr.delegates(x.delegate), x.delegate), NoLog: x.noLog})
		if !sleep(ctx, time.Duration(max(s.delay, 0)*float64(time.Second))) {
			return x
		}
	}
}

// hostName is the task's name as this host renders it, without the role; the
// action where it has none.
func (tr *taskRun) hostName() string {
	if isTemplate(tr.task.Name) {
		if v, err := tr.t.RenderLenient(tr.task.Name, tr.task.Pos); err == nil {
			return value.Str(v)
		}
	}
	return tr.ev.Own
}

// resultTemplar sees the result under its registered name.
func (tr *taskRun) resultTemplar(view *vars.View, d *value.Dict) *templar.Templar {
	local := value.NewDict()
	if tr.task.Register != "" {
		local.Set(tr.task.Register, value.MarkUnsafe(d))
	}
	if f, ok := d.At("ansible_facts").(*value.Dict); ok {
		if tr.task.Resolved == "ansible.builtin.set_fact" || tr.task.Resolved == "ansible.builtin.include_vars" {
			local.Update(f)
		} else if tr.r.o.Store.InjectFacts {
			local.Update(f)
		}
	}
	return tr.templar(view.Local(local))
}

// execute1 is one attempt: render the arguments, act, judge the result.
func (tr *taskRun) execute1(ctx context.Context, view *vars.View, t *templar.Templar, s settings, x *execution, n int) {
	d, err := tr.act(ctx, view, t, s, x, n)
	if err != nil {
		f := tr.failure(err)
		x.dict, x.status, x.fatal = f.dict, f.status, f.fatal
		if !errors.As(err, new(*resultError)) {
			var te *templar.Error
			x.abort = errors.As(err, &te)
			return // nothing came back that could be judged
		}
		d = x.dict
	}
	x.dict = d
	if value.Truth(d.At("unreachable")) {
		x.status = event.Unreachable
		return
	}
	if s.attempts {
		d.Set("attempts", int64(n))
	}
	tr.judge(view, x)
	if reg := tr.task.Register; reg != "" && !action.IsIdentifier(reg) {
		x.dict = value.DictOf("failed", true, "msg", fmt.Sprintf("Invalid variable name in 'register' specified: '%s'", reg))
		x.status = event.Failed
	}
}

// judge applies changed_when and failed_when and settles the status.
func (tr *taskRun) judge(view *vars.View, x *execution) {
	d := x.dict
	if _, ok := d.GetStr("failed"); !ok {
		if rc, ok := d.GetStr("rc"); ok && value.Str(rc) != "0" && rc != nil {
			d.Set("failed", true)
		}
	}
	if !d.Has("changed") {
		d.Set("changed", false)
	}
	skipped := value.Truth(d.At("skipped"))
	if cw := playbook.Get(tr.task, playbook.KeyChangedWhen); cw.Set && !skipped {
		ok, _, err := testAll(tr.resultTemplar(view, d), playbook.Items(cw), tr)
		if err != nil {
			d.Set("failed", true)
			d.Set("changed_when_result", err.Error())
			if !d.Has("msg") {
				d.Set("msg", err.Error())
			}
		} else {
			d.Set("changed", ok)
		}
	}
	if fw := playbook.Get(tr.task, playbook.KeyFailedWhen); fw.Set && !skipped {
		ok, _, err := testAll(tr.resultTemplar(view, d), playbook.Items(fw), tr)
		if err != nil {
			d.Set("failed", true)
			d.Set("failed_when_result", err.Error())
			if !d.Has("msg") {
				d.Set("msg", err.Error())
			}
		} else {
			d.Set("failed_when_result", ok)
			d.Set("failed", ok)
		}
	}
	switch {
	case value.Truth(d.At("failed")):
		x.status = event.Failed
	case skipped:
		x.status = event.Skipped
	case value.Truth(d.At("changed")):
		x.status = event.Changed
	default:
		x.status = event.OK
	}
	if _, ok := d.GetStr("failed"); !ok {
		d.Set("failed", false)
	}
	if msg, ok := d.At("msg").(string); ok { // it may quote a template
		d.Set("msg", value.Unsafe(msg))
	}
}
