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

// redirect looks a module up in a file of routes; "" where it is sent nowhere. An
// action's route counts before its module's.
func (m *Modules) redirect(file, name string) string {
	if to := m.route(file, "action", name); to != "" {
		return to
	}
	return m.route(file, "modules", name)
}

// route is redirect for one kind of plugins.
func (m *Modules) route(file, kind, name string) string {
	routes, ok := m.routes[file]
	if !ok {
		routes = map[string]string{}
		if src, err := os.ReadFile(file); err == nil {
			v, _ := yaml.Load(file, src, yaml.Options{DuplicateKeys: "ignore"})
			d, _ := v.(*value.Dict)
			d, _ = d.At("plugin_routing").(*value.Dict)
			for _, part := range []string{"modules", "action", "module_utils"} {
				mods, _ := d.At(part).(*value.Dict)
				for k, v := range mods.All() {
					r, _ := v.(*value.Dict)
					if to, ok := value.Text(r.At("redirect")); ok {
						routes[part+"\x00"+value.Str(k)] = to
					}
				}
			}
		}
		if m.routes == nil {
			m.routes = map[string]map[string]string{}
		}
		m.routes[file] = routes
	}
	return routes[kind+"\x00"+name]
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

// ActionFile finds the Python action plugin of that name, beside the playbook, in
// a role, in a configured folder or in a collection, whose runtime.yml may send it
// on. modname is what Python calls it. Both are "" where there is none.
func (m *Modules) ActionFile(name string, collections []string) (file, modname string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	short := strings.TrimPrefix(name, "ansible.legacy.")
	if !strings.Contains(short, ".") {
		for _, dir := range m.Actions {
			if p := filepath.Join(dir, short+".py"); isFile(p) {
				return p, "ansible.plugins.action." + short
			}
		}
		for _, c := range collections {
			if file, modname = m.actionIn(c+"."+short, maxRedirects); file != "" {
				return file, modname
			}
		}
		return "", ""
	}
	return m.actionIn(short, maxRedirects)
}

// OwnAction tells whether a folder of the user's has an action plugin of that
// short name; it outranks goplay's own action.
func (m *Modules) OwnAction(short string) bool {
	file, _ := m.ActionFile(short, nil)
	return file != "" && !strings.Contains(short, ".")
}

func (m *Modules) actionIn(name string, redirects int) (file, modname string) {
	parts := strings.Split(name, ".")
	if len(parts) < 3 || redirects == 0 {
		return "", ""
	}
	for _, root := range m.roots() {
		dir := filepath.Join(root, "ansible_collections", parts[0], parts[1])
		if to := m.route(filepath.Join(dir, "meta", "runtime.yml"), "action", strings.Join(parts[2:], ".")); to != "" && to != name {
			return m.actionIn(to, redirects-1)
		}
		if p := filepath.Join(dir, "plugins", "action", filepath.Join(parts[2:]...)+".py"); isFile(p) {
			return p, "ansible_collections." + parts[0] + "." + parts[1] + ".plugins.action." + strings.Join(parts[2:], ".")
		}
	}
	return "", ""
}

// redirectedUtil is where a module_utils name was moved to, as runtime.yml says;
// "" for those that stayed.
func (m *Modules) redirectedUtil(full string) string {
	var to string
	if rest, ok := strings.CutPrefix(full, "ansible.module_utils."); ok {
		if core := coreDir(); core != "" {
			to = m.route(filepath.Join(core, "config", "ansible_builtin_runtime.yml"), "module_utils", rest)
		}
	} else if parts := strings.SplitN(full, ".", 6); len(parts) == 6 {
		for _, root := range m.roots() {
			file := filepath.Join(root, "ansible_collections", parts[1], parts[2], "meta", "runtime.yml")
			if to = m.route(file, "module_utils", parts[5]); to != "" {
				break
			}
		}
	}
	if parts := strings.SplitN(to, ".", 3); to != "" && !strings.HasPrefix(to, "ansible") && len(parts) == 3 {
		to = "ansible_collections." + parts[0] + "." + parts[1] + ".plugins.module_utils." + parts[2]
	}
	if to == full {
		return ""
	}
	return to
}
