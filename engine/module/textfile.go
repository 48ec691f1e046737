package module

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goplay-engine/goplay/engine/pyre"
)

// textEdit is what the modules that edit a text file in place share.
type textEdit struct {
	*Context
	dest     string
	attrs    *FileArgs
	validate *string
	diff     *attrDiff
	changed  bool
	msg      string
}

// splitKeepEnds splits into lines that keep their newline.
func splitKeepEnds(s string) []string {
	var out []string
	for s != "" {
		i := strings.IndexByte(s, '\n')
		if i < 0 {
			return append(out, s)
		}
		out = append(out, s[:i+1])
		s = s[i+1:]
	}
	return out
}

// write replaces the file's content, with its attributes set before it becomes
// visible. Links are followed: the file they point to is replaced.
func (t *textEdit) write(data string) error {
	ch, err := t.writeFile(t.dest, []byte(data), t.attrs, t.validate, t.diff)
	if ch {
		t.noteAttrs()
	}
	return err
}

// writeFile replaces dest, validating it first where validate is given. The
// result tells whether attributes beyond those inherited were set.
func (c *Context) writeFile(dest string, data []byte, fa *FileArgs, validate *string, d *attrDiff) (changed bool, err error) {
	n, err := c.createBytes(realPath(dest), data, fa.UnsafeWrites)
	if err != nil {
		return false, err
	}
	if _, err := n.check(validate); err != nil {
		return false, err
	}
	return n.finish(dest, fa, d)
}

// replaceFile is writeFile that puts the new file in the place of a link, as many modules do, and returns what the
// validating command gave, nil without one.
func (c *Context) replaceFile(dest string, data []byte, fa *FileArgs, validate *string, d *attrDiff) (*progResult, error) {
	n, err := c.createBytes(dest, data, fa.UnsafeWrites)
	if err != nil {
		return nil, err
	}
	ran, err := n.check(validate)
	if err != nil {
		return nil, err
	}
	_, err = n.finish(dest, fa, d)
	return ran, err
}

// check runs the validating command, if any; a file that does not pass is discarded.
func (n *newFile) check(validate *string) (*progResult, error) {
	if validate != nil && *validate != "" {
		if !strings.Contains(*validate, "%s") {
			n.Discard()
			return nil, Errorf("validate must contain %s: " + *validate)
		}
		r, err := n.validate(*validate)
		if err == nil && r.RC != 0 {
			err = Errorf(fmt.Sprintf("failed to validate: rc:%d error:%s", r.RC, r.Stderr))
		}
		if err != nil {
			n.Discard()
			return nil, err
		}
		return r, nil
	}
	return nil, nil
}

// finish sets the attributes and commits. Flags such as immutable have to wait
// until the rename is done.
func (n *newFile) finish(shown string, fa *FileArgs, d *attrDiff) (bool, error) {
	late := *fa
	changed := false
	if !n.inPlace {
		early := *fa
		early.Attributes = nil
		var err error
		if changed, err = n.c.applyAttrsAs(n.Path, shown, &early, d); err != nil {
			n.Discard()
			return false, err
		}
		late = FileArgs{Attributes: fa.Attributes}
	}
	if err := n.Commit(fa.UnsafeWrites); err != nil {
		return false, err
	}
	ch, err := n.c.applyAttrsAs(n.Dest, shown, &late, d)
	return changed || ch, err
}

// checkAttrs sets the attributes of a file whose content stays.
func (t *textEdit) checkAttrs() error {
	ch, err := t.applyAttrs(t.dest, t.attrs, t.diff)
	if ch {
		t.noteAttrs()
	}
	return err
}

func (t *textEdit) noteAttrs() {
	if t.changed {
		t.msg += " and "
	}
	t.changed = true
	t.msg += "ownership, perms or SE linux context changed"
}

// makeParents creates the missing folders above path.
func makeParents(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return Errorf(fmt.Sprintf("Error creating %s (%s)", dir, pathError(err, dir)))
	}
	return nil
}

// compile reads a user's regular expression over bytes.
func compile(what, pattern string, f pyre.Flags) (*pyre.Regexp, error) {
	re, err := pyre.Compile(pattern, f)
	if err != nil {
		return nil, Errorf(fmt.Sprintf("%s is not a valid regular expression: %s (%q)", what, err, pattern))
	}
	return re, nil
}
