package foreign

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// notModules are extensions a module's file may not have: they are something
// else.
var notModules = []string{".ps1", ".yml", ".yaml", ".md", ".rst", ".pyc", ".pyo", ".swp", ".bak", ".txt", ".json", ".ini", ".rpm", "~"}

// moduleFile finds a module in a folder, by its name without extension, in the
// folder itself or one below.
func (m *Modules) moduleFile(dir, name string) string {
	if strings.ContainsAny(name, "/") {
		return ""
	}
	for _, ext := range []string{".py", ""} {
		if p := filepath.Join(dir, name+ext); isFile(p) {
			return p
		}
	}
	if found, _ := filepath.Glob(filepath.Join(escape(dir), escape(name)+".*")); len(found) > 0 {
		for _, p := range found {
			ext := filepath.Ext(p)
			if !slices.Contains(notModules, ext) && !slices.Contains(m.IgnoreExts, ext) && isFile(p) {
				return p
			}
		}
	}
	if found, _ := filepath.Glob(filepath.Join(escape(dir), "*", escape(name)+".py")); len(found) > 0 {
		return found[0]
	}
	if p := filepath.Join(dir, "_"+name+".py"); isFile(p) {
		return p // deprecated modules carry an underscore
	}
	return ""
}

func escape(s string) string {
	return strings.NewReplacer("[", `\[`, "*", `\*`, "?", `\?`).Replace(s)
}

func isFile(p string) bool {
	fi, err := os.Stat(p)
	return err == nil && !fi.IsDir()
}

func isDir(p string) bool {
	fi, err := os.Stat(p)
	return err == nil && fi.IsDir()
}

// find resolves a name to a file: library folders for short names, collections
// for full ones, an installed ansible-core last.
func (m *Modules) find(name string, collections []string) (string, bool) {
	key := name + "\x00" + strings.Join(collections, ",")
	m.mu.Lock()
	defer m.mu.Unlock()
	if p, ok := m.found[key]; ok {
		return p, p != ""
	}
	p := m.search(name, collections)
	if m.found == nil {
		m.found = map[string]string{}
	}
	m.found[key] = p
	return p, p != ""
}

func (m *Modules) search(name string, collections []string) string {
	short := strings.TrimPrefix(strings.TrimPrefix(name, "ansible.legacy."), "ansible.builtin.")
	if !strings.Contains(short, ".") {
		if !strings.HasPrefix(name, "ansible.builtin.") {
			for _, dir := range m.Library {
				if p := m.moduleFile(dir, short); p != "" {
					return p
				}
			}
			for _, c := range collections {
				if p := m.inCollection(c, short); p != "" {
					return p
				}
			}
		}
		if core := coreDir(); core != "" {
			if p := m.moduleFile(filepath.Join(core, "modules"), short); p != "" {
				return p
			}
		}
		return m.anywhere(short)
	}
	return m.full(short, maxRedirects)
}

func (m *Modules) inCollection(col, name string) string {
	ns, c, ok := strings.Cut(col, ".")
	if !ok {
		return ""
	}
	for _, root := range m.roots() {
		dir := filepath.Join(root, "ansible_collections", ns, c, "plugins", "modules")
		if p := m.moduleFile(filepath.Join(dir, filepath.Dir(name)), filepath.Base(name)); p != "" {
			return p
		}
	}
	return ""
}

// roots are the folders that may hold ansible_collections.
func (m *Modules) roots() []string {
	out := append([]string{}, m.Collections...)
	if core := coreDir(); core != "" {
		out = append(out, filepath.Dir(core))
	}
	return out
}

// coreDir is the folder `ansible` of an installed ansible-core on the
// controller, "" where there is none. Its module_utils go with the modules that
// import them.
func coreDir() string {
	if os.Getenv("GOPLAY_OWN_MODULE_UTILS") != "" {
		return "" // for tests of our own module_utils
	}
	var dirs []string
	dirs = append(dirs, filepath.SplitList(os.Getenv("PYTHONPATH"))...)
	home, _ := os.UserHomeDir()
	for _, pattern := range []string{home + "/.local/lib/python3*/site-packages", "/usr/local/lib/python3*/dist-packages",
		"/usr/local/lib/python3*/site-packages", "/usr/lib/python3/dist-packages", "/usr/lib/python3*/site-packages",
		"/opt/homebrew/lib/python3*/site-packages"} {
		m, _ := filepath.Glob(pattern)
		dirs = append(dirs, m...)
	}
	for _, d := range dirs {
		if isFile(filepath.Join(d, "ansible", "module_utils", "basic.py")) {
			return filepath.Join(d, "ansible")
		}
	}
	return ""
}
