package connect

import (
	"context"
	"sync"
)

// shared keeps one living value per key. Opening happens once at a time per
// key; an opener that fails leaves nothing behind, so the next one tries anew.
type shared[K comparable, V interface{ alive() bool }] struct {
	mu sync.Mutex
	m  map[K]*slot[V]
}

type slot[V any] struct {
	lock chan struct{} // held while opening
	val  V
	full bool
}

func (s *shared[K, V]) get(ctx context.Context, key K, open func(context.Context) (V, error)) (V, error) {
	var zero V
	s.mu.Lock()
	if s.m == nil {
		s.m = map[K]*slot[V]{}
	}
	sl := s.m[key]
	if sl == nil {
		sl = &slot[V]{lock: make(chan struct{}, 1)}
		s.m[key] = sl
	}
	if sl.full && sl.val.alive() {
		defer s.mu.Unlock()
		return sl.val, nil
	}
	s.mu.Unlock()
	select {
	case sl.lock <- struct{}{}:
	case <-ctx.Done():
		return zero, ctx.Err()
	}
	defer func() { <-sl.lock }()
	s.mu.Lock()
	if sl.full && sl.val.alive() {
		defer s.mu.Unlock()
		return sl.val, nil
	}
	s.mu.Unlock()
	v, err := open(ctx)
	if err != nil {
		return zero, err
	}
	s.mu.Lock()
	sl.val, sl.full = v, true
	s.m[key] = sl // a removal may have come meanwhile
	s.mu.Unlock()
	return v, nil
}

// take removes and returns the values whose key pick accepts.
func (s *shared[K, V]) take(pick func(K) bool) []V {
	s.mu.Lock()
	defer s.mu.Unlock()
	var l []V
	for k, sl := range s.m {
		if pick(k) {
			if sl.full {
				l = append(l, sl.val)
			}
			delete(s.m, k)
		}
	}
	return l
}
