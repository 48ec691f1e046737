package engine

import (
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/goplay-engine/goplay/engine/inventory"
	"github.com/goplay-engine/goplay/engine/value"
)

// hosts shows the inventory to run and vars the way they ask for it. Answers
// are kept until something changes.
type hosts struct {
	inv   *inventory.Inventory
	limit []string

	mu       sync.RWMutex
	playDirs []string
	layers   map[string][]*value.Dict
	names    map[string][]string
	groups   *value.Dict
	all      []string
	layerErr error
	changes  int // counts what forget was told: answers worked out before are not kept
}

func newHosts(inv *inventory.Inventory, limit []string) *hosts {
	h := &hosts{inv: inv, limit: limit}
	h.forget()
	return h
}

// forget drops what was worked out; the inventory has changed.
func (h *hosts) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.changes++
	h.layers, h.names, h.groups, h.all = map[string][]*value.Dict{}, map[string][]string{}, nil, nil
}

// Layers implements vars.Inventory.
func (h *hosts) Layers(name string) []*value.Dict {
	h.mu.RLock()
	l, ok := h.layers[name]
	dirs, before := h.playDirs, h.changes
	h.mu.RUnlock()
	if ok {
		return l
	}
	host := h.inv.Host(name)
	if host == nil {
		return nil
	}
	weakFirst, err := h.inv.HostLayers(host, dirs...)
	l = make([]*value.Dict, len(weakFirst))
	for i, x := range weakFirst {
		l[len(l)-1-i] = x.Vars
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil && h.layerErr == nil {
		h.layerErr = err
	}
	if h.changes == before {
		h.layers[name] = l
	}
	return l
}

// GroupNames implements vars.Inventory.
func (h *hosts) GroupNames(name string) []string {
	h.mu.RLock()
	g, ok := h.names[name]
	before := h.changes
	h.mu.RUnlock()
	if ok {
		return g
	}
	host := h.inv.Host(name)
	if host == nil {
		return nil
	}
	g = host.GroupNames()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.changes == before {
		h.names[name] = g
	}
	return g
}

// Groups implements vars.Inventory.
func (h *hosts) Groups() *value.Dict {
	h.mu.RLock()
	g, before := h.groups, h.changes
	h.mu.RUnlock()
	if g != nil {
		return g
	}
	g = value.NewDict()
	for _, x := range h.inv.Groups() {
		l := value.NewList()
		for _, m := range x.AllHosts() {
			l.Append(m.Name)
		}
		g.Set(x.Name, l)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.changes == before {
		h.groups = g
	}
	return g
}

// HostNames implements vars.Inventory.
func (h *hosts) HostNames() []string {
	h.mu.RLock()
	a, before := h.all, h.changes
	h.mu.RUnlock()
	if a != nil {
		return a
	}
	for _, x := range h.inv.AllHosts() {
		a = append(a, x.Name)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.changes == before {
		h.all = a
	}
	return a
}

// Has implements vars.Inventory.
func (h *hosts) Has(name string) bool { return h.inv.Host(name) != nil }

// Source implements vars.Inventory.
func (h *hosts) Source(name string) (file, dir string) {
	x := h.inv.Host(name)
	if x == nil || x.Source == "" {
		if len(h.inv.Sources) > 0 && filepath.IsAbs(h.inv.Sources[0]) {
			return "", filepath.Dir(h.inv.Sources[0])
		}
		return "", ""
	}
	return x.Source, filepath.Dir(x.Source)
}

// Match implements run.Inventory.
func (h *hosts) Match(pattern string) (names []string, err error) {
	list, err := h.inv.Match(pattern, h.limit)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		names = append(names, x.Name)
	}
	return names, nil
}

// AddHost implements run.Inventory.
func (h *hosts) AddHost(name string, vars *value.Dict, groups []string) (bool, error) {
	_, changed, err := h.inv.AddHost(name, groups, vars)
	h.forget()
	return changed, err
}

// AddGroup implements run.Inventory.
func (h *hosts) AddGroup(group string, parents []string, host string) (bool, error) {
	var keep []string
	for _, p := range parents {
		if strings.TrimSpace(p) != "" {
			keep = append(keep, p)
		}
	}
	changed, err := h.inv.AddToGroup(host, group, keep)
	h.forget()
	return changed, err
}

// Refresh implements run.Inventory.
func (h *hosts) Refresh() error {
	err := h.inv.Refresh()
	h.forget()
	return err
}

// Playbook implements run.Inventory.
func (h *hosts) Playbook(dirs ...string) {
	h.mu.Lock()
	changed := !slices.Equal(h.playDirs, dirs)
	h.playDirs = dirs
	h.mu.Unlock()
	if changed {
		h.forget()
	}
}

// Err implements run.Inventory.
func (h *hosts) Err() error {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.layerErr
}
