package run

import (
	"os"
	"sync"

	"github.com/goplay-engine/goplay/engine/event"
	"github.com/goplay-engine/goplay/engine/jinja/templar"
)

func messageOf(text string) event.Message { return event.Message{Text: text} }

func templarScope(ps *playState) templar.Scope {
	return templar.Scope{Basedir: ps.play.Dir, Find: ps.finder(nil)}
}

func isFile(p string) bool {
	fi, err := os.Stat(p)
	return err == nil && !fi.IsDir()
}

// hostSet is a set of host names that tasks may read while it grows.
type hostSet struct {
	mu sync.RWMutex
	m  map[string]bool
}

func (s *hostSet) has(name string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.m[name]
}

func (s *hostSet) len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.m)
}

func (s *hostSet) add(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m == nil {
		s.m = map[string]bool{}
	}
	s.m[name] = true
}

func (s *hostSet) remove(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.m, name)
}
