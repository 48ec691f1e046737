package galaxy

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// Collection is a collection at hand: an archive or a folder.
type Collection struct {
	Name    string // namespace.name
	Version string
	Deps    *value.Dict
	Archive string // a .tar.gz, or
	Dir     string // a folder with galaxy.yml or MANIFEST.json
	// Remote is what a Galaxy server said of it; nil: it came otherwise.
	Remote *Remote
}

// check refuses names and versions that would lead elsewhere: both become parts
// of paths, and whoever made an archive or runs a server chose them.
func (c *Collection) check() error {
	if !ValidName(c.Name) {
		return fmt.Errorf("%q is no name of a collection", c.Name)
	}
	if !versionRule.MatchString(c.Version) {
		return fmt.Errorf("%q is no version of %s", c.Version, c.Name)
	}
	return nil
}

var versionRule = regexp.MustCompile(`^(\*|[0-9A-Za-z][0-9A-Za-z.+_-]*)$`)

func (c *Collection) String() string { return c.Name + ":" + c.Version }

var nameRule = regexp.MustCompile(`^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$`)

// ValidName tells whether name is a collection's: namespace.name.
func ValidName(name string) bool { return nameRule.MatchString(name) }

func fromInfo(info *value.Dict) *Collection {
	c := &Collection{Name: str(info, "namespace") + "." + str(info, "name"), Version: str(info, "version"), Deps: value.NewDict()}
	if c.Version == "" {
		c.Version = "*"
	}
	if d, ok := info.At("dependencies").(*value.Dict); ok {
		c.Deps = d
	}
	return c
}

// OpenArchive reads what an archive says of itself.
func OpenArchive(file string) (*Collection, error) {
	var manifest []byte
	found := errors.New("found")
	err := eachMember(file, func(h *tar.Header, r io.Reader) error {
		if strings.TrimPrefix(h.Name, "./") != "MANIFEST.json" {
			return nil
		}
		var err error
		if manifest, err = io.ReadAll(io.LimitReader(r, 16<<20)); err != nil {
			return err
		}
		return found
	})
	if err != nil && err != found {
		return nil, err
	}
	if manifest == nil {
		return nil, fmt.Errorf("Collection at '%s' does not contain the required file MANIFEST.json.", file)
	}
	v, err := value.ParseJSON(manifest)
	d, _ := v.(*value.Dict)
	info, ok := d.At("collection_info").(*value.Dict)
	if err != nil || !ok {
		return nil, fmt.Errorf("Collection tar file member MANIFEST.json of '%s' does not contain a valid json string", file)
	}
	c := fromInfo(info)
	c.Archive = file
	return c, nil
}

// OpenDir reads what a folder says of itself: source (galaxy.yml) or installed
// (MANIFEST.json).
func OpenDir(dir string) (*Collection, error) {
	for _, name := range []string{"galaxy.yml", "galaxy.yaml"} {
		info, err := readMap(filepath.Join(dir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := checkInfo(info, filepath.Join(dir, name)); err != nil {
			return nil, err
		}
		c := fromInfo(info)
		c.Dir = dir
		return c, nil
	}
	m, err := readMap(filepath.Join(dir, "MANIFEST.json"))
	if err != nil {
		return nil, fmt.Errorf("Neither the MANIFEST.json nor the galaxy.yml file exists in %s", dir)
	}
	info, ok := m.At("collection_info").(*value.Dict)
	if !ok {
		return nil, fmt.Errorf("%s has no collection_info", filepath.Join(dir, "MANIFEST.json"))
	}
	c := fromInfo(info)
	c.Dir = dir
	return c, nil
}

// galaxyKeys are the keys of galaxy.yml; true: one must be there.
var galaxyKeys = map[string]bool{"namespace": true, "name": true, "version": true, "readme": true, "authors": true, "description": false,
	"license": false, "license_file": false, "tags": false, "dependencies": false, "repository": false, "documentation": false,
	"homepage": false, "issues": false, "build_ignore": false, "manifest": false}

func checkInfo(info *value.Dict, file string) error {
	var missing []string
	for k, must := range galaxyKeys {
		if must && !info.Has(k) && k != "version" {
			missing = append(missing, k)
		}
	}
	if sort.Strings(missing); len(missing) > 0 {
		return fmt.Errorf("The collection galaxy.yml at '%s' is missing the following mandatory keys: %s", file, strings.Join(missing, ", "))
	}
	if name := str(info, "namespace") + "." + str(info, "name"); !ValidName(name) {
		return fmt.Errorf("%s: %q is no name of a collection: small letters, digits and underscores in both parts", file, name)
	}
	return nil
}

// Installed returns the collections below path/ansible_collections, by name.
func Installed(path string) ([]*Collection, error) {
	dirs, err := filepath.Glob(filepath.Join(globEscape(path), "ansible_collections", "*", "*"))
	if err != nil {
		return nil, err
	}
	var out []*Collection
	for _, d := range dirs {
		ns, name := filepath.Base(filepath.Dir(d)), filepath.Base(d)
		if fi, err := os.Stat(d); err != nil || !fi.IsDir() || !ValidName(ns+"."+name) {
			continue
		}
		c, err := OpenDir(d)
		if err != nil {
			c = &Collection{Version: "*", Dir: d, Deps: value.NewDict()}
		}
		c.Name = ns + "." + name
		out = append(out, c)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, nil
}

func globEscape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "*", `\*`, "?", `\?`).Replace(s)
}
