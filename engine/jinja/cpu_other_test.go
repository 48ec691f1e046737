//go:build !unix

package jinja_test

import "testing"

func cpuTime(b *testing.B) func() { b.ResetTimer(); return func() {} }
