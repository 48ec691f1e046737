package module

import (
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goplay-engine/goplay/engine/pyre"
	"github.com/goplay-engine/goplay/engine/value"
)

type findArgs struct {
	Paths       []Path   `arg:"paths,alias=name,alias=path,type=list,elements=path,required" doc:"Folders to search."`
	Patterns    []string `arg:"patterns,alias=pattern" default:"" doc:"Shell patterns or, with use_regex, expressions for the names."`
	Excludes    []string `arg:"excludes,alias=exclude" doc:"Patterns of names to leave out."`
	Contains    *string  `arg:"contains" doc:"Expression that a line of the file must match from its start."`
	WholeFile   bool     `arg:"read_whole_file,default=false" doc:"Match contains against the whole file."`
	FileType    string   `arg:"file_type,default=file,choices=any|directory|file|link" doc:"Kind of file to find."`
	Age         *string  `arg:"age" doc:"Age in seconds or with a unit s, m, h, d, w; negative for younger."`
	AgeStamp    string   `arg:"age_stamp,default=mtime,choices=atime|ctime|mtime" doc:"Time that age is counted from."`
	Size        *string  `arg:"size" doc:"Size in bytes or with a unit b, k, m, g, t; negative for smaller."`
	Recurse     bool     `arg:"recurse,default=false" doc:"Descend into folders."`
	Hidden      bool     `arg:"hidden,default=false" doc:"Find hidden files too."`
	Follow      bool     `arg:"follow,default=false" doc:"Follow links to folders."`
	GetChecksum bool     `arg:"get_checksum,default=false" doc:"Return the checksum of files."`
	Algorithm   string   `arg:"checksum_algorithm,alias=checksum,alias=checksum_algo,default=sha1,choices=md5|sha1|sha224|sha256|sha384|sha512" doc:"Kind of checksum."`
	UseRegex    bool     `arg:"use_regex,default=false" doc:"Patterns are regular expressions."`
	Depth       *int     `arg:"depth" doc:"How deep to descend at most."`
	Mode        Mode     `arg:"mode,type=raw" doc:"Find only files of this mode."`
	ExactMode   bool     `arg:"exact_mode,default=true" doc:"The mode must be exactly that; else those bits suffice."`
	Encoding    *string  `arg:"encoding" doc:"Encoding of the files for contains."`
	Limit       *int     `arg:"limit" doc:"Stop after so many hits."`
}

var findDef = &Def{
	Name:  "ansible.builtin.find",
	Short: "Return a list of files based on specific criteria",
	Args:  func() any { return &findArgs{} },
	Run: func(c *Context, a any) *Result {
		f := &finder{Context: c, findArgs: a.(*findArgs), now: time.Now(), skipped: value.NewDict()}
		r, err := f.run()
		if err != nil {
			return FailErr(err)
		}
		return r
	},
}

type finder struct {
	*Context
	*findArgs
	now       time.Time
	age, size *float64
	in, ex    []func(string) bool
	contains  *pyre.Regexp
	files     []value.Value
	examined  int
	skipped   *value.Dict
	full      bool
	root      string
}

