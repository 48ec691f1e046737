package action

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
)

// directMax is the size up to which content travels with the first request; of
// larger files the checksum goes first.
const directMax = 128 << 10

// maxDiff is the size up to which content is shown in a diff, in bytes.
const maxDiff = 104448

// argText is a text argument, "" where it is not given.
func argText(d *value.Dict, k string) string {
	v := d.At(k)
	if v == nil {
		return ""
	}
	return value.Str(v)
}

// without returns the arguments less the named ones.
func without(d *value.Dict, names ...string) *value.Dict {
	c := d.Clone()
	for _, n := range names {
		c.Delete(n)
	}
	return c
}

// invoked adds the invocation to a result that has none, as the actions do that
// fail or predict without running their module. Content is never shown.
func invoked(c *Context, r *value.Dict) *value.Dict {
	if r.Has("invocation") {
		return r
	}
	args := value.NewDict()
	top := value.NewDict()
	for k, v := range c.Args.All() {
		n := value.Str(k)
		if n == "content" {
			top.Set(n, "CENSORED: content is a no_log parameter")
			args.Set(n, "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER")
			continue
		}
		top.Set(n, v)
		args.Set(n, v)
	}
	top.Set("module_args", args)
	r.Set("invocation", top)
	return r
}

func copyAction(c *Context) (*value.Dict, error) {
	src, dest := argText(c.Args, "src"), argText(c.Args, "dest")
	content, hasContent := c.Args.GetStr("content")
	hasContent = hasContent && content != nil
	fail := func(msg string) (*value.Dict, error) { return invoked(c, Fail(msg)), nil }
	switch {
	case src == "" && !hasContent:
		return fail("src (or content) is required")
	case dest == "":
		return fail("dest is required")
	case src != "" && hasContent:
		return fail("src and content are mutually exclusive")
	case hasContent && strings.HasSuffix(dest, "/"):
		return fail("can not use content with a dir as dest")
	}
	if asBool(c.Args.At("remote_src"), false) {
		return c.Module("ansible.legacy.copy", without(c.Args, "decrypt"), nil)
	}
	pass := without(c.Args, "src", "content", "decrypt", "remote_src")
	if hasContent {
		text := ""
		switch content.(type) {
		case *value.Dict, *value.List, value.Tuple:
			s, err := value.DumpJSON(content, value.JSONOptions{EscapeASCII: true})
			if err != nil {
				return nil, err
			}
			text = s
		default:
			text = value.Str(content)
		}
		return placeData(c, pass, []byte(text), true, dest, filepath.Base(dest), 0o600)
	}
	path, err := c.Find("files", src)
	if err != nil {
		return fail(err.Error())
	}
	fi, err := os.Stat(path)
	if err != nil {
		return fail(err.Error())
	}
	if fi.IsDir() {
		return copyTree(c, pass, strings.TrimSuffix(path, "/"), strings.HasSuffix(src, "/"), dest)
	}
	f := &localFile{path: path, rel: filepath.Base(path), mode: fi.Mode()}
	if err := f.load(c); err != nil {
		return fail(err.Error())
	}
	return f.place(c, pass, path)
}

// localFile is a file of the controller that goes to the target.
type localFile struct {
	path string
	rel  string
	mode fs.FileMode
	size int64
	sum  string
	data []byte // content, where it is small or decrypted
}

// load reads the file, or only its checksum where it is large. Vault files are
// decrypted unless the task says decrypt: no.
func (f *localFile) load(c *Context) error {
	h, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer h.Close()
	fi, err := h.Stat()
	if err != nil {
		return err
	}
	f.size = fi.Size()
	const vault = "$ANSIBLE_VAULT;"
	head := make([]byte, len(vault))
	n, _ := io.ReadFull(h, head)
	if string(head[:n]) == vault && asBool(c.Args.At("decrypt"), true) {
		if f.data, err = c.ReadFile(f.path); err != nil {
			if strings.Contains(err.Error(), "no vault secrets found") {
				return fmt.Errorf("A vault password or secret must be specified to decrypt %s", f.path)
			}
			return err
		}
	} else if f.size <= remote.BlobMax {
		if f.data, err = os.ReadFile(f.path); err != nil {
			return err
		}
	}
	if f.data != nil {
		f.size = int64(len(f.data))
		f.sum = sha1Hex(f.data)
		return nil
	}
	if _, err := h.Seek(0, io.SeekStart); err != nil {
		return err
	}
	d := sha1.New()
	if f.size, err = io.Copy(d, h); err != nil {
		return err
	}
	f.sum = hex.EncodeToString(d.Sum(nil))
	return nil
}

func (f *localFile) open() (io.ReadCloser, error) {
	if f.data != nil {
		return io.NopCloser(bytes.NewReader(f.data)), nil
	}
	return os.Open(f.path)
}

