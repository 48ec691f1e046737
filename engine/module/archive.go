package module

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

type archiveArgs struct {
	Path              []Path   `arg:"path,type=list,elements=path,required" doc:"Files, folders and patterns to archive."`
	Format            string   `arg:"format,default=gz,choices=bz2|gz|tar|xz|zip" doc:"Kind of archive."`
	Dest              *Path    `arg:"dest" doc:"The archive; needed unless path is one file."`
	ExcludePath       []Path   `arg:"exclude_path,type=list,elements=path" default:"" doc:"Files, folders and patterns to leave out."`
	ExclusionPatterns []string `arg:"exclusion_patterns" doc:"Patterns of whole paths to leave out."`
	ForceArchive      bool     `arg:"force_archive,default=false" doc:"Make an archive of a single file too."`
	Remove            bool     `arg:"remove,default=false" doc:"Remove what was archived."`
	FileArgs
}

var archiveDef = &Def{
	Name:     "community.general.archive",
	Short:    "Creates a compressed archive of one or more files or trees",
	Args:     func() any { return &archiveArgs{} },
	FileArgs: true,
	Run: func(c *Context, a any) *Result {
		w := &packer{Context: c, archiveArgs: a.(*archiveArgs)}
		r, err := w.run()
		if err != nil {
			return FailErr(err)
		}
		return r
	},
}

type packer struct {
	*Context
	*archiveArgs
	paths, exclude, missing, expanded []string
	root                              string // what member names start after
	members                           []member
}

type member struct {
	path, name string
	st         *inode
}

// hasStars tells a pattern: brackets alone make none here.
func hasStars(p Path) bool { return strings.ContainsAny(string(p), "*?") }

// expandGlobs replaces patterns by what they match; all is what was found and what is missing, in order. A pattern that
// matches nothing is not missing.
func expandGlobs(list []Path) (found, missing, all []string) {
	found, missing, all = []string{}, []string{}, []string{}
	for _, p := range list {
		switch s := string(p); {
		case hasStars(p):
			m := glob(s)
			found, all = append(found, m...), append(all, m...)
		case pathState(s) == "absent":
			missing, all = append(missing, s), append(all, s)
		default:
			s = strings.TrimRight(s, "/")
			found, all = append(found, s), append(all, s)
		}
	}
	return found, missing, all
}

func (w *packer) run() (*Result, error) {
	w.paths, w.missing, w.expanded = expandGlobs(w.Path)
	w.exclude, _, _ = expandGlobs(w.ExcludePath)
	if len(w.paths) == 0 && len(w.missing) > 0 && w.Dest != nil {
		return w.nothing(string(*w.Dest))
	}
	if len(w.paths) == 0 {
		return nil, Errorf("Error, no source paths were found", "path", joinPaths(w.Path), "expanded_paths", "", "expanded_exclude_paths", strings.Join(w.exclude, ", "))
	}
	single := len(w.paths) == 1 && len(w.Path) == 1 && !hasStars(w.Path[0]) && !isFolder(w.paths[0]) && !w.ForceArchive
	dest := ""
	switch {
	case w.Dest != nil:
		dest = string(*w.Dest)
	case single || len(w.Path) == 1 && len(w.paths) == 1 && !hasStars(w.Path[0]):
		dest = w.paths[0] + "." + w.Format
		if w.Format != "zip" && w.Format != "tar" && !single {
			dest = w.paths[0] + ".tar." + w.Format
		}
	default:
		return nil, Errorf("Error, must specify \"dest\" when archiving multiple files or trees", "path", joinPaths(w.Path), "dest", "None")
	}
	w.setRoot()
	if err := w.collect(dest); err != nil {
		return nil, err
	}
	data, err := w.pack(single)
	if err != nil {
		return nil, err
	}
	r := OK()
	old, oldErr := readFile(dest)
	same := oldErr == nil && w.sameContent(old, data, single)
	r.Changed = !same
	state := "archive"
	if single {
		state = "compress"
	}
	if len(w.missing) > 0 {
		state = "incomplete"
	}
	archived := []string{}
	for _, m := range w.members {
		if !m.st.isDir() {
			archived = append(archived, m.path)
		}
	}
	if w.Check {
		archived = []string{}
		if oldErr != nil {
			state = "absent"
		}
	}
	r.Set("archived", archived).Set("dest", dest).Set("dest_state", state).Set("arcroot", w.root).
		Set("missing", w.missing).Set("expanded_paths", w.expanded).Set("expanded_exclude_paths", w.exclude)
	if w.Check {
		return r, nil
	}
	if !same {
		n, err := w.createBytes(dest, data, w.UnsafeWrites)
		if err != nil {
			return nil, err
		}
		if _, err := n.finish(dest, &w.FileArgs, nil); err != nil {
			return nil, err
		}
	} else if ch, err := w.applyAttrs(dest, &w.FileArgs, nil); err != nil {
		return nil, err
	} else if ch {
		r.Changed = true
	}
	if w.Remove {
		for _, p := range w.paths {
			if p == dest || excluded(w.exclude, p) {
				continue
			}
			if err := os.RemoveAll(p); err != nil {
				return nil, Errorf(fmt.Sprintf("Error deleting some source files: %s", pathError(err, p)), "files", value.NewList(p))
			}
			r.Changed = true
		}
	}
	return r, nil
}

// nothing is the result where no source is there: perhaps an earlier run removed them.
func (w *packer) nothing(dest string) (*Result, error) {
	state := "absent"
	if pathState(dest) != "absent" {
		state = "archive"
		if len(w.missing) == 1 && !w.ForceArchive {
			state = "compress"
		}
	}
	w.setRoot()
	r := OK()
	if state != "absent" && !w.Check {
		var err error
		if r.Changed, err = w.applyAttrs(dest, &w.FileArgs, nil); err != nil {
			return nil, err
		}
	}
	return r.Set("archived", []string{}).Set("dest", dest).Set("dest_state", state).Set("arcroot", w.root).
		Set("missing", w.missing).Set("expanded_paths", w.missing).Set("expanded_exclude_paths", w.exclude), nil
}

func joinPaths(l []Path) string {
	s := make([]string, len(l))
	for i, p := range l {
		s[i] = string(p)
	}
	return strings.Join(s, ", ")
}

func excluded(list []string, p string) bool {
	for _, e := range list {
		if p == e || strings.HasPrefix(p, e+"/") {
			return true
		}
	}
	return false
}

// setRoot finds the folder all sources have in common.
func (w *packer) setRoot() {
	root := filepath.Dir(w.expanded[0])
	for _, p := range w.expanded[1:] {
		for root != "/" && !strings.HasPrefix(p, root+"/") {
			root = filepath.Dir(root)
		}
	}
	w.root = strings.TrimSuffix(root, "/") + "/"
}

func (w *packer) collect(dest string) error {
	for _, p := range w.paths {
		err := filepath.WalkDir(p, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if path == dest || excluded(w.exclude, path) || matchAny(w.ExclusionPatterns, path) {
				if e.IsDir() {
					return filepath.SkipDir
				}
				return nil
			}
			st, err := lstat(path)
			if err != nil {
				return err
			}
			if !st.isDir() && !st.isReg() && !st.isLink() {
				return nil // sockets, devices
			}
			if path == p && st.isDir() {
				return nil // the folder given has no entry of its own
			}
			w.members = append(w.members, member{path, strings.TrimPrefix(path, w.root), st})
			return w.Err()
		})
		if err != nil {
			return Errorf(fmt.Sprintf("Error when reading %s: %s", p, pathError(err, p)))
		}
	}
	return nil
}
