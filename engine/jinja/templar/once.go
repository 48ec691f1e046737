package templar

import "sync"

// sync1 computes a value at its first use.
func sync1[T any](f func() T) func() T { return sync.OnceValue(f) }
