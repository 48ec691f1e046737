package galaxy

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
	"github.com/goplay-engine/goplay/engine/yaml"
)

// Role is an installed role.
type Role struct {
	Name, Path string
	Version    string // of meta/.galaxy_install_info; "" where unknown
	Installed  string // when
	Known      bool   // there is a meta/.galaxy_install_info
}

const installInfo = "meta/.galaxy_install_info"

// metaFiles are the names under which a role describes itself.
var metaFiles = []string{"meta/main.yml", "meta/main.yaml"}

// OpenRole looks at the role in a folder; ok is false where there is none.
func OpenRole(dir string) (r Role, ok bool) {
	r = Role{Name: filepath.Base(dir), Path: dir}
	if d, err := readMap(filepath.Join(dir, installInfo)); err == nil {
		r.Known, r.Version, r.Installed = true, str(d, "version"), str(d, "install_date")
	}
	for _, m := range metaFiles {
		if isFile(filepath.Join(dir, m)) {
			return r, true
		}
	}
	return r, r.Known
}

// FindRole looks for an installed role along paths.
func FindRole(name string, paths []string) (Role, bool) {
	for _, p := range paths {
		if r, ok := OpenRole(filepath.Join(p, name)); ok {
			return r, true
		}
	}
	return Role{Name: name}, false
}

// Meta is what the role's meta/main.yml says.
func (r Role) Meta() (*value.Dict, error) {
	for _, m := range metaFiles {
		if file := filepath.Join(r.Path, m); isFile(file) {
			return readMap(file)
		}
	}
	return value.NewDict(), nil
}

// dependencies are the roles that meta/main.yml and meta/requirements.yml name.
func (r Role) dependencies() ([]Requirement, error) {
	meta, err := r.Meta()
	if err != nil {
		return nil, err
	}
	var out []Requirement
	if l, ok := meta.At("dependencies").(*value.List); ok {
		for _, e := range l.Items {
			q, err := RoleEntry(e)
			if err != nil {
				return nil, err
			}
			out = append(out, q)
		}
	}
	if file := filepath.Join(r.Path, "meta", "requirements.yml"); isFile(file) {
		reqs, err := ReadRequirements(file)
		if err != nil {
			return nil, err
		}
		out = append(out, reqs.Roles...)
	}
	return out, nil
}

// ErrSkipped says that roles were left out; each has been warned of.
var ErrSkipped = errors.New("- you can use --ignore-errors to skip failed roles and finish processing the list.")

// InstallRoles brings the roles to the folder `to`, with what they depend on.
// paths are folders that may hold them already.
func InstallRoles(ctx context.Context, reqs []Requirement, to string, paths []string, o *Options) error {
	queue := append([]Requirement{}, reqs...)
	given := len(reqs)
	for i := 0; i < len(queue); i++ {
		q := queue[i]
		old, installed := FindRole(q.Name, paths)
		force := o.Force && i < given || o.ForceDeps
		if installed && !force {
			if old.Version != q.Version && q.Version != "" {
				o.Warn(fmt.Sprintf("- %s (%s) is already installed - use --force to change version to %s", q.Name, orNone(old.Version), q.Version))
			} else {
				o.Say(fmt.Sprintf("- %s is already installed, skipping.", label(old.Name, old.Version)))
			}
			continue
		}
		if installed {
			o.Say(fmt.Sprintf("- changing role %s from %s to %s", q.Name, orNone(old.Version), or(q.Version, "unspecified")))
		}
		r, err := o.installRole(ctx, q, to)
		if err != nil {
			if errors.Is(err, context.Canceled) {
				return err
			}
			o.Warn(fmt.Sprintf("- %s was NOT installed successfully: %v", q.Name, err))
			if o.IgnoreErrors {
				continue
			}
			return ErrSkipped
		}
		if o.NoDeps {
			continue
		}
		deps, err := r.dependencies()
		if err != nil {
			o.Warn(fmt.Sprintf("Unable to load dependencies of %s: %v", r.Name, err))
			continue
		}
		for _, d := range deps {
			if queue, err = o.pend(queue, d, paths); err != nil {
				return err
			}
		}
	}
	return nil
}

