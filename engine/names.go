package engine

import (
	"fmt"
	"os"
	"strings"

	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/value"
)

// built are actions that the run itself executes.
var built = map[string]bool{"meta": true, "include_tasks": true, "import_tasks": true, "include_role": true,
	"import_role": true, "include": true, "import_playbook": true}

// known resolves the name of a module or action as a task writes it.
func (s *Setup) known(name string, collections []string) (string, bool) {
	short := name
	for _, p := range []string{"ansible.builtin.", "ansible.legacy."} {
		short = strings.TrimPrefix(short, p)
	}
	if s.rejects[short] {
		return "", false
	}
	if built[short] {
		return "ansible.builtin." + short, true
	}
	if !strings.Contains(name, ".") || strings.HasPrefix(name, "ansible.legacy.") {
		// A module beside the playbook or in the module path wins over ours.
		if s.own != nil && (s.own.OwnAction(short) || s.own.Own(short) && s.overrides(short)) {
			return short, true
		}
	}
	if !strings.Contains(short, ".") {
		if full := "ansible.builtin." + short; has(full) {
			return full, true
		}
		for _, c := range collections {
			if full := c + "." + short; has(full) || s.Foreign != nil && s.Foreign.Has(full, nil) || s.hasAction(full) {
				return full, true
			}
		}
		if d, ok := module.Lookup(short); ok {
			return d.Name, true
		}
	} else if has(short) {
		return short, true
	}
	if s.Foreign != nil && (s.Foreign.Has(name, collections) || s.hasAction(name)) {
		return name, true
	}
	return "", false
}

func (s *Setup) hasAction(name string) bool {
	if s.own == nil {
		return false
	}
	file, _ := s.own.ActionFile(name, nil)
	return file != ""
}

// rejected reads which modules the file of plugin_filters_cfg keeps from being
// used.
func (s *Setup) rejected() (map[string]bool, error) {
	file := s.Config.Str("PLUGIN_FILTERS_CFG")
	if file == "" {
		file = "/etc/ansible/plugin_filters.yml"
		if _, err := os.Stat(file); err != nil {
			return nil, nil
		}
	}
	d, err := s.Files.Dict(file)
	if err != nil {
		s.Screen.Warn(fmt.Sprintf("The plugin filter file, %s could not be read: %s", file, err), false)
		return nil, nil
	}
	out := map[string]bool{}
	for _, k := range []string{"module_rejectlist", "module_blacklist"} {
		if l, ok := d.At(k).(*value.List); ok {
			for _, e := range l.Items {
				out[value.Str(e)] = true
			}
		}
	}
	if out["stat"] {
		return nil, fmt.Errorf("The stat module was specified in the module reject list file, %s, but Ansible will not function without the stat module.  Please remove stat from the reject list.", file)
	}
	return out, nil
}

// overrides tells whether the user's own module of that name is meant to be
// used instead of a native one: any but actions that the controller plays itself.
func (s *Setup) overrides(short string) bool {
	_, isAction := action.Lookup("ansible.builtin." + short)
	return !isAction
}

func has(full string) bool {
	if _, ok := action.Lookup(full); ok {
		return true
	}
	_, ok := module.Lookup(full)
	return ok
}

// suggest returns the known name nearest to a misspelt one.
func (s *Setup) suggest(name string) string {
	best, least := "", 3
	for _, n := range append(module.Names(), action.Names()...) {
		for _, c := range []string{n, n[strings.LastIndex(n, ".")+1:]} {
			if d := distance(name, c, least); d < least {
				best, least = c, d
			}
		}
	}
	return best
}

// distance is the number of edits between two words, given up at limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	prev := make([]int, len(b)+1)
	cur := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			c := prev[j-1]
			if a[i-1] != b[j-1] {
				c++
			}
			cur[j] = min(c, prev[j]+1, cur[j-1]+1)
		}
		prev, cur = cur, prev
	}
	return prev[len(b)]
}
