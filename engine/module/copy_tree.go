package module

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

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
