package run

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/jinja/py"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/vars"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// outcome is what a task came to on a host, to be processed in host order.
type outcome struct {
	host               *hostRun
	task               *playbook.Task
	ev                 *event.Task
	dict               *value.Dict
	status             event.Status
	ignored            bool
	ignoredUnreachable bool
	noLog              bool
	looped             bool
	delegate           string
	delegateFacts      bool
	includes           []includeRequest
	notify             []string
	changes            []change // facts and figures, in the order of the items
	fatal              error    // ends the run
	start              time.Time
}

// changed tells whether the task counts as changed, so that handlers are told.
func (o *outcome) changed() bool {
	return value.Truth(o.dict.At("changed")) && !value.Truth(o.dict.At("failed"))
}

// change is a side effect on the run, applied when results are processed.
type change func(ps *playState)

// taskRun is one task on one host while it executes.
type taskRun struct {
	ps   *playState
	r    *Runner
	h    *hostRun
	task *playbook.Task
	ev   *event.Task
	view *vars.View
	t    *templar.Templar
	emit func(event.Event)
	out  *outcome
	turn func()      // waits until this host's results are the next to be shown; nil: they are
	over *value.Dict // variables set in the debugger
	// delegate is the host that the execution under way is delegated to, "" for none.
	delegate string
	// inConn guards connMagic against variables that hold themselves.
	inConn bool
}

// newTaskRun prepares a task for a host; nothing is rendered yet.
func (ps *playState) newTaskRun(h *hostRun, task *playbook.Task, ev *event.Task, emit func(event.Event)) *taskRun {
	view := ps.r.o.Store.TaskView(h.name, ps.vars, task, ps.magic(task, h))
	tr := &taskRun{ps: ps, r: ps.r, h: h, task: task, ev: ev, view: view, emit: emit,
		out: &outcome{host: h, task: task, ev: ev, start: time.Now()}}
	tr.t = tr.templar(view)
	view.Last(tr.connMagic)
	return tr
}

func (tr *taskRun) templar(v *vars.View) *templar.Templar {
	return tr.r.o.Engine.New(v, templar.Scope{Basedir: tr.ps.baseDir(), Find: tr.ps.finder(tr.task)})
}

// execute runs the task with its loop and returns the outcome; the final
// result event has been emitted, and the debugger has had its say.
func (tr *taskRun) execute(ctx context.Context) (o *outcome) {
	defer func() {
		if p := recover(); p != nil {
			o = tr.crashed(p)
		}
	}()
	o = tr.finish(ctx)
	if tr.wantsDebugger(o) {
		return tr.debug(ctx)
	}
	return o
}

// crashed makes a fault of the program a failure of the task, so that the other
// hosts go on and nothing is left half done.
func (tr *taskRun) crashed(p any) *outcome {
	o := tr.out
	o.status, o.includes, o.ignored, o.ignoredUnreachable = event.Failed, nil, false, false
	o.dict = value.DictOf("failed", true, "changed", false, "msg", fmt.Sprintf("goplay has a fault and could not finish this task, please report it: %v%s", p, tr.place(nil)))
	if !o.noLog && !tr.ev.NoLog {
		o.dict.Set("exception", string(debug.Stack()))
	}
	tr.emit(tr.result(o.dict, o.status, o))
	return o
}

// finish is execute without the debugger.
func (tr *taskRun) finish(ctx context.Context) *outcome {
	o := tr.out
	items, looped, loopErr := tr.loopItems()
	if looped && loopErr == nil {
		o.looped = true
		tr.runLoop(ctx, items)
	} else {
		x := tr.once(ctx, tr.view, tr.t, loopErr)
		tr.adopt(x)
		o.dict, o.status = x.dict, x.status
	}
	o.ignored = o.status == event.Failed && tr.ignore(playbook.KeyIgnoreErrors)
	o.ignoredUnreachable = o.status == event.Unreachable && tr.ignore(playbook.KeyIgnoreUnreachable)
	if o.status == event.Failed && o.dict != nil {
		o.dict.Set("failed", true)
	}
	tr.checkNotify()
	if ctx.Err() != nil || o.fatal != nil {
		return o // interrupted: nobody waits for this host's line
	}
	if !(len(o.includes) > 0 && o.status == event.OK) {
		tr.emit(tr.result(o.dict, o.status, o))
	}
	return o
}

func (tr *taskRun) result(d *value.Dict, s event.Status, o *outcome) event.Result {
	return event.Result{Task: tr.ev, Host: tr.h.name, Delegate: tr.labels(o.delegate, s), Status: s,
		Ignored: o.ignored || o.ignoredUnreachable, Loop: o.looped && !o.noLog, Dict: d, NoLog: o.noLog, ShowDiff: tr.showDiff(), Verbose: !o.noLog && value.Truth(d.At("_ansible_verbose_always")),
		Seconds: time.Since(o.start).Seconds()}
}

// delegates returns what the report shows behind the host: the host delegated
// to, with its address where it has one of its own.
func (tr *taskRun) delegates(name string) []string {
	if name == "" || name == tr.h.name {
		return nil
	}
	if a, ok, err := tr.delegateTemplar(name).Var("ansible_host"); ok && err == nil && a != nil && value.Str(a) != name {
		name += "(" + value.Str(a) + ")"
	}
	return []string{name}
}

