package module

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
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
	src string
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
	k.src = string(*k.Src)
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

// tree copies a folder of the target (remote_src).
func (k *copyRun) tree() (*Result, error) {
	dest := string(k.Dest)
	fi, err := os.Stat(dest)
	if err == nil && !fi.IsDir() {
		return nil, Errorf(fmt.Sprintf("cannot copy the folder %s over the file %s", k.src, dest), "src", k.src, "dest", dest)
	}
	existed := err == nil
	target, shown := dest, dest
	if !strings.HasSuffix(k.src, "/") {
		target = filepath.Join(dest, filepath.Base(k.src))
		if existed || strings.HasSuffix(dest, "/") {
			shown = target
		}
	}
	if existed && strings.HasSuffix(k.src, "/") {
		shown = strings.TrimSuffix(dest, "/") + "/"
	}
	if !existed && !strings.HasSuffix(dest, "/") {
		if d := filepath.Dir(filepath.Clean(dest)); pathState(d) == "absent" {
			return nil, Errorf(fmt.Sprintf("Destination directory %s does not exist", d))
		}
	}
	changed := false
	if !existed {
		if changed, err = k.makeFolders(filepath.Clean(dest)); err != nil {
			return nil, err
		}
	}
	ch, err := k.copyTree(filepath.Clean(k.src), target, 0)
	if err != nil {
		return nil, err
	}
	changed = changed || ch
	if !k.Check {
		fa := k.FileArgs
		if ch, err = k.applyAttrs(shown, &fa, nil); err != nil {
			return nil, err
		}
		changed = changed || ch
	}
	return Changed(changed).Set("src", k.src).Set("dest", shown).Set("checksum", nil).Set("md5sum", nil), nil
}

// copyTree copies what is in from to to. Files keep the mode of their source; links
// stay links unless local_follow says otherwise.
func (k *copyRun) copyTree(from, to string, depth int) (changed bool, err error) {
	if depth > 200 {
		return false, Errorf("the folders of " + k.src + " are nested too deeply; do its links lead in a circle?")
	}
	own := FileArgs{Owner: k.Owner, Group: k.Group, SEUser: k.SEUser, SERole: k.SERole, SEType: k.SEType, SELevel: k.SELevel}
	fi, err := os.Stat(from)
	if err != nil {
		return false, Errorf(pyError(err, from))
	}
	created := false
	if _, err := os.Stat(to); err != nil {
		changed, created = true, true
		if k.Check {
			return true, nil
		}
		if err := os.Mkdir(to, 0o777); err != nil {
			return changed, Errorf(fmt.Sprintf("Unable to create directory %s: %s", to, pyError(err, to)))
		}
		if k.DirectoryMode.Given() {
			own.Mode = k.DirectoryMode
		}
	}
	if ch, err := k.applyAttrs(to, &own, nil); err != nil {
		return changed, err
	} else if ch {
		changed = true
	}
	own.Mode = Mode{}
	entries, err := os.ReadDir(from)
	if err != nil {
		return changed, Errorf(pyError(err, from))
	}
	follow := k.LocalFollow != nil && *k.LocalFollow
	for _, e := range entries {
		s, d := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
		if k.Err() != nil {
			return changed, k.Err()
		}
		st, err := os.Stat(s)
		var ch bool
		switch {
		case e.Type()&fs.ModeSymlink != 0 && (!follow || err != nil):
			if ch, err = k.copyLink(s, d); err == nil {
				var own2 bool
				own2, err = k.applyAttrs(d, &own, nil)
				ch = ch || own2
			}
		case err != nil:
		case st.IsDir():
			ch, err = k.copyTree(s, d, depth+1)
		case st.Mode().IsRegular():
			ch, err = k.copyOne(s, d, st, &own)
		}
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				err = Errorf(pathError(err, s))
			}
			return changed, err
		}
		changed = changed || ch
	}
	if created && !k.DirectoryMode.Given() {
		if err := chmod(to, fileMode(fi)); err != nil {
			return changed, Errorf(pyError(err, to))
		}
	}
	return changed, nil
}

func (k *copyRun) copyLink(from, to string) (bool, error) {
	target, err := os.Readlink(from)
	if err != nil {
		return false, err
	}
	if now, err := os.Readlink(to); err == nil && now == target {
		return false, nil
	}
	if pathState(to) != "absent" && !k.Force {
		return false, nil
	}
	if k.Check {
		return true, nil
	}
	tmp := filepath.Join(filepath.Dir(to), ".ansible_tmp"+randomName(8))
	if err := os.Symlink(target, tmp); err != nil {
		return false, err
	}
	if err := os.Rename(tmp, to); err != nil {
		_ = os.Remove(tmp)
		return false, err
	}
	return true, nil
}

func (k *copyRun) copyOne(from, to string, st fs.FileInfo, own *FileArgs) (bool, error) {
	if old, err := lstat(to); err == nil && old.isReg() {
		if !k.Force {
			return false, nil
		}
		if old.Size == st.Size() {
			a, err1 := fileChecksum(from, "sha1")
			b, err2 := fileChecksum(to, "sha1")
			if err1 == nil && err2 == nil && a == b {
				return k.applyAttrs(to, own, nil)
			}
		}
	}
	if k.Check {
		return true, nil
	}
	f, err := openFile(from)
	if err != nil {
		return false, err
	}
	defer f.Close()
	_, statErr := os.Lstat(to)
	n, err := k.createWith(&newFile{c: k.Context, Dest: to, unlinks: true}, f, k.UnsafeWrites)
	if err != nil {
		return false, err
	}
	fa := *own
	if statErr != nil {
		fa.Mode = Mode{value.Value(int64(fileMode(st)))}
	}
	_, err = n.finish(to, &fa, nil)
	return true, err
}
