package module

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// PutModule is the name of the engine's own module by which the controller's
// part of copy, template and assemble places files. It is not for playbooks.
const PutModule = "goplay.files.put"

type putFile struct {
	Rel    string `arg:"rel" doc:"Path below dest; the file's own name where one file is copied."`
	Size   int    `arg:"size" doc:"Size in bytes."`
	Sum    string `arg:"sha1" doc:"SHA1 of the content."`
	Mode   int    `arg:"mode" doc:"Permission bits of the source, for mode: preserve."`
	Offset *int   `arg:"offset" doc:"Where the content starts in the request's bulk data; absent: it has not come."`
	Staged string `arg:"staged" doc:"File on the target that holds the content."`
}

type putDir struct {
	Rel  string `arg:"rel" doc:"Path below dest."`
	Mode int    `arg:"mode" doc:"Permission bits of the source."`
}

type putLink struct {
	Rel    string `arg:"rel" doc:"Path below dest."`
	Target string `arg:"target" doc:"What the link points to."`
}

type putArgs struct {
	Args    *value.Dict `arg:"args" doc:"The copy task's own parameters."`
	Single  bool        `arg:"single,default=false" doc:"One file is copied, not a tree."`
	Content bool        `arg:"content,default=false" doc:"The content was given in the task."`
	Source  string      `arg:"source" doc:"Name of the source, as results show it."`
	Files   []putFile   `arg:"files" doc:"The files."`
	Dirs    []putDir    `arg:"dirs" doc:"Folders to make besides those the files need."`
	Links   []putLink   `arg:"links" doc:"Symbolic links to make."`
	MaxDiff int64       `arg:"max_diff,default=104448" doc:"Bytes up to which content is shown in a diff."`
}

var putDef = &Def{
	Name:  PutModule,
	Short: "Place files that the controller sends (internal)",
	Args:  func() any { return &putArgs{} },
	Run: func(c *Context, a any) *Result {
		p := a.(*putArgs)
		if p.Args == nil {
			p.Args = value.NewDict()
		}
		spec := SpecOf(copyDef)
		v := validate(copyDef.ShownAs, spec, p.Args, c.Getenv)
		inv := value.DictOf("module_args", v.params)
		if v.err != "" {
			r := Fail("%s", v.err).Set("invocation", inv)
			r.Warnings = v.warnings
			return r
		}
		u := &copyArgs{}
		if err := decode(spec, c.absolutePaths(copyDef, v.params), u); err != nil {
			return Fail("%s", err)
		}
		c.params = v.params
		c.logInvocation(copyDef.ShownAs, spec, v.params, v.secrets)
		put := &putRun{Context: c, putArgs: p, copyArgs: u}
		run := put.tree
		if p.Single {
			run = put.single
		}
		r, err := run()
		if err != nil {
			r = FailErr(err)
		}
		if !r.Fields.Has("invocation") {
			r.Set("invocation", inv)
		}
		r.Warnings = append(v.warnings, r.Warnings...)
		return r
	},
}

type putRun struct {
	*Context
	*putArgs
	*copyArgs
}

// content opens what a file holds; ok is false when it has not been sent.
func (p *putRun) content(f *putFile) (io.ReadCloser, bool, error) {
	if f.Staged != "" {
		h, err := os.Open(f.Staged)
		return h, true, err
	}
	if f.Offset == nil {
		return nil, false, nil
	}
	if *f.Offset < 0 || f.Size < 0 || *f.Offset+f.Size > len(p.Blob) {
		return nil, false, Errorf("the content of " + f.Rel + " arrived incomplete")
	}
	return io.NopCloser(bytes.NewReader(p.Blob[*f.Offset : *f.Offset+f.Size])), true, nil
}

// modeFor gives the mode a file is to have, with preserve resolved.
func (p *putRun) modeFor(m int) Mode {
	if s, ok := p.copyArgs.Mode.Raw.(string); ok && s == "preserve" {
		return Mode{int64(m)}
	}
	return p.copyArgs.Mode
}

// needed tells the controller which contents to send.
func needed(changed bool, which ...int) *Result {
	return Changed(changed).Set("need", which)
}

