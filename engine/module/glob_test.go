package module

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Recorded from Python's glob.
func TestGlob(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "with [x]*")
	for _, d := range []string{"a/b", ".h/c", "w[1]"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{"a/x1", "a/x2", "a/.y", "a/b/z", ".h/c/q", "w[1]/k", `a/x\1`} {
		if err := os.WriteFile(filepath.Join(dir, f), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "a/broken")); err != nil {
		t.Fatal(err)
	}
	quoted := filepath.Join(filepath.Dir(dir), "with [[]x][*]")
	for _, c := range []struct {
		pattern string
		want    []string
	}{
		{"a/*", []string{"a/b", "a/broken", "a/x1", "a/x2", `a/x\1`}}, {"a/.*", []string{"a/.y"}}, {"a/x[!1]", []string{"a/x2"}},
		{"a/x[12]", []string{"a/x1", "a/x2"}}, {"*/x1", []string{"a/x1"}}, {".h/*", []string{".h/c"}}, {".*/c", []string{".h/c"}},
		{"a/b/", []string{"a/b/"}}, {"a/*/", []string{"a/b/"}}, {"a/broken", []string{"a/broken"}}, {"none", nil}, {"a/none*", nil},
		{"w[[]1]/*", []string{"w[1]/k"}}, {"w[1]/k", nil}, {"w[1]/*", nil}, {`a/x\1`, []string{`a/x\1`}}, {`a/x\*`, []string{`a/x\1`}},
		{"**/z", nil}, {"a/*/z", []string{"a/b/z"}}, {"[", nil}, {"a/[", nil},
	} {
		var got []string
		for _, p := range glob(quoted + "/" + c.pattern) {
			got = append(got, p[len(dir)+1:])
		}
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.pattern, got, c.want)
		}
		if globAny(dir, c.pattern) != (c.want != nil) {
			t.Errorf("%s: seen from the folder it is otherwise", c.pattern)
		}
	}
}
