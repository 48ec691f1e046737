//go:build linux

package labtest

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestSameAsAnsible provisions fresh hosts with both programs and compares outputs and disks. With one fork
// the order of hosts is fixed, so that the outputs are equal to the byte.
func TestSameAsAnsible(t *testing.T) {
	ansible, err := exec.LookPath("ansible-playbook")
	if err != nil {
		t.Skip("no ansible-playbook here to compare with")
	}
	if isRef {
		t.Skip("the program under test is ansible-playbook")
	}
	args := []string{"-i", "inventory/hosts.ini", playbook, "-f", "1", "--diff"}
	runs := [][]string{append(args, "--check"), args, args, append(args, "--tags", "keepalived"), {"-i", "inventory/hosts.ini", playbook, "--list-tasks"},
		{"-i", "inventory/hosts.ini", playbook, "--list-hosts"}, {"-i", "inventory/hosts.ini", playbook, "--list-tags"}, {"-i", "inventory/hosts.ini", playbook, "--syntax-check"}}

	fresh(t, "el", standHosts...)
	var want []outcome
	for _, r := range runs {
		want = append(want, runProgram(t, ansible, nil, r...))
	}
	disks := snapAll(t, standHosts...)

	lab(t, "reset")
	for i, r := range runs {
		got := run(t, r...)
		name := strings.Join(r[2:], " ")
		if got.code != want[i].code {
			t.Errorf("%s: exit code %d, want %d", name, got.code, want[i].code)
		}
		if g, w := normal(got.stdout), normal(want[i].stdout); g != w && !(strings.HasSuffix(name, "--list-hosts") && sameLines(g, w)) {
			t.Errorf("%s: the output differs:\n%s", name, firstDifference(g, w))
		}
	}
	wantSame(t, disks, snapAll(t, standHosts...))
}

var tempName = regexp.MustCompile(`(?m)^(\+\+\+ after: ).*/([^/\n]+)$`)

// normal removes the names of temporary folders, in which diffs name the template.
func normal(s string) string { return tempName.ReplaceAllString(s, "$1$2") }

// sameLines compares regardless of order: the reference lists a play's hosts in none.
func sameLines(a, b string) bool {
	sorted := func(s string) []string { return slices.Sorted(strings.Lines(s)) }
	return slices.Equal(sorted(a), sorted(b))
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		at := func(s []string) string {
			if i < len(s) {
				return s[i]
			}
			return "(end)"
		}
		if at(g) != at(w) {
			from := max(0, i-3)
			return "after\n" + strings.Join(g[from:min(i, len(g))], "\n") + "\ngot  " + at(g) + "\nwant " + at(w)
		}
	}
	return ""
}
