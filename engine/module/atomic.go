package module

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// newFile is a file being written beside its destination. It becomes visible
// under that name by Commit only, whole; Discard removes it.
type newFile struct {
	c        *Context
	Dest     string
	Path     string // the temporary name
	Created  bool   // the destination did not exist
	noSync   bool   // the caller syncs many files at once
	unlinks  bool   // a link in its place counts as removed before, as copy does it
	inPlace  bool   // written over the destination at Commit, for unsafe_writes
	writeDir error  // why no temporary could be made beside the destination
}

// create writes content beside dest, with the owner, mode, context and extended
// attributes that dest has, or those of a new file. dest is a real path: links
// are the caller's matter.
func (c *Context) create(dest string, content io.Reader, unsafe bool) (*newFile, error) {
	return c.createWith(&newFile{c: c, Dest: dest}, content, unsafe)
}

func (c *Context) createWith(n *newFile, content io.Reader, unsafe bool) (*newFile, error) {
	dest := n.Dest
	old, err := lstat(dest)
	if notExist(err) {
		n.Created, old = true, nil
	} else if err != nil {
		return nil, Errorf(pyErrorB(err, dest))
	} else if !old.isReg() && !old.isLink() && !old.isDir() { // /dev/null must not become a file
		return nil, Errorf(fmt.Sprintf("%s is a device, a named pipe or a socket; it is left alone. Remove it first if a file is to be there", dest))
	}
	f, named, err := openBeside(dest)
	if err != nil && unsafe {
		// The folder takes no new file; the destination itself may be writable.
		n.inPlace, n.writeDir, named = true, err, true
		f, err = os.CreateTemp(c.tmpdir(), ".ansible_tmp")
	}
	if err != nil {
		if notExist(err) {
			return nil, Errorf(fmt.Sprintf("Destination directory %s does not exist", filepath.Dir(dest)))
		}
		return nil, Errorf(fmt.Sprintf("Destination directory %s is not writable: %s", filepath.Dir(dest), strerror(err)))
	}
	if named {
		n.Path = f.Name()
	}
	err = func() error {
		defer f.Close()
		if err := c.copyContent(f, content); err != nil {
			return err
		}
		if !n.noSync {
			if err := f.Sync(); err != nil {
				return err
			}
		}
		if !named {
			n.Path, err = nameBeside(f, dest)
		}
		return err
	}()
	if err == nil {
		err = n.inherit(old)
	}
	if err != nil {
		n.Discard()
		return nil, Errorf(fmt.Sprintf("Could not write %s: %s", dest, strerror(err)))
	}
	return n, nil
}

// createBytes is create for content in memory.
func (c *Context) createBytes(dest string, data []byte, unsafe bool) (*newFile, error) {
	return c.create(dest, bytes.NewReader(data), unsafe)
}

// inherit gives the temporary what the file it replaces has.
func (n *newFile) inherit(old *inode) error {
	if old == nil {
		if selinuxEnabled() {
			if l := defaultContext(n.Dest); l != "" {
				_ = setFileContext(n.Path, l)
			}
		}
		return chmod(n.Path, 0o666&^currentUmask())
	}
	if old.isLink() { // the link itself is replaced, by a file like the one it pointed to
		t, err := stat(n.Dest)
		if err != nil || n.unlinks {
			return chmod(n.Path, 0o666&^currentUmask())
		}
		old = t
	}
	if old.UID != os.Geteuid() || old.GID != os.Getegid() {
		if err := lchown(n.Path, old.UID, old.GID); err != nil && !errors.Is(err, syscall.EPERM) {
			return err
		}
	}
	copyXattrs(n.Dest, n.Path)
	return chmod(n.Path, old.perm())
}

// Commit makes the file visible under its name.
func (n *newFile) Commit(unsafe bool) error {
	if n.inPlace {
		defer n.Discard()
		return overwrite(n.Path, n.Dest, n.writeDir)
	}
	err := os.Rename(n.Path, n.Dest)
	if err == nil {
		return nil
	}
	defer n.Discard()
	if isFolder(n.Dest) {
		err = syscall.EISDIR
	}
	if unsafe {
		for _, e := range []syscall.Errno{syscall.EPERM, syscall.EXDEV, syscall.EACCES, syscall.ETXTBSY, syscall.EBUSY} {
			if errors.Is(err, e) {
				return overwrite(n.Path, n.Dest, err)
			}
		}
	}
	return Errorf(fmt.Sprintf("Could not replace file: %s to %s: %s", n.Path, n.Dest, strerror(err)))
}

// overwrite copies the content into an existing file, which is neither atomic
// nor safe; the user asked for it.
func overwrite(from, dest string, why error) error {
	fail := func(err error) error {
		return Errorf(fmt.Sprintf("Could not write data to file (%s) from (%s): %s", dest, from, strerror(err)), "exception", strerror(why))
	}
	in, err := openFile(from)
	if err != nil {
		return fail(err)
	}
	defer in.Close()
	out, err := os.OpenFile(dest, os.O_WRONLY|os.O_CREATE|syscall.O_NONBLOCK, 0o666)
	if err != nil {
		return fail(err)
	}
	defer out.Close()
	fi, err := in.Stat()
	if err == nil {
		err = reserve(out, fi.Size()) // a full disk shall not cost the old content
	}
	if err != nil {
		return fail(err)
	}
	n, err := io.Copy(out, in)
	if err == nil {
		err = out.Truncate(n)
	}
	if err = errors.Join(err, out.Sync()); err != nil {
		return fail(err)
	}
	return nil
}

