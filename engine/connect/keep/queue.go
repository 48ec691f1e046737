package keep

import (
	"io"
	"sync"
)

// queue hands bytes from one goroutine to another; push waits while it is full.
type queue struct {
	mu     sync.Mutex
	change sync.Cond
	b      []byte
	max    int
	ended  bool
}

func newQueue(most int) *queue {
	q := &queue{max: most}
	q.change.L = &q.mu
	return q
}

func (q *queue) push(p []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.b) >= q.max && !q.ended {
		q.change.Wait()
	}
	if q.ended {
		return
	}
	q.b = append(q.b, p...)
	q.change.Broadcast()
}

// end lets what is there be read, and io.EOF after it.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	q.change.Broadcast()
}

// Read implements io.Reader.
func (q *queue) Read(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.b) == 0 {
		if q.ended {
			return 0, io.EOF
		}
		q.change.Wait()
	}
	n := copy(p, q.b)
	if q.b = q.b[n:]; len(q.b) == 0 {
		q.b = q.b[:0:0]
	}
	q.change.Broadcast()
	return n, nil
}
