package foreign

import (
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// maxRedirects bounds how often a name may be sent on.
const maxRedirects = 8

// anywhere finds a short name that was once part of Ansible itself, npm or
// firewalld, in the collection it went to: an installed ansible-core says which;
// without one the first collection that has it counts, community.general and
// ansible.posix before others.
func (m *Modules) anywhere(short string) string {
	if core := coreDir(); core != "" {
		to := m.redirect(filepath.Join(core, "config", "ansible_builtin_runtime.yml"), short)
		if to != "" {
			return m.full(to, maxRedirects)
		}
	}
	for _, dir := range m.collectionDirs() {
		if p := m.moduleFile(filepath.Join(dir, "plugins", "modules"), short); p != "" {
			return p
		}
	}
	return ""
}

// full finds a module by its full name, following the redirects of
// meta/runtime.yml.
func (m *Modules) full(name string, redirects int) string {
	parts := strings.Split(name, ".")
	if len(parts) < 3 || redirects == 0 {
		return ""
	}
	col, rest := parts[0]+"."+parts[1], parts[2:]
	if p := m.inCollection(col, strings.Join(rest, "/")); p != "" {
		return p
	}
	for _, root := range m.roots() {
		file := filepath.Join(root, "ansible_collections", parts[0], parts[1], "meta", "runtime.yml")
		if to := m.redirect(file, strings.Join(rest, ".")); to != "" && to != name {
			return m.full(to, redirects-1)
		}
	}
	return ""
}

// redirect looks a module up in a file of routes; "" where it is sent nowhere.
func (m *Modules) redirect(file, name string) string {
	routes, ok := m.routes[file]
	if !ok {
		routes = map[string]string{}
		if src, err := os.ReadFile(file); err == nil {
			v, _ := yaml.Load(file, src, yaml.Options{DuplicateKeys: "ignore"})
			d, _ := v.(*value.Dict)
			d, _ = d.At("plugin_routing").(*value.Dict)
			// An action's route counts before its module's.
			for _, part := range []string{"modules", "action"} {
				mods, _ := d.At(part).(*value.Dict)
				for k, v := range mods.All() {
					r, _ := v.(*value.Dict)
					if to, ok := value.Text(r.At("redirect")); ok {
						routes[value.Str(k)] = to
					}
				}
			}
		}
		if m.routes == nil {
			m.routes = map[string]map[string]string{}
		}
		m.routes[file] = routes
	}
	return routes[name]
}

// collectionDirs lists the folders of all installed collections.
func (m *Modules) collectionDirs() []string {
	if m.installed != nil {
		return m.installed
	}
	m.installed = []string{}
	for _, root := range m.roots() {
		dirs, _ := filepath.Glob(filepath.Join(escape(root), "ansible_collections", "*", "*", "plugins"))
		for i := range dirs {
			dirs[i] = filepath.Dir(dirs[i])
		}
		rank := func(dir string) int {
			for i, s := range []string{"/community/general", "/ansible/posix", "/community/"} {
				if strings.Contains(dir, s) {
					return i
				}
			}
			return 9
		}
		sort.SliceStable(dirs, func(i, j int) bool { return rank(dirs[i]) < rank(dirs[j]) })
		m.installed = append(m.installed, dirs...)
	}
	return m.installed
}

// HasAction tells whether there is a Python action plugin of that name, beside
// the playbook, in a role or in a collection. It cannot be run, but its name is
// no misspelling.
func (m *Modules) HasAction(name string, collections []string) bool {
	short := strings.TrimPrefix(strings.TrimPrefix(name, "ansible.legacy."), "ansible.builtin.")
	var dirs []string
	m.mu.Lock()
	defer m.mu.Unlock()
	if !strings.Contains(short, ".") {
		for _, lib := range m.Library {
			dirs = append(dirs, filepath.Join(filepath.Dir(lib), "action_plugins"))
		}
		for _, c := range collections {
			dirs = append(dirs, m.actionDirs(c)...)
		}
	} else if parts := strings.Split(short, "."); len(parts) > 2 {
		dirs = m.actionDirs(parts[0] + "." + parts[1])
		short = strings.Join(parts[2:], "/")
	}
	for _, d := range dirs {
		if isFile(filepath.Join(d, short+".py")) {
			return true
		}
	}
	return false
}

func (m *Modules) actionDirs(col string) []string {
	ns, c, _ := strings.Cut(col, ".")
	var out []string
	for _, root := range m.roots() {
		out = append(out, filepath.Join(root, "ansible_collections", ns, c, "plugins", "action"))
	}
	return out
}
