package module

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/goplay-engine/goplay/engine/value"
)

// attrDiff collects the attributes that differ, as diffs show them.
type attrDiff struct{ before, after *value.Dict }

func newAttrDiff() *attrDiff { return &attrDiff{value.NewDict(), value.NewDict()} }

func (d *attrDiff) set(key string, before, after value.Value) {
	if d != nil {
		d.before.Set(key, before)
		d.after.Set(key, after)
	}
}

// diff gives the difference with headers naming path, as the text modules show it.
func (d *attrDiff) diff(path string) Diff {
	o := Diff{BeforeHeader: path + " (file attributes)", AfterHeader: path + " (file attributes)"}
	if d.before.Len() > 0 {
		o.Before, o.After = d.before, d.after
	}
	return o
}

// applyAttrs brings owner, group, mode, SELinux context and attribute flags of
// path to what fa asks for, and tells whether anything differs. In check mode
// it only compares. Errors carry path as a return value.
func (c *Context) applyAttrs(path string, fa *FileArgs, d *attrDiff) (bool, error) {
	return c.applyAttrsAs(path, path, fa, d)
}

// applyAttrsAs is applyAttrs on a file that will be named shown; errors name that.
func (c *Context) applyAttrsAs(path, shown string, fa *FileArgs, d *attrDiff) (changed bool, err error) {
	if c.Check {
		if _, err := lstat(path); notExist(err) {
			return true, nil
		}
	}
	for _, step := range []func(string, string, *FileArgs, *attrDiff) (bool, error){c.applyContext, c.applyOwner, c.applyGroup, c.applyMode, c.applyFlags} {
		ch, err := step(path, shown, fa, d)
		if err != nil {
			return changed, err
		}
		changed = changed || ch
	}
	return changed, nil
}

func lstatFor(path, shown string) (*inode, error) {
	st, err := lstat(path)
	if err != nil {
		return nil, Errorf(pyErrorB(err, shown), "path", shown)
	}
	return st, nil
}

func (c *Context) applyOwner(path, shown string, fa *FileArgs, d *attrDiff) (bool, error) {
	if fa.Owner == nil {
		return false, nil
	}
	st, err := lstatFor(path, shown)
	if err != nil {
		return false, err
	}
	uid, err := strconv.Atoi(*fa.Owner)
	if err != nil {
		u, ok := userByName(*fa.Owner)
		if !ok {
			return false, Errorf("chown failed: failed to look up user "+*fa.Owner, "path", shown)
		}
		uid = u.UID
	}
	if uid == st.UID {
		return false, nil
	}
	d.set("owner", int64(st.UID), int64(uid))
	if c.Check {
		return true, nil
	}
	if err := lchown(path, uid, -1); err != nil {
		return false, Errorf("chown failed", "path", shown, "details", pyErrorB(err, shown))
	}
	return true, nil
}

func (c *Context) applyGroup(path, shown string, fa *FileArgs, d *attrDiff) (bool, error) {
	if fa.Group == nil {
		return false, nil
	}
	st, err := lstatFor(path, shown)
	if err != nil {
		return false, err
	}
	gid, err := strconv.Atoi(*fa.Group)
	if err != nil {
		g, ok := groupByName(*fa.Group)
		if !ok {
			return false, Errorf("chgrp failed: failed to look up group "+*fa.Group, "path", shown)
		}
		gid = g.GID
	}
	if gid == st.GID {
		return false, nil
	}
	d.set("group", int64(st.GID), int64(gid))
	if c.Check {
		return true, nil
	}
	if err := lchown(path, -1, gid); err != nil {
		return false, Errorf("chgrp failed", "path", shown, "details", pyErrorB(err, shown))
	}
	return true, nil
}

func diffMode(m uint32) string { return fmt.Sprintf("0%03o", m) }

func (c *Context) applyMode(path, shown string, fa *FileArgs, d *attrDiff) (bool, error) {
	if !fa.Mode.Given() {
		return false, nil
	}
	st, err := lstatFor(path, shown)
	if err != nil {
		return false, err
	}
	want, err := fa.Mode.resolve(st.Mode, st.isDir(), currentUmask())
	if err != nil {
		if e, ok := err.(*Error); ok {
			e.Fields.Set("path", shown)
		}
		return false, err
	}
	if want == st.perm() {
		return false, nil
	}
	d.set("mode", diffMode(st.perm()), diffMode(want))
	if c.Check {
		return true, nil
	}
	if st.isLink() { // a link has no mode of its own
		return false, nil
	}
	if err := chmod(path, want); err != nil {
		return false, Errorf("chmod failed", "path", shown, "details", pyErrorB(err, shown))
	}
	return true, nil
}

