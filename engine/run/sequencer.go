package run

import (
	"sync"

	"github.com/goplay-engine/goplay/engine/event"
)

// sequencer lets events of hosts that work at once out in host order: the first
// unfinished host's directly, the others' when their turn comes.
type sequencer struct {
	mu       sync.Mutex
	sink     event.Sink
	turn     int
	waiting  [][]event.Event
	finished []bool
	turned   *sync.Cond
}

func newSequencer(s event.Sink, n int) *sequencer {
	q := &sequencer{sink: s, waiting: make([][]event.Event, n), finished: make([]bool, n)}
	q.turned = sync.NewCond(&q.mu)
	return q
}

// wait returns when it is host i's turn.
func (q *sequencer) wait(i int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.turn < i {
		q.turned.Wait()
	}
}

// emitter returns the function through which host i tells what happens.
func (q *sequencer) emitter(i int) func(event.Event) {
	return func(e event.Event) {
		q.mu.Lock()
		defer q.mu.Unlock()
		if i == q.turn {
			q.sink.Event(e)
			return
		}
		q.waiting[i] = append(q.waiting[i], e)
	}
}

// done says that host i has nothing more to tell.
func (q *sequencer) done(i int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.finished[i] = true
	for q.turn < len(q.finished) && q.finished[q.turn] {
		q.turn++
		if q.turn < len(q.waiting) {
			for _, e := range q.waiting[q.turn] {
				q.sink.Event(e)
			}
			q.waiting[q.turn] = nil
		}
	}
	q.turned.Broadcast()
}
