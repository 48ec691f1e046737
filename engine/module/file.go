package module

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

type fileArgs struct {
	Path             Path    `arg:"path,alias=dest,alias=name,required" doc:"Path to the file being managed."`
	State            *string `arg:"state,choices=absent|directory|file|hard|link|touch" doc:"What the path should be; by default what it is, else file, or directory with recurse."`
	Src              *Path   `arg:"src" doc:"Path of the file to link to, for state=link and state=hard."`
	Force            bool    `arg:"force,default=false" doc:"Create links to files that do not exist, and replace files by links."`
	Follow           bool    `arg:"follow,default=true" doc:"Follow symbolic links when setting attributes."`
	Recurse          bool    `arg:"recurse,default=false" doc:"Set attributes on the folder's contents too."`
	ModificationTime *string `arg:"modification_time" doc:"preserve, now, or a time to set."`
	ModificationFmt  string  `arg:"modification_time_format" default:"%Y%m%d%H%M.%S" doc:"Format of modification_time."`
	AccessTime       *string `arg:"access_time" doc:"preserve, now, or a time to set."`
	AccessFmt        string  `arg:"access_time_format" default:"%Y%m%d%H%M.%S" doc:"Format of access_time."`
	OriginalBasename *string `arg:"_original_basename"`
	DiffPeek         *bool   `arg:"_diff_peek"`
	FileArgs
}

var fileDef = &Def{
	Name:     "ansible.builtin.file",
	Short:    "Manage files and file properties",
	Args:     func() any { return &fileArgs{} },
	FileArgs: true,
	Run:      runFile,
}

// fileRun is one run of the file module.
type fileRun struct {
	*Context
	*fileArgs
	path         string
	prev         string // state before
	mtime, atime stamp
	diff         *attrDiff
	warnings     []string
}

func runFile(c *Context, a any) *Result {
	p := a.(*fileArgs)
	f := &fileRun{Context: c, fileArgs: p, path: string(p.Path), diff: newAttrDiff()}
	if p.DiffPeek != nil && *p.DiffPeek {
		f.setParam("state", pathState(f.path))
		return OK().Set("path", f.path).Set("appears_binary", appearsBinary(f.path))
	}
	f.prev = pathState(f.path)
	state := ""
	switch {
	case p.State != nil:
		state = *p.State
	case f.prev != "absent":
		state = f.prev
	case p.Recurse:
		state = "directory"
	default:
		state = "file"
	}
	if f.prev == "directory" && state != "link" && state != "absent" {
		base := ""
		if p.OriginalBasename != nil {
			base = *p.OriginalBasename
		} else if p.Src != nil {
			base = filepath.Base(string(*p.Src))
		}
		if base != "" {
			f.path = filepath.Join(f.path, base)
			f.prev = pathState(f.path)
			f.setParam("path", f.path)
		}
	}
	f.setParam("state", state)
	if p.Recurse && state != "directory" {
		return Fail("recurse option requires state to be 'directory'").Set("path", f.path)
	}
	if p.Src != nil && state != "link" && state != "hard" {
		return Fail("src option requires state to be 'link' or 'hard'").Set("path", f.path)
	}
	standard := "preserve"
	if state == "touch" {
		standard = "now"
	}
	var err error
	if f.mtime, err = c.parseStamp(p.ModificationTime, p.ModificationFmt, standard); err == nil {
		f.atime, err = c.parseStamp(p.AccessTime, p.AccessFmt, standard)
	}
	if err != nil {
		return FailErr(err)
	}
	if c.Check && state != "absent" {
		f.warnStrangers()
	}
	run := map[string]func() (*Result, error){"file": f.file, "directory": f.directory, "link": f.link, "hard": f.hard, "touch": f.touch, "absent": f.absent}
	r, err := run[state]()
	if err != nil {
		r = FailErr(err)
	}
	r.Warnings = append(r.Warnings, f.warnings...)
	return r
}

// warnStrangers warns of an owner or group that the host does not have yet: an earlier task, which check mode only
// pretended to do, may make it.
func (f *fileRun) warnStrangers() {
	warn := func(kind, idName string, want *string, byName func(string) bool, byID func(int) bool) {
		if want == nil {
			return
		}
		by, known := *want, false
		if id, err := strconv.Atoi(*want); err == nil {
			by, known = "with "+idName+" "+by, byID(id)
		} else {
			known = byName(by)
		}
		if !known {
			f.warn(fmt.Sprintf("failed to look up %s %s. Create %[1]s up to this point in real play", kind, by))
		}
	}
	warn("user", "uid", f.Owner, func(n string) bool { _, ok := userByName(n); return ok }, func(i int) bool { _, ok := userByID(i); return ok })
	warn("group", "gid", f.Group, func(n string) bool { _, ok := groupByName(n); return ok }, func(i int) bool { _, ok := groupByID(i); return ok })
}

