package galaxy

import (
	"archive/tar"
	"bufio"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// maxArchive bounds what an archive may unpack to, in bytes.
const maxArchive = 4 << 30

// eachMember calls f for every member of a tar archive, plain, gzip or bzip2.
func eachMember(file string, f func(h *tar.Header, r io.Reader) error) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	b := bufio.NewReader(in)
	var r io.Reader = b
	if head, _ := b.Peek(3); len(head) == 3 {
		switch {
		case head[0] == 0x1f && head[1] == 0x8b:
			if r, err = gzip.NewReader(b); err != nil {
				return err
			}
		case string(head) == "BZh":
			r = bzip2.NewReader(b)
		}
	}
	t := tar.NewReader(io.LimitReader(r, maxArchive))
	for {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s is not a tar archive that can be read: %w", file, err)
		}
		if err := f(h, t); err != nil {
			return err
		}
	}
}

// extractor unpacks members below a folder and lets none out of it.
type extractor struct {
	root string
	kind string // what the folder is, for messages
}

// place is where a member of that relative name belongs.
func (e *extractor) place(rel string) (string, error) {
	rel = path.Clean(rel)
	if path.IsAbs(rel) || rel == ".." || strings.HasPrefix(rel, "../") {
		return "", fmt.Errorf("%s is not a subpath of the %s", rel, e.kind)
	}
	return filepath.Join(e.root, filepath.FromSlash(rel)), nil
}

func (e *extractor) member(h *tar.Header, r io.Reader, rel string) error {
	to, err := e.place(rel)
	if err != nil {
		return err
	}
	if err := e.inside(filepath.Dir(to)); err != nil {
		return err
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return os.MkdirAll(to, 0o755)
	case tar.TypeSymlink:
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		// Where the link really lies, for a link above it may be among the members.
		root, err1 := filepath.EvalSymlinks(e.root)
		dir, err2 := filepath.EvalSymlinks(filepath.Dir(to))
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		target := filepath.FromSlash(h.Linkname)
		full := target
		if !filepath.IsAbs(full) {
			full = filepath.Join(dir, target)
		} else if below, ok := strings.CutPrefix(full, e.root); ok {
			full = root + below
		}
		if out, err := filepath.Rel(root, full); err != nil || !filepath.IsLocal(out) {
			return fmt.Errorf("%s links to %s, which is not a subpath of the %s %s", rel, h.Linkname, e.kind, e.root)
		}
		return os.Symlink(target, to)
	case tar.TypeReg:
	default:
		return fmt.Errorf("%s in the archive is neither file, folder nor symbolic link", rel)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if h.FileInfo().Mode()&0o100 != 0 {
		mode = 0o755
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}

// inside makes sure that no symbolic link on the way leads out.
func (e *extractor) inside(dir string) error {
	root, err := filepath.EvalSymlinks(e.root)
	if err != nil {
		return err
	}
	for d := dir; ; d = filepath.Dir(d) {
		real, err := filepath.EvalSymlinks(d)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if real != root && !strings.HasPrefix(real, root+string(filepath.Separator)) {
			return fmt.Errorf("%s is not a subpath of the %s %s", dir, e.kind, e.root)
		}
		return nil
	}
}
