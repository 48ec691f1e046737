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
	"strings"

	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
)

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
	req := value.DictOf("args", pass, "single", true, "content", isContent, "source", shown, "files", value.NewList(e), "max_diff", MaxDiff)
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
	case f.size > MaxDiff || f.data == nil:
		d.Set("src_larger", MaxDiff)
	case bytes.IndexByte(f.data[:min(f.size, MaxDiff)], 0) >= 0:
		d.Set("src_binary", int64(1))
	default:
		d.Set("after_header", filepath.Clean(shown))
		d.Set("after", value.Unsafe(f.data))
	}
}

func isVaulted(f *localFile) bool {
	fi, err := os.Stat(f.path)
	return err == nil && fi.Size() != f.size
}