func sha1Hex(b []byte) string {
	s := sha1.Sum(b)
	return hex.EncodeToString(s[:])
}

func unixMode(m fs.FileMode) int64 {
	n := int64(m.Perm())
	for _, b := range []struct {
		f fs.FileMode
		v int64
	}{{fs.ModeSetuid, 0o4000}, {fs.ModeSetgid, 0o2000}, {fs.ModeSticky, 0o1000}} {
		if m&b.f != 0 {
			n |= b.v
		}
	}
	return n
}

func (f *localFile) entry() *value.Dict {
	return value.DictOf("rel", f.rel, "size", f.size, "sha1", f.sum, "mode", unixMode(f.mode))
}

// placeData puts content that is in memory to the target, as copy does.
func placeData(c *Context, pass *value.Dict, data []byte, isContent bool, shown, rel string, mode fs.FileMode) (*value.Dict, error) {
	if data == nil {
		data = []byte{}
	}
	f := &localFile{rel: rel, mode: mode, size: int64(len(data)), sum: sha1Hex(data), data: data}
	return f.placeAs(c, pass, shown, isContent)
}

func (f *localFile) place(c *Context, pass *value.Dict, shown string) (*value.Dict, error) {
	return f.placeAs(c, pass, shown, false)
}

// placeAs puts the file to the target and completes the result with the half of
// the diff that only the controller knows.
func (f *localFile) placeAs(c *Context, pass *value.Dict, shown string, isContent bool) (*value.Dict, error) {
	e := f.entry()
	req := value.DictOf("args", pass, "single", true, "content", isContent, "source", shown, "files", value.NewList(e))
	var blob []byte
	if f.data != nil && f.size <= directMax && !c.Task.Check {
		e.Set("offset", int64(0))
		blob = f.data
	}
	r, err := c.Module(module.PutModule, req, blob)
	if err == nil && r.Has("need") {
		if blob, err = f.send(c, e); err == nil {
			r, err = c.Module(module.PutModule, req, blob)
		}
	}
	if err != nil {
		return nil, err
	}
	f.completeDiff(r, shown)
	if r.Has("src") && value.Truth(r.At("changed")) {
		r.Set("src", shown)
	}
	// Where the module did nothing, the result shows the task's own arguments.
	if !r.Has("md5sum") && !r.Has("path") && !value.Truth(r.At("failed")) {
		r.Delete("invocation")
	}
	return invoked(c, r), nil
}

// send readies the content of one file: in the request, or staged on the target.
func (f *localFile) send(c *Context, e *value.Dict) ([]byte, error) {
	if f.data != nil && f.size <= remote.BlobMax {
		e.Set("offset", int64(0))
		return f.data, nil
	}
	s, err := c.Session()
	if err != nil {
		return nil, err
	}
	dir, err := s.TempDir(c)
	if err != nil {
		return nil, err
	}
	h, err := f.open()
	if err != nil {
		return nil, err
	}
	defer h.Close()
	path := fmt.Sprintf("%s/source-%016x", dir, rand.Uint64())
	if err := s.PutFile(c, path, h, f.size, 0o600); err != nil {
		return nil, err
	}
	e.Set("staged", path)
	return nil, nil
}

func (f *localFile) completeDiff(r *value.Dict, shown string) {
	l, ok := r.At("diff").(*value.List)
	if !ok || len(l.Items) == 0 {
		return
	}
	d, ok := l.Items[0].(*value.Dict)
	if !ok {
		return
	}
	switch {
	case f.size > maxDiff || f.data == nil:
		d.Set("src_larger", int64(maxDiff))
	case bytes.IndexByte(f.data[:min(len(f.data), maxDiff)], 0) >= 0:
		d.Set("src_binary", int64(1))
	default:
		d.Set("after_header", shown)
		d.Set("after", value.Unsafe(f.data))
	}
}

// treeOf lists what a folder holds, relative names sorted.
type treeOf struct {
	files []*localFile
	dirs  map[string]fs.FileMode
	links [][2]string
}

func (t *treeOf) walk(dir, rel string, follow bool, above []os.FileInfo) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	// Files before folders: errors then name the outermost file.
	sort.SliceStable(entries, func(i, j int) bool { return !entries[i].IsDir() && entries[j].IsDir() })
	for _, e := range entries {
		p, r := filepath.Join(dir, e.Name()), rel+e.Name()
		fi, err := e.Info()
		if err != nil {
			return err
		}
		if fi.Mode()&fs.ModeSymlink != 0 {
			to, err := os.Stat(p)
			if !follow || err != nil {
				target, err := os.Readlink(p)
				if err != nil {
					return err
				}
				t.links = append(t.links, [2]string{r, target})
				continue
			}
			fi = to
		}
		switch {
		case fi.IsDir():
			circle := false
			for _, a := range above {
				circle = circle || os.SameFile(a, fi)
			}
			if circle { // a link back to a folder above stays a link
				target, err := os.Readlink(p)
				if err != nil {
					return err
				}
				t.links = append(t.links, [2]string{r, target})
				continue
			}
			t.dirs[r] = fi.Mode()
			if err := t.walk(p, r+"/", follow, append(above[:len(above):len(above)], fi)); err != nil {
				return err
			}
		case fi.Mode().IsRegular():
			t.files = append(t.files, &localFile{path: p, rel: r, mode: fi.Mode()})
		}
	}
	return nil
}

