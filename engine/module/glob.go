package module

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// globAny tells whether the pattern matches anything, seen from dir.
func globAny(dir, pattern string) bool {
	if dir == "" || filepath.IsAbs(pattern) {
		return len(glob(pattern)) > 0
	}
	// The folder's own name is no pattern.
	quoted := strings.NewReplacer("[", "[[]", "*", "[*]", "?", "[?]").Replace(dir)
	return len(glob(filepath.Join(quoted, pattern))) > 0
}

func isPattern(s string) bool { return strings.ContainsAny(s, "*?[") }

// glob lists what matches as Python's glob does, in the order of names: [!x] negates, a backslash stands for itself, and
// hidden files match only where the pattern says so.
func glob(pattern string) []string {
	if !isPattern(pattern) {
		if _, err := os.Lstat(pattern); err != nil {
			return nil
		}
		return []string{pattern}
	}
	dir, base := filepath.Split(pattern)
	dirs := []string{dir}
	if isPattern(dir) {
		dirs = glob(strings.TrimRight(dir, "/"))
	}
	var out []string
	for _, d := range dirs {
		if !isPattern(base) {
			if p := filepath.Join(d, base); base != "" && pathState(p) != "absent" {
				out = append(out, p)
			} else if base == "" && isFolder(d) {
				out = append(out, d+"/")
			}
			continue
		}
		list := "."
		if d != "" {
			list = d
		}
		entries, _ := os.ReadDir(list)
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(base, ".") {
				continue
			}
			if globMatch(base, e.Name()) {
				out = append(out, filepath.Join(d, e.Name()))
			}
		}
	}
	slices.Sort(out)
	return out
}
