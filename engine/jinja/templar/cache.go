package templar

import (
	"sync"
	"sync/atomic"
)

// cacheSize bounds each cache of compiled templates. When one is full it starts
// anew: what is in use comes back at the next rendering.
const cacheSize = 16384

type cache[T any] struct {
	m atomic.Pointer[cacheMap]
}

type cacheMap struct {
	sync.Map
	n atomic.Int64
}

func (c *cache[T]) get(key any) (T, bool) {
	if m := c.m.Load(); m != nil {
		if v, ok := m.Load(key); ok {
			return v.(T), true
		}
	}
	var zero T
	return zero, false
}

func (c *cache[T]) put(key any, v T) {
	m := c.m.Load()
	if m == nil || m.n.Load() >= cacheSize {
		fresh := &cacheMap{}
		c.m.CompareAndSwap(m, fresh)
		m = c.m.Load()
	}
	if _, dup := m.Swap(key, v); !dup {
		m.n.Add(1)
	}
}
