package run

import (
	"github.com/goplay-engine/goplay/engine/playbook"
)

// section of a block.
type section uint8

const (
	inBlock section = iota
	inRescue
	inAlways
)

// frame is one level of a host's place in the tree of tasks.
type frame struct {
	entries []playbook.Entry
	idx     int // of the entry being worked on; moved on when it is done
	block   *playbook.Block
	sec     section
	failing bool  // always runs on behalf of a failure
	orders  []int // of included files: their order among all hosts' files
	flush   bool  // handlers; only notified ones run
}

// cursor is a host's place in a play. The zero cursor is at the end.
type cursor struct {
	stack []frame
	// selects tells whether the tags leave anything of a list: a rescue without a
	// task rescues nothing. nil: they leave all.
	selects func([]playbook.Entry) bool
}

func (c *cursor) push(f frame) { c.stack = append(c.stack, f) }

func (c *cursor) top() *frame { return &c.stack[len(c.stack)-1] }

// pop leaves the innermost level and moves the one around it on.
func (c *cursor) pop() {
	c.stack = c.stack[:len(c.stack)-1]
	if len(c.stack) > 0 {
		c.top().idx++
	}
}

// done tells whether nothing is left.
func (c *cursor) done() bool { return len(c.stack) == 0 }

// peek finds the next task, going into blocks and out of finished ones. want
// says whether a task runs for this host; others are passed over. rescued is set
// when a failure that `always` held back was rescued further out.
func (c *cursor) peek(want func(f *frame, t *playbook.Task) bool) (t *playbook.Task, rescued bool) {
	for len(c.stack) > 0 {
		f := c.top()
		if f.idx >= len(f.entries) {
			rescued = c.leave() || rescued
			continue
		}
		switch e := f.entries[f.idx].(type) {
		case *playbook.Block:
			c.push(frame{entries: e.Block, block: e})
		case *playbook.Task:
			if want(f, e) {
				return e, rescued
			}
			f.idx++
		}
	}
	return nil, rescued
}

// leave ends a level whose entries are done; rescued is that of peek.
func (c *cursor) leave() (rescued bool) {
	f := c.top()
	if f.block != nil && f.sec != inAlways && len(f.block.Always) > 0 {
		*f = frame{entries: f.block.Always, block: f.block, sec: inAlways}
		return false
	}
	failing := f.block != nil && f.sec == inAlways && f.failing
	c.pop()
	return failing && c.fail()
}

// next moves past the task that peek gave.
func (c *cursor) next() { c.top().idx++ }

// fail unwinds to where the failure is dealt with. rescued tells that a rescue
// section takes over; otherwise the host has failed, though `always` sections
// may still run.
func (c *cursor) fail() (rescued bool) {
	for len(c.stack) > 0 {
		f := c.top()
		if f.block != nil {
			if f.sec == inBlock && len(f.block.Rescue) > 0 && (c.selects == nil || c.selects(f.block.Rescue)) {
				*f = frame{entries: f.block.Rescue, block: f.block, sec: inRescue}
				return true
			}
			if f.sec != inAlways && len(f.block.Always) > 0 {
				*f = frame{entries: f.block.Always, block: f.block, sec: inAlways, failing: true}
				return false
			}
		}
		c.stack = c.stack[:len(c.stack)-1] // the level around stays where it is: it is unwound too
	}
	return false
}

// include puts files of tasks behind the include task that peek gave: they run
// next, then the tasks after it.
func (c *cursor) include(files []playbook.Entry, orders []int) {
	c.push(frame{entries: files, orders: orders})
}

// stop ends the host's part in the play.
func (c *cursor) stop() { c.stack = nil }

// before tells whether c stands before d in the play, for lockstep.
func (c *cursor) before(d *cursor) bool { return c.compare(d) < 0 }

func (c *cursor) compare(d *cursor) int {
	n := min(len(c.stack), len(d.stack))
	for i := range n {
		a, b := &c.stack[i], &d.stack[i]
		if a.sec != b.sec {
			return int(a.sec) - int(b.sec)
		}
		x, y := a.place(), b.place()
		if x != y {
			return x - y
		}
	}
	return len(c.stack) - len(d.stack)
}

func (f *frame) place() int {
	if f.orders != nil && f.idx < len(f.orders) {
		return f.orders[f.idx]
	}
	return f.idx
}

// inRescue tells whether a rescue section is running.
func (c *cursor) inRescue() bool {
	for i := range c.stack {
		if c.stack[i].sec == inRescue {
			return true
		}
	}
	return false
}
