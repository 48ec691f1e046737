package module

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// link makes path a symbolic link to src.
func (f *fileRun) link() (*Result, error) {
	src, given := "", f.Src != nil
	if given {
		src = string(*f.Src)
	} else if t, err := os.Readlink(f.path); err != nil {
		return nil, Errorf("src is required for creating new symlinks")
	} else if _, err := os.Stat(f.path); err == nil && f.Follow {
		src, given = t, true
	}
	rel := filepath.Dir(f.path)
	if f.prev == "directory" {
		rel = f.path
	}
	abs := src
	if !filepath.IsAbs(abs) {
		abs = rel + "/" + src
	}
	if _, err := os.Stat(abs); given && err != nil && !f.Force {
		return nil, Errorf(fmt.Sprintf("src file does not exist, use \"force=yes\" if you really want to create the link: %s", abs), "path", f.path, "src", src)
	}
	if f.prev == "directory" {
		if !f.Force {
			return nil, Errorf("refusing to convert from directory to symlink for "+f.path, "path", f.path)
		}
		if l, err := os.ReadDir(f.path); err != nil || len(l) > 0 {
			return nil, Errorf(fmt.Sprintf("the directory %s is not empty, refusing to convert it", f.path), "path", f.path)
		}
	} else if (f.prev == "file" || f.prev == "hard") && !f.Force {
		return nil, Errorf(fmt.Sprintf("refusing to convert from %s to symlink for %s", f.prev, f.path), "path", f.path)
	}
	f.startDiff("link")
	changed := f.prev != "link"
	if !changed {
		old, err := os.Readlink(f.path)
		if err != nil {
			return nil, Errorf(pyErrorB(err, f.path), "path", f.path)
		}
		if given && old != src {
			f.diff.set("src", old, src)
			changed = true
		}
	}
	if changed && !f.Check {
		if err := f.replaceByLink(src, os.Symlink); err != nil {
			return nil, err
		}
	}
	done := func(changed bool) *Result {
		r := f.result("dest", changed).Set("src", nil)
		if given {
			r.Set("src", src)
		}
		return r
	}
	if _, err := os.Stat(f.path); f.Check && err != nil {
		return done(changed), nil
	}
	target := f.path
	if f.Follow {
		if _, err := os.Stat(f.path); err != nil {
			f.warnings = append(f.warnings, "Cannot set fs attributes on a non-existent symlink target. follow should be set to False to avoid this.")
			return done(changed), nil
		}
		target = realPath(f.path)
		if f.Check && changed { // what the link will point to, not what it points to now
			if t := realPath(abs); pathState(t) != "absent" {
				target = t
			}
		}
	}
	ch, err := f.applyAttrs(target, &f.FileArgs, f.diff)
	return done(changed || ch), err
}

// replaceByLink makes the link under another name and renames it, so that there
// is always something at path. An empty folder has to go first.
func (f *fileRun) replaceByLink(src string, link func(string, string) error) error {
	if f.prev == "absent" {
		if err := link(src, f.path); err != nil {
			return Errorf(fmt.Sprintf("Error while linking: %s", linkError(err, src, f.path)), "path", f.path)
		}
		return nil
	}
	tmp := filepath.Join(filepath.Dir(f.path), ".ansible_tmp"+randomName(8))
	err := link(src, tmp)
	if err == nil {
		if f.prev == "directory" {
			err = os.Remove(f.path)
		}
		if err == nil {
			err = os.Rename(tmp, f.path)
		}
		// Renaming one name of an inode onto another leaves both.
		_ = os.Remove(tmp)
	}
	if err != nil {
		return Errorf(fmt.Sprintf("Error while replacing: %s", linkError(err, src, tmp)), "path", f.path)
	}
	return nil
}

func linkError(err error, from, to string) string {
	var le *os.LinkError
	if errors.As(err, &le) {
		err = le.Err
	}
	return fmt.Sprintf("%s -> b'%s'", pyErrorB(err, from), to)
}

// hard makes path a further name of src.
func (f *fileRun) hard() (*Result, error) {
	src := ""
	if f.Src == nil {
		if f.prev == "absent" {
			return nil, Errorf("src is required for creating new hardlinks")
		}
	} else {
		src = string(*f.Src)
		if _, err := os.Stat(src); err != nil {
			return nil, Errorf("src does not exist", "dest", f.path, "src", src)
		}
		if f.Follow {
			src = realPath(src)
		}
	}
	f.startDiff("hard")
	same := false
	if f.Src != nil {
		a, err1 := stat(f.path)
		b, err2 := stat(src)
		same = err1 == nil && err2 == nil && a.Dev == b.Dev && a.Ino == b.Ino
	}
	changed := f.prev == "absent" || f.Src != nil && !same
	if changed && f.prev != "absent" && f.prev != "link" && !f.Force {
		what := "different hard link"
		if f.prev != "hard" {
			what = f.prev
		}
		return nil, Errorf(fmt.Sprintf("Cannot link, %s exists at destination", what), "dest", f.path, "src", src)
	}
	if changed && !f.Check {
		if err := f.replaceByLink(src, os.Link); err != nil {
			return nil, err
		}
	}
	done := func(changed bool) *Result {
		r := f.result("dest", changed)
		if f.Src == nil {
			return r.Set("src", nil)
		}
		return r.Set("src", src)
	}
	if _, err := lstat(f.path); f.Check && err != nil {
		return done(changed), nil
	}
	ch, err := f.applyAttrs(f.path, &f.FileArgs, f.diff)
	return done(changed || ch), err
}
