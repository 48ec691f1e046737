package remote

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// tempPrefix begins the name of every temporary folder of a session.
const tempPrefix = "goplay-tmp-"

// tempDirs is a session's private folder and the files it is about to rename.
type tempDirs struct {
	mu    sync.Mutex
	base  string // remote_tmp
	dir   string
	lock  *os.File
	files map[string]bool
}

// use tells the base folder, which requests carry; the first one counts.
func (t *tempDirs) use(base string) {
	t.mu.Lock()
	if t.base == "" {
		t.base = base
	}
	t.mu.Unlock()
}

// get returns the folder, made at first use under remote_tmp or, where that
// cannot be written, the system's temporary folders.
func (t *tempDirs) get() (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dir != "" {
		return t.dir, nil
	}
	base := t.base
	if base == "" {
		base = "~/.ansible/tmp"
	}
	var first error
	for _, b := range []string{base, "/var/tmp", "/tmp", "/dev/shm", os.TempDir()} {
		b = ExpandPath(b)
		if b != "/var/tmp" && b != "/tmp" && b != "/dev/shm" {
			os.MkdirAll(b, 0o700)
		}
		sweep(b)
		dir, err := os.MkdirTemp(b, tempPrefix)
		if err == nil {
			// Held while we live, so that a later session can tell what a
			// killed helper left behind.
			t.dir, t.lock = dir, lockDir(dir)
			return dir, nil
		}
		if first == nil {
			first = err
		}
	}
	return "", first
}

// sweep removes folders whose helper was killed.
func sweep(base string) {
	l, err := filepath.Glob(filepath.Join(base, tempPrefix+"*"))
	if err != nil {
		return
	}
	for _, d := range l {
		if st, err := os.Lstat(d); err == nil && st.IsDir() && ownedByUs(st) && stale(d) {
			os.RemoveAll(d)
		}
	}
}

func (t *tempDirs) track(f string) {
	t.mu.Lock()
	if t.files == nil {
		t.files = map[string]bool{}
	}
	t.files[f] = true
	t.mu.Unlock()
}

func (t *tempDirs) untrack(f string) {
	t.mu.Lock()
	delete(t.files, f)
	t.mu.Unlock()
}

// holds tells whether path lies in the temporary folder.
func (t *tempDirs) holds(path string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.dir != "" && strings.HasPrefix(path, t.dir+"/")
}

func (t *tempDirs) remove() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for f := range t.files {
		os.Remove(f)
	}
	t.files = nil
	if t.dir != "" {
		os.RemoveAll(t.dir)
		t.dir = ""
	}
	if t.lock != nil {
		t.lock.Close()
		t.lock = nil
	}
}
