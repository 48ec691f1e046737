package galaxy

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// wanted is a collection and the ranges that somebody wants of it.
type wanted struct {
	req    []Requirement
	by     []string // who wants it, "" the user
	picked *Collection
}

// InstallCollections brings the collections to path, with what they depend on.
// installed are folders that may hold them already.
func InstallCollections(ctx context.Context, reqs []Requirement, path string, installed []string, o *Options) error {
	have := map[string]*Collection{}
	for i := len(installed) - 1; i >= 0; i-- {
		list, err := Installed(installed[i])
		if err != nil {
			return err
		}
		for _, c := range list {
			have[c.Name] = c
		}
	}
	if !o.Force && !o.ForceDeps && !o.Upgrade && o.satisfied(reqs, have) {
		o.Say("Nothing to do. All requested collections are already installed. If you want to reinstall them, consider using `--force`.")
		return nil
	}
	o.Say("Process install dependency map")
	r := &resolver{o: o, have: have, all: map[string]*wanted{}}
	for _, q := range reqs {
		if err := r.add(ctx, q, ""); err != nil {
			if o.IgnoreErrors {
				o.Warn(fmt.Sprintf("Failed to install collection %s but skipping due to --ignore-errors being set. Error: %v", q.Name, err))
				continue
			}
			return err
		}
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	o.Say("Starting collection install process")
	for _, name := range r.order {
		c := r.all[name].picked
		if old := have[name]; old == c {
			o.Say(fmt.Sprintf("'%s' is already installed, skipping.", c))
			continue
		}
		if err := o.install(ctx, c, path); err != nil {
			if !o.IgnoreErrors {
				return err
			}
			o.Warn(fmt.Sprintf("Failed to install collection %s but skipping due to --ignore-errors being set. Error: %v", c, err))
		}
	}
	return nil
}

// satisfied tells whether what is installed does already.
func (o *Options) satisfied(reqs []Requirement, have map[string]*Collection) bool {
	for _, q := range reqs {
		name, version := q.Name, q.Version
		if q.Type == "file" || q.Type == "dir" {
			c, err := o.local(q)
			if err != nil {
				return false
			}
			name, version = c.Name, c.Version
		} else if q.Type != "galaxy" {
			return false
		}
		old := have[name]
		if old == nil {
			return false
		}
		v, err := ParseVersion(old.Version)
		if err != nil {
			return version == "*"
		}
		if ok, err := v.Satisfies(version); err != nil || !ok {
			return false
		}
	}
	return true
}

func (o *Options) local(q Requirement) (*Collection, error) {
	if q.Type == "file" {
		return OpenArchive(q.Src)
	}
	return OpenDir(q.Src)
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

// plainServer lends timeouts and certificates to other addresses.
func (o *Options) plainServer() *Server {
	if len(o.Servers) > 0 {
		s := *o.Servers[0]
		s.Token, s.Username, s.api = "", "", ""
		return &s
	}
	return &Server{}
}

// install puts a collection to its place below path.
func (o *Options) install(ctx context.Context, c *Collection, path string) error {
	ns, name, _ := strings.Cut(c.Name, ".")
	root := filepath.Join(path, "ansible_collections")
	to := filepath.Join(root, ns, name)
	o.Say(fmt.Sprintf("Installing '%s' to '%s'", c, to))
	if c.Remote != nil && c.Archive == "" {
		o.Say(fmt.Sprintf("Downloading %s to %s", c.Remote.Download, o.TempDir))
		var err error
		if c.Archive, err = fetch(ctx, c.Remote.Server, c.Remote.Download, c.Remote.Artifact.SHA256, o.TempDir); err != nil {
			return err
		}
	}
	dir, err := stage(to)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	switch {
	case c.Archive != "":
		err = unpackCollection(c.Archive, dir)
	case isFile(filepath.Join(c.Dir, "MANIFEST.json")) && !isFile(filepath.Join(c.Dir, "galaxy.yml")):
		err = copyTree(c.Dir, dir)
	default:
		var k *content
		if k, err = gather(c.Dir); err == nil {
			err = k.place(dir)
		}
	}
	if err != nil {
		return err
	}
	if err := replaceDir(dir, to); err != nil {
		return err
	}
	if c.Archive == "" {
		o.Say(fmt.Sprintf("Created collection for %s at %s", c, to))
	}
	old, _ := filepath.Glob(filepath.Join(globEscape(root), c.Name+"-*.info"))
	for _, d := range old {
		_ = os.RemoveAll(d)
	}
	if c.Remote != nil {
		if err := writeSource(filepath.Join(root, c.Name+"-"+c.Version+".info"), c); err != nil {
			return err
		}
	}
	o.Say(fmt.Sprintf("%s was installed successfully", c))
	return nil
}

func unpackCollection(archive, dir string) error {
	x := &extractor{root: dir, kind: "collection"}
	if err := eachMember(archive, func(h *tar.Header, r io.Reader) error {
		if h.Typeflag == tar.TypeXGlobalHeader {
			return nil
		}
		return x.member(h, r, h.Name)
	}); err != nil {
		return err
	}
	_, modified, err := Verify(dir)
	if err == nil && len(modified) > 0 {
		err = fmt.Errorf("Checksum mismatch for '%s' inside collection at '%s'", modified[0], archive)
	}
	return err
}

// writeSource keeps where a collection came from.
func writeSource(dir string, c *Collection) error {
	ns, name, _ := strings.Cut(c.Name, ".")
	text, err := yaml.Dump(value.DictOf("download_url", c.Remote.Download, "format_version", "1.0.0", "name", name, "namespace", ns,
		"server", c.Remote.Server.api, "signatures", value.NewList(), "version", c.Version, "version_url", c.Remote.URL), yaml.DumpOptions{})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "GALAXY.yml"), []byte(text), 0o644)
}

