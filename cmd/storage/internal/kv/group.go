package kv

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"
)

// Group serves many callers of one process. Reads come from memory, after a look whether the file is still the
// one that memory holds; what callers add meanwhile goes to the disk together, in one write.
type Group struct {
	file  File
	limit int64 // bytes
	watch Watch
	queue chan *request

	// write is held while the file is written or read again.
	write sync.Mutex
	// mu guards the rest. The data changes only while both locks are held.
	mu   sync.RWMutex
	data *Data
	info os.FileInfo // of the file that data was read from or written to; nil for none
	next os.FileInfo // of the file that is about to take its place; its values are not acknowledged yet

	closing chan struct{}
	closed  chan struct{}
}

// Watch is told what a Group does; nil functions are left out.
type Watch struct {
	Commit func(values int, took time.Duration, err error)
	Reload func(took time.Duration, err error)
}

// ErrFull says that the file would grow beyond the limit.
var ErrFull = errors.New("the storage is full")

// ErrClosed says that the Group takes no more values.
var ErrClosed = errors.New("the storage is being closed")

// batchLimit bounds how many values go into one write. What waits beyond it waits for the next.
const batchLimit = 4096

type request struct {
	ctx context.Context
	add Add
	n   int
	err error
	out chan struct{}
}

// OpenGroup makes sure that the file exists and can be written. limit is the size in bytes beyond which the
// file does not grow, 0 for none.
func OpenGroup(ctx context.Context, f File, limit int64, w Watch) (*Group, error) {
	if err := f.Create(ctx); err != nil {
		return nil, err
	}
	g := &Group{file: f, limit: limit, watch: w, queue: make(chan *request, batchLimit),
		closing: make(chan struct{}), closed: make(chan struct{})}
	if err := g.fresh(); err != nil {
		return nil, err
	}
	go g.work()
	return g, nil
}

// Close writes what waits and stops. Add must not be called any more.
func (g *Group) Close() {
	close(g.closing)
	<-g.closed
}

// Add adds a value and returns how many values its key has then. When it returns nil, the value is in the file and
// on the disk. When ctx ends first, the value may be added or not.
func (g *Group) Add(ctx context.Context, key, value string) (n int, err error) {
	r := &request{ctx: ctx, add: Add{key, value}, out: make(chan struct{})}
	select {
	case <-g.closing:
		return 0, ErrClosed
	case <-ctx.Done():
		return 0, ctx.Err()
	case g.queue <- r:
	}
	select {
	case <-r.out:
		return r.n, r.err
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-g.closed:
		select {
		case <-r.out: // it was in the last write
			return r.n, r.err
		default:
			return 0, ErrClosed
		}
	}
}

// View calls read with the data as the file holds it now. read must neither change nor keep the data, except for
// the text that JSON returned.
func (g *Group) View(read func(*Data)) error {
	if err := g.fresh(); err != nil {
		return err
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	read(g.data)
	return nil
}

func (g *Group) work() {
	defer close(g.closed)
	batch := make([]*request, 0, batchLimit)
	for {
		batch = batch[:0]
		select {
		case r := <-g.queue:
			batch = append(batch, r)
		case <-g.closing:
			for len(g.queue) > 0 && len(batch) < batchLimit {
				batch = append(batch, <-g.queue)
			}
			g.commit(batch)
			return
		}
		for len(g.queue) > 0 && len(batch) < batchLimit {
			batch = append(batch, <-g.queue)
		}
		g.commit(batch)
	}
}

// commit writes a batch and answers its requests.
func (g *Group) commit(batch []*request) {
	if len(batch) == 0 {
		return
	}
	start := time.Now()
	n, err := g.writeBatch(batch)
	if g.watch.Commit != nil {
		g.watch.Commit(n, time.Since(start), err)
	}
	for _, r := range batch {
		if r.err == nil {
			r.err = err
		}
		close(r.out)
	}
}

func (g *Group) writeBatch(batch []*request) (n int, err error) {
	g.write.Lock()
	defer g.write.Unlock()
	path, err := follow(g.file.Path)
	if err != nil {
		return 0, err
	}
	unlock, err := lock(context.Background(), path, g.file.LockWait)
	if err != nil {
		return 0, err
	}
	defer unlock()
	now, err := stat(path)
	if err != nil {
		return 0, err
	}
	// only this goroutine changes data and info while write is held: reading them needs no lock
	if !same(now, g.info) {
		if err := g.reload(); err != nil {
			return 0, err
		}
		now = g.info
	}
	s := newStaged()
	for _, r := range batch {
		switch {
		case r.ctx.Err() != nil:
			r.err = r.ctx.Err()
		case g.limit > 0 && g.data.bytes+s.bytes+int64(len(r.add.Key)+len(r.add.Value)) > g.limit:
			r.err = fmt.Errorf("%w: its file may grow to %d bytes", ErrFull, g.limit)
		default:
			r.n = s.add(g.data, r.add)
		}
	}
	if s.n == 0 {
		return 0, nil
	}
	info, err := replace(path, now, g.data, s, func(info os.FileInfo) {
		g.mu.Lock()
		g.next = info
		g.mu.Unlock()
	})
	g.mu.Lock()
	defer g.mu.Unlock()
	g.next = nil
	if err != nil {
		return 0, err // if the file was replaced all the same, the next look at it sees that
	}
	g.data.apply(s)
	g.info = info
	return s.n, nil
}

// fresh makes sure that memory holds what the file holds.
func (g *Group) fresh() error {
	now, err := stat(g.file.Path)
	if err != nil {
		return err
	}
	g.mu.RLock()
	// a file of our own whose values nobody was promised yet does not count
	good := g.data != nil && (same(now, g.info) || g.next != nil && same(now, g.next))
	g.mu.RUnlock()
	if good {
		return nil
	}
	g.write.Lock()
	defer g.write.Unlock()
	if now, err = stat(g.file.Path); err != nil {
		return err
	}
	if g.data != nil && same(now, g.info) {
		return nil
	}
	return g.reload()
}

// reload reads the file again. Callers hold write.
func (g *Group) reload() error {
	start := time.Now()
	d, info, err := load(g.file.Path)
	if g.watch.Reload != nil {
		g.watch.Reload(time.Since(start), err)
	}
	if err != nil {
		return err
	}
	g.mu.Lock()
	g.data, g.info = d, info
	g.mu.Unlock()
	return nil
}

// stat looks at a file; nil for none.
func stat(path string) (os.FileInfo, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return info, err
}