func (c *Context) applyFlags(path, shown string, fa *FileArgs, d *attrDiff) (bool, error) {
	if fa.Attributes == nil {
		return false, nil
	}
	text, op := *fa.Attributes, byte('=')
	if text != "" && strings.IndexByte("+-=", text[0]) >= 0 {
		op, text = text[0], text[1:]
	}
	var want uint32
	for i := range len(text) {
		at := slices.IndexFunc(attrLetters, func(l attrLetter) bool { return l.letter == text[i] })
		if at < 0 {
			return false, Errorf("chattr failed", "path", shown, "details",
				fmt.Sprintf("Error while setting attributes: unknown attribute '%c'", text[i]))
		}
		want |= attrLetters[at].flag
	}
	now, _, ok := fileFlags(path)
	next := now | want
	switch op {
	case '-':
		next = now &^ want
	case '=':
		next = now&unsettableFlags | want
	}
	if next == now {
		return false, nil
	}
	d.set("attributes", attrText(now), *fa.Attributes)
	if c.Check {
		return true, nil
	}
	switch err := setFileFlags(path, next); {
	case err != nil && !ok:
		return false, Errorf("chattr failed", "path", shown, "details", "the file system of "+shown+" has no such attributes")
	case err != nil:
		return false, Errorf("chattr failed", "path", shown, "details", "Error while setting attributes: "+strerror(err))
	}
	return true, nil
}

// unsettableFlags are kept by the file system whatever one asks for.
const unsettableFlags = 0x80000 | 0x1000 | 0x40000 | 0x10000000 | 0x800 | 0x100000

// applyContext composes the SELinux context asked for from the present one and,
// where a part says _default, from the policy's.
func (c *Context) applyContext(path, shown string, fa *FileArgs, d *attrDiff) (bool, error) {
	parts := []*string{fa.SEUser, fa.SERole, fa.SEType, fa.SELevel}
	if !slices.ContainsFunc(parts, func(s *string) bool { return s != nil }) || !selinuxEnabled() {
		return false, nil
	}
	now := strings.SplitN(fileContext(path), ":", 4)
	if len(now) < 3 {
		now = []string{"", "", "", ""}
	}
	want := slices.Clone(now)
	var def []string
	for i, p := range parts {
		if p == nil || i >= len(want) {
			continue
		}
		want[i] = *p
		if *p == "_default" {
			if def == nil {
				def = append(strings.SplitN(defaultContext(shown), ":", 4), "", "", "", "")
			}
			want[i] = def[i]
		}
	}
	if slices.Equal(now, want) {
		return false, nil
	}
	d.set("secontext", value.From(now), value.From(want))
	if c.Check {
		return true, nil
	}
	if err := setFileContext(path, strings.Join(want, ":")); err != nil {
		return false, Errorf("set selinux context failed", "path", shown, "details", strerror(err), "new_context", want, "cur_context", now, "input_was", want)
	}
	return true, nil
}

// addPathInfo adds what every result that names a file (path, else dest) says of
// it: owner, mode, state, size.
func addPathInfo(r *Result) {
	v, ok := r.Fields.GetStr("path")
	if !ok || v == nil {
		v = r.Fields.At("dest")
	}
	path, ok := value.Text(v)
	if !ok || path == "" {
		return
	}
	if _, err := os.Stat(path); err != nil {
		return
	}
	st, err := lstat(path)
	if err != nil {
		return
	}
	f := r.Fields
	f.Set("uid", int64(st.UID))
	f.Set("gid", int64(st.GID))
	f.Set("owner", userName(st.UID))
	f.Set("group", groupName(st.GID))
	f.Set("mode", diffMode(st.perm()))
	if selinuxEnabled() {
		f.Set("secontext", fileContext(path))
	}
	f.Set("state", stateOf(st))
	f.Set("size", st.Size)
}

// stateOf names what a file is, as the state of the file module.
func stateOf(st *inode) string {
	switch {
	case st.isLink():
		return "link"
	case st.isDir():
		return "directory"
	case st.Nlink > 1:
		return "hard"
	}
	return "file"
}
