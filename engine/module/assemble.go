package module

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/goplay-engine/goplay/engine/pyre"
	"github.com/goplay-engine/goplay/engine/value"
)

type assembleArgs struct {
	Src          Path    `arg:"src,required" doc:"An existing folder full of fragments."`
	Delimiter    *string `arg:"delimiter" doc:"Text to put between the fragments."`
	Dest         Path    `arg:"dest,required" doc:"A file to create from the fragments."`
	Backup       bool    `arg:"backup,default=false" doc:"Keep a copy of the file as it was."`
	RemoteSrc    bool    `arg:"remote_src,default=false" doc:"src is on the target; no means the controller."`
	Regexp       *string `arg:"regexp" doc:"Assemble only fragments whose names match."`
	IgnoreHidden bool    `arg:"ignore_hidden,default=false" doc:"Leave out fragments whose names start with a dot."`
	Validate     *string `arg:"validate" doc:"Command that checks the new file before it replaces the old one; %s is its name."`
	FileArgs
}

var assembleDef = &Def{
	Name:     "ansible.builtin.assemble",
	Short:    "Assemble configuration files from fragments",
	ShownAs:  "ansible.legacy.assemble",
	Args:     func() any { return &assembleArgs{} },
	FileArgs: true,
	Run: func(c *Context, a any) *Result {
		r, err := assemble(c, a.(*assembleArgs))
		if err != nil {
			return FailErr(err)
		}
		return r
	},
}

// Fragments joins the files of a folder as assemble does. read is called for
// each fragment.
func Fragments(dir string, delimiter, pattern *string, ignoreHidden bool, read func(string) ([]byte, error)) ([]byte, error) {
	var re *pyre.Regexp
	if pattern != nil {
		var err error
		if re, err = pyre.Compile(*pattern, 0); err != nil {
			return nil, Errorf(fmt.Sprintf("Invalid Regexp (%s) in \"%s\"", err, *pattern))
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, Errorf(pyError(err, dir))
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	sort.Strings(names)
	var out []byte
	newline, delimit := false, false
	for _, n := range names {
		if re != nil {
			if m, err := re.Search(n); err != nil || m == nil {
				continue
			}
		}
		p := filepath.Join(dir, n)
		fi, err := os.Stat(p)
		if err != nil || !fi.Mode().IsRegular() || ignoreHidden && strings.HasPrefix(n, ".") {
			continue
		}
		data, err := read(p)
		if err != nil {
			return nil, Errorf(pyError(err, p))
		}
		if newline {
			out = append(out, '\n')
			newline = false
		}
		if delimit && delimiter != nil && *delimiter != "" {
			d := unescape(*delimiter)
			out = append(out, d...)
			if !strings.HasSuffix(d, "\n") {
				out = append(out, '\n')
			}
		}
		out = append(out, data...)
		delimit = true
		newline = !strings.HasSuffix(string(data), "\n")
	}
	return out, nil
}

// unescape reads the backslash escapes of a text.
func unescape(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r", `\'`, "'", `\"`, `"`).Replace(s)
}

func assemble(c *Context, p *assembleArgs) (*Result, error) {
	src, dest := string(p.Src), string(p.Dest)
	fi, err := os.Stat(src)
	if err != nil {
		return nil, Errorf(fmt.Sprintf("Source (%s) does not exist", src))
	}
	if !fi.IsDir() {
		return nil, Errorf(fmt.Sprintf("Source (%s) is not a directory", src))
	}
	if isFolder(dest) {
		return nil, Errorf("attempted to take checksum of directory: " + dest)
	}
	data, err := Fragments(src, p.Delimiter, p.Regexp, p.IgnoreHidden, os.ReadFile)
	if err != nil {
		return nil, err
	}
	sum := sha1Hex(data)
	h := newHash("md5")
	h.Write(data)
	r := OK().WithMsg("OK").Set("src", src).Set("dest", dest).Set("checksum", sum).Set("md5sum", fmt.Sprintf("%x", h.Sum(nil)))
	if old, err := fileChecksum(dest, "sha1"); err == nil && old == sum {
		r.Changed, err = c.applyAttrs(dest, &p.FileArgs, nil)
		return r, err
	}
	r.Changed = true
	if c.Check {
		return r, nil
	}
	if p.Backup {
		name, err := c.backup(dest)
		if err != nil {
			return nil, err
		}
		if name != "" {
			r.Set("backup_file", name)
		}
	}
	ran, err := c.replaceFile(dest, data, &p.FileArgs, p.Validate, nil)
	if ran != nil && err == nil {
		r.Set("validation", value.DictOf("rc", int64(ran.RC), "stdout", ran.Stdout, "stderr", ran.Stderr))
	}
	return r, err
}
