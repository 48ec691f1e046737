package run

import (
	"context"
	"fmt"

	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/playbook"
)

// freeRun is a batch whose hosts run through the play at their own pace.
// host_pinned is the same, but a host that has begun goes on to its end before
// another takes its place. One goroutine hands out tasks and processes what
// comes back; only the execution of tasks is concurrent.
type freeRun struct {
	ps      *playState
	done    chan freeDone
	working map[*hostRun]*playbook.Task
	begun   map[*hostRun]bool // host_pinned: those who have a place
	at      map[*playbook.Task]int
	turn    int // index of the host that is next
}

type freeDone struct {
	o    *outcome
	task *playbook.Task
}

// free runs the batch with the strategies free and host_pinned.
func (ps *playState) free(ctx context.Context) error {
	f := &freeRun{ps: ps, done: make(chan freeDone, len(ps.batch)), working: map[*hostRun]*playbook.Task{}, begun: map[*hostRun]bool{}, at: map[*playbook.Task]int{}}
	kw := keywords{t: ps.playTemplar(""), node: ps.play}
	if kw.boolean(playbook.KeyAnyErrorsFatal, ps.r.o.AnyErrorsFatal) {
		ps.r.warn("Using any_errors_fatal with the free strategy is not supported, as tasks are executed independently on each host")
	}
	sink := ps.r.o.Sink
	ps.r.o.Sink = event.Locked(sink)
	defer func() { ps.r.o.Sink = sink }()
	ctx, cancel := context.WithCancel(ctx)
	err := f.loop(ctx)
	cancel()
	for len(f.working) > 0 { // what is under way ends before anything else begins
		d := <-f.done
		delete(f.working, d.o.host)
	}
	return err
}

func (f *freeRun) loop(ctx context.Context) error {
	for ctx.Err() == nil {
		moved, err := f.handOut(ctx)
		if err != nil {
			return err
		}
		if len(f.working) == 0 {
			if !moved {
				return nil
			}
			continue
		}
		d := <-f.done
		delete(f.working, d.o.host)
		f.at[d.task]--
		if ctx.Err() != nil {
			return nil
		}
		if err := f.finish(d); err != nil {
			return err
		}
	}
	return nil
}

// handOut gives every idle host its next task, in turn, as far as forks and
// throttle allow. moved tells whether any host went on.
func (f *freeRun) handOut(ctx context.Context) (moved bool, err error) {
	ps := f.ps
	for range ps.batch {
		if len(f.working) >= ps.r.o.Forks || ps.stopped {
			break
		}
		h := ps.batch[f.turn]
		f.turn = (f.turn + 1) % len(ps.batch)
		if f.working[h] != nil || !h.active() || !f.place(h) {
			continue
		}
		task := ps.peek(h)
		if task == nil {
			moved = true
			continue
		}
		if limit := f.throttle(h, task); limit > 0 && f.at[task] >= limit {
			continue
		}
		moved = true
		if err := f.start(ctx, h, task); err != nil {
			return moved, err
		}
	}
	return moved, nil
}

// place tells whether the host may go on: with host_pinned there are as many
// places as forks.
func (f *freeRun) place(h *hostRun) bool {
	if f.ps.strategy != "host_pinned" || f.begun[h] {
		return true
	}
	for other := range f.begun {
		if !other.active() {
			delete(f.begun, other)
		}
	}
	if len(f.begun) >= f.ps.r.o.Forks {
		return false
	}
	f.begun[h] = true
	return true
}

// throttle is how many hosts may be at the task, 0 for any number.
func (f *freeRun) throttle(h *hostRun, task *playbook.Task) int {
	if !playbook.Get(task, playbook.KeyThrottle).Set {
		return 0
	}
	kw := keywords{t: f.ps.newTaskRun(h, task, nil, nil).t, node: task}
	return int(kw.number(playbook.KeyThrottle, 0))
}

func (f *freeRun) start(ctx context.Context, h *hostRun, task *playbook.Task) error {
	ps := f.ps
	if err := ps.refreshFiles(h); err != nil {
		return err
	}
	flush := h.cur.top().flush
	if flush {
		delete(h.notified, task)
	}
	if task.Short == "meta" {
		return ps.meta(ctx, task, []*hostRun{h})
	}
	ev := ps.event(h, task, flush)
	ps.r.o.Sink.Event(event.TaskStart{Task: ev})
	ps.warnTaskNames(task)
	ps.r.hostStarts(ev, h)
	tr := ps.newTaskRun(h, task, ev, ps.r.o.Sink.Event)
	if tr.runsOnce() {
		if d, ok := action.Lookup(task.Resolved); ok && d.Bypass {
			return &FatalError{Msg: fmt.Sprintf("The '%s' module bypasses the host loop, which is currently not supported in the free strategy and would instead execute for every host in the inventory list.", task.Action) + tr.place(nil), Exit: ExitError}
		}
		ps.r.warn("Using run_once with the free strategy is not currently supported. This task will still be executed for every host in the inventory list.")
	}
	f.working[h] = task
	f.at[task]++
	go func() { f.done <- freeDone{tr.execute(ctx), task} }()
	return nil
}

// finish applies one host's outcome.
func (f *freeRun) finish(d freeDone) error {
	ps := f.ps
	if len(d.o.includes) > 0 && d.o.status != event.Failed {
		return ps.takeIn([]*outcome{d.o})
	}
	return ps.finishTask(d.o, nil)
}
