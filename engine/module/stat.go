package module

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

type statArgs struct {
	Path          Path   `arg:"path,alias=dest,alias=name,required" doc:"The full path of the file to get facts of."`
	Follow        bool   `arg:"follow,default=false" doc:"Whether to follow symbolic links."`
	GetMD5        bool   `arg:"get_md5,default=false" doc:"Whether to return the MD5 of the content."`
	GetChecksum   bool   `arg:"get_checksum,default=true" doc:"Whether to return a checksum of the content."`
	GetMime       bool   `arg:"get_mime,alias=mime,alias=mime_type,alias=mime-type,default=true" doc:"Whether to ask the file program for the type."`
	GetAttributes bool   `arg:"get_attributes,alias=attr,alias=attributes,default=true" doc:"Whether to return the attribute flags."`
	Algorithm     string `arg:"checksum_algorithm,alias=checksum,alias=checksum_algo,default=sha1,choices=md5|sha1|sha224|sha256|sha384|sha512" doc:"Kind of checksum."`
}

var statDef = &Def{
	Name:  "ansible.builtin.stat",
	Short: "Retrieve file or file system status",
	Args:  func() any { return &statArgs{} },
	Run:   runStat,
}

func runStat(c *Context, a any) *Result {
	p := a.(*statArgs)
	path := string(p.Path)
	get := lstat
	if p.Follow {
		get = stat
	}
	st, err := get(path)
	if notExist(err) {
		return OK().Set("stat", value.DictOf("exists", false))
	}
	if err != nil {
		return Fail("%s", strerror(err))
	}
	d := value.DictOf("exists", true, "path", path)
	inodeFields(d, st)
	d.Set("readable", access(path, 4))
	d.Set("writeable", access(path, 2))
	d.Set("executable", access(path, 1))
	if st.isLink() {
		target, err := os.Readlink(path)
		if err == nil {
			d.Set("lnk_source", realPath(path))
			d.Set("lnk_target", target)
		}
	}
	if u, ok := userByID(st.UID); ok {
		d.Set("pw_name", u.Name)
	}
	if g, ok := groupByID(st.GID); ok {
		d.Set("gr_name", g.Name)
	}
	if st.isReg() && access(path, 4) {
		if p.GetMD5 {
			sum, err := fileChecksum(path, "md5")
			if err != nil {
				return Fail("%s", pyErrorB(err, path))
			}
			d.Set("md5", sum)
		}
		if p.GetChecksum {
			sum, err := fileChecksum(path, p.Algorithm)
			if err != nil {
				return Fail("%s", pyErrorB(err, path))
			}
			d.Set("checksum", sum)
		}
	}
	if p.GetMime {
		mime, charset := mimeOf(c, path)
		d.Set("mimetype", mime)
		d.Set("charset", charset)
	}
	if p.GetAttributes {
		flags, version, ok := uint32(0), uint32(0), false
		if l, err := lstat(path); err == nil && (l.isReg() || l.isDir()) {
			flags, version, ok = fileFlags(path)
		}
		t := attrText(flags)
		d.Set("version", nil)
		if ok {
			d.Set("version", fmt.Sprint(version))
		}
		d.Set("attributes", value.From(attrNames(t)))
		d.Set("attr_flags", t)
	}
	return OK().Set("stat", d)
}

// inodeFields sets the return values that stat and find share.
func inodeFields(d *value.Dict, st *inode) {
	inodeHead(d, st)
	inodeBits(d, st)
	d.Set("blocks", st.Blocks)
	d.Set("block_size", st.BlockSize)
	d.Set("device_type", value.From(st.Rdev))
}

// inodeHead is the part of the fields before the permission bits: find puts the names of owner and group after it.
func inodeHead(d *value.Dict, st *inode) {
	d.Set("mode", octal(st.perm()))
	is := func(t uint32) bool { return st.typ() == t }
	d.Set("isdir", is(0o040000))
	d.Set("ischr", is(0o020000))
	d.Set("isblk", is(0o060000))
	d.Set("isreg", is(0o100000))
	d.Set("isfifo", is(0o010000))
	d.Set("islnk", is(0o120000))
	d.Set("issock", is(0o140000))
	d.Set("uid", int64(st.UID))
	d.Set("gid", int64(st.GID))
	d.Set("size", st.Size)
	d.Set("inode", value.From(st.Ino))
	d.Set("dev", value.From(st.Dev))
	d.Set("nlink", value.From(st.Nlink))
	d.Set("atime", st.ATime)
	d.Set("mtime", st.MTime)
	d.Set("ctime", st.CTime)
}

func inodeBits(d *value.Dict, st *inode) {
	bits := []struct {
		k string
		b uint32
	}{
		{"wusr", 0o200}, {"rusr", 0o400}, {"xusr", 0o100}, {"wgrp", 0o020}, {"rgrp", 0o040}, {"xgrp", 0o010},
		{"woth", 0o002}, {"roth", 0o004}, {"xoth", 0o001}, {"isuid", 0o4000}, {"isgid", 0o2000},
	}
	for _, b := range bits {
		d.Set(b.k, st.Mode&b.b != 0)
	}
}

// octal writes permission bits as Ansible shows them: four digits.
func octal(perm uint32) string { return fmt.Sprintf("%04o", perm) }

// realPath resolves every link in path, as far as the parts exist. Of links in a circle it gives the one it met first.
func realPath(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	start := abs
	for range 40 { // as many as the kernel follows
		if r, err := filepath.EvalSymlinks(abs); err == nil {
			return r
		}
		dir := filepath.Dir(abs)
		if dir == abs {
			return abs
		}
		to, err := os.Readlink(abs)
		if err != nil {
			return filepath.Join(realPath(dir), filepath.Base(abs))
		}
		if abs = to; !filepath.IsAbs(to) {
			abs = filepath.Join(realPath(dir), to)
		}
	}
	return start
}

// mimeOf asks the file program; both are "unknown" where it cannot tell.
func mimeOf(c *Context, path string) (mime, charset string) {
	exe, err := exec.LookPath("file")
	if err != nil {
		return "unknown", "unknown"
	}
	ctx, cancel := context.WithTimeout(c, 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, exe, "--mime-type", "--mime-encoding", path).Output()
	if err != nil {
		return "unknown", "unknown"
	}
	i := strings.LastIndex(string(out), ":")
	mime, charset, ok := strings.Cut(string(out)[i+1:], "; charset=")
	if !ok {
		return "unknown", "unknown"
	}
	return strings.TrimSpace(mime), strings.TrimSpace(charset)
}
