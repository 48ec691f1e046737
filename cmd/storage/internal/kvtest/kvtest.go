// Package kvtest holds what the tests of several packages check alike. It imports nothing but testing.
package kvtest

import (
	"strconv"
	"strings"
	"testing"
)

// InOrder checks that values are NAME-0, NAME-1 ... up to each, of so many names, in any mixture.
func InOrder(t *testing.T, values []string, names, each int) {
	t.Helper()
	if len(values) != names*each {
		t.Errorf("%d values, want %d", len(values), names*each)
	}
	next := map[string]int{}
	for _, v := range values {
		name, n, _ := strings.Cut(v, "-")
		if n != strconv.Itoa(next[name]) {
			t.Fatalf("%s comes where %s-%d belongs", v, name, next[name])
		}
		next[name]++
	}
}