func (p *putRun) single() (*Result, error) {
	f := &p.Files[0]
	p.copyArgs.Mode = p.modeFor(f.Mode)
	if s, ok := p.params.At("mode").(string); ok && s == "preserve" {
		p.setParam("mode", diffMode(uint32(f.Mode)))
	}
	given := string(p.Dest)
	dest := given
	if strings.HasSuffix(dest, "/") {
		dest = filepath.Join(dest, f.Rel)
	}
	look := lstat
	if p.Follow {
		look = stat
	}
	old, err := look(dest)
	if err == nil && isFolder(dest) {
		if p.putArgs.Content {
			r := Fail("can not use content with a dir as dest")
			r.DiffPresent, r.DiffList = p.Diff, true
			return r, nil
		}
		dest = filepath.Join(dest, f.Rel)
		old, err = look(dest)
	}
	if err != nil && !notExist(err) && !(p.Check && errors.Is(err, os.ErrPermission)) {
		return nil, Errorf(fmt.Sprintf("Failed to get information on remote file (%s): %s", dest, strerror(err)))
	}
	if err == nil && !p.Force {
		r := OK().Set("dest", dest).Set("src", p.Source)
		r.NoPathInfo = true
		return r, nil
	}
	if err == nil && old.isReg() && sameSum(dest, f.Sum, old.Size, int64(f.Size)) {
		return p.unchanged(dest, given, f), nil
	}
	if p.Check {
		r := Changed(true)
		if p.Diff {
			r.AddDiff(p.diffBefore(dest))
			r.DiffList = true
		}
		return r, nil
	}
	content, ok, err := p.content(f)
	if err != nil {
		return nil, err
	}
	if !ok {
		return needed(true, 0), nil
	}
	defer content.Close()
	if f.Staged != "" {
		defer os.Remove(f.Staged)
	}
	var d Diff
	if p.Diff {
		d = p.diffBefore(dest)
	}
	r, err := p.apply(content, f)
	if err != nil {
		r = FailErr(err).Set("checksum", f.Sum)
	}
	r.DiffList = true
	if p.Diff {
		r.AddDiff(d)
	}
	return r, nil
}

// apply runs copy proper on content that is here.
func (p *putRun) apply(content io.Reader, f *putFile) (*Result, error) {
	sum := newHash("sha1")
	md5 := newHash("md5")
	spool := &bytes.Buffer{}
	var body io.Reader = spool
	if f.Staged != "" {
		if _, err := io.Copy(io.MultiWriter(sum, md5), content); err != nil {
			return nil, Errorf("Could not read the transferred file: " + strerror(err))
		}
		h, err := os.Open(f.Staged)
		if err != nil {
			return nil, Errorf(pyError(err, f.Staged))
		}
		defer h.Close()
		body = h
	} else if _, err := io.Copy(io.MultiWriter(sum, md5, spool), content); err != nil {
		return nil, Errorf("Could not read the transferred file: " + strerror(err))
	}
	if got := fmt.Sprintf("%x", sum.Sum(nil)); got != f.Sum {
		return nil, Errorf("Copied file does not match the expected checksum. Transfer failed.", "checksum", got, "expected_checksum", f.Sum)
	}
	p.setParam("src", p.Source)
	p.setParam("_original_basename", f.Rel)
	if p.copyArgs.Checksum == nil {
		p.setParam("checksum", f.Sum)
	}
	p.setParam("content", nil)
	k := &copyRun{Context: p.Context, copyArgs: p.copyArgs, src: p.Source}
	return k.place(body, f.Sum, fmt.Sprintf("%x", md5.Sum(nil)), f.Rel)
}

// unchanged sets the attributes of a file whose content is right, and reports as
// the file module does.
func (p *putRun) unchanged(dest, given string, f *putFile) *Result {
	args := value.DictOf("path", dest, "dest", given, "state", "file", "_original_basename", f.Rel)
	args.Delete("dest")
	if m := p.copyArgs.Mode; m.Given() {
		args.Set("mode", m.Raw)
		if n, ok := m.Raw.(int64); ok && p.params.At("mode") != m.Raw {
			args.Set("mode", diffMode(uint32(n)))
		}
	}
	for _, k := range []string{"owner", "group", "seuser", "serole", "selevel", "setype", "attributes", "unsafe_writes"} {
		if v := p.params.At(k); v != nil {
			args.Set(k, v)
		}
	}
	sub := *p.Context
	d, _ := execute(&sub, fileDef, "ansible.legacy.file", args)
	r := OK()
	r.Changed = value.Truth(d.At("changed"))
	r.Failed = value.Truth(d.At("failed"))
	for k, v := range d.All() {
		switch k := value.Str(k); k {
		case "changed", "failed":
		case "invocation":
			if a, ok := v.(*value.Dict).At("module_args").(*value.Dict); ok {
				a.Set("dest", given)
			}
			r.Fields.Set(k, v)
		default:
			r.Fields.Set(k, v)
		}
	}
	if p.Follow {
		dest = realPath(dest)
	}
	return r.Set("dest", dest).Set("checksum", f.Sum)
}

func isFolder(path string) bool {
	fi, err := os.Stat(path)
	return err == nil && fi.IsDir()
}

func sameSum(path, sum string, size, want int64) bool {
	if size != want {
		return false
	}
	s, err := fileChecksum(path, "sha1")
	return err == nil && s == sum
}

// diffBefore is the half of the difference that the target knows.
func (p *putRun) diffBefore(dest string) Diff {
	fi, err := os.Stat(dest)
	if err != nil {
		return Diff{Before: ""}
	}
	if !fi.Mode().IsRegular() { // reading a fifo would wait for its writer
		return Diff{}
	}
	if appearsBinary(dest) {
		return Diff{DstBinary: true}
	}
	if fi.Size() > p.MaxDiff {
		return Diff{DstLarger: int(p.MaxDiff)}
	}
	data, err := readFile(dest)
	if err != nil {
		return Diff{}
	}
	return Diff{Before: string(data), BeforeHeader: dest}
}