// labels is delegates, without the address of a host that was not reached.
func (tr *taskRun) labels(name string, s event.Status) []string {
	if s == event.Unreachable {
		return bare(tr.delegates(name), name)
	}
	return tr.delegates(name)
}

// bare is a label without the address.
func bare(label []string, name string) []string {
	if label == nil {
		return nil
	}
	return []string{name}
}

func (tr *taskRun) ignore(k playbook.Key) bool {
	kw := keywords{t: tr.t, node: tr.task}
	return kw.boolean(k, false)
}

func (tr *taskRun) diff() bool {
	kw := keywords{t: tr.t, node: tr.task}
	return kw.boolean(playbook.KeyDiff, tr.r.o.Diff)
}

// showDiff tells whether a diff that a result has is shown: some modules give one although the task asks for none, and
// under --diff it is shown.
func (tr *taskRun) showDiff() bool { return tr.r.o.Diff || tr.diff() }

func (r *Runner) checkPlay(t *templar.Templar, p *playbook.Play) bool {
	kw := keywords{t: t, node: p}
	return kw.boolean(playbook.KeyCheckMode, r.o.Check)
}

// execution is one run of a task: the whole of it, or one item.
type execution struct {
	dict          *value.Dict
	status        event.Status
	noLog         bool
	delegate      string
	delegateFacts bool
	include       *includeRequest
	notify        []string
	changes       []change
	fatal         error
	abort         bool // an error that ends a loop with all its items
}

// adopt takes over what one execution leaves for processing.
func (tr *taskRun) adopt(x *execution) {
	o := tr.out
	o.noLog = o.noLog || x.noLog
	if x.delegate != "" {
		o.delegate = x.delegate
	}
	o.delegateFacts = o.delegateFacts || x.delegateFacts
	if x.include != nil {
		o.includes = append(o.includes, *x.include)
	}
	o.notify = append(o.notify, x.notify...)
	o.changes = append(o.changes, x.changes...)
	if o.fatal == nil {
		o.fatal = x.fatal
	}
}

// describe names the task as warnings do.
func (tr *taskRun) describe() string {
	name := tr.task.Name
	if name == "" {
		name = tr.task.Action
	}
	if tr.task.Role != nil {
		name = tr.task.Role.FullName + " : " + name
	}
	if tr.task.Handler {
		return "HANDLER: " + name
	}
	return "TASK: " + name
}

// failure makes a failed execution of an error, with the position of the task
// where the error does not know better.
func (tr *taskRun) failure(err error) *execution {
	x := &execution{status: event.Failed}
	if remote.IsUnreachable(err) {
		x.status = event.Unreachable
		x.dict = value.DictOf("unreachable", true, "msg", err.Error(), "changed", false)
		return x
	}
	var fatal *FatalError
	if errors.As(err, &fatal) {
		x.fatal = fatal
	}
	var re *resultError
	if errors.As(err, &re) {
		x.dict = re.dict
		return x
	}
	x.dict = value.DictOf("failed", true, "msg", tr.explain(err))
	if ae := (*actionError)(nil); errors.As(err, &ae) {
		x.dict.Set("changed", false)
	}
	if place := filterPlace(err); place != "" {
		x.dict.Set("location", place)
	}
	return x
}

// actionError is an error of an action that ran: the result says that nothing changed.
type actionError struct{ error }

func (e *actionError) Unwrap() error { return e.error }

// resultError is an error that already has its whole result.
type resultError struct{ dict *value.Dict }

func (e *resultError) Error() string { return value.Str(e.dict.At("msg")) }

// filterPlace says where a filter refused its input. Playbooks compare the
// messages of filters with whole texts, so the place does not go into the message.
func filterPlace(err error) string {
	var te *templar.Error
	var pe *py.Error
	if errors.As(err, &te) && errors.As(err, &pe) && pe.Kind == "AnsibleFilterError" {
		return te.Pos.String()
	}
	return ""
}

// explain words an error as Ansible does: undefined variables with the place of
// the task and an excerpt. The exact place in a template and a hint, which
// Ansible does not give, follow.
func (tr *taskRun) explain(err error) string {
	msg := tr.wording(err)
	var te *templar.Error
	if errors.As(err, &te) && filterPlace(err) == "" {
		if p := te.Place(); p != "" {
			return strings.TrimRight(msg, "\n") + "\n\n" + p
		}
	}
	return msg
}

func (tr *taskRun) wording(err error) string {
	var te *templar.Error
	if errors.As(err, new(*convertError)) {
		return err.Error() + tr.place(err)
	}
	if !errors.As(err, &te) || !te.IsUndefined {
		return err.Error()
	}
	var fe *fieldError
	head := "The task includes an option with an undefined variable. The error was: "
	if errors.As(err, &fe) {
		return fe.Error() + tr.place(err)
	}
	msg := err.Error()
	if errors.As(err, new(*conditionError)) {
		return msg
	}
	msg = twice(msg)
	if strings.HasPrefix(msg, head) {
		return msg
	}
	return head + msg + tr.place(err)
}

// twice words an undefined variable as the reference does, which adds the cause
// to a message that is the cause.
func twice(msg string) string { return msg + ". " + msg }

// place is the part of a message that says where the task stands.
func (tr *taskRun) place(error) string {
	where := strings.TrimRight(yaml.Where(tr.task.Pos, false), "\n")
	if where == "" {
		return ""
	}
	return "\n\n" + where + "\n"
}
