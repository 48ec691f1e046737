package galaxy

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
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
)

// always are patterns of what no archive takes in.
var always = []string{"MANIFEST.json", "FILES.json", "galaxy.yml", "galaxy.yaml", ".git", "*.pyc", "*.retry", "tests/output"}

// content is a collection's content as it goes into an archive or to its place.
type content struct {
	dir   string
	names []string // slash-separated, folders before what they hold
	files []byte   // FILES.json
	about []byte   // MANIFEST.json
}

// Build writes the collection in dir to an archive in out and returns its path.
func Build(dir, out string, force bool) (*Collection, string, error) {
	if !isFile(filepath.Join(dir, "galaxy.yml")) && !isFile(filepath.Join(dir, "galaxy.yaml")) {
		return nil, "", fmt.Errorf("The collection galaxy.yml path '%s/galaxy.yml' does not exist.", dir)
	}
	c, err := OpenDir(dir)
	if err != nil {
		return nil, "", err
	}
	if _, err := ParseVersion(c.Version); err != nil {
		return nil, "", fmt.Errorf("Collection metadata for '%s' lacks a semantic version: %w", dir, err)
	}
	file := filepath.Join(out, strings.Replace(c.Name, ".", "-", 1)+"-"+c.Version+".tar.gz")
	if fi, err := os.Stat(file); err == nil {
		if fi.IsDir() {
			return nil, "", fmt.Errorf("The output collection artifact '%s' already exists, but is a directory - aborting", file)
		}
		if !force {
			return nil, "", fmt.Errorf("The file '%s' already exists. You can use --force to re-create the collection artifact.", file)
		}
	}
	k, err := gather(dir)
	if err != nil {
		return nil, "", err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, "", err
	}
	tmp, err := os.CreateTemp(out, ".goplay-")
	if err != nil {
		return nil, "", err
	}
	defer os.Remove(tmp.Name())
	err = errors.Join(k.pack(tmp), tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	return c, file, err
}

// gather lists a source folder and makes its manifests.
func gather(dir string) (*content, error) {
	info, err := readMap(filepath.Join(dir, "galaxy.yml"))
	if errors.Is(err, os.ErrNotExist) {
		info, err = readMap(filepath.Join(dir, "galaxy.yaml"))
	}
	if err != nil {
		return nil, fmt.Errorf("The collection galaxy.yml path '%s/galaxy.yml' does not exist or cannot be read: %w", dir, err)
	}
	ignore := append([]string{}, always...)
	ignore = append(ignore, str(info, "namespace")+"-"+str(info, "name")+"-*.tar.gz")
	if l, ok := info.At("build_ignore").(*value.List); ok {
		for _, e := range l.Items {
			ignore = append(ignore, value.Str(e))
		}
	}
	k := &content{dir: dir}
	list := value.NewList(fileEntry(".", ""))
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == dir {
			return err
		}
		rel, _ := filepath.Rel(dir, p)
		rel = filepath.ToSlash(rel)
		for _, pat := range ignore {
			a, _ := path.Match(pat, rel)
			b, _ := path.Match(pat, path.Base(rel))
			if a || b && !strings.Contains(pat, "/") || !strings.Contains(pat, "/") && strings.HasPrefix(pat, "*") && strings.HasSuffix(rel, pat[1:]) {
				if d.IsDir() {
					return filepath.SkipDir
				}
				return nil
			}
		}
		sum := ""
		if !d.IsDir() {
			if sum, err = hashFile(p); err != nil {
				return err
			}
		}
		k.names = append(k.names, rel)
		list.Append(fileEntry(rel, sum))
		return nil
	})
	if err != nil {
		return nil, err
	}
	k.files = indentedJSON(value.DictOf("files", list, "format", int64(1)))
	k.about = indentedJSON(manifest(info, k.files))
	return k, nil
}

func hashFile(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}

func fileEntry(name, sum string) *value.Dict {
	if sum == "" {
		return value.DictOf("name", name, "ftype", "dir", "chksum_type", nil, "chksum_sha256", nil, "format", int64(1))
	}
	return value.DictOf("name", name, "ftype", "file", "chksum_type", "sha256", "chksum_sha256", sum, "format", int64(1))
}

func indentedJSON(d *value.Dict) []byte {
	text, err := value.DumpJSON(d, value.JSONOptions{Indent: 1})
	if err != nil {
		return nil
	}
	return []byte(text)
}

