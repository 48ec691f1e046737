package module

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

type copyArgs struct {
	Src           *Path   `arg:"src" doc:"Local path of the file to copy, or the target's with remote_src."`
	Basename      *string `arg:"_original_basename"`
	Content       *string `arg:"content,no_log" doc:"Content of the file, instead of src."`
	Dest          Path    `arg:"dest,required" doc:"Absolute path the file should be copied to."`
	Backup        bool    `arg:"backup,default=false" doc:"Keep a copy of the file as it was."`
	Force         bool    `arg:"force,default=true" doc:"Replace the file when its content differs."`
	Validate      *string `arg:"validate" doc:"Command that checks the new file before it replaces the old one; %s is its name."`
	DirectoryMode Mode    `arg:"directory_mode,type=raw" doc:"Mode of newly created folders."`
	RemoteSrc     *bool   `arg:"remote_src" doc:"src is on the target."`
	LocalFollow   *bool   `arg:"local_follow" doc:"Follow symbolic links in the source tree."`
	Checksum      *string `arg:"checksum" doc:"SHA1 the transferred file must have."`
	Follow        bool    `arg:"follow,default=false" doc:"Follow a symbolic link at dest."`
	FileArgs
}

var copyDef = &Def{
	Name:     "ansible.builtin.copy",
	Short:    "Copy files to remote locations",
	ShownAs:  "ansible.legacy.copy",
	Args:     func() any { return &copyArgs{} },
	FileArgs: true,
	Run: func(c *Context, a any) *Result {
		p := a.(*copyArgs)
		k := &copyRun{Context: c, copyArgs: p}
		r, err := k.run()
		if err != nil {
			return FailErr(err)
		}
		return r
	},
}

// copyRun is the target's half of copy: it places one file that is here already
// (src), came as content, or lies in the request (Blob).
type copyRun struct {
	*Context
	*copyArgs
	src      string
	onTarget bool // src is a file of the target
}

func (k *copyRun) run() (*Result, error) {
	if k.Src == nil && k.Content == nil && k.Blob == nil {
		return nil, Errorf("src (or content) is required")
	}
	if k.Src == nil {
		data := k.Blob
		if k.Content != nil {
			data = []byte(*k.Content)
		}
		return k.placeBytes(data)
	}
	k.src, k.onTarget = string(*k.Src), true
	fi, err := os.Stat(k.src)
	if err != nil {
		return nil, Errorf(fmt.Sprintf("Source %s not found", k.src))
	}
	if !access(k.src, 4) {
		return nil, Errorf(fmt.Sprintf("Source %s not readable", k.src))
	}
	if m, ok := k.Mode.Raw.(string); ok && m == "preserve" {
		k.Mode = Mode{int64(fileMode(fi))}
		k.setParam("mode", diffMode(fileMode(fi)))
	}
	if fi.IsDir() {
		return k.tree()
	}
	if !fi.Mode().IsRegular() {
		return nil, Errorf(fmt.Sprintf("Source %s is not a file", k.src))
	}
	f, err := openFile(k.src)
	if err != nil {
		return nil, Errorf(pyError(err, k.src))
	}
	defer f.Close()
	sum, err := fileChecksum(k.src, "sha1")
	if err != nil {
		return nil, Errorf(pyError(err, k.src))
	}
	md5, _ := fileChecksum(k.src, "md5")
	base := filepath.Base(k.src)
	if k.Basename != nil {
		base = *k.Basename
	}
	return k.place(f, sum, md5, base)
}

func (k *copyRun) placeBytes(data []byte) (*Result, error) {
	h := newHash("md5")
	h.Write(data)
	return k.place(strings.NewReader(string(data)), sha1Hex(data), fmt.Sprintf("%x", h.Sum(nil)), deref(k.Basename))
}

func fileMode(fi fs.FileInfo) uint32 {
	m := uint32(fi.Mode().Perm())
	for _, b := range []struct {
		f fs.FileMode
		v uint32
	}{{fs.ModeSetuid, 0o4000}, {fs.ModeSetgid, 0o2000}, {fs.ModeSticky, 0o1000}} {
		if fi.Mode()&b.f != 0 {
			m |= b.v
		}
	}
	return m
}

