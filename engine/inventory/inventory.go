// Package inventory knows the hosts and groups a run may work on: it reads
// sources (INI, YAML, TOML, host lists, scripts, folders of them, and plugin
// configurations), matches host patterns, and finds group_vars and host_vars.
//
// What it holds is variables as written: who outranks whom is known by
// HostLayers, rendering them is the business of package vars. It imports value,
// yaml, load and config-free options; it must not import playbook, run or jinja
// (constructed groups are evaluated through the Evaluator given).
//
// An Inventory may be read by many goroutines; AddHost and AddToGroup may be
// called meanwhile.
package inventory

import (
	"fmt"
	"os/exec"
	"sort"
	"sync"

	"github.com/goplay-engine/goplay/engine/load"
	"github.com/goplay-engine/goplay/engine/value"
)

// Inventory is all hosts and groups. The groups "all" and "ungrouped" are always there.
type Inventory struct {
	// Sources are the sources as given, made absolute.
	Sources []string

	opts    Options
	mu      sync.RWMutex
	gen     int // grows with every change, so that caches notice
	groups  map[string]*Group
	hosts   map[string]*Host
	gnames  []string // order of definition
	hnames  []string
	current string // source being read
	loop    error  // why a group cannot be below all
	local   *Host  // first host named localhost, 127.0.0.1 or ::1
	implied *Host  // implicit localhost, once made
	files   *varFiles
	dynamic []func() error // what AddHost and AddToGroup did, for Refresh

	warnMu sync.Mutex
	warned map[string]bool
}

// Group is a set of hosts and further groups with variables.
type Group struct {
	Name     string
	Vars     *value.Dict // as written in sources; not group_vars files
	Priority int         // ansible_group_priority, 1 unless set

	depth    int
	children []*Group
	parents  []*Group
	hosts    []*Host
	has      map[*Host]bool
	cache    []*Host
	cacheGen int
	inv      *Inventory
}

// Host is one machine by its inventory name.
type Host struct {
	Name     string
	Vars     *value.Dict // as written in sources, add_host included; not host_vars files
	Source   string      // file that named it first, "" for host lists and add_host
	Implicit bool        // localhost that no source names

	groups   []*Group
	cache    []*Group
	cacheGen int
	inv      *Inventory
}

// Options say how sources are read. Loader must be set; the rest has defaults.
type Options struct {
	Loader *load.Loader
	// Warn gets what the user should know though the run goes on.
	Warn func(msg string)
	// Verbose gets what only -v shows; level 3 is -vvv.
	Verbose func(level int, msg string)
	// Dir is the current folder, for relative sources and host lists.
	Dir string
	// PlaybookDir is offered to HostLayers callers; may be "".
	PlaybookDir string
	// Enabled are the names of the plugins tried, in order.
	Enabled []string
	// IgnoreExts and IgnorePatterns are left out of folders.
	IgnoreExts, IgnorePatterns []string
	// VarsExts are the extensions of files in group_vars; "" is always one.
	VarsExts []string
	// Precedence is the order of a host's layers of group variables, weakest
	// first; nil is the usual one. See HostLayers.
	Precedence []string
	// UnparsedFailed makes it an error that no source could be read;
	// AnyUnparsedFailed that any could not.
	UnparsedFailed, AnyUnparsedFailed bool
	// NoUnparsedWarning silences "No inventory was parsed".
	NoUnparsedWarning bool
	// PatternMismatch is warning, error or ignore.
	PatternMismatch string
	// GroupChars is never, ignore, always or silently: what becomes of characters
	// in group names that are no variable names.
	GroupChars string
	// HashMerge merges dictionaries of equal names (hash_behaviour=merge).
	HashMerge bool
	// NoVarsFiles leaves group_vars and host_vars unread.
	NoVarsFiles bool
	// Foreign runs plugins that goplay does not have itself; nil: there are none.
	Foreign Foreign
	// Eval evaluates expressions of constructed and generator sources.
	Eval Evaluator
}

// Evaluator is the template engine as inventory plugins need it.
type Evaluator interface {
	// Template renders text with the types Ansible gives: exactly {{ name }} keeps
	// the variable's, what looks like a list or dictionary becomes one.
	Template(text string, vars *value.Dict) (value.Value, error)
	// Expression evaluates a bare expression, without braces.
	Expression(expr string, vars *value.Dict) (value.Value, error)
}

