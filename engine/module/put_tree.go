package module

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// tree places many files. Those whose content has not come are listed in need;
// all others are brought to the wanted state.
func (p *putRun) tree() (*Result, error) {
	root := strings.TrimSuffix(string(p.Dest), "/")
	if root == "" {
		root = "/"
	}
	changed := false
	var need []int
	var pending []*newFile
	var attrs []FileArgs
	discard := func() {
		for _, n := range pending {
			n.Discard()
		}
	}
	for i := range p.Files {
		f := &p.Files[i]
		if p.Err() != nil {
			discard()
			return nil, p.Err()
		}
		dest := filepath.Join(root, f.Rel)
		fa := p.copyArgs.FileArgs
		fa.Mode = p.modeFor(f.Mode)
		look := lstat
		if p.Follow {
			look = stat
		}
		old, err := look(dest)
		if err != nil && !notExist(err) {
			discard()
			return nil, Errorf(fmt.Sprintf("Failed to get information on remote file (%s): %s", dest, strerror(err)))
		}
		if err == nil && old.isDir() {
			discard()
			return nil, Errorf(fmt.Sprintf("cannot copy the file %s over the folder %s", f.Rel, dest))
		}
		if err == nil && !p.Force {
			continue
		}
		if err == nil && old.isReg() && sameSum(dest, f.Sum, old.Size, int64(f.Size)) {
			ch, err := p.applyAttrs(dest, &fa, nil)
			if err != nil {
				discard()
				return nil, err
			}
			changed = changed || ch
			continue
		}
		changed = true
		if p.Check {
			continue
		}
		content, ok, err := p.content(f)
		if err == nil && !ok {
			need = append(need, i)
			continue
		}
		var n *newFile
		if err == nil {
			n, err = p.treeFile(dest, f, content)
		}
		if err != nil {
			discard()
			return nil, err
		}
		pending, attrs = append(pending, n), append(attrs, fa)
	}
	if len(pending) > 0 {
		syncFolder(filepath.Dir(pending[0].Path))
	}
	for i, n := range pending {
		if _, err := n.finish(n.Dest, &attrs[i], nil); err != nil {
			discard()
			return nil, err
		}
	}
	if len(need) > 0 {
		return needed(changed, need...), nil
	}
	ch, err := p.dirsAndLinks(root)
	return Changed(changed || ch), err
}

func (p *putRun) treeFile(dest string, f *putFile, content io.ReadCloser) (*newFile, error) {
	defer content.Close()
	if f.Staged != "" {
		defer os.Remove(f.Staged)
	}
	k := &copyRun{Context: p.Context, copyArgs: p.copyArgs}
	if _, err := k.makeFolders(filepath.Dir(dest)); err != nil {
		return nil, err
	}
	if p.Follow {
		dest = realPath(dest)
	}
	n, err := p.createWith(&newFile{c: p.Context, Dest: dest, noSync: true, unlinks: true}, content, p.UnsafeWrites)
	if err != nil {
		return nil, err
	}
	if p.Validate != nil && *p.Validate != "" {
		err = k.validateCopy(n)
	}
	if err == nil && p.Backup {
		_, err = p.backup(dest)
	}
	if err != nil {
		n.Discard()
		return nil, err
	}
	return n, nil
}

func (p *putRun) dirsAndLinks(root string) (changed bool, err error) {
	fa := p.copyArgs.FileArgs
	fa.Mode = p.DirectoryMode
	preserve := false
	if s, ok := p.copyArgs.Mode.Raw.(string); ok && s == "preserve" && !fa.Mode.Given() {
		preserve = true
	}
	for _, d := range p.Dirs {
		path := filepath.Join(root, d.Rel)
		one := fa
		if preserve {
			one.Mode = Mode{int64(d.Mode)}
		}
		f := &fileRun{Context: p.Context, fileArgs: &fileArgs{Follow: true, FileArgs: one}, path: path, prev: pathState(path), diff: newAttrDiff()}
		f.mtime, f.atime = stamp{keep: true}, stamp{keep: true}
		r, err := f.directory()
		if err != nil {
			return changed, err
		}
		changed = changed || r.Changed
	}
	for _, l := range p.Links {
		path := filepath.Join(root, l.Rel)
		if !p.Check {
			k := &copyRun{Context: p.Context, copyArgs: p.copyArgs}
			if _, err := k.makeFolders(filepath.Dir(path)); err != nil {
				return changed, err
			}
		}
		target := Path(l.Target)
		own := p.copyArgs.FileArgs
		own.Mode, own.Attributes = Mode{}, nil
		f := &fileRun{Context: p.Context, fileArgs: &fileArgs{Force: true, Src: &target, FileArgs: own}, path: path, prev: pathState(path), diff: newAttrDiff()}
		r, err := f.link()
		if err != nil {
			return changed, err
		}
		changed = changed || r.Changed
	}
	return changed, nil
}
