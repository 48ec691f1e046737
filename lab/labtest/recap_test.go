//go:build linux

package labtest

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// recap holds the numbers of PLAY RECAP by host and name.
type recap map[string]map[string]int

var recapField = regexp.MustCompile(`(\w+)=(\d+)`)

// recapOf reads the recap at the end of an output.
func recapOf(t *testing.T, o outcome) recap {
	t.Helper()
	_, after, found := strings.Cut(o.stdout, "\nPLAY RECAP ")
	if !found {
		t.Fatalf("no recap in the output (exit code %d):\n%s", o.code, o.text())
	}
	r := recap{}
	for line := range strings.Lines(after) {
		host, fields, ok := strings.Cut(line, " : ")
		if !ok {
			continue
		}
		numbers := map[string]int{}
		for _, m := range recapField.FindAllStringSubmatch(fields, -1) {
			numbers[m[1]], _ = strconv.Atoi(m[2])
		}
		r[strings.TrimSpace(host)] = numbers
	}
	return r
}

// wantRecap checks one number of every named host, and that no other host is there.
func wantRecap(t *testing.T, o outcome, name string, want int, hosts ...string) {
	t.Helper()
	r := recapOf(t, o)
	if len(r) != len(hosts) {
		t.Errorf("the recap has %d hosts, want %v:\n%s", len(r), hosts, o.stdout)
	}
	for _, h := range hosts {
		if got, ok := r[h][name]; !ok || got != want {
			t.Errorf("recap of %s: %s=%d (there: %v), want %d", h, name, got, ok, want)
		}
	}
	if t.Failed() {
		t.Logf("output:\n%s", o.text())
	}
}

// wantGood checks that a run ended well on the named hosts.
func wantGood(t *testing.T, o outcome, hosts ...string) {
	t.Helper()
	if o.code != 0 {
		t.Fatalf("exit code %d:\n%s", o.code, o.text())
	}
	wantRecap(t, o, "failed", 0, hosts...)
	wantRecap(t, o, "unreachable", 0, hosts...)
}