// pend queues a dependency that is neither there nor queued.
func (o *Options) pend(queue []Requirement, d Requirement, paths []string) ([]Requirement, error) {
	shown := label(d.Name, d.Version)
	if d.Src == d.Name && !strings.Contains(d.Name, ".") {
		return queue, nil // a role beside, not one of Galaxy
	}
	if old, ok := FindRole(d.Name, paths); ok && !o.ForceDeps {
		if d.Version != "" && old.Version != d.Version {
			o.Warn(fmt.Sprintf("- dependency %s from role %s differs from already installed version (%s), skipping", shown, d.Name, orNone(old.Version)))
		} else {
			o.Say(fmt.Sprintf("- dependency %s is already installed, skipping.", d.Name))
		}
		return queue, nil
	}
	for _, q := range queue {
		if q.Name == d.Name {
			o.Say(fmt.Sprintf("- dependency %s already pending installation.", d.Name))
			return queue, nil
		}
	}
	o.Say(fmt.Sprintf("- adding dependency: %s", shown))
	return append(queue, d), nil
}

func or(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

func orNone(s string) string { return or(s, "None") }

func label(name, version string) string {
	if version == "" {
		return name
	}
	return name + " (" + version + ")"
}

// installRole gets one role and puts it to its place.
func (o *Options) installRole(ctx context.Context, q Requirement, to string) (Role, error) {
	if q.Name == "" || q.Name == "." || q.Name == ".." || strings.ContainsAny(q.Name, "/\\") {
		return Role{}, fmt.Errorf("%q is no name for a role", q.Name)
	}
	place := filepath.Join(to, q.Name)
	dir, err := stage(place)
	if err != nil {
		return Role{}, err
	}
	defer os.RemoveAll(dir)
	version := q.Version
	switch {
	case q.SCM == "git":
		from, err := clone(ctx, o.TempDir, q.Src, version)
		if err != nil {
			return Role{}, err
		}
		o.Say(fmt.Sprintf("- extracting %s to %s", q.Name, place))
		if !o.KeepSCM {
			if err := os.RemoveAll(filepath.Join(from, ".git")); err != nil {
				return Role{}, err
			}
		}
		if !anyMeta(from) {
			return Role{}, errors.New("this role does not appear to have a meta/main.yml file.")
		}
		if err := copyTree(from, dir); err != nil {
			return Role{}, err
		}
	case q.SCM != "":
		return Role{}, fmt.Errorf("the version control system %s is not supported; git is", q.SCM)
	case isFile(q.Src):
		o.Say(fmt.Sprintf("- extracting %s to %s", q.Name, place))
		if err := unpackRole(q.Src, dir, place); err != nil {
			return Role{}, err
		}
	default:
		address := q.Src
		server := o.plainServer()
		if !strings.Contains(address, "://") {
			if server, address, version, err = o.lookup(ctx, q); err != nil {
				return Role{}, err
			}
		}
		o.Say("- downloading role from " + address)
		file, err := fetch(ctx, server, address, "", o.TempDir)
		if err != nil {
			return Role{}, fmt.Errorf("failed to download the file: %w", err)
		}
		o.Say(fmt.Sprintf("- extracting %s to %s", q.Name, place))
		if err := unpackRole(file, dir, place); err != nil {
			return Role{}, err
		}
	}
	if err := writeInstallInfo(dir, version); err != nil {
		return Role{}, err
	}
	if err := replaceDir(dir, place); err != nil {
		return Role{}, err
	}
	r, _ := OpenRole(place)
	o.Say(fmt.Sprintf("- %s was installed successfully", label(q.Name, version)))
	return r, nil
}

// lookup asks the servers where a role is to be had.
func (o *Options) lookup(ctx context.Context, q Requirement) (*Server, string, string, error) {
	var failed error
	for _, s := range o.Servers {
		r, err := s.Role(ctx, q.Src)
		if err != nil {
			failed = err
			continue
		}
		o.Say(fmt.Sprintf("- downloading role '%s', owned by %s", r.Name, or(r.Owner, r.User)))
		address, version, err := r.Archive(q.Version)
		plain := *s
		plain.Token, plain.Username = "", ""
		return &plain, address, version, err
	}
	var missing *NotFound
	if errors.As(failed, &missing) || failed == nil {
		failed = fmt.Errorf("- sorry, %s was not found on %s.", q.Src, o.serverNames())
	}
	return nil, "", "", failed
}

func (o *Options) serverNames() string {
	var names []string
	for _, s := range o.Servers {
		names = append(names, s.URL)
	}
	return strings.Join(names, ", ")
}

func anyMeta(dir string) bool {
	_, ok := OpenRole(dir)
	return ok
}

func writeInstallInfo(dir, version string) error {
	var v value.Value
	if version != "" {
		v = version
	}
	text, err := yaml.Dump(value.DictOf("install_date", time.Now().UTC().Format("Mon Jan _2 15:04:05 2006"), "version", v), yaml.DumpOptions{})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, filepath.FromSlash(installInfo)), []byte(text), 0o644)
}