// Discard removes the temporary file.
func (n *newFile) Discard() {
	if n.Path != "" {
		_ = os.Remove(n.Path)
	}
}

// copyChunk is how much is copied between two looks at whether the task is cancelled.
const copyChunk = 16 << 20

// copyContent copies until the end or the task's. What a file does not store, its holes, the copy does not either.
func (c *Context) copyContent(to *os.File, from io.Reader) error {
	if f, ok := from.(*os.File); ok {
		if done, err := c.copyData(to, f); done || err != nil {
			return err
		}
	}
	for {
		if err := c.Err(); err != nil {
			return err
		}
		if _, err := io.CopyN(to, from, copyChunk); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// openBeside opens a new file in the folder of dest, where possible without a name: a helper that is killed, or a host
// that loses its power, while the content is written leaves nothing behind. named tells whether it has one.
func openBeside(dest string) (f *os.File, named bool, err error) {
	if f = openNameless(filepath.Dir(dest)); f != nil {
		return f, false, nil
	}
	err = eachTempName(dest, func(name string) (err error) {
		f, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		return err
	})
	return f, true, err
}

// nameBeside gives a nameless file a temporary name beside dest.
func nameBeside(f *os.File, dest string) (name string, err error) {
	err = eachTempName(dest, func(n string) error { name = n; return linkNameless(f, n) })
	if err != nil {
		name = ""
	}
	return name, err
}

// eachTempName calls use with temporary names beside dest until one is free.
func eachTempName(dest string, use func(name string) error) error {
	dir, base := filepath.Split(dest)
	if len(base) > 200 {
		base = base[:200]
	}
	// The name goes into commands that check the file.
	base = strings.Map(func(r rune) rune {
		if r < 0x80 && shQuote(string(r)) != string(r) {
			return '_'
		}
		return r
	}, base)
	for {
		if err := use(dir + ".ansible_tmp" + randomName(8) + base); !errors.Is(err, os.ErrExist) {
			return err
		}
	}
}

func randomName(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789_"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[rand.IntN(len(letters))]
	}
	return string(b)
}

func (c *Context) tmpdir() string {
	if c.Tmpdir != "" {
		if d := ExpandPath(c.Tmpdir, c.Getenv); os.MkdirAll(d, 0o700) == nil {
			return d
		}
	}
	return os.TempDir()
}

// backup copies path aside under Ansible's backup name and returns that name; ""
// where there is nothing to copy.
func (c *Context) backup(path string) (string, error) {
	if _, err := os.Stat(path); err != nil {
		return "", nil
	}
	now := time.Now().In(c.zone()).Format("2006-01-02@15:04:05")
	// Ansible's modules are a process each; here one process may back a file up
	// twice within a second, and the first copy must not be lost.
	name := ""
	for n := os.Getpid(); ; n++ {
		name = fmt.Sprintf("%s.%d.%s~", path, n, now)
		if _, err := os.Lstat(name); err != nil {
			break
		}
	}
	if err := c.preservedCopy(path, name); err != nil {
		return "", Errorf(fmt.Sprintf("Could not make backup of %s to %s: %s", path, name, strerror(err)))
	}
	return name, nil
}

// preservedCopy copies a file to a new one with owner, mode, times and extended attributes. It has that name only when
// it is whole.
func (c *Context) preservedCopy(from, to string) (err error) {
	st, err := stat(from)
	if err != nil {
		return err
	}
	in, err := openFile(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, named, err := openBeside(to)
	if err != nil {
		return err
	}
	tmp := ""
	if named {
		tmp = out.Name()
	}
	defer func() {
		if err != nil && tmp != "" {
			_ = os.Remove(tmp)
		}
	}()
	if err = c.copyContent(out, in); err == nil {
		err = out.Sync()
	}
	if err == nil && !named {
		tmp, err = nameBeside(out, to)
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	_ = lchown(tmp, st.UID, st.GID)
	copyXattrs(from, tmp)
	if err = chmod(tmp, st.perm()); err == nil {
		err = setTimes(tmp, st.ASec, st.ANsec, st.MSec, st.MNsec, false)
	}
	if err == nil {
		err = os.Rename(tmp, to)
	}
	return err
}

// validate runs the user's check command on the new file; %s stands for its name.
func (n *newFile) validate(command string) (*progResult, error) {
	argv, err := shlexSplit(command)
	if err != nil {
		return nil, Errorf(err.Error())
	}
	r := strings.NewReplacer("%%", "%", "%s", n.Path) // after splitting: the folder's name may hold blanks
	for i, w := range argv {
		argv[i] = r.Replace(w)
	}
	return n.c.run(argv, nil)
}