// place writes content to dest unless it is there already, and sets attributes.
func (k *copyRun) place(content io.Reader, sum, md5, base string) (*Result, error) {
	dest := string(k.Dest)
	changed := false
	if k.Checksum != nil && *k.Checksum != sum {
		return nil, Errorf("Copied file does not match the expected checksum. Transfer failed.", "checksum", sum, "expected_checksum", *k.Checksum)
	}
	if strings.HasSuffix(dest, "/") && base != "" {
		dest = filepath.Join(dest, base)
		ch, err := k.makeFolders(filepath.Dir(dest))
		if err != nil {
			return nil, err
		}
		changed = ch
	}
	if fi, err := os.Stat(dest); err == nil && fi.IsDir() && base != "" {
		dest = filepath.Join(dest, base)
	}
	result := func() *Result {
		r := Changed(changed).Set("dest", dest).Set("src", k.src).Set("md5sum", md5).Set("checksum", sum)
		return r
	}
	old, err := lstat(dest)
	if err == nil {
		if _, err := os.Stat(dest); err == nil && old.isLink() && k.Follow { // a broken link is replaced
			dest = realPath(dest)
		}
		if !k.Force {
			return OK().WithMsg("file already exists").Set("dest", dest).Set("src", k.src), nil
		}
	} else if d := filepath.Dir(dest); !k.Check || !changed {
		fi, err := os.Stat(d)
		switch {
		case notExist(err):
			if !k.Check {
				return nil, Errorf(fmt.Sprintf("Destination directory %s does not exist", d))
			}
		case err != nil:
			return nil, Errorf(fmt.Sprintf("Destination directory %s is not accessible: %s", d, strerror(err)))
		case !fi.IsDir():
			return nil, Errorf(fmt.Sprintf("Destination directory %s is not a directory", d))
		}
	}
	same := false
	if old, err := lstat(dest); err == nil && old.isReg() {
		if s, err := fileChecksum(dest, "sha1"); err == nil {
			same = s == sum
		}
	}
	if same {
		ch, err := k.applyAttrs(dest, &k.FileArgs, nil)
		changed = changed || ch
		return result(), err
	}
	changed = true
	if k.Check {
		return result(), nil
	}
	n, err := k.createWith(&newFile{c: k.Context, Dest: dest, unlinks: true}, content, k.UnsafeWrites)
	if err != nil {
		return nil, err
	}
	if k.onTarget {
		if n.Created {
			copyXattrs(k.src, n.Path)
			if err := n.inherit(nil); err != nil { // an ACL came with the source's mode
				n.Discard()
				return nil, Errorf(fmt.Sprintf("Could not write %s: %s", dest, strerror(err)))
			}
		}
		if st, err := stat(k.src); err == nil {
			_ = setTimes(n.Path, st.ASec, st.ANsec, st.MSec, st.MNsec, false)
		}
	}
	if k.Validate != nil && *k.Validate != "" {
		if err := k.validateCopy(n); err != nil {
			n.Discard()
			return nil, err
		}
	}
	backup := ""
	if k.Backup {
		if backup, err = k.backup(dest); err != nil {
			n.Discard()
			return nil, err
		}
	}
	if _, err := n.finish(dest, &k.FileArgs, nil); err != nil {
		return nil, err
	}
	r := result()
	if backup != "" {
		r.Set("backup_file", backup)
	}
	return r, nil
}

func (k *copyRun) validateCopy(n *newFile) error {
	if !strings.Contains(*k.Validate, "%s") {
		return Errorf("validate must contain %s: " + *k.Validate)
	}
	// The checker sees the file with the mode it will have.
	if k.Mode.Given() {
		early := FileArgs{Mode: k.Mode}
		if _, err := k.applyAttrsAs(n.Path, n.Dest, &early, nil); err != nil {
			return err
		}
	}
	r, err := n.validate(*k.Validate)
	if err != nil {
		return err
	}
	if r.RC != 0 {
		return Errorf("failed to validate", "exit_status", r.RC, "stdout", r.Stdout, "stderr", r.Stderr)
	}
	return nil
}

// makeFolders creates the missing folders down to dir, with directory_mode and
// the owner and group of the copy.
func (k *copyRun) makeFolders(dir string) (changed bool, err error) {
	var missing []string
	for p := dir; ; p = filepath.Dir(p) {
		if _, err := os.Stat(p); err == nil || p == filepath.Dir(p) {
			break
		}
		missing = append(missing, p)
	}
	if len(missing) == 0 || k.Check {
		return len(missing) > 0, nil
	}
	fa := k.FileArgs
	fa.Mode = k.DirectoryMode
	for i := len(missing) - 1; i >= 0; i-- {
		if err := os.Mkdir(missing[i], 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
			return changed, Errorf(fmt.Sprintf("Unable to create directory %s: %s", missing[i], pyError(err, missing[i])))
		}
		changed = true
		if _, err := k.applyAttrs(missing[i], &fa, nil); err != nil {
			return changed, err
		}
	}
	return changed, nil
}