// New returns an inventory without hosts.
func New(o Options) *Inventory {
	if o.Loader == nil {
		o.Loader = &load.Loader{Warn: o.Warn}
	}
	if len(o.Enabled) == 0 {
		o.Enabled = []string{"host_list", "script", "auto", "yaml", "ini", "toml"}
	}
	if o.VarsExts == nil {
		o.VarsExts = []string{".yml", ".yaml", ".json"}
	}
	if o.IgnoreExts == nil {
		o.IgnoreExts = []string{".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".ini", ".cfg", ".retry"}
	}
	inv := &Inventory{opts: o, warned: map[string]bool{}}
	inv.reset()
	return inv
}

func (inv *Inventory) reset() {
	inv.groups, inv.hosts = map[string]*Group{}, map[string]*Host{}
	inv.gnames, inv.hnames, inv.local, inv.implied, inv.loop = nil, nil, nil, nil, nil
	inv.files = newVarFiles(inv.opts)
	inv.gen++
	inv.addGroup("all")
	inv.addGroup("ungrouped")
	if err := inv.addChild("all", "ungrouped"); err != nil {
		panic(err)
	}
}

func (inv *Inventory) warn(format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	if inv.opts.Warn == nil {
		return
	}
	inv.warnMu.Lock()
	defer inv.warnMu.Unlock()
	if !inv.warned[msg] {
		inv.warned[msg] = true
		inv.opts.Warn(msg)
	}
}

func (inv *Inventory) verbose(level int, format string, args ...any) {
	if inv.opts.Verbose != nil {
		inv.opts.Verbose(level, fmt.Sprintf(format, args...))
	}
}

// Group returns the group of that name, or nil.
func (inv *Inventory) Group(name string) *Group {
	inv.mu.RLock()
	defer inv.mu.RUnlock()
	return inv.groups[name]
}

// Groups returns all groups in the order they were defined.
func (inv *Inventory) Groups() []*Group {
	inv.mu.RLock()
	defer inv.mu.RUnlock()
	out := make([]*Group, len(inv.gnames))
	for i, n := range inv.gnames {
		out[i] = inv.groups[n]
	}
	return out
}

// Host returns the host of that name. For a name of this machine that no source
// has, it is the implicit localhost; otherwise nil.
func (inv *Inventory) Host(name string) *Host {
	inv.mu.RLock()
	h := inv.hosts[name]
	inv.mu.RUnlock()
	if h == nil && isLocalName(name) {
		return inv.Localhost(name)
	}
	return h
}

// AllHosts returns every host in the order they were defined, without the
// implicit localhost.
func (inv *Inventory) AllHosts() []*Host {
	inv.mu.RLock()
	defer inv.mu.RUnlock()
	out := make([]*Host, len(inv.hnames))
	for i, n := range inv.hnames {
		out[i] = inv.hosts[n]
	}
	return out
}

func isLocalName(n string) bool { return n == "localhost" || n == "127.0.0.1" || n == "::1" }

// Localhost returns the host that stands for this machine: the one a source
// names, else an implicit one with connection local, made on first use.
func (inv *Inventory) Localhost(name string) *Host {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	if inv.local != nil {
		return inv.local
	}
	if inv.implied == nil {
		inv.implied = &Host{Name: name, Implicit: true, inv: inv, Vars: value.DictOf("ansible_connection", "local")}
		// Modules in Python find the controller's own.
		if py, err := exec.LookPath("python3"); err == nil {
			inv.implied.Vars.Set("ansible_python_interpreter", py)
		}
		inv.implied.groups = []*Group{inv.groups["all"]}
	}
	return inv.implied
}

// Names and groups of hosts and groups.

// Children returns the groups directly below g.
func (g *Group) Children() []*Group {
	g.inv.mu.RLock()
	defer g.inv.mu.RUnlock()
	return append([]*Group(nil), g.children...)
}

// Parents returns the groups directly above g.
func (g *Group) Parents() []*Group {
	g.inv.mu.RLock()
	defer g.inv.mu.RUnlock()
	return append([]*Group(nil), g.parents...)
}

// Hosts returns the hosts written directly into g.
func (g *Group) Hosts() []*Host {
	g.inv.mu.RLock()
	defer g.inv.mu.RUnlock()
	return append([]*Host(nil), g.hosts...)
}

// Depth is the longest way from the group all down to g.
func (g *Group) Depth() int {
	g.inv.mu.RLock()
	defer g.inv.mu.RUnlock()
	return g.depth
}

// AllHosts returns the hosts of g and of every group below it, level by level,
// each once. The slice must not be changed.
func (g *Group) AllHosts() []*Host {
	g.inv.mu.RLock()
	if g.cacheGen == g.inv.gen {
		defer g.inv.mu.RUnlock()
		return g.cache
	}
	g.inv.mu.RUnlock()
	g.inv.mu.Lock()
	defer g.inv.mu.Unlock()
	return g.allHosts()
}

func (g *Group) allHosts() []*Host {
	if g.cacheGen == g.inv.gen {
		return g.cache
	}
	var out []*Host
	seen := map[*Host]bool{}
	for _, d := range g.descendants() {
		for _, h := range d.hosts {
			if !seen[h] {
				seen[h] = true
				out = append(out, h)
			}
		}
	}
	g.cache, g.cacheGen = out, g.inv.gen
	return out
}

// descendants are g and the groups below it, nearest level first.
func (g *Group) descendants() []*Group {
	out, seen := []*Group{g}, map[*Group]bool{g: true}
	for i := 0; i < len(out); i++ {
		for _, c := range out[i].children {
			if !seen[c] {
				seen[c] = true
				out = append(out, c)
			}
		}
	}
	return out
}

// Groups returns every group h is in, directly or not, in the order in which
// their variables apply: all first, then by depth, priority and name. The slice
// must not be changed.
func (h *Host) Groups() []*Group {
	h.inv.mu.RLock()
	if h.cacheGen == h.inv.gen && h.cache != nil {
		defer h.inv.mu.RUnlock()
		return h.cache
	}
	h.inv.mu.RUnlock()
	h.inv.mu.Lock()
	defer h.inv.mu.Unlock()
	var out []*Group
	seen := map[*Group]bool{}
	var up func(g *Group)
	up = func(g *Group) {
		if seen[g] {
			return
		}
		seen[g] = true
		out = append(out, g)
		for _, p := range g.parents {
			up(p)
		}
	}
	for _, g := range h.groups {
		up(g)
	}
	if all := h.inv.groups["all"]; !seen[all] {
		out = append(out, all)
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if a.depth != b.depth {
			return a.depth < b.depth
		}
		if a.Priority != b.Priority {
			return a.Priority < b.Priority
		}
		return a.Name < b.Name
	})
	h.cache, h.cacheGen = out, h.inv.gen
	return out
}

// GroupNames is the magic variable group_names: sorted, without all.
func (h *Host) GroupNames() []string {
	var out []string
	for _, g := range h.Groups() {
		if g.Name != "all" && !h.Implicit {
			out = append(out, g.Name)
		}
	}
	sort.Strings(out)
	return out
}
