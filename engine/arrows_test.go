package engine

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "github.com/goplay-engine/goplay/"

// arrows say what packages (with those below them) must not import, as the
// package comments and docs/architecture.md have it. "*" is all of the engine but
// what stands behind it.
var arrows = map[string]string{
	// linked into the helper
	"engine/module": "* engine/module engine/facts engine/value engine/crypt engine/pyre",
	"engine/facts":  "* engine/facts engine/value",
	"engine/value":  "*",
	"engine/remote": "* engine/remote engine/module engine/value",
	"engine/crypt":  "*",
	"engine/pyre":   "*",
	// reading
	"engine/vault":     "*",
	"engine/yaml":      "* engine/value",
	"engine/load":      "* engine/value engine/vault engine/yaml",
	"engine/argspec":   "* engine/value engine/yaml",
	"engine/inventory": "* engine/inventory engine/load engine/value engine/yaml",
	"engine/playbook":  "* engine/argspec engine/value engine/yaml",
	"engine/galaxy":    "* engine/value engine/yaml",
	// templates
	"engine/jinja":  "engine/run engine/vars engine/playbook engine/inventory engine/action engine/connect engine/remote engine/report engine/config",
	"engine/lookup": "engine/run engine/vars engine/playbook engine/inventory engine/action engine/connect engine/remote engine/report engine/config",
	// running
	"engine/vars":    "engine/run engine/action engine/connect engine/remote engine/inventory engine/report engine/config",
	"engine/action":  "engine/run engine/vars engine/playbook engine/inventory engine/connect engine/report engine/config",
	"engine/connect": "* engine/connect engine/remote engine/value",
	"engine/foreign": "engine/run engine/vars engine/playbook engine/inventory engine/report",
	"engine/pyplug":  "engine/run engine/vars engine/playbook engine/inventory engine/report",
	"engine/run":     "engine/report engine/cli engine/config engine/inventory engine/foreign engine/galaxy",
	// telling
	"engine/event":  "* engine/value",
	"engine/report": "* engine/event engine/value engine/yaml",
	// programs
	"cmd/storage": "*",
}

// TestArrows sees that imports go one way.
func TestArrows(t *testing.T) {
	checked := 0
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := strings.TrimPrefix(filepath.ToSlash(p), "../")
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && p != ".." || rel == "bin" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for room, not := range arrows {
			if !within(rel, room) {
				continue
			}
			for _, i := range f.Imports {
				path, _ := strconv.Unquote(i.Path.Value)
				to, ours := strings.CutPrefix(path, modulePath)
				if checked++; ours && !within(to, room) && refused(to, strings.Fields(not)) {
					t.Errorf("%s imports %s, which %s must not", rel, to, room)
				}
			}
		}
		return nil
	})
	if err != nil || checked < 1000 {
		t.Errorf("%d imports checked: %v", checked, err)
	}
}

func within(path, room string) bool { return path == room || strings.HasPrefix(path, room+"/") }

func refused(to string, not []string) bool {
	if not[0] == "*" {
		for _, r := range not[1:] {
			if within(to, r) {
				return false
			}
		}
		return true
	}
	for _, r := range not {
		if within(to, r) {
			return true
		}
	}
	return false
}