// pathState names what is at path: absent, link, directory, hard, file.
func pathState(path string) string {
	st, err := lstat(path)
	if err != nil {
		return "absent"
	}
	return stateOf(st)
}

func appearsBinary(path string) bool {
	if fi, err := os.Stat(path); err != nil || !fi.Mode().IsRegular() {
		return false
	}
	f, err := openFile(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 8192)
	n, _ := io.ReadFull(f, head)
	return bytes.IndexByte(head[:n], 0) >= 0
}

// startDiff notes the state before and after.
func (f *fileRun) startDiff(state string) {
	f.diff.set("path", f.path, f.path)
	if f.prev == state {
		return
	}
	f.diff.set("state", f.prev, state)
	if state == "absent" && f.prev == "directory" && f.Diff {
		dirs, files := value.NewList(), value.NewList()
		_ = filepath.WalkDir(f.path, func(p string, e fs.DirEntry, err error) error {
			switch {
			case err != nil || p == f.path:
			case e.IsDir():
				dirs.Append(p)
			default:
				files.Append(p)
			}
			return nil
		})
		f.diff.before.Set("path_content", value.DictOf("directories", dirs, "files", files))
	}
}

func (f *fileRun) result(key string, changed bool) *Result {
	r := Changed(changed).Set(key, f.path)
	return r.AddDiff(Diff{Before: f.diff.before, After: f.diff.after})
}

// followLink goes on with the file a link points to.
func (f *fileRun) followLink() {
	if f.Follow && f.prev == "link" {
		f.path = realPath(f.path)
		f.prev = pathState(f.path)
	}
}

func (f *fileRun) file() (*Result, error) {
	f.followLink()
	if f.prev != "file" && f.prev != "hard" {
		return nil, Errorf(fmt.Sprintf("file (%s) is %s, cannot continue", f.path, f.prev), "path", f.path, "state", f.prev)
	}
	f.startDiff(f.prev)
	changed, err := f.attrsAndTimes(f.path)
	return f.result("path", changed), err
}

func (f *fileRun) attrsAndTimes(path string) (bool, error) {
	changed, err := f.applyAttrs(path, &f.FileArgs, f.diff)
	if err != nil {
		return false, err
	}
	t, err := f.applyTimes(path, f.mtime, f.atime, f.diff)
	return changed || t, err
}

func (f *fileRun) directory() (*Result, error) {
	f.followLink()
	f.startDiff("directory")
	if f.prev == "absent" {
		if f.Check {
			return f.result("path", true), nil
		}
		if err := f.makeDirs(); err != nil {
			return nil, err
		}
	} else if f.prev != "directory" {
		return nil, Errorf(fmt.Sprintf("%s already exists as a %s", f.path, f.prev), "path", f.path)
	}
	changed, err := f.attrsAndTimes(f.path)
	if err == nil && f.Recurse {
		var ch bool
		ch, err = f.recurse(f.path, 0)
		changed = changed || ch
	}
	return f.result("path", changed || f.prev == "absent"), err
}

// makeDirs creates the folder and its missing parents, each with the
// attributes asked for.
func (f *fileRun) makeDirs() error {
	if f.path == "" { // not the present folder
		return Errorf("There was an issue creating  as requested: "+pyErrorB(syscall.ENOENT, ""), "path", "")
	}
	var missing []string
	for p := filepath.Clean(f.path); ; p = filepath.Dir(p) {
		if _, err := os.Stat(p); err == nil || p == filepath.Dir(p) {
			break
		}
		missing = append(missing, p)
	}
	for i := len(missing) - 1; i >= 0; i-- {
		p := missing[i]
		if err := os.Mkdir(p, 0o777); err != nil {
			if fi, e := os.Stat(p); e == nil && fi.IsDir() {
				continue // somebody else was faster
			}
			return Errorf(fmt.Sprintf("There was an issue creating %s as requested: %s", p, pyErrorB(err, p)), "path", f.path)
		}
		if _, err := f.applyAttrs(p, &f.FileArgs, f.diff); err != nil {
			return err
		}
	}
	return nil
}

