package galaxy

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// wanted is a collection and the ranges that somebody wants of it.
type wanted struct {
	req    []Requirement
	by     []string // who wants it, "" the user
	picked *Collection
}

// resolver picks one version of every collection.
type resolver struct {
	o     *Options
	have  map[string]*Collection
	all   map[string]*wanted
	order []string
	queue []*Collection // picked, dependencies not looked at yet
}

// settle takes in what the picked collections depend on, and what that needs.
// It comes after all that the user named, which may meet dependencies.
func (r *resolver) settle(ctx context.Context) error {
	for len(r.queue) > 0 {
		c := r.queue[0]
		r.queue = r.queue[1:]
		for k, v := range c.Deps.All() {
			dep := Requirement{Name: value.Str(k), Src: value.Str(k), Version: value.Str(v), Type: "galaxy"}
			if strings.HasPrefix(dep.Name, "git+") || strings.Contains(dep.Name, "://") {
				var err error
				if dep, err = ParseCollection(dep.Name); err != nil {
					return err
				}
				dep.Version = value.Str(v)
			}
			if err := r.add(ctx, dep, c.String()); err != nil {
				return err
			}
		}
	}
	return nil
}

// add takes in a requirement.
func (r *resolver) add(ctx context.Context, q Requirement, by string) error {
	if q.Type == "subdirs" {
		dirs, _ := filepath.Glob(filepath.Join(globEscape(q.Src), "*", "galaxy.yml"))
		if len(dirs) == 0 {
			return fmt.Errorf("%s has no folder with a collection's galaxy.yml", q.Src)
		}
		for _, d := range dirs {
			if err := r.add(ctx, Requirement{Name: filepath.Dir(d), Src: filepath.Dir(d), Type: "dir", Version: "*"}, by); err != nil {
				return err
			}
		}
		return nil
	}
	c, err := r.find(ctx, &q, by)
	if err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	w := r.all[c.Name]
	if w == nil {
		w = &wanted{}
		r.all[c.Name] = w
		r.order = append(r.order, c.Name)
	}
	w.req, w.by = append(w.req, q), append(w.by, by)
	if w.picked != nil && w.picked.Version == c.Version {
		return nil
	}
	w.picked = c
	if !r.o.NoDeps {
		r.queue = append(r.queue, c)
	}
	return nil
}

// find gets hold of a collection that meets the requirement and all earlier
// ones for the same name.
func (r *resolver) find(ctx context.Context, q *Requirement, by string) (*Collection, error) {
	o := r.o
	switch q.Type {
	case "file", "dir":
		return o.local(*q)
	case "git":
		src, sub, _ := strings.Cut(q.Src, "#")
		dir, err := clone(ctx, o.TempDir, src, q.Version)
		if err != nil {
			return nil, err
		}
		return OpenDir(filepath.Join(dir, filepath.FromSlash(strings.Trim(sub, "/"))))
	case "url":
		file, err := fetch(ctx, o.plainServer(), q.Src, "", o.TempDir)
		if err != nil {
			return nil, err
		}
		return OpenArchive(file)
	}
	ranges := []string{q.Version}
	if w := r.all[q.Name]; w != nil {
		for _, other := range w.req {
			if other.Type == "galaxy" {
				ranges = append(ranges, other.Version)
			}
		}
		if ok, err := meets(w.picked.Version, ranges); err != nil || ok {
			return w.picked, err
		}
		if w.req[0].Type != "galaxy" {
			return nil, r.conflict(q, by)
		}
	}
	forced := o.Force && by == "" || o.ForceDeps || o.Upgrade
	if old := r.have[q.Name]; old != nil && !forced {
		ok, err := meets(old.Version, ranges)
		if err != nil {
			return nil, err
		}
		if ok || old.Version == "*" && q.Version == "*" {
			return old, nil
		}
	}
	c, err := r.remote(ctx, q, ranges)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, r.conflict(q, by)
	}
	return c, nil
}

// meets tests a version against several ranges.
func meets(version string, ranges []string) (bool, error) {
	v, err := ParseVersion(version)
	if err != nil {
		return false, nil
	}
	for _, want := range ranges {
		if ok, err := v.Satisfies(want); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

func (r *resolver) conflict(q *Requirement, by string) error {
	who := func(by string) string {
		if by == "" {
			return "direct request"
		}
		return "dependency of " + by
	}
	lines := []string{fmt.Sprintf("* %s:%s (%s)", q.Name, q.Version, who(by))}
	if w := r.all[q.Name]; w != nil {
		for i, other := range w.req {
			lines = append(lines, fmt.Sprintf("* %s:%s (%s)", q.Name, other.Version, who(w.by[i])))
		}
	}
	return fmt.Errorf("Failed to resolve the requested dependencies map. Could not satisfy the following requirements:\n%s", strings.Join(lines, "\n"))
}

// remote picks the newest version that servers have; nil: none meets the ranges.
func (r *resolver) remote(ctx context.Context, q *Requirement, ranges []string) (*Collection, error) {
	if r.o.Offline {
		return nil, nil
	}
	servers := r.o.Servers
	if q.Source != "" {
		servers = nil
		for _, s := range r.o.Servers {
			if s.Name == q.Source || s.URL == q.Source {
				servers = []*Server{s}
			}
		}
		if servers == nil {
			s := *r.o.plainServer()
			s.Name, s.URL = q.Source, q.Source
			servers = []*Server{&s}
		}
	}
	var failed error
	for _, s := range servers {
		versions, err := s.Versions(ctx, q.Name)
		var missing *NotFound
		if errors.As(err, &missing) {
			continue
		}
		if err != nil {
			r.o.Warn(fmt.Sprintf("Skipping Galaxy server %s. Got an unexpected error when getting available versions of collection %s: %v", s.URL, q.Name, err))
			failed = err
			continue
		}
		best := ""
		var top Version
		pre := r.o.Pre || slices.ContainsFunc(ranges, exact)
		for _, text := range versions {
			v, err := ParseVersion(text)
			if err != nil || v.Pre() && !pre {
				continue
			}
			if ok, err := meets(text, ranges); err != nil {
				return nil, err
			} else if ok && (best == "" || v.Compare(top) > 0) {
				best, top = text, v
			}
		}
		if best == "" {
			continue
		}
		m, err := s.Collection(ctx, q.Name, best)
		if err != nil {
			return nil, err
		}
		c := &Collection{Name: q.Name, Version: best, Deps: value.NewDict(), Remote: m}
		for k, v := range m.Metadata.Dependencies {
			c.Deps.Set(k, v)
		}
		return c, nil
	}
	return nil, failed
}
