package run

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/playbook"
	"github.com/goplay-engine/goplay/engine/value"
)

// linear runs the batch in lockstep: the hosts that stand first in the play
// execute their task, the others wait.
func (ps *playState) linear(ctx context.Context) error {
	for ctx.Err() == nil {
		task, hosts, flush := ps.lockstep()
		if task == nil {
			return nil
		}
		if err := ps.runTask(ctx, task, hosts, flush); err != nil {
			return err
		}
		if ps.tooManyFailed() {
			for _, h := range ps.batch {
				if h.active() {
					h.cur.stop()
				}
			}
			ps.r.o.Sink.Event(event.NoHosts{Remaining: true})
			ps.r.o.Sink.Event(event.NoHosts{Remaining: true}) // the reference says it twice
			for _, n := range ps.all {
				ps.r.failed.add(n)
			}
			return nil
		}
		if len(ps.alive(ps.batchNames())) == 0 && !ps.anyActive() {
			return nil
		}
	}
	return nil
}

func (ps *playState) anyActive() bool {
	for _, h := range ps.batch {
		if h.active() {
			return true
		}
	}
	return false
}

// lockstep finds the task that is next in the play and the hosts that are at
// it.
func (ps *playState) lockstep() (task *playbook.Task, hosts []*hostRun, flush bool) {
	var first *hostRun
	for _, h := range ps.batch {
		if !h.active() {
			continue
		}
		t := ps.peek(h)
		if t == nil {
			continue
		}
		switch {
		case first == nil || h.cur.before(&first.cur) && t != task:
			first, task, hosts = h, t, append(hosts[:0], h)
		case t == task && h.cur.compare(&first.cur) == 0:
			hosts = append(hosts, h)
		}
	}
	if first != nil {
		flush = first.cur.top().flush
	}
	return task, hosts, flush
}

// peek is the host's next task; deselected ones are passed over.
func (ps *playState) peek(h *hostRun) *playbook.Task {
	t, rescued := h.cur.peek(func(f *frame, t *playbook.Task) bool { return ps.wanted(h, f, t) })
	if rescued {
		h.failed = false
		ps.r.failed.remove(h.name)
		ps.r.count(h.name, func(c *event.Counts) { c.Rescued++; c.Failed-- })
	}
	return t
}

// wanted tells whether a task runs for a host: notified handlers, selected
// tags, roles that have not run yet.
func (ps *playState) wanted(h *hostRun, f *frame, t *playbook.Task) bool {
	if f.flush {
		return h.notified[t]
	}
	if t.Role != nil && !t.Handler && !t.Role.AllowDup && ps.roleRan[t.Role.Hash][h.name] && !(t.Implicit && t.Short == "meta") {
		return false
	}
	if t.Implicit && t.Short == "gather_facts" && ps.r.o.Gathering == "smart" && ps.r.gathered[h.name] {
		return false
	}
	if h.seeks && !ps.startsAt(h, t) {
		return false
	}
	return t.Implicit && t.Short == "meta" || ps.selected(h, t)
}

// anySelected tells whether the tags leave a task of a list.
func (ps *playState) anySelected(h *hostRun, list []playbook.Entry) bool {
	return slices.ContainsFunc(playbook.Flatten(list), func(t *playbook.Task) bool { return ps.selected(h, t) })
}

// selected tests --tags and --skip-tags.
func (ps *playState) selected(h *hostRun, t *playbook.Task) bool {
	if ok, known := ps.tagCache[t]; known {
		return ok
	}
	var tags []string
	tr := (*taskRun)(nil)
	for _, f := range playbook.Tags(t) {
		s := value.Str(f.Val)
		if isTemplate(f.Val) {
			if tr == nil {
				tr = ps.newTaskRun(h, t, nil, nil)
			}
			v, err := tr.t.Render(f.Val, f.Pos)
			if err != nil {
				continue
			}
			tags = append(tags, texts(v)...)
			continue
		}
		tags = append(tags, s)
	}
	ok := playbook.Tagged(tags, ps.r.o.Tags, ps.r.o.SkipTags)
	ps.tagCache[t] = ok
	return ok
}

