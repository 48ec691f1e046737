package run

import (
	"context"
	"sync"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/playbook"
)

// free lets every host run through the play at its own pace. host_pinned is
// the same with at most forks hosts under way.
func (ps *playState) free(ctx context.Context) error {
	var wg sync.WaitGroup
	var mu sync.Mutex // one host at a time changes the run
	var firstErr error
	sink := ps.r.o.Sink
	ps.r.o.Sink = &lockedSink{sink: sink}
	defer func() { ps.r.o.Sink = sink }()
	slots := make(chan struct{}, ps.r.o.Forks)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, h := range ps.batch {
		wg.Go(func() {
			if ps.strategy == "host_pinned" {
				slots <- struct{}{}
				defer func() { <-slots }()
			}
			if err := ps.freeHost(ctx, h, &mu, slots); err != nil {
				mu.Lock()
				if firstErr == nil {
					firstErr = err
				}
				mu.Unlock()
				cancel()
			}
		})
	}
	wg.Wait()
	return firstErr
}

func (ps *playState) freeHost(ctx context.Context, h *hostRun, mu *sync.Mutex, slots chan struct{}) error {
	for ctx.Err() == nil {
		mu.Lock()
		if !h.active() || ps.stopped {
			mu.Unlock()
			return nil
		}
		task := ps.peek(h)
		if task == nil {
			mu.Unlock()
			return nil
		}
		flush := h.cur.top().flush
		if flush {
			delete(h.notified, task)
		}
		if task.Short == "meta" {
			err := ps.meta(ctx, task, []*hostRun{h})
			mu.Unlock()
			if err != nil {
				return err
			}
			continue
		}
		ev := ps.event(h, task, flush)
		ps.r.o.Sink.Event(event.TaskStart{Task: ev})
		mu.Unlock()
		if ps.strategy == "free" {
			slots <- struct{}{}
		}
		release := ps.throttle(h, task, mu)
		o := ps.newTaskRun(h, task, ev, ps.r.o.Sink.Event).execute(ctx)
		release()
		if ps.strategy == "free" {
			<-slots
		}
		mu.Lock()
		err := ps.freeDone(o, task)
		mu.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

// throttle waits until fewer than `throttle` hosts are at the task; release
// gives the place back.
func (ps *playState) throttle(h *hostRun, task *playbook.Task, mu *sync.Mutex) (release func()) {
	tr := ps.newTaskRun(h, task, nil, nil)
	kw := keywords{t: tr.t, node: task}
	n := int(kw.number(playbook.KeyThrottle, 0, "int"))
	if n <= 0 {
		return func() {}
	}
	mu.Lock()
	places := ps.throttled[task]
	if places == nil {
		places = make(chan struct{}, n)
		ps.throttled[task] = places
	}
	mu.Unlock()
	places <- struct{}{}
	return func() { <-places }
}

// freeDone applies one host's outcome.
func (ps *playState) freeDone(o *outcome, task *playbook.Task) error {
	if len(o.includes) > 0 && o.status != event.Failed {
		return ps.takeIn([]*outcome{o})
	}
	if err := ps.finishTask(o, nil); err != nil {
		return err
	}
	ps.anyErrorsFatal(task, []*outcome{o})
	return nil
}

// lockedSink serialises events of hosts that run freely.
type lockedSink struct {
	mu   sync.Mutex
	sink event.Sink
}

func (s *lockedSink) Event(e event.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sink.Event(e)
}