// copyTree copies a folder: one request tells the target what there is, further
// ones bring the contents it lacks, many to a request.
func copyTree(c *Context, pass *value.Dict, dir string, inside bool, dest string) (*value.Dict, error) {
	prefix := ""
	t := &treeOf{dirs: map[string]fs.FileMode{}}
	root, err := os.Stat(dir)
	if err != nil {
		return invoked(c, Fail(err.Error())), nil
	}
	if !inside {
		prefix = filepath.Base(dir) + "/"
		t.dirs[filepath.Base(dir)] = root.Mode()
	}
	if err := t.walk(dir, prefix, asBool(c.Args.At("local_follow"), true), []os.FileInfo{root}); err != nil {
		return invoked(c, Fail(err.Error())), nil
	}
	files := value.NewList()
	for _, f := range t.files {
		if err := f.load(c); err != nil {
			return invoked(c, Fail(err.Error())), nil
		}
		files.Append(f.entry())
		// Folders above files come with them.
		for d := filepath.Dir(f.rel); d != "."; d = filepath.Dir(d) {
			delete(t.dirs, d)
		}
		if f.data != nil {
			if f.size > directMax || !isVaulted(f) {
				f.data = nil // read again when it is needed; trees may be large
			}
		}
	}
	var names []string
	for d := range t.dirs {
		names = append(names, d)
	}
	sort.Strings(names)
	dirs, links := value.NewList(), value.NewList()
	for _, n := range names {
		dirs.Append(value.DictOf("rel", n, "mode", unixMode(t.dirs[n])))
	}
	for _, l := range t.links {
		links.Append(value.DictOf("rel", l[0], "target", l[1]))
	}
	shown := dir
	if inside {
		shown += "/"
	}
	base := func() *value.Dict { return value.DictOf("args", pass, "source", shown) }
	req := base()
	req.Set("files", files)
	req.Set("dirs", dirs)
	req.Set("links", links)
	r, err := c.Module(module.PutModule, req, nil)
	if err != nil {
		return nil, err
	}
	if value.Truth(r.At("failed")) {
		return r, nil
	}
	changed := value.Truth(r.At("changed"))
	if need, ok := r.At("need").(*value.List); ok {
		r, err = t.sendNeeded(c, need, base, dirs, links)
		if err != nil || value.Truth(r.At("failed")) {
			return r, err
		}
		changed = true
	}
	out := value.DictOf("changed", changed, "dest", strings.TrimSuffix(dest, "/")+"/", "src", shown)
	if w, ok := r.GetStr("warnings"); ok {
		out.Set("warnings", w)
	}
	return invoked(c, out), nil
}

func isVaulted(f *localFile) bool {
	fi, err := os.Stat(f.path)
	return err == nil && fi.Size() != f.size
}

// sendNeeded brings the contents the target asked for; folders and links go with
// the last request.
func (t *treeOf) sendNeeded(c *Context, need *value.List, base func() *value.Dict, dirs, links *value.List) (*value.Dict, error) {
	var r *value.Dict
	entries := value.NewList()
	var blob []byte
	flush := func(last bool) error {
		req := base()
		req.Set("files", entries)
		if last {
			req.Set("dirs", dirs)
			req.Set("links", links)
		}
		var err error
		r, err = c.Module(module.PutModule, req, blob)
		entries, blob = value.NewList(), nil
		return err
	}
	for _, n := range need.Items {
		i, ok := n.(int64)
		if !ok || i < 0 || int(i) >= len(t.files) {
			return nil, fmt.Errorf("the target asked for a file that was not offered")
		}
		f := t.files[i]
		if err := f.load(c); err != nil {
			return invoked(c, Fail(err.Error())), nil
		}
		e := f.entry()
		if f.data == nil {
			if _, err := f.send(c, e); err != nil {
				return nil, err
			}
		} else {
			if len(blob)+len(f.data) > remote.BlobMax {
				if err := flush(false); err != nil || value.Truth(r.At("failed")) {
					return r, err
				}
			}
			e.Set("offset", int64(len(blob)))
			blob = append(blob, f.data...)
			f.data = nil
		}
		entries.Append(e)
	}
	err := flush(true)
	return r, err
}
