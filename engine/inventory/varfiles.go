package inventory

import (
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/goplay-engine/goplay/engine/value"
)

// varFiles reads and remembers group_vars and host_vars.
type varFiles struct {
	opts Options
	mu   sync.Mutex
	dirs map[string]map[string][]string // folder -> entity -> files
	vars map[string]*value.Dict         // folder + entity -> merged
}

func newVarFiles(o Options) *varFiles {
	return &varFiles{opts: o, dirs: map[string]map[string][]string{}, vars: map[string]*value.Dict{}}
}

// Layer is one stock of variables of a host with a name for explanations.
type Layer struct {
	Name string // "group vars, web", "group_vars file, /x/group_vars/web" ...
	Vars *value.Dict
}

// precedence is the usual order of group variables: what sources say of all and
// of groups, then group_vars/all and group_vars of other groups, beside the
// inventory and beside the playbook.
var precedence = []string{"all_inventory", "groups_inventory", "all_plugins_inventory", "all_plugins_play", "groups_plugins_inventory", "groups_plugins_play"}

// HostLayers returns the inventory's layers of variables of a host, weakest
// first: those of groups in the order of Options.Precedence, host vars,
// host_vars. playDirs are the folders of playbooks, "" is none. The dictionaries
// are shared and must not be changed. Files are read once.
func (inv *Inventory) HostLayers(h *Host, playDirs ...string) ([]Layer, error) {
	l := layers{inv: inv, groups: h.Groups()}
	invDirs := inv.VarsDirs()
	playDirs = slices.DeleteFunc(slices.Clone(playDirs), func(d string) bool { return d == "" })
	order := inv.opts.Precedence
	if order == nil {
		order = precedence
	}
	var err error
	for _, name := range order {
		switch name {
		case "all_inventory":
			l.sources(true)
		case "groups_inventory":
			l.sources(false)
		case "all_plugins_inventory":
			err = l.files(invDirs, true)
		case "all_plugins_play":
			err = l.files(playDirs, true)
		case "groups_plugins_inventory":
			err = l.files(invDirs, false)
		case "groups_plugins_play":
			err = l.files(playDirs, false)
		default:
			inv.warn("Ignoring unknown variable precedence name: %s", name)
		}
		if err != nil {
			return nil, err
		}
	}
	inv.mu.RLock()
	own := h.Vars // add_host may put another in its place
	inv.mu.RUnlock()
	l.add("host vars of "+h.Name, own)
	for _, dir := range append(append([]string{}, invDirs...), playDirs...) {
		d, err := inv.FileVars(dir, "host_vars", h.Name)
		if err != nil {
			return nil, err
		}
		l.add(filepath.Join(dir, "host_vars", h.Name), d)
	}
	return l.out, nil
}

type layers struct {
	inv    *Inventory
	groups []*Group
	out    []Layer
}

func (l *layers) add(name string, d *value.Dict) {
	if d.Len() > 0 {
		l.out = append(l.out, Layer{name, d})
	}
}

// sources adds what sources say of the group all, or of the others.
func (l *layers) sources(all bool) {
	for _, g := range l.groups {
		if (g.Name == "all") == all {
			l.add("group vars of "+g.Name, g.Vars)
		}
	}
}

// files adds group_vars/all, or those of the other groups.
func (l *layers) files(dirs []string, all bool) error {
	for _, dir := range dirs {
		for _, g := range l.groups {
			if (g.Name == "all") != all {
				continue
			}
			d, err := l.inv.FileVars(dir, "group_vars", g.Name)
			if err != nil {
				return err
			}
			l.add(filepath.Join(dir, "group_vars", g.Name), d)
		}
	}
	return nil
}

// VarsDirs returns the folders beside the sources in which group_vars and
// host_vars are looked for.
func (inv *Inventory) VarsDirs() []string {
	var out []string
	for _, s := range inv.Sources {
		st, err := os.Stat(s)
		switch {
		case err == nil && st.IsDir():
		case err != nil && strings.Contains(s, ","):
			continue
		default:
			s = filepath.Dir(s)
		}
		out = append(out, s)
	}
	return out
}

// FileVars returns the merged variables of dir/kind/name (with any of the
// extensions, or a folder of files), nil where there are none. kind is
// "group_vars" or "host_vars".
func (inv *Inventory) FileVars(dir, kind, name string) (*value.Dict, error) {
	if inv.opts.NoVarsFiles {
		return nil, nil
	}
	inv.mu.RLock()
	files := inv.files
	inv.mu.RUnlock()
	return files.get(filepath.Join(dir, kind), name, inv.warn)
}

func (f *varFiles) get(dir, name string, warn func(string, ...any)) (*value.Dict, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	index, ok := f.dirs[dir]
	if !ok {
		index = f.index(dir, warn)
		f.dirs[dir] = index
	}
	files := index[name]
	if len(files) == 0 {
		return nil, nil
	}
	key := dir + "\x00" + name
	if d, ok := f.vars[key]; ok {
		return d, nil
	}
	var out *value.Dict
	for _, file := range files {
		d, err := f.opts.Loader.Dict(file)
		if err != nil {
			return nil, err
		}
		switch {
		case d == nil:
		case out == nil:
			out = d
		case f.opts.HashMerge:
			out = value.Combine(out, d)
		default:
			out = out.Clone()
			out.Update(d)
		}
	}
	f.vars[key] = out
	return out, nil
}

// index lists a folder once: which files belong to which group or host. Asking
// the file system per host and extension would cost most of a large load.
func (f *varFiles) index(dir string, warn func(string, ...any)) map[string][]string {
	st, err := os.Stat(dir)
	if err != nil {
		return nil
	}
	if !st.IsDir() {
		warn("Found %s that is not a directory, skipping: %s", filepath.Base(dir), dir)
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		warn("Unable to read %s: %s", dir, err)
		return nil
	}
	names := map[string]bool{}
	for _, e := range entries {
		names[e.Name()] = true
	}
	out := map[string][]string{}
	// The name without extension wins over .yml, that over .yaml, and so on.
	exts := append([]string{""}, f.opts.VarsExts...)
	for i := len(exts) - 1; i >= 0; i-- {
		for n := range names {
			base, ok := strings.CutSuffix(n, exts[i])
			if !ok || base == "" {
				continue
			}
			if files := f.entry(filepath.Join(dir, n)); files != nil {
				out[base] = files
			}
		}
	}
	return out
}

// entry returns the files of one entry of group_vars: itself, or those below a folder.
func (f *varFiles) entry(path string) []string {
	st, err := os.Stat(path)
	if err != nil {
		return nil
	}
	if !st.IsDir() {
		return []string{path}
	}
	return f.walk(path, 0)
}

func (f *varFiles) walk(dir string, depth int) []string {
	entries, err := os.ReadDir(dir)
	if err != nil || depth > 50 {
		return nil
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name() < entries[j].Name() })
	out := []string{}
	for _, e := range entries {
		n := e.Name()
		p := filepath.Join(dir, n)
		st, err := os.Stat(p)
		if err != nil || strings.HasPrefix(n, ".") || strings.HasSuffix(n, "~") {
			continue
		}
		if st.IsDir() {
			out = append(out, f.walk(p, depth+1)...)
		} else if ext := filepath.Ext(n); ext == "" || contains(f.opts.VarsExts, ext) {
			out = append(out, p)
		}
	}
	return out
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

// Merge sets every variable of add in vars; with deep, dictionaries of equal
// names are merged (hash_behaviour=merge).
func Merge(vars, add *value.Dict, deep bool) {
	if !deep {
		vars.Update(add)
		return
	}
	vars.Update(value.Combine(vars, add))
}