// unpackRole unpacks the role of an archive; the folder above its meta/main.yml
// is the role's, whatever lies outside is left out. place is where it will be.
func unpackRole(archive, dir, place string) error {
	base, found := "", false
	if err := eachMember(archive, func(h *tar.Header, _ io.Reader) error {
		name := path.Clean(h.Name)
		for _, m := range metaFiles {
			if name == m || strings.HasSuffix(name, "/"+m) {
				b := strings.TrimSuffix(strings.TrimSuffix(name, m), "/")
				if !found || len(b) < len(base) {
					base, found = b, true
				}
			}
		}
		return nil
	}); err != nil {
		return err
	}
	if !found {
		return errors.New("this role does not appear to have a meta/main.yml file.")
	}
	x := &extractor{root: dir, kind: "role"}
	err := eachMember(archive, func(h *tar.Header, r io.Reader) error {
		name := path.Clean(h.Name)
		if h.Typeflag == tar.TypeXGlobalHeader || name == base {
			return nil
		}
		rel := name
		if base != "" {
			var inside bool
			if rel, inside = strings.CutPrefix(name, base+"/"); !inside {
				return nil
			}
		}
		for _, part := range strings.Split(rel, "/") {
			if part == ".." || strings.HasPrefix(part, "~") || strings.Contains(part, "$") {
				if h.Typeflag == tar.TypeSymlink {
					return fmt.Errorf("%s links to %s, which is not a subpath of the role", rel, h.Linkname)
				}
				return nil
			}
		}
		if h.Typeflag == tar.TypeSymlink && strings.HasPrefix(h.Linkname, place+"/") {
			if to, err := filepath.Rel(filepath.Join(place, filepath.Dir(rel)), h.Linkname); err == nil {
				h.Linkname = to
			}
		}
		return x.member(h, r, rel)
	})
	var exist *fs.PathError
	if errors.As(err, &exist) && errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("the archive holds %s twice", strings.TrimPrefix(exist.Path, dir+"/"))
	}
	return err
}

// ListRoles returns the roles in a folder.
func ListRoles(dir string) ([]Role, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []Role
	for _, e := range list {
		if r, ok := OpenRole(filepath.Join(dir, e.Name())); ok && isDir(r.Path) {
			out = append(out, r)
		}
	}
	return out, nil
}

// RemoveRole removes an installed role; gone is false where there was none.
func RemoveRole(name string, paths []string) (gone bool, err error) {
	if name == "" || strings.ContainsAny(name, "/\\") || name == "." || name == ".." {
		return false, fmt.Errorf("%q is no name of a role", name)
	}
	r, ok := FindRole(name, paths)
	if !ok {
		return false, nil
	}
	return true, os.RemoveAll(r.Path)
}
