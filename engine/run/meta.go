package run

import (
	"context"
	"fmt"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

// meta executes a meta task: it changes the run itself.
func (ps *playState) meta(ctx context.Context, task *playbook.Task, hosts []*hostRun) error {
	what := value.Str(task.Args.At("_raw_params"))
	ev := ps.event(hosts[0], task, false)
	move := func(hs []*hostRun) {
		for _, h := range hs {
			if h.active() {
				h.cur.next()
			}
		}
	}
	say := func(h *hostRun, text string) {
		ps.r.o.Sink.Event(event.Meta{Text: text, Host: h.name})
	}
	// holds tests `when` for one host.
	holds := func(h *hostRun) (bool, error) {
		tr := ps.newTaskRun(h, task, ev, ps.r.o.Sink.Event)
		ok, _, err := tr.conditions(tr.t)
		if err != nil {
			return false, &FatalError{Msg: err.Error(), Exit: ExitError}
		}
		if !ok {
			ps.r.o.Sink.Event(event.Meta{Text: fmt.Sprintf("%s conditional evaluated to False, continuing execution for %s", what, h.name), Host: h.name})
		}
		return ok, nil
	}
	switch what {
	case "flush_handlers":
		move(hosts) // on to the next task, behind the handlers
		for _, h := range hosts {
			if h.cur.done() {
				h.cur.push(frame{})
			} else {
				h.cur.top().idx-- // the flush frame moves it on when it is done
			}
			ps.flush(h)
		}
		if !task.Implicit {
			say(hosts[0], "triggered running handlers for "+hosts[0].name)
		}
		return nil
	case "noop":
	case "role_complete":
		for _, h := range hosts {
			if task.Role == nil {
				continue
			}
			m := ps.roleRan[task.Role.Hash]
			if m == nil {
				m = map[string]bool{}
				ps.roleRan[task.Role.Hash] = m
			}
			m[h.name] = true
		}
	case "clear_facts", "clear_host_errors", "end_host", "reset_connection", "end_role":
		return ps.metaPerHost(ctx, what, task, hosts, holds)
	case "refresh_inventory":
		ok, err := holds(hosts[0])
		if err != nil {
			return err
		}
		if ok {
			if err := ps.r.o.Inventory.Refresh(); err != nil {
				return &FatalError{Msg: err.Error(), Exit: ExitError}
			}
		}
	case "end_play", "end_batch":
		ok, err := holds(hosts[0])
		if err != nil {
			return err
		}
		move(hosts)
		if ok {
			for _, h := range ps.batch {
				if h.active() {
					h.ended = true
				}
			}
			ps.stopped = ps.stopped || what == "end_play"
			say(hosts[0], "ending "+what[4:])
		}
		return nil
	default:
		return &FatalError{Msg: fmt.Sprintf("invalid meta action requested: %s", what), Exit: ExitError}
	}
	move(hosts)
	return nil
}

// metaPerHost executes the meta actions that concern each host by itself.
func (ps *playState) metaPerHost(ctx context.Context, what string, task *playbook.Task, hosts []*hostRun, holds func(*hostRun) (bool, error)) error {
	for _, h := range hosts {
		ok, err := holds(h)
		if err != nil {
			return err
		}
		h.cur.next()
		if !ok {
			continue
		}
		switch what {
		case "clear_facts":
			ps.r.o.Store.Host(h.name).ClearFacts()
			if ps.r.o.FactCache != nil {
				_ = ps.r.o.FactCache.Delete(h.name)
			}
			delete(ps.r.gathered, h.name)
		case "clear_host_errors":
			for _, b := range ps.batch {
				ps.r.failed.remove(b.name)
				ps.r.dead.remove(b.name)
			}
		case "end_host":
			h.ended = true
			ps.r.o.Sink.Event(event.Meta{Text: "ending play for " + h.name, Host: h.name})
		case "end_role":
			ps.endRole(h, task)
		case "reset_connection":
			if err := ps.resetConnection(ctx, h, task); err != nil {
				return err
			}
		}
	}
	return nil
}

// endRole passes over what is left of the task's role.
func (ps *playState) endRole(h *hostRun, task *playbook.Task) {
	if task.Role == nil {
		return
	}
	for {
		t, _, _ := h.cur.peek(func(*frame, *playbook.Task) bool { return true })
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
	if err := w.target(ctx); err != nil {
		return &FatalError{Msg: err.Error(), Exit: ExitError}
	}
	return ps.r.o.Opener.Reset(w.goal)
}
