package galaxy

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

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
