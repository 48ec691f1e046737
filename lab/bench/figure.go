//go:build linux

package main

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// figure is one line of the report.
type figure struct {
	name, value string
	goal        string // what it should be, in words; none without a goal
	missed      bool
}

func (f figure) print(w io.Writer) (good bool) {
	mark := ""
	if f.goal != "" {
		mark = "  (goal: " + f.goal + ")"
	}
	if f.missed {
		mark += "  MISSED"
	}
	fmt.Fprintf(w, "  %-52s %12s%s\n", f.name, f.value, mark)
	return !f.missed
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }

func mebibytes(kib int64) string { return fmt.Sprintf("%.1f MiB", float64(kib)/1024) }

// atMost is a duration with a limit as its goal.
func atMost(name string, d, limit time.Duration) figure {
	return figure{name, seconds(d), fmt.Sprintf("at most %g s", limit.Seconds()), d > limit}
}

// times says how many times more of something the slower takes, which should be `want` at least.
func times(name string, slower, faster time.Duration, want float64) figure {
	got := slower.Seconds() / faster.Seconds()
	f := figure{name: name, value: fmt.Sprintf("%.1f", got)}
	if want > 0 {
		f.goal, f.missed = fmt.Sprintf("%.0f", want), got < want
	}
	return f
}

func median[T int64 | time.Duration](v []T) T {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}
