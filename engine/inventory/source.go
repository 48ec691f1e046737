package inventory

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// errSkip says that a plugin does not take a source: the next one is tried.
var errSkip = errors.New("not for this plugin")

// Load reads all sources: files, folders, scripts and host lists ("a,b,").
// Sources that cannot be read are warned of; by the options they are errors.
func (inv *Inventory) Load(sources []string) error {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.Sources = nil
	for _, s := range sources {
		if s == "" {
			continue
		}
		if !strings.Contains(s, ",") {
			s = inv.abs(s)
		}
		inv.Sources = append(inv.Sources, s)
	}
	return inv.readAll()
}

// Refresh reads all sources anew, as meta: refresh_inventory does, and repeats
// what AddHost and AddToGroup did. Hosts and groups are new objects afterwards.
func (inv *Inventory) Refresh() error {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.reset()
	if err := inv.readAll(); err != nil {
		return err
	}
	for _, again := range inv.dynamic {
		_ = again() // a host that the sources no longer name cannot be grouped
	}
	return nil
}

func (inv *Inventory) readAll() error {
	parsed := false
	for _, s := range inv.Sources {
		ok, err := inv.readSource(s)
		if err != nil {
			return err
		}
		parsed = parsed || ok
	}
	if parsed {
		inv.reconcile()
		return inv.loop
	}
	if inv.opts.UnparsedFailed {
		return fmt.Errorf("No inventory was parsed, please check your configuration and options.")
	}
	if !inv.opts.NoUnparsedWarning {
		inv.warn("No inventory was parsed, only implicit localhost is available")
	}
	return nil
}

func (inv *Inventory) abs(p string) string {
	if p == "~" || strings.HasPrefix(p, "~/") {
		if home, err := os.UserHomeDir(); err == nil {
			p = home + p[1:]
		}
	}
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	dir := inv.opts.Dir
	if dir == "" {
		dir, _ = os.Getwd()
	}
	return filepath.Join(dir, p)
}

// readSource reads one source with the first plugin that takes it.
func (inv *Inventory) readSource(src string) (bool, error) {
	if st, err := os.Stat(src); err == nil && st.IsDir() {
		return inv.readDir(src)
	}
	var failures []string
	for _, name := range inv.opts.Enabled {
		name = strings.TrimPrefix(strings.TrimPrefix(name, "ansible.builtin."), "ansible.legacy.")
		p, known := inv.plugin(name)
		if !known {
			inv.warn("Failed to load inventory plugin, skipping %s", name)
			continue
		}
		inv.current = src
		if _, err := os.Stat(src); err != nil {
			inv.current = ""
		}
		err := p(inv, src)
		switch {
		case err == nil:
			inv.reconcileLater()
			return true, nil
		case errors.Is(err, errSkip):
			continue
		}
		failures = append(failures, fmt.Sprintf(" * Failed to parse %s with %s plugin: %s", src, name, err))
	}
	for _, f := range failures {
		inv.warn("%s", f)
	}
	if inv.opts.AnyUnparsedFailed {
		return false, fmt.Errorf("Completely failed to parse inventory source %s", src)
	}
	if src != "/etc/ansible/hosts" || exists(src) {
		inv.warn("Unable to parse %s as an inventory source", src)
	}
	return false, nil
}

// reconcileLater keeps plugins that build on earlier sources (constructed)
// seeing complete groups.
func (inv *Inventory) reconcileLater() { inv.reconcile() }

func exists(p string) bool { _, err := os.Stat(p); return err == nil }

func (inv *Inventory) readDir(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, fmt.Errorf("inventory folder %s: %w", dir, err)
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	sort.Strings(names)
	ignored, err := inv.ignored()
	if err != nil {
		return false, err
	}
	parsed := false
	for _, n := range names {
		if ignored.MatchString(n) {
			continue
		}
		ok, err := inv.readSource(filepath.Join(dir, n))
		if err != nil {
			return false, err
		}
		parsed = parsed || ok
	}
	return parsed, nil
}

// ignored matches the names a folder of sources leaves out.
func (inv *Inventory) ignored() (*regexp.Regexp, error) {
	parts := []string{`^\.`, `^host_vars$`, `^group_vars$`, `^vars_plugins$`}
	for _, p := range inv.opts.IgnorePatterns {
		if p != "" {
			parts = append(parts, p)
		}
	}
	for _, e := range inv.opts.IgnoreExts {
		if e != "" {
			parts = append(parts, regexp.QuoteMeta(e)+"$")
		}
	}
	re, err := regexp.Compile("(?:" + strings.Join(parts, ")|(?:") + ")")
	if err != nil {
		return nil, fmt.Errorf("inventory_ignore_patterns: %w", err)
	}
	return re, nil
}

// plugins by name; each returns errSkip for sources of another kind. Filled in
// one place so that there is no hidden registration.
var plugins map[string]func(*Inventory, string) error

func init() {
	plugins = map[string]func(*Inventory, string) error{
		"advanced_host_list": (*Inventory).pluginAdvancedList,
		"auto":               (*Inventory).pluginAuto,
		"constructed":        (*Inventory).pluginConstructed,
		"generator":          (*Inventory).pluginGenerator,
		"host_list":          (*Inventory).pluginHostList,
		"ini":                (*Inventory).pluginINI,
		"script":             (*Inventory).pluginScript,
		"toml":               (*Inventory).pluginTOML,
		"yaml":               (*Inventory).pluginYAML,
	}
}

func (inv *Inventory) pluginHostList(src string) error {
	if !strings.Contains(src, ",") || exists(src) {
		return errSkip
	}
	for _, h := range strings.Split(src, ",") {
		if h = strings.TrimSpace(h); h == "" {
			continue
		}
		name, port, _ := parseAddress(h, false)
		if _, err := inv.addHost(name, "ungrouped", port); err != nil {
			return err
		}
	}
	return nil
}

func isFile(p string) bool {
	st, err := os.Stat(p)
	return err == nil && !st.IsDir()
}

func (inv *Inventory) pluginINI(src string) error {
	if !isFile(src) {
		return errSkip
	}
	data, _, err := inv.opts.Loader.Bytes(src)
	if err != nil {
		return err
	}
	return inv.parseINI(src, data)
}

// yamlName tells whether a name may be a YAML source's: no extension or one of YAML's.
func (inv *Inventory) yamlName(src string) bool {
	ext := filepath.Ext(src)
	if ext == "" || isFile(src) && strings.HasPrefix(filepath.Base(src), ".") {
		return true
	}
	for _, e := range inv.opts.VarsExts {
		if ext == e {
			return true
		}
	}
	return false
}

func (inv *Inventory) pluginYAML(src string) error {
	if !isFile(src) || !inv.yamlName(src) {
		return errSkip
	}
	v, err := inv.readValue(src)
	if err != nil {
		return err
	}
	return inv.parseGroups(src, v, "YAML")
}

// readValue reads a YAML source.
func (inv *Inventory) readValue(src string) (value.Value, error) { return inv.opts.Loader.Value(src) }