// event describes a task for the stream, made once per play.
func (ps *playState) event(h *hostRun, t *playbook.Task, flush bool) *event.Task {
	if e := ps.evTasks[t]; e != nil {
		return e
	}
	e := &event.Task{ID: ps.r.newID(), Action: t.Action, Resolved: t.Resolved, Pos: t.Pos, Handler: t.Handler || flush,
		Args: t.Args, Play: ps.ev, Free: ps.strategy == "free" || ps.strategy == "host_pinned"}
	name := t.Name
	tr := ps.newTaskRun(h, t, e, ps.r.o.Sink.Event)
	if isTemplate(name) && t.Short != "meta" {
		if v, err := tr.t.RenderLenient(name, t.Pos); err == nil {
			name = strings.TrimSpace(value.Str(v))
		}
	}
	if name == "" {
		name = t.Action
		if t.Kind == playbook.IncludeRole {
			name += " : " + t.RoleArg() // as written, even where it is a template
		}
	}
	e.Own = strings.TrimSpace(name) // a name of several lines ends in a newline
	if t.Role != nil && t.Kind != playbook.IncludeRole {
		name = t.Role.FullName + " : " + name
	}
	e.Name = strings.TrimSpace(name)
	kw := keywords{t: tr.t, node: t}
	e.NoLog = kw.boolean(playbook.KeyNoLog, ps.r.o.NoLog)
	if kw.err != nil { // no_log of an item, perhaps: rather hide too much
		e.Args = value.NewDict()
	}
	e.Check = kw.boolean(playbook.KeyCheckMode, ps.r.o.Check)
	ps.evTasks[t] = e
	return e
}

// runTask executes one task on the hosts that stand at it and applies what
// came of it.
func (ps *playState) runTask(ctx context.Context, task *playbook.Task, hosts []*hostRun, flush bool) error {
	for _, h := range hosts {
		if err := ps.refreshFiles(h); err != nil {
			return err
		}
	}
	if flush {
		for _, h := range hosts {
			delete(h.notified, task)
		}
	}
	if task.Short == "meta" {
		return ps.meta(ctx, task, hosts)
	}
	ev := ps.event(hosts[0], task, flush)
	if stop, err := ps.stepAsk(ctx, ev); err != nil || stop {
		for _, h := range hosts {
			h.cur.next()
		}
		return err
	}
	sink := ps.r.o.Sink
	sink.Event(event.TaskStart{Task: ev})
	ps.warnTaskNames(task)
	run := hosts
	tr := ps.newTaskRun(hosts[0], task, ev, sink.Event)
	once := tr.runsOnce()
	if once {
		run = hosts[:1]
	}
	ps.r.hostStarts(ev, run...)
	outcomes := ps.fanOut(ctx, task, ev, run)
	if ctx.Err() != nil {
		return nil
	}
	if err := ps.r.inventoryErr(); err != nil { // of a host delegated to, or in hostvars
		return err
	}
	var all []*hostRun
	if once {
		all = hosts
	}
	for _, o := range outcomes {
		if len(o.includes) > 0 && o.status != event.Failed {
			continue
		}
		if err := ps.finishTask(o, all); err != nil {
			return err
		}
	}
	if once && len(outcomes) == 1 && len(outcomes[0].includes) > 0 {
		for _, h := range hosts[1:] { // what is included is the first host's alone
			h.cur.next()
		}
	}
	if err := ps.takeInAll(outcomes); err != nil {
		return err
	}
	if ps.anyErrorsFatal(task, outcomes, all) && !ps.anyActive() && !ps.tooManyFailed() {
		sink.Event(event.NoHosts{Remaining: true})
	}
	return nil
}

// runsOnce tells whether the first host's run counts for all: by run_once, or
// because the action is made so.
func (tr *taskRun) runsOnce() bool {
	d, ok := action.Lookup(tr.task.Resolved)
	return ok && d.Bypass || tr.runOnce()
}

func hostsOf(o *outcome, all []*hostRun) []*hostRun {
	if all != nil {
		return all
	}
	return []*hostRun{o.host}
}

