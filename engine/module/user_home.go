package module

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
)

// makeHome copies the skeleton, as useradd does for new accounts.
func (u *userRun) makeHome(home string, info passwdEntry) error {
	fail := func(err error) error { return Errorf("failed to make the home folder " + home + ": " + strerror(err)) }
	skel := "/etc/skel"
	if u.a.Skeleton != nil {
		skel = *u.a.Skeleton
	}
	if err := os.MkdirAll(filepath.Dir(home), 0o755); err != nil {
		return fail(err)
	}
	if err := os.Mkdir(home, 0o700); err != nil {
		return fail(err)
	}
	if isFolder(skel) {
		if err := u.copySkeleton(skel, home); err != nil {
			return fail(err)
		}
	}
	err := filepath.WalkDir(home, func(p string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return lchown(p, info.UID, info.GID)
	})
	if err != nil {
		return fail(err)
	}
	defs, _ := readFile("/etc/login.defs")
	if err := chmod(home, homeMode(u.a.Umask, string(defs))); err != nil {
		return fail(err)
	}
	return nil
}

// copySkeleton copies what is in a folder; files and folders keep their modes, links stay links.
func (c *Context) copySkeleton(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		s, d := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
		st, err := lstat(s)
		if err != nil {
			return err
		}
		switch {
		case st.isLink():
			var target string
			if target, err = os.Readlink(s); err == nil {
				err = os.Symlink(target, d)
			}
		case st.isDir():
			if err = os.Mkdir(d, 0o700); err == nil {
				if err = c.copySkeleton(s, d); err == nil {
					err = chmod(d, st.perm())
				}
			}
		case st.isReg():
			err = c.preservedCopy(s, d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

var loginDef = regexp.MustCompile(`(?m)^(HOME_MODE|UMASK)[ \t]+([0-7]+)[ \t]*$`)

// homeMode is the mode of a new home folder: the umask asked for counts before HOME_MODE and UMASK of login.defs.
func homeMode(umask *string, defs string) uint32 {
	set := map[string]string{"UMASK": "022"}
	for _, m := range loginDef.FindAllStringSubmatch(defs, -1) {
		set[m[1]] = m[2]
	}
	if umask != nil {
		set["UMASK"] = *umask
		delete(set, "HOME_MODE")
	}
	if n, err := strconv.ParseUint(set["HOME_MODE"], 8, 12); err == nil {
		return uint32(n)
	}
	n, err := strconv.ParseUint(set["UMASK"], 8, 12)
	if err != nil {
		n = 0o022
	}
	return 0o777 &^ uint32(n)
}