// Download brings the archives of collections, with what they depend on, to a
// folder, and writes requirements.yml beside them.
func Download(ctx context.Context, reqs []Requirement, out string, o *Options) error {
	o.Say("Process install dependency map")
	r := &resolver{o: o, have: map[string]*Collection{}, all: map[string]*wanted{}}
	for _, q := range reqs {
		if err := r.add(ctx, q, ""); err != nil {
			return err
		}
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	o.Say(fmt.Sprintf("Starting collection download process to '%s'", out))
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	list := value.NewList()
	for _, name := range r.order {
		c := r.all[name].picked
		file := filepath.Join(out, strings.Replace(c.Name, ".", "-", 1)+"-"+c.Version+".tar.gz")
		switch {
		case c.Remote != nil:
			o.Say(fmt.Sprintf("Downloading %s to %s", c.Remote.Download, file))
			got, err := fetch(ctx, c.Remote.Server, c.Remote.Download, c.Remote.Artifact.SHA256, o.TempDir)
			if err != nil {
				return err
			}
			c.Archive = got
			fallthrough
		case c.Archive != "":
			data, err := os.ReadFile(c.Archive)
			if err == nil {
				err = os.WriteFile(file, data, 0o644)
			}
			if err != nil {
				return err
			}
		default:
			if _, _, err := Build(c.Dir, out, true); err != nil {
				return err
			}
		}
		list.Append(value.DictOf("name", filepath.Base(file), "version", c.Version))
		o.Say(fmt.Sprintf("Collection '%s' was downloaded successfully", c))
	}
	text, err := yaml.Dump(value.DictOf("collections", list), yaml.DumpOptions{})
	if err != nil {
		return err
	}
	file := filepath.Join(out, "requirements.yml")
	o.Say(fmt.Sprintf("Writing requirements.yml file of downloaded collections to '%s'", file))
	return os.WriteFile(file, []byte(text), 0o644)
}
