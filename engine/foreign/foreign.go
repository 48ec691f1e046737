// Package foreign runs modules that goplay does not have natively: Python
// modules with the module_utils they import, scripts that read a file of
// arguments, binaries. They come from library folders, roles, collections or an
// installed ansible-core.
//
// It imports engine/action, engine/remote, engine/value and engine/yaml; never run.
package foreign

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/goplay-engine/goplay/engine/action"
	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
)

// Modules finds and runs foreign modules.
type Modules struct {
	// Library are folders with modules, first counts; UtilsPath folders with
	// module_utils.
	Library, UtilsPath []string
	// Actions are folders with action plugins.
	Actions []string
	// Extra is how many of Library come before those that are configured.
	Extra int
	// Collections are the folders that hold ansible_collections.
	Collections []string
	// Version is what modules are told of Ansible's version.
	Version string
	// Interpreter is Python on targets where no variable names one: a path, or
	// auto; Fallback are the names under which it is looked for.
	Interpreter string
	Fallback    []string
	// IgnoreExts are extensions of files that are no modules.
	IgnoreExts []string
	// Internals are what modules are told of the configuration (_ansible_ ...).
	Internals *value.Dict
	// OpenFiles limits the files that Python modules may open; 0 does not.
	OpenFiles int

	mu     sync.Mutex
	found  map[string]string
	routes map[string]map[string]string // of runtime.yml files, by path
	// installed are the folders of all collections, nil until needed.
	installed []string
	packed    map[string]*payload
	pythons   map[string]string // by host, the one delegated to, and user
}

// AddRole makes the modules and module_utils of a role or playbook folder known,
// and the collections beside a playbook.
func (m *Modules) AddRole(dir string) {
	m.AddDirs(dir+"/library", dir+"/module_utils")
	if plugins := dir + "/action_plugins"; isDir(plugins) && !slices.Contains(m.Actions, plugins) {
		m.mu.Lock()
		m.Actions = append([]string{plugins}, m.Actions...)
		m.mu.Unlock()
	}
	col := dir + "/collections"
	if !isDir(col + "/ansible_collections") {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.Contains(m.Collections, col) {
		m.Collections = append([]string{col}, m.Collections...)
		m.found, m.installed = nil, nil
	}
}

// AddDirs adds a folder of modules and one of module_utils.
func (m *Modules) AddDirs(library, utils string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.found = nil
	if !slices.Contains(m.Library, library) {
		// Folders beside playbooks and roles come before the configured ones.
		m.Library = slices.Insert(m.Library, m.Extra, library)
		m.Extra++
	}
	if !slices.Contains(m.UtilsPath, utils) {
		m.UtilsPath = append(m.UtilsPath, utils)
	}
}

// Has tells whether there is such a module.
func (m *Modules) Has(name string, collections []string) bool {
	_, ok := m.find(name, collections)
	return ok
}

// Own tells whether a library folder of the user's has the module; those
// outrank native modules of the same short name.
func (m *Modules) Own(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, dir := range m.Library {
		if m.moduleFile(dir, name) != "" {
			return true
		}
	}
	return false
}

// Run runs a module with rendered arguments on the target of c.
func (m *Modules) Run(ctx context.Context, c *action.Context, name string, args *value.Dict) (*value.Dict, error) {
	file, ok := m.find(name, nil)
	if !ok {
		return nil, fmt.Errorf("The module %s was not found in configured module paths", name)
	}
	p, err := m.pack(file)
	if err != nil {
		return nil, err
	}
	s, err := c.Session()
	if err != nil {
		return nil, err
	}
	full := m.withInternals(c, p, args)
	if p.kind != newStyle {
		req, src, err := m.fileRequest(c, s, p, full)
		if err != nil {
			return nil, err
		}
		return c.Module(module.ForeignName, req, src)
	}
	py, err := m.python(c, s)
	if err != nil {
		return nil, err
	}
	script, err := p.script(full, m.OpenFiles)
	if err != nil {
		return nil, err
	}
	if len(script) > remote.BlobMax {
		return nil, fmt.Errorf("the module %s with its arguments is larger than %d bytes", name, remote.BlobMax)
	}
	return c.Module(module.ForeignName, value.DictOf("argv", value.NewList(py, "-")), script)
}

// withInternals adds what Ansible tells every module besides its arguments.
func (m *Modules) withInternals(c *action.Context, p *payload, args *value.Dict) *value.Dict {
	d := args.Clone()
	short := strings.TrimSuffix(path.Base(p.file), path.Ext(p.file))
	d.Update(value.DictOf("_ansible_check_mode", c.Task.Check, "_ansible_no_log", c.Task.NoLog || c.Task.Syslog == "", "_ansible_debug", false,
		"_ansible_diff", c.Task.Diff, "_ansible_verbosity", int64(c.Task.Verbosity), "_ansible_version", m.Version, "_ansible_module_name", short,
		"_ansible_socket", nil, "_ansible_shell_executable", "/bin/sh", "_ansible_keep_remote_files", false, "_ansible_tmpdir", nil,
		"_ansible_remote_tmp", cmp.Or(c.Task.RemoteTmp, "~/.ansible/tmp")))
	d.Update(m.Internals)
	return d
}

// interpreterVar is ansible_NAME_interpreter of the host that the module runs on.
func interpreterVar(c *action.Context, name string) (string, bool) {
	name = "ansible_" + name + "_interpreter"
	var v value.Value
	var ok bool
	if c.Task.Delegate != "" && c.Task.Delegate != c.Host.Name && c.Run != nil {
		v, ok = c.Run.HostVar(c.Task.Delegate, name)
	} else {
		var err error
		v, ok, err = c.Templar.Var(name)
		ok = ok && err == nil
	}
	if !ok || v == nil {
		return "", false
	}
	return strings.TrimSpace(value.Str(v)), true
}

// python is the interpreter on the target: ansible_python_interpreter, or the
// first one found.
func (m *Modules) python(c *action.Context, s remote.Session) (string, error) {
	named := m.Interpreter
	if v, ok := interpreterVar(c, "python"); ok {
		named = v
	}
	switch named {
	case "", "auto", "auto_silent", "auto_legacy", "auto_legacy_silent":
	default:
		return named, nil
	}
	key := c.Host.Name + "\x00" + c.Task.Delegate + "\x00" + c.Task.BecomeUser
	m.mu.Lock()
	py := m.pythons[key]
	m.mu.Unlock()
	if py != "" {
		return py, nil
	}
	const look = `for p in "$@"; do command -v "$p" && exit 0; done; exit 1`
	argv := append([]string{"/bin/sh", "-c", look, "sh", "/usr/bin/python3"}, m.Fallback...)
	r, err := s.Exec(c, &remote.Exec{Argv: append(argv, "/usr/bin/python3", "/usr/libexec/platform-python", "python3", "python")})
	if err != nil {
		return "", err
	}
	py = strings.TrimSpace(string(r.Stdout))
	if r.RC != 0 || py == "" {
		return "", fmt.Errorf("the module %s needs Python on %s and none was found there: install python3 or set ansible_python_interpreter", c.Action, c.Host.Name)
	}
	m.mu.Lock()
	if m.pythons == nil {
		m.pythons = map[string]string{}
	}
	m.pythons[key] = py
	m.mu.Unlock()
	return py, nil
}