func (f *fileRun) recurse(dir string, depth int) (changed bool, err error) {
	if depth > 40 {
		return false, Errorf("Could not recursively set attributes on "+f.path+": links lead in a circle", "path", f.path)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, Errorf(fmt.Sprintf("Could not recursively set attributes on %s. Original error was: '%s'", dir, pyErrorB(err, dir)), "path", f.path)
	}
	for _, e := range entries {
		p := filepath.Join(dir, e.Name())
		ch, err := f.applyAttrs(p, &f.FileArgs, nil)
		if err != nil {
			return changed, err
		}
		changed = changed || ch
		if e.Type()&fs.ModeSymlink == 0 {
			if ch, err = f.applyTimes(p, f.mtime, f.atime, nil); err != nil {
				return changed, err
			}
			changed = changed || ch
		} else if f.Follow {
			fi, err := os.Stat(p)
			if err != nil {
				continue
			}
			t := realPath(p)
			if ch, err = f.applyAttrs(t, &f.FileArgs, nil); err != nil {
				return changed, err
			}
			changed = changed || ch
			if fi.IsDir() {
				if ch, err = f.recurse(t, depth+1); err != nil {
					return changed, err
				}
				changed = changed || ch
			}
		}
		if e.IsDir() {
			if ch, err = f.recurse(p, depth); err != nil {
				return changed, err
			}
			changed = changed || ch
		}
	}
	return changed, nil
}

func (f *fileRun) absent() (*Result, error) {
	if f.prev == "absent" {
		return OK().Set("path", f.path).Set("state", "absent"), nil
	}
	f.startDiff("absent")
	if !f.Check {
		if f.prev == "directory" {
			if err := os.RemoveAll(f.path); err != nil {
				return nil, Errorf("rmtree failed: " + pathError(err, f.path))
			}
		} else if err := os.Remove(f.path); err != nil && !notExist(err) {
			return nil, Errorf(fmt.Sprintf("unlinking failed: %s ", pyErrorB(err, f.path)), "path", f.path)
		}
	}
	return f.result("path", true).Set("state", "absent"), nil
}

// pathError words a *PathError with the path it happened at.
func pathError(err error, path string) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		path = pe.Path
	}
	return pyErrorB(err, path)
}

func (f *fileRun) touch() (*Result, error) {
	if f.Check && f.prev == "absent" {
		return Changed(true).Set("dest", f.path), nil
	}
	f.startDiff("touch")
	created := f.prev == "absent"
	if created {
		h, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err != nil {
			return nil, Errorf("Error, could not touch target: "+pyErrorB(err, f.path), "path", f.path)
		}
		h.Close()
	}
	changed, err := f.attrsAndTimes(f.path)
	if err != nil && created {
		_ = os.Remove(f.path)
	}
	return f.result("dest", changed || created), err
}

// stamp is a time to set: keep leaves it, now means the present.
type stamp struct {
	keep, now bool
	t         time.Time
}

func (c *Context) parseStamp(s *string, format, standard string) (stamp, error) {
	v := standard
	if s != nil {
		v = *s
	}
	switch v {
	case "preserve":
		return stamp{keep: true}, nil
	case "now":
		return stamp{now: true}, nil
	}
	t, err := strptime(v, format, c.zone())
	if err != nil {
		return stamp{}, Errorf(fmt.Sprintf("Error while obtaining timestamp for time %s using format %s: %s", v, format, err))
	}
	return stamp{t: t}, nil
}

func (c *Context) applyTimes(path string, mtime, atime stamp, d *attrDiff) (bool, error) {
	if mtime.keep && atime.keep {
		return false, nil
	}
	st, err := stat(path)
	if err != nil {
		return false, Errorf("Error while updating modification or access time: "+pyErrorB(err, path), "path", path)
	}
	now := time.Now()
	pick := func(s stamp, sec, nsec int64) (int64, int64) {
		switch {
		case s.keep:
			return sec, nsec
		case s.now:
			s.t = now
		}
		return s.t.Unix(), int64(s.t.Nanosecond())
	}
	ms, mn := pick(mtime, st.MSec, st.MNsec)
	as, an := pick(atime, st.ASec, st.ANsec)
	sameM, sameA := ms == st.MSec && mn == st.MNsec, as == st.ASec && an == st.ANsec
	if sameM && sameA {
		return false, nil
	}
	if !sameM {
		d.set("mtime", st.MTime, float64(ms)+1e-9*float64(mn))
	}
	if !sameA {
		d.set("atime", st.ATime, float64(as)+1e-9*float64(an))
	}
	if c.Check {
		return true, nil
	}
	if err := setTimes(path, as, an, ms, mn, false); err != nil {
		return false, Errorf("Error while updating modification or access time: "+pyErrorB(err, path), "path", path)
	}
	return true, nil
}
