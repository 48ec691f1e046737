package action

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
)

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
	base := func() *value.Dict { return value.DictOf("args", pass, "source", shown, "max_diff", MaxDiff) }
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
