package run

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

// perHost are the meta actions that each host executes for itself; the others
// are executed once.
var perHost = map[string]bool{"noop": true, "reset_connection": true, "end_host": true, "role_complete": true, "flush_handlers": true, "end_role": true}

// meta executes a meta task: it changes the run itself.
func (ps *playState) meta(ctx context.Context, task *playbook.Task, hosts []*hostRun) error {
	what := value.Str(task.Args.At("_raw_params"))
	for _, h := range hosts {
		ev := ps.event(h, task, false)
		if !task.Implicit {
			ps.r.o.Sink.Event(event.TaskStart{Task: ev})
		}
		targets := []*hostRun{h}
		if !perHost[what] {
			targets = hosts
		}
		if err := ps.metaFor(ctx, what, task, ev, targets); err != nil {
			return err
		}
		if !perHost[what] {
			return nil
		}
	}
	return nil
}

// unmet is what a meta action does when its condition does not hold.
var unmet = map[string]string{"flush_handlers": "not running handlers for %s", "end_host": "continuing execution for %s", "end_role": "continuing role for %s", "end_play": "continuing play",
	"end_batch": "continuing current batch", "clear_facts": "not clearing facts and fact cache for %s",
	"clear_host_errors": "not clearing host error state for %s", "refresh_inventory": "not refreshing inventory",
	"reset_connection": "not resetting connection for %s"}

// metaHolds tests the condition of a meta task and shows when it does not hold.
func (ps *playState) metaHolds(what string, task *playbook.Task, ev *event.Task, h *hostRun) (bool, error) {
	if task.Implicit {
		return true, nil // what the engine itself put in, whatever the conditions around it
	}
	tr := ps.newTaskRun(h, task, ev, ps.r.o.Sink.Event)
	ok, _, err := tr.conditions(tr.t)
	if err != nil {
		var ce *conditionError
		if errors.As(err, &ce) {
			ce.place = strings.TrimRight(tr.place(err), "\n")
		}
		return false, &FatalError{Msg: err.Error(), Exit: ExitError}
	}
	if ok || unmet[what] == "" {
		return true, nil
	}
	rest := unmet[what]
	if strings.Contains(rest, "%s") {
		rest = fmt.Sprintf(rest, h.name)
	}
	reason := what + " conditional evaluated to False, " + rest
	msg := what
	if what == "end_host" || what == "end_role" {
		msg = what + " conditional evaluated to false, " + rest
	}
	ps.r.o.Sink.Event(event.Meta{Text: reason, Host: h.name})
	ps.r.o.Sink.Event(event.Result{Task: ev, Host: h.name, Status: event.Skipped, Dict: value.DictOf("msg", msg, "skip_reason", reason)})
	return false, nil
}

func (ps *playState) metaFor(ctx context.Context, what string, task *playbook.Task, ev *event.Task, hosts []*hostRun) error {
	h := hosts[0]
	say := func(text string) { ps.r.o.Sink.Event(event.Meta{Text: text, Host: h.name}) }
	ok, err := ps.metaHolds(what, task, ev, h)
	if err != nil {
		return err
	}
	for _, x := range hosts {
		x.cur.next()
	}
	if !ok {
		return nil
	}
	switch what {
	case "flush_handlers":
		h.cur.top().idx-- // the flush frame moves it on when it is done
		ps.flush(h)
		if !task.Implicit {
			say("triggered running handlers for " + h.name)
		}
	case "noop":
		if !task.Implicit {
			say("noop")
		}
	case "role_complete":
		ps.roleDone(h, task.Role)
	case "clear_facts":
		for _, n := range ps.all {
			ps.r.o.Store.Host(n).ClearFacts()
			if ps.r.o.FactCache != nil {
				_ = ps.r.o.FactCache.Delete(n)
			}
			delete(ps.r.gathered, n)
		}
		say("facts cleared")
	case "clear_host_errors":
		ps.clearErrors()
		say("cleared host errors")
	case "refresh_inventory":
		if err := ps.r.o.Inventory.Refresh(); err != nil {
			return &FatalError{Msg: err.Error(), Exit: ExitError}
		}
		say("inventory successfully refreshed")
	case "end_host":
		h.ended = true
		ps.ended.add(h.name)
		say("ending play for " + h.name)
	case "end_role":
		ps.endRole(h, task)
		say("ending role for " + h.name)
	case "end_play", "end_batch":
		for _, b := range ps.batch {
			if b.active() {
				b.ended = true
			}
		}
		ps.stopped = ps.stopped || what == "end_play"
		say("ending " + what[4:])
	case "reset_connection":
		if err := ps.resetConnection(ctx, h, task); err != nil {
			return err
		}
		say("reset connection")
	default:
		return &FatalError{Msg: fmt.Sprintf("invalid meta action requested: %s%s", what, ps.newTaskRun(h, task, ev, nil).place(nil)), Exit: ExitError}
	}
	return nil
}

// roleDone notes that a role has run for a host: where all its tasks were
// skipped or deselected it has not, and runs when it comes again.
func (ps *playState) roleDone(h *hostRun, r *playbook.Role) {
	if r != nil && ps.roleTasks[r.Hash][h.name] {
		mark(ps.roleRan, r.Hash, h.name)
	}
}

func mark(m map[string]map[string]bool, role, host string) {
	if m[role] == nil {
		m[role] = map[string]bool{}
	}
	m[role][host] = true
}

// clearErrors lets hosts that failed go on where they stand.
func (ps *playState) clearErrors() {
	for _, n := range ps.all {
		ps.r.failed.remove(n)
		ps.r.dead.remove(n)
	}
	for _, b := range ps.batch {
		b.failed, b.dead = false, false
		for i := range b.cur.stack {
			b.cur.stack[i].failing = false
		}
	}
}

// endRole passes over what is left of the task's role.
func (ps *playState) endRole(h *hostRun, task *playbook.Task) {
	if task.Role == nil {
		return
	}
	for {
		t, _ := h.cur.peek(func(*frame, *playbook.Task) bool { return true })
		if t == nil || t.Role != task.Role || t.Implicit && t.Short == "meta" {
			return
		}
		h.cur.next()
	}
}

func (ps *playState) resetConnection(ctx context.Context, h *hostRun, task *playbook.Task) error {
	tr := ps.newTaskRun(h, task, nil, ps.r.o.Sink.Event)
	c := tr.bareContext(ctx)
	w := &wiring{tr: tr, view: tr.view, t: tr.t, c: c, x: &execution{}}
	if err := w.target(); err != nil {
		return &FatalError{Msg: err.Error(), Exit: ExitError}
	}
	if w.goal.Connection == "local" {
		ps.r.warn("Reset is not implemented for this connection")
		return nil
	}
	return ps.r.o.Opener.Reset(w.goal)
}
