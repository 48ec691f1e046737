// Package facts gathers what Ansible's setup module reports about a host:
// distribution, kernel, network, mounts, processors, users and so on, read
// from /proc, /sys, netlink and a few files, without Python and, where the
// kernel tells it, without starting a process.
//
// It is linked into the helper on the target, so it imports only engine/value
// and system call packages; never run, jinja, playbook or inventory.
//
// Adding a fact: a collector function that sets unprefixed keys, and its line
// in the table of subset.go.
package facts

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

// Options says what to gather. The zero value gathers everything.
type Options struct {
	// Subset are the terms of gather_subset ("!all", "network" ...), none meaning all.
	Subset []string
	// Filter keeps only the facts whose name matches one of these shell patterns.
	Filter []string
	// Timeout bounds each slow collector (a hanging mount, a fact script); 0 means 10 s.
	Timeout time.Duration
	// FactPath is the folder of local facts; empty means /etc/ansible/facts.d.
	FactPath string
	// Env is added to the process's own environment, as NAME=value.
	Env []string
	// Python is the interpreter to report; empty searches the usual places.
	Python string
	// Root is put before every path that is read. Only tests set it.
	Root string
}

// host is where collectors read from.
type host struct {
	ctx  context.Context
	opt  Options
	root string

	distroOnce sync.Once
	distroDict *value.Dict
	warnMu     sync.Mutex
	warnings   []string
}

// collector adds facts to d under their names without "ansible_".
type collector func(h *host, d *value.Dict)

// Gather returns the facts in the form of the module's ansible_facts: keys
// prefixed with ansible_, and gather_subset and module_setup. Facts that
// cannot be read are left out or "NA", as the reference does. The only error
// is an unknown subset name; warnings are about local facts that failed.
func Gather(ctx context.Context, opt Options) (facts *value.Dict, warnings []string, err error) {
	if opt.Timeout <= 0 {
		opt.Timeout = 10 * time.Second
	}
	if len(opt.Subset) == 0 {
		opt.Subset = []string{"all"}
	}
	chosen, err := chooseCollectors(opt.Subset)
	if err != nil {
		return nil, nil, err
	}
	h := &host{ctx: ctx, opt: opt, root: opt.Root}
	parts := make([]*value.Dict, len(chosen))
	var wg sync.WaitGroup
	for i, c := range chosen {
		parts[i] = value.NewDict()
		if !c.slow {
			continue
		}
		wg.Add(1)
		go func() { defer wg.Done(); c.run(h, parts[i]) }()
	}
	for i, c := range chosen {
		if !c.slow {
			c.run(h, parts[i])
		}
	}
	wg.Wait()
	out := value.NewDictCap(160)
	for i, p := range parts {
		for k, v := range p.All() {
			name, _ := value.Text(k)
			if !chosen[i].raw {
				name = "ansible_" + strings.NewReplacer("-", "_", ":", "_").Replace(name)
			}
			if matchesFilter(name, opt.Filter) {
				out.Set(name, v)
			}
		}
	}
	for name, v := range map[string]value.Value{"gather_subset": value.From(opt.Subset), "module_setup": true} {
		if matchesFilter(name, opt.Filter) {
			out.Set(name, v)
		}
	}
	return out, h.warnings, ctx.Err()
}

func matchesFilter(name string, patterns []string) bool {
	any := false
	for _, p := range patterns {
		if p == "" {
			continue
		}
		any = true
		if fnmatch(p, name) || fnmatch(p, strings.TrimPrefix(name, "ansible_")) {
			return true
		}
	}
	return !any
}

// fnmatch is Python's fnmatch: as path.Match, but [!x] negates and a broken
// pattern matches only itself.
func fnmatch(pattern, name string) bool {
	ok, err := path.Match(strings.ReplaceAll(pattern, "[!", "[^"), name)
	return err == nil && ok || pattern == name
}

func (h *host) path(p string) string {
	if h.root == "" {
		return p
	}
	return filepath.Join(h.root, p)
}

// read returns a file's content, or "" where it cannot be read.
func (h *host) read(p string) string {
	b, err := os.ReadFile(h.path(p))
	if err != nil {
		return ""
	}
	return string(b)
}

// line returns a file's content without surrounding space.
func (h *host) line(p string) string { return strings.TrimSpace(h.read(p)) }

func (h *host) exists(p string) bool { _, err := os.Stat(h.path(p)); return err == nil }

func (h *host) isDir(p string) bool {
	st, err := os.Stat(h.path(p))
	return err == nil && st.IsDir()
}

// names lists a folder, sorted.
func (h *host) names(p string) []string {
	n := h.unsorted(p)
	sort.Strings(n)
	return n
}

// unsorted is names in the order of the folder itself, as Python lists it.
func (h *host) unsorted(p string) []string {
	f, err := os.Open(h.path(p))
	if err != nil {
		return nil
	}
	defer f.Close()
	n, _ := f.Readdirnames(-1)
	return n
}

// link returns the last element of a symbolic link's target, or "".
func (h *host) link(p string) string {
	t, err := os.Readlink(h.path(p))
	if err != nil {
		return ""
	}
	return filepath.Base(t)
}

// find looks a command up in the usual folders, root's included.
func (h *host) find(name string) string {
	dirs := filepath.SplitList(os.Getenv("PATH"))
	dirs = append(dirs, "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin")
	for _, d := range dirs {
		p := filepath.Join(d, name)
		if st, err := os.Stat(h.path(p)); err == nil && !st.IsDir() && st.Mode()&0o111 != 0 {
			return p
		}
	}
	return ""
}

func (h *host) warn(msg string) {
	h.warnMu.Lock()
	h.warnings = append(h.warnings, msg)
	h.warnMu.Unlock()
}

func (h *host) getenv(name string) string {
	for i := len(h.opt.Env) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(h.opt.Env[i], name+"="); ok {
			return v
		}
	}
	return os.Getenv(name)
}

func strList(s []string) *value.List {
	l := value.NewList()
	for _, e := range s {
		l.Append(e)
	}
	return l
}

// orNone gives None for an empty text.
func orNone(s string) value.Value {
	if s == "" {
		return nil
	}
	return s
}
