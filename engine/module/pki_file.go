package module

import (
	"crypto"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/goplay-engine/goplay/engine/module/pki"
	"github.com/goplay-engine/goplay/engine/value"
)

// pkiFile is the file that a certificate module keeps.
type pkiFile struct {
	c      *Context
	path   string
	backup bool
	attrs  *FileArgs
	old    []byte // what was there, nil for nothing
	mode   string // mode of a new file where the task names none
}

// open reads what is there; the folder must exist.
func (f *pkiFile) open() error {
	dir := filepath.Dir(f.path)
	if fi, err := os.Stat(dir); err != nil || !fi.IsDir() {
		return Errorf(fmt.Sprintf("The directory %s does not exist or the file is not a directory", dir), "name", dir)
	}
	data, err := readFile(f.path)
	switch {
	case notExist(err):
	case err != nil:
		return Errorf(fmt.Sprintf("Error while loading %s - %s", f.path, pyError(err, f.path)))
	default:
		f.old = append([]byte{}, data...)
	}
	return nil
}

// remove takes the file away.
func (f *pkiFile) remove(r *Result) error {
	if _, err := os.Lstat(f.path); notExist(err) {
		return nil
	}
	r.Changed = true
	if f.c.Check {
		return nil
	}
	if err := f.keepOld(r); err != nil {
		return err
	}
	if err := os.Remove(f.path); err != nil && !notExist(err) {
		return Errorf(pyError(err, f.path))
	}
	return nil
}

func (f *pkiFile) keepOld(r *Result) error {
	if !f.backup || f.old == nil {
		return nil
	}
	name, err := f.c.backup(f.path)
	if err != nil {
		return err
	}
	if name != "" {
		r.Set("backup_file", name)
	}
	return nil
}

// write replaces the content; with nil only the attributes are looked after.
func (f *pkiFile) write(r *Result, data []byte) error {
	fa := *f.attrs
	if f.mode != "" && !fa.Mode.Given() {
		fa.Mode = Mode{f.mode}
	}
	if data != nil {
		r.Changed = true
		if f.c.Check {
			return nil
		}
		if err := f.keepOld(r); err != nil {
			return err
		}
		_, err := f.c.replaceFile(f.path, data, &fa, nil, nil)
		return err
	}
	if f.old == nil {
		return nil
	}
	changed, err := f.c.applyAttrs(f.path, &fa, nil)
	r.Changed = r.Changed || changed
	return err
}

// diff shows both states by their descriptions.
func (f *pkiFile) diff(r *Result, before, after *value.Dict) {
	if f.c.Diff {
		r.AddDiff(Diff{Before: before, After: after})
	}
}

// privateKey names where a module finds a private key.
type privateKey struct {
	path       *Path
	content    *string
	passphrase *string
}

// load reads the key. missing words the error of a file that is not there.
func (k privateKey) load(missing string) (crypto.PrivateKey, error) {
	var data []byte
	if k.content != nil {
		data = []byte(*k.content)
	} else {
		var err error
		if data, err = readFile(string(*k.path)); err != nil {
			if notExist(err) && missing != "" {
				return nil, Errorf(fmt.Sprintf(missing, *k.path))
			}
			return nil, Errorf(pyError(err, string(*k.path)))
		}
	}
	pass := or(deref(k.passphrase), "")
	key, err := pki.ParseKey(data, []byte(pass))
	switch {
	case errors.Is(err, pki.ErrPassphrase) && pass != "":
		return nil, Errorf("Wrong passphrase provided for private key")
	case errors.Is(err, pki.ErrPassphrase):
		return nil, Errorf("Wrong or empty passphrase provided for private key")
	case err != nil:
		return nil, Errorf("Error while deserializing key: " + err.Error())
	}
	return key.Private, nil
}

func (k privateKey) given() bool { return k.path != nil || k.content != nil }

// pathValue is a path as results show it, nil for what was given as text.
func pathValue(p *Path) value.Value {
	if p == nil {
		return nil
	}
	return string(*p)
}

// fileOrText reads what is given as a file or as text.
func fileOrText(path *Path, content *string, missing string) ([]byte, error) {
	if content != nil {
		return []byte(*content), nil
	}
	data, err := readFile(string(*path))
	if notExist(err) {
		return nil, Errorf(fmt.Sprintf(missing, *path))
	}
	if err != nil {
		return nil, Errorf(pyError(err, string(*path)))
	}
	return data, nil
}

// shortPrints shows fingerprints in differences by one hash only.
func shortPrints(d *value.Dict, keys ...string) *value.Dict {
	for _, k := range keys {
		if p, ok := d.At(k).(*value.Dict); ok {
			d.Set(k, value.DictOf("sha256", p.At("sha256")))
		}
	}
	return d
}
