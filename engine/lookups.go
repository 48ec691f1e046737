package engine

import "github.com/goplay-engine/goplay/engine/jinja/templar"

// lookups are the lookup plugins of a run.
func (s *Setup) lookups() map[string]templar.LookupFunc { return nil }