var (
	ageForm  = regexp.MustCompile(`^(-?\d+)(s|m|h|d|w)?$`)
	sizeForm = regexp.MustCompile(`^(-?\d+)(b|k|m|g|t)?$`)
	ageUnit  = map[string]float64{"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
	sizeUnit = map[string]float64{"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
)

func amount(s *string, form *regexp.Regexp, unit map[string]float64, what string) (*float64, error) {
	if s == nil {
		return nil, nil
	}
	m := form.FindStringSubmatch(strings.ToLower(*s))
	if m == nil {
		return nil, Errorf("failed to process "+what, what, *s)
	}
	n, _ := strconv.ParseFloat(m[1], 64)
	n *= unit[m[2]]
	return &n, nil
}

func (f *finder) run() (*Result, error) {
	if len(f.Patterns) == 0 {
		f.Patterns = []string{"*"}
		if f.UseRegex {
			f.Patterns = []string{".*"}
		}
		f.setParam("patterns", value.From(f.Patterns))
	}
	var err error
	if f.age, err = amount(f.Age, ageForm, ageUnit, "age"); err != nil {
		return nil, err
	}
	if f.size, err = amount(f.Size, sizeForm, sizeUnit, "size"); err != nil {
		return nil, err
	}
	if f.in, err = f.matchers(f.Patterns); err != nil {
		return nil, err
	}
	if f.ex, err = f.matchers(f.Excludes); err != nil {
		return nil, err
	}
	if f.Contains != nil {
		if f.contains, err = compile("contains", *f.Contains, 0); err != nil {
			return nil, err
		}
	}
	if f.Limit != nil && *f.Limit <= 0 {
		return nil, Errorf(fmt.Sprintf("limit cannot be %d (use None for unlimited)", *f.Limit))
	}
	for _, p := range f.Paths {
		root := string(p)
		if !isFolder(root) {
			why := fmt.Sprintf("'%s' is not a directory", root)
			f.skipped.Set(root, why)
			f.warn(fmt.Sprintf("Skipped '%s' path due to this access issue: %s\n", root, why))
			continue
		}
		f.root = root
		if err := f.walk(root, 1, nil); err != nil {
			return nil, err
		}
	}
	msg := "All paths examined"
	if f.skipped.Len() > 0 {
		msg = "Not all paths examined, check warnings for details"
	}
	if f.full {
		msg = "Limit of matches reached"
	}
	return OK().WithMsg(msg).Set("files", value.NewList(f.files...)).Set("matched", len(f.files)).
		Set("examined", f.examined).Set("skipped_paths", f.skipped), nil
}

func (f *finder) matchers(patterns []string) ([]func(string) bool, error) {
	var out []func(string) bool
	for _, p := range patterns {
		if f.UseRegex {
			re, err := compile("patterns", p, 0)
			if err != nil {
				return nil, err
			}
			out = append(out, func(s string) bool { m, err := re.Match(s); return err == nil && m != nil })
		} else if re := fnmatchRegexp(p); re != nil {
			out = append(out, re.MatchString)
		}
	}
	return out, nil
}

func anyMatch(list []func(string) bool, s string) bool {
	for _, m := range list {
		if m(s) {
			return true
		}
	}
	return false
}

// walk goes through one folder: its files, then its folders, in the order the
// file system gives, then down.
func (f *finder) walk(dir string, depth int, above []fs.FileInfo) error {
	if f.Err() != nil {
		return f.Err()
	}
	if f.full {
		return nil
	}
	h, err := os.Open(dir)
	var entries []fs.DirEntry
	if err == nil {
		entries, err = h.ReadDir(-1)
		h.Close()
	}
	if err != nil {
		why := pyError(unwrapErrno(err), dir)
		f.skipped.Set(dir, why)
		f.warn(fmt.Sprintf("Skipped '%s' path due to this access issue: %s\n", dir, why))
		return nil
	}
	var files, dirs []fs.DirEntry
	for _, e := range entries {
		isDir := e.IsDir()
		if e.Type()&fs.ModeSymlink != 0 {
			isDir = isFolder(filepath.Join(dir, e.Name()))
		}
		if isDir {
			dirs = append(dirs, e)
		} else {
			files = append(files, e)
		}
	}
	f.examined += len(files) + len(dirs)
	if f.Depth != nil && *f.Depth > 0 && depth > *f.Depth {
		return nil // counted, as Ansible does, but not looked at
	}
	for _, e := range append(files, dirs...) {
		if strings.HasPrefix(e.Name(), ".") && !f.Hidden {
			continue
		}
		if err := f.examine(join(dir, e.Name())); err != nil {
			return err
		}
		if f.Limit != nil && len(f.files) >= *f.Limit {
			f.full = true
			return nil
		}
	}
	if !f.Recurse {
		return nil
	}
	for _, e := range dirs {
		p := join(dir, e.Name())
		if e.Type()&fs.ModeSymlink != 0 {
			if !f.Follow {
				continue
			}
			fi, err := os.Stat(p)
			if err != nil {
				continue
			}
			circle := false
			for _, a := range above {
				circle = circle || os.SameFile(a, fi)
			}
			if circle {
				continue
			}
			above = append(above[:len(above):len(above)], fi)
		}
		if err := f.walk(p, depth+1, above); err != nil {
			return err
		}
	}
	return nil
}

// join keeps a trailing slash of the path the user gave from doubling.
func join(dir, name string) string {
	if strings.HasSuffix(dir, "/") {
		return dir + name
	}
	return dir + "/" + name
}

func (f *finder) examine(path string) error {
	st, err := lstat(path)
	if err != nil {
		f.warn(fmt.Sprintf("Skipped entry '%s' due to this access issue: %s\n", path, pyErrorB(err, path)))
		f.skipped.Set(path, pyErrorB(err, path))
		return nil
	}
	name := filepath.Base(path)
	switch f.FileType {
	case "directory":
		if !st.isDir() {
			return nil
		}
	case "link":
		if !st.isLink() {
			return nil
		}
	case "file":
		if !st.isReg() {
			return nil
		}
	}
	if !anyMatch(f.in, name) || anyMatch(f.ex, name) || !f.ageFits(st) {
		return nil
	}
	if ok, err := f.modeFits(st); err != nil || !ok {
		return err
	}
	if f.FileType == "file" && (!f.sizeFits(st) || !f.contentFits(path)) || f.FileType == "any" && st.isReg() && !f.sizeFits(st) {
		return nil
	}
	d := value.DictOf("path", path)
	inodeHead(d, st)
	u, _ := userByID(st.UID)
	g, _ := groupByID(st.GID)
	d.Set("gr_name", g.Name)
	d.Set("pw_name", u.Name)
	inodeBits(d, st)
	if f.GetChecksum && st.isReg() {
		if sum, err := fileChecksum(path, f.Algorithm); err == nil {
			d.Set("checksum", sum)
		}
	}
	f.files = append(f.files, d)
	return nil
}

func (f *finder) ageFits(st *inode) bool {
	if f.age == nil {
		return true
	}
	t := map[string]float64{"atime": st.ATime, "ctime": st.CTime, "mtime": st.MTime}[f.AgeStamp]
	old := float64(f.now.UnixNano())/1e9 - t
	if *f.age >= 0 {
		return old >= math.Abs(*f.age)
	}
	return old <= math.Abs(*f.age)
}

func (f *finder) sizeFits(st *inode) bool {
	switch {
	case f.size == nil:
		return true
	case *f.size >= 0:
		return float64(st.Size) >= math.Abs(*f.size)
	}
	return float64(st.Size) <= math.Abs(*f.size)
}

func (f *finder) modeFits(st *inode) (bool, error) {
	if !f.findArgs.Mode.Given() {
		return true, nil
	}
	want, err := f.findArgs.Mode.resolve(0, st.isDir(), 0)
	if err != nil {
		return false, err
	}
	if f.ExactMode {
		return st.perm() == want, nil
	}
	return st.perm()&want != 0, nil
}

func (f *finder) contentFits(path string) bool {
	if f.contains == nil {
		return true
	}
	data, err := readFile(path)
	if err != nil {
		f.skipRoot(pyError(err, path))
		return false
	}
	text, err := f.decode(path, data)
	if err != nil {
		f.skipRoot(err.Error())
		return false
	}
	if f.WholeFile {
		m, err := f.contains.Search(text)
		return err == nil && m != nil
	}
	for text != "" {
		line := text
		if i := strings.IndexByte(text, '\n'); i >= 0 {
			line = text[:i+1]
		}
		text = text[len(line):]
		if m, err := f.contains.Match(line); err == nil && m != nil {
			return true
		}
	}
	return false
}

// skipRoot notes that not everything below the present root could be searched.
func (f *finder) skipRoot(why string) {
	f.skipped.Set(f.root, why)
	f.warn(fmt.Sprintf("Skipped '%s' path due to this access issue: %s\n", f.root, why))
}

// decode gives a file's text in the encoding asked for, UTF-8 by default.
func (f *finder) decode(path string, data []byte) (string, error) {
	enc := "utf-8"
	if f.Encoding != nil {
		enc = *f.Encoding
	}
	if encodingName(enc) == "" {
		out, err := f.iconv(enc, data)
		if err != nil {
			return "", err
		}
		data = out
	} else if t, err := decodeText(data, enc); err == nil {
		data = []byte(t)
	}
	if !utf8.Valid(data) {
		return "", fmt.Errorf("Failed to read the file %s due to an encoding error. current encoding: %s", path, enc)
	}
	return string(data), nil
}

// iconv converts with the program of that name, for the rarer encodings.
func (f *finder) iconv(enc string, data []byte) ([]byte, error) {
	unknown := fmt.Errorf("unknown encoding: %s", enc)
	exe, err := f.findProgram("iconv")
	if err != nil {
		return nil, unknown
	}
	r, err := f.Context.run([]string{exe, "-f", enc, "-t", "UTF-8"}, &progOptions{Stdin: data})
	if err != nil || r.RC != 0 && r.Stdout == "" {
		return nil, unknown
	}
	return []byte(r.Stdout), nil
}