// finishTask applies an outcome and moves on the hosts that did not fail; a
// failure has unwound them from where the task stood.
func (ps *playState) finishTask(o *outcome, all []*hostRun) error {
	o.includes = nil
	err := ps.process(o, all)
	if o.status != event.Failed || o.ignored {
		for _, h := range hostsOf(o, all) {
			if h.active() {
				h.cur.next()
			}
		}
	}
	return err
}

func (ps *playState) takeInAll(outcomes []*outcome) error {
	var with []*outcome
	for _, o := range outcomes {
		if len(o.includes) > 0 {
			with = append(with, o)
		}
	}
	if len(with) == 0 {
		return nil
	}
	return ps.takeIn(with)
}

// fanOut executes the task on all hosts, as many at once as forks and throttle
// allow. Events reach the sink in host order.
func (ps *playState) fanOut(ctx context.Context, task *playbook.Task, ev *event.Task, hosts []*hostRun) []*outcome {
	out := make([]*outcome, len(hosts))
	seq := newSequencer(ps.r.o.Sink, len(hosts))
	limit := len(hosts)
	tr := ps.newTaskRun(hosts[0], task, ev, seq.emitter(0))
	kw := keywords{t: tr.t, node: task}
	if n := int(kw.number(playbook.KeyThrottle, 0)); n > 0 {
		limit = min(limit, n)
	}
	if kw.err != nil {
		return []*outcome{{host: hosts[0], task: task, ev: ev, fatal: &FatalError{Msg: "Failed to convert the throttle value to an integer." + tr.place(nil), Exit: ExitError}}}
	}
	limit = min(limit, ps.r.o.Forks)
	if controllerOnly(task) || len(hosts) == 1 {
		limit = 1 // nothing to wait for: goroutines would only cost
	}
	if limit <= 1 {
		for i, h := range hosts {
			out[i] = ps.newTaskRun(h, task, ev, seq.emitter(i)).execute(ctx)
			seq.done(i)
			if out[i].fatal != nil {
				return out[i : i+1] // the run ends here
			}
		}
		return out
	}
	var wg sync.WaitGroup
	next := make(chan int, len(hosts))
	for i := range hosts {
		next <- i
	}
	close(next)
	for range limit {
		wg.Go(func() {
			for i := range next {
				tr := ps.newTaskRun(hosts[i], task, ev, seq.emitter(i))
				tr.turn = func() { seq.wait(i) }
				out[i] = tr.execute(ctx)
				seq.done(i)
			}
		})
	}
	wg.Wait()
	return out
}

// anyErrorsFatal ends the play for all hosts when a task says so and one failed.
// The outcome has been applied to the hosts in done already.
func (ps *playState) anyErrorsFatal(task *playbook.Task, outcomes []*outcome, done []*hostRun) (ended bool) {
	bad := false
	for _, o := range outcomes {
		if o.status == event.Failed && !o.ignored || o.status == event.Unreachable && !o.ignoredUnreachable {
			bad = true
		}
	}
	if !bad {
		return false
	}
	tr := ps.newTaskRun(outcomes[0].host, task, nil, nil)
	kw := keywords{t: tr.t, node: task}
	if !kw.boolean(playbook.KeyAnyErrorsFatal, ps.r.o.AnyErrorsFatal) && !tr.runsOnce() {
		return false
	}
	rescued := false
	for _, o := range outcomes {
		if o.host.cur.inRescue() {
			rescued = true
		}
	}
	for _, h := range ps.batch {
		already := slices.Contains(done, h)
		for _, o := range outcomes {
			if o.host == h && (o.status == event.Failed || o.status == event.Unreachable) {
				already = true
			}
		}
		if already || !h.active() {
			continue
		}
		if h.cur.fail() {
			continue
		}
		if !rescued {
			h.failed = true
			ps.r.failed.add(h.name)
		}
	}
	return true
}

// tooManyFailed tests max_fail_percentage: it must be exceeded.
func (ps *playState) tooManyFailed() bool {
	if ps.maxFail < 0 || ps.batchSize == 0 {
		return false
	}
	n := 0
	for _, h := range ps.batch {
		if h.failed && !h.late || h.dead {
			n++
		}
	}
	return n > 0 && float64(n)/float64(ps.batchSize)*100 > ps.maxFail
}
