//go:build unix

package jinja_test

import (
	"syscall"
	"testing"
)

// cpuTime reports the CPU time of one round, which unlike the wall time does
// not depend on what else the machine does.
func cpuTime(b *testing.B) func() {
	used := func() int64 {
		var r syscall.Rusage
		if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
			return 0
		}
		return r.Utime.Nano() + r.Stime.Nano()
	}
	b.ResetTimer()
	start := used()
	return func() { b.ReportMetric(float64(used()-start)/float64(b.N), "cpu-ns/op") }
}
