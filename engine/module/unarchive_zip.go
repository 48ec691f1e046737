package module

import (
	"archive/zip"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

// zipArchive reads zip files itself and unpacks them with unzip.
type zipArchive struct {
	c     *Context
	p     *unarchiveArgs
	unzip string
	list  []*zip.File
	zone  *time.Location
}

var errNoUnzip = errors.New("Unable to find required 'unzip' or 'zipinfo' binary in the path.")

func openZip(c *Context, p *unarchiveArgs) (*zipArchive, error) {
	r, err := zip.OpenReader(p.Src)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	z := &zipArchive{c: c, p: p, zone: c.zone()}
	if z.unzip, err = c.findProgram("unzip"); err != nil {
		return nil, errNoUnzip
	}
	for _, f := range r.File {
		if z.wanted(f.Name) {
			z.list = append(z.list, f)
		}
	}
	return z, nil
}

func matchAny(patterns []string, name string) bool {
	for _, p := range patterns {
		if ok, _ := path.Match(p, name); ok || p == name || p == strings.TrimSuffix(name, "/") {
			return true
		}
		if strings.Contains(p, "*") && globMatch(p, name) {
			return true
		}
	}
	return false
}

func (z *zipArchive) wanted(name string) bool {
	if len(z.p.Include) > 0 {
		return matchAny(z.p.Include, name)
	}
	return !matchAny(z.p.Exclude, name)
}

func (z *zipArchive) name() string    { return "ZipArchive" }
func (z *zipArchive) checkable() bool { return true }

func (z *zipArchive) files() []string {
	out := make([]string, len(z.list))
	for i, f := range z.list {
		out[i] = f.Name
	}
	return out
}

// target is where a member goes; members that lead out of dest are refused.
func (z *zipArchive) target(f *zip.File) (string, error) {
	if !filepath.IsLocal(filepath.FromSlash(strings.TrimSuffix(f.Name, "/"))) {
		return "", Errorf(fmt.Sprintf("the archive %s holds %q, which leads out of dest", z.p.Src, f.Name))
	}
	return filepath.Join(string(z.p.Dest), f.Name), nil
}

// fileTime is the member's time as unzip sets it: local time, even seconds.
func fileTime(f *zip.File, zone *time.Location) time.Time {
	if t := f.Modified; t.Location() != time.UTC || len(f.Extra) > 0 {
		return t
	}
	t := f.Modified
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone)
}

func memberMode(f *zip.File) uint32 {
	if m := fileMode(fileInfoMode{f.Mode()}); m != 0 && f.CreatorVersion>>8 == 3 {
		return m
	}
	if strings.HasSuffix(f.Name, "/") {
		return 0o777 &^ currentUmask()
	}
	return 0o666 &^ currentUmask()
}

// fileInfoMode lets fileMode read a bare mode.
type fileInfoMode struct{ m fs.FileMode }

func (f fileInfoMode) Name() string       { return "" }
func (f fileInfoMode) Size() int64        { return 0 }
func (f fileInfoMode) Mode() fs.FileMode  { return f.m }
func (f fileInfoMode) ModTime() time.Time { return time.Time{} }
func (f fileInfoMode) IsDir() bool        { return f.m.IsDir() }
func (f fileInfoMode) Sys() any           { return nil }

// itemize compares one member with the target, in rsync's notation.
func (z *zipArchive) itemize(f *zip.File) (string, bool, error) {
	dest, err := z.target(f)
	if err != nil {
		return "", false, err
	}
	dir := strings.HasSuffix(f.Name, "/")
	kind := byte('f')
	if dir {
		kind = 'd'
	} else if f.Mode()&fs.ModeSymlink != 0 {
		kind = 'L'
	}
	it := []byte("." + string(kind) + ".......??")
	st, err := lstat(dest)
	if err != nil {
		return ">" + string(kind) + "++++++.??", true, nil
	}
	changed := false
	mark := func(i int, b byte) { it[i] = b; changed = true }
	switch {
	case dir != st.isDir(), kind == 'L' != st.isLink():
		mark(0, '>')
	case kind == 'f':
		mt := fileTime(f, z.zone).Unix()
		if mt != st.MSec {
			if mt < st.MSec && z.p.KeepNewer {
				return "", false, nil
			}
			if mt > st.MSec {
				mark(0, '>')
			} else {
				mark(0, '<')
			}
			it[4] = 't'
		}
		if int64(f.UncompressedSize64) != st.Size {
			mark(3, 's')
		} else if sum, err := crcOf(dest); err != nil || sum != f.CRC32 {
			mark(2, 'c')
		}
	}
	if !changed || it[0] == '.' {
		want := memberMode(f)
		if z.p.Mode.Given() {
			if want, err = z.p.Mode.resolve(st.Mode, st.isDir(), currentUmask()); err != nil {
				return "", false, err
			}
		}
		if kind != 'L' && want != st.perm() {
			mark(5, 'p')
		}
		if o := z.p.Owner; o != nil {
			if u, ok := userByName(*o); ok && u.UID != st.UID {
				mark(6, 'o')
			}
		}
		if g := z.p.Group; g != nil {
			if e, ok := groupByName(*g); ok && e.GID != st.GID {
				mark(7, 'g')
			}
		}
	}
	return string(it), changed, nil
}

func crcOf(path string) (uint32, error) {
	f, err := openFile(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	h := crc32.NewIEEE()
	_, err = io.Copy(h, f)
	return h.Sum32(), err
}

func (z *zipArchive) same() (bool, string, error) {
	var diff strings.Builder
	same := true
	for _, f := range z.list {
		it, changed, err := z.itemize(f)
		if err != nil {
			return false, "", err
		}
		if changed {
			same = false
			fmt.Fprintf(&diff, "%s %s\n", it, f.Name)
		}
	}
	return same, diff.String(), nil
}

// extract runs unzip: the user's extra options are its options.
func (z *zipArchive) extract() (*value.Dict, error) {
	for _, f := range z.list {
		if _, err := z.target(f); err != nil {
			return nil, err
		}
	}
	argv := append([]string{z.unzip, "-o"}, z.p.ExtraOpts...)
	argv = append(append(argv, z.p.Src), z.p.Include...)
	if len(z.p.Exclude) > 0 {
		argv = append(append(argv, "-x"), z.p.Exclude...)
	}
	argv = append(argv, "-d", string(z.p.Dest))
	r, err := z.c.run(argv, &progOptions{Dir: string(z.p.Dest), Env: cLocale, Cancel: cancelFinish})
	if err != nil {
		return nil, err
	}
	return value.DictOf("cmd", value.From(argv), "rc", int64(r.RC), "out", r.Stdout, "err", r.Stderr), nil
}