// manifest is MANIFEST.json of what galaxy.yml says.
func manifest(info *value.Dict, files []byte) *value.Dict {
	or := func(key string, def value.Value) value.Value {
		if v := info.At(key); v != nil && value.Str(v) != "" {
			return v
		}
		return def
	}
	list := func(key string) value.Value {
		v := or(key, value.NewList())
		if _, ok := v.(*value.List); !ok {
			v = value.NewList(v)
		}
		return v
	}
	sum := sha256.Sum256(files)
	return value.DictOf("collection_info", value.DictOf("namespace", info.At("namespace"), "name", info.At("name"), "version", or("version", nil),
		"authors", list("authors"), "readme", info.At("readme"), "tags", list("tags"), "description", or("description", nil),
		"license", list("license"), "license_file", or("license_file", nil), "dependencies", or("dependencies", value.NewDict()),
		"repository", or("repository", nil), "documentation", or("documentation", nil), "homepage", or("homepage", nil), "issues", or("issues", nil)),
		"file_manifest_file", value.DictOf("name", "FILES.json", "ftype", "file", "chksum_type", "sha256", "chksum_sha256", hex.EncodeToString(sum[:]), "format", int64(1)),
		"format", int64(1))
}

// pack writes the archive.
func (k *content) pack(w io.Writer) error {
	z := gzip.NewWriter(w)
	t := tar.NewWriter(z)
	for name, data := range map[string][]byte{"MANIFEST.json": k.about, "FILES.json": k.files} {
		h := &tar.Header{Name: name, Size: int64(len(data)), Mode: 0o644, ModTime: time.Now(), Typeflag: tar.TypeReg}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if _, err := t.Write(data); err != nil {
			return err
		}
	}
	for _, name := range k.names {
		if err := k.packOne(t, name); err != nil {
			return err
		}
	}
	return errors.Join(t.Close(), z.Close())
}

func (k *content) packOne(t *tar.Writer, name string) error {
	file := filepath.Join(k.dir, filepath.FromSlash(name))
	fi, err := os.Stat(file) // links are followed
	if err != nil {
		return err
	}
	h := &tar.Header{Name: name, ModTime: fi.ModTime(), Mode: 0o644, Typeflag: tar.TypeReg, Size: fi.Size()}
	switch {
	case fi.IsDir():
		h.Name, h.Mode, h.Typeflag, h.Size = name+"/", 0o755, tar.TypeDir, 0
	case fi.Mode()&0o100 != 0:
		h.Mode = 0o755
	}
	if err := t.WriteHeader(h); err != nil || fi.IsDir() {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(t, f)
	return err
}

// place copies the content into a folder.
func (k *content) place(to string) error {
	for _, name := range k.names {
		from, dest := filepath.Join(k.dir, filepath.FromSlash(name)), filepath.Join(to, filepath.FromSlash(name))
		fi, err := os.Stat(from)
		if err != nil {
			return err
		}
		if fi.IsDir() {
			err = os.MkdirAll(dest, 0o755)
		} else {
			var data []byte
			if data, err = os.ReadFile(from); err == nil {
				err = os.WriteFile(dest, data, 0o644|fi.Mode()&0o111)
			}
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(os.WriteFile(filepath.Join(to, "MANIFEST.json"), k.about, 0o644), os.WriteFile(filepath.Join(to, "FILES.json"), k.files, 0o644))
}

// Verify compares an installed collection with its manifest and returns the
// files that differ.
func Verify(dir string) (sum string, modified []string, err error) {
	about, err := os.ReadFile(filepath.Join(dir, "MANIFEST.json"))
	if err != nil {
		return "", nil, err
	}
	h := sha256.Sum256(about)
	sum = hex.EncodeToString(h[:])
	v, err := value.ParseJSON(about)
	if err != nil {
		return sum, nil, err
	}
	m, _ := v.(*value.Dict)
	entry, _ := m.At("file_manifest_file").(*value.Dict)
	list, err := os.ReadFile(filepath.Join(dir, "FILES.json"))
	if err != nil {
		return sum, []string{"FILES.json"}, nil
	}
	if h := sha256.Sum256(list); hex.EncodeToString(h[:]) != str(entry, "chksum_sha256") {
		modified = append(modified, "FILES.json")
	}
	if v, err = value.ParseJSON(bytes.TrimSpace(list)); err != nil {
		return sum, nil, err
	}
	d, _ := v.(*value.Dict)
	files, _ := d.At("files").(*value.List)
	if files == nil {
		return sum, nil, fmt.Errorf("%s lists no files", filepath.Join(dir, "FILES.json"))
	}
	for _, e := range files.Items {
		f, _ := e.(*value.Dict)
		name := str(f, "name")
		if str(f, "ftype") == "dir" {
			if fi, err := os.Stat(filepath.Join(dir, name)); err != nil || !fi.IsDir() {
				modified = append(modified, name)
			}
			continue
		}
		if got, err := hashFile(filepath.Join(dir, name)); err != nil || got != str(f, "chksum_sha256") {
			modified = append(modified, name)
		}
	}
	return sum, modified, nil
}
