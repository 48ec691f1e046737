package kv

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goplay-engine/goplay/cmd/storage/internal/kvtest"
)

var ctx = context.Background()

// TestMain lets the test program be a process that adds values: see TestProcesses.
func TestMain(m *testing.M) {
	if path := os.Getenv("KV_TEST_ADD"); path != "" {
		n, _ := strconv.Atoi(os.Getenv("KV_TEST_COUNT"))
		for i := range n {
			if err := (File{Path: path}).Append(ctx, "k", fmt.Sprintf("%s-%d", os.Getenv("KV_TEST_NAME"), i)); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func write(t *testing.T, content string) File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "storage.data")
	if err := os.WriteFile(path, []byte(content), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil { // whatever the umask
		t.Fatal(err)
	}
	return File{Path: path}
}

func values(t *testing.T, f File, key string) []string {
	t.Helper()
	d, err := f.Load()
	if err != nil {
		t.Fatal(err)
	}
	return d.Values(key)
}

func TestAppend(t *testing.T) {
	f := write(t, `{"b": ["\u0031"], "a": []}`)
	for _, v := range []string{"x, y", "", "z\n"} {
		if err := f.Append(ctx, "a", v); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Append(ctx, "new", "1", "2"); err != nil {
		t.Fatal(err)
	}
	b, _ := os.ReadFile(f.Path)
	want := "{\n\"b\": [\"1\"],\n\"a\": [\"x, y\", \"\", \"z\\n\"],\n\"new\": [\"1\", \"2\"]\n}\n"
	if string(b) != want {
		t.Errorf("got:\n%s\nwant:\n%s", b, want)
	}
	entries, _ := os.ReadDir(filepath.Dir(f.Path))
	if len(entries) != 2 {
		t.Errorf("%d files, want the storage and its lock: %v", len(entries), entries)
	}
}

func TestDamagedFileStays(t *testing.T) {
	const damage = `{"a": ["x", }`
	f := write(t, damage)
	err := f.Append(ctx, "a", "y")
	var d *DamagedError
	if !errors.As(err, &d) || d.Path != f.Path {
		t.Fatalf("error %v", err)
	}
	if _, err := f.Load(); !errors.As(err, &d) {
		t.Errorf("error %v", err)
	}
	if b, _ := os.ReadFile(f.Path); string(b) != damage {
		t.Errorf("the file is now %s", b)
	}
}

func TestModeAndLinkAreKept(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes, and links need a privilege")
	}
	f := write(t, "")
	if err := os.Chmod(f.Path, 0o604); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	if err := errors.Join(os.Symlink("second", first), os.Symlink(f.Path, second)); err != nil {
		t.Fatal(err)
	}
	if err := (File{Path: first}).Append(ctx, "a", "x"); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Lstat(first); info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	if info, _ := os.Stat(f.Path); info.Mode().Perm() != 0o604 {
		t.Errorf("mode %v", info.Mode())
	}
	if got := values(t, f, "a"); !slices.Equal(got, []string{"x"}) {
		t.Errorf("values %q", got)
	}
	// a link to nothing makes what it points to
	nowhere := filepath.Join(dir, "nowhere")
	if err := os.Symlink("there", nowhere); err != nil {
		t.Fatal(err)
	}
	if err := (File{Path: nowhere}).Append(ctx, "a", "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "there")); err != nil {
		t.Error(err)
	}
	loop := filepath.Join(dir, "loop")
	if err := os.Symlink("loop", loop); err != nil {
		t.Fatal(err)
	}
	if err := (File{Path: loop}).Append(ctx, "a", "x"); err == nil || !strings.Contains(err.Error(), "symbolic links") {
		t.Errorf("error %v", err)
	}
}

func TestWhatAKilledWriterLeft(t *testing.T) {
	f := write(t, `{"a": ["x"]}`)
	if err := os.WriteFile(f.Path+".tmp", []byte(`{"a": ["x", "ha`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Append(ctx, "a", "y"); err != nil {
		t.Fatal(err)
	}
	if got := values(t, f, "a"); !slices.Equal(got, []string{"x", "y"}) {
		t.Errorf("values %q", got)
	}
	if _, err := os.Stat(f.Path + ".tmp"); err == nil {
		t.Error("the temporary file is still there")
	}
}

func TestLockIsWaitedFor(t *testing.T) {
	f := write(t, "")
	f.LockWait = 100 * time.Millisecond
	unlock, err := lock(ctx, f.Path, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Append(ctx, "a", "x"); !errors.Is(err, ErrBusy) {
		t.Errorf("error %v, want ErrBusy", err)
	}
	unlock()
	// the lock that came too late must have been given back
	f.LockWait = time.Minute
	if err := f.Append(ctx, "a", "y"); err != nil {
		t.Fatal(err)
	}
	if got := values(t, f, "a"); !slices.Equal(got, []string{"y"}) {
		t.Errorf("values %q", got)
	}
}

// TestGivenUpLock sees that whoever gave up waiting for a lock leaves no lock file in a folder that was tidied up.
func TestGivenUpLock(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.lock")
	up := make(chan struct{})
	close(up)
	if _, err := take(name, up); !errors.Is(err, ErrBusy) {
		t.Errorf("error %v, want ErrBusy", err)
	}
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a lock file was made: %v", err)
	}
}

func TestBecomeLosesNothing(t *testing.T) {
	f := write(t, `{"a": ["x"]}`)
	for src, want := range map[string]error{
		`{"a": ["x", "y"], "b": []}`: nil,
		`{}`:                         ErrDiverged,
		`{"a": ["y", "x"]}`:          ErrDiverged,
		`{"a": ["xx"]}`:              ErrDiverged,
	} {
		if err := os.WriteFile(f.Path, []byte(`{"a": ["x"]}`), 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := Parse([]byte(src))
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Become(ctx, d); !errors.Is(err, want) {
			t.Errorf("%s: error %v, want %v", src, err, want)
		}
	}
}

func perProcess() int {
	if testing.Short() {
		return 100
	}
	return 1000
}

// TestProcesses lets 8 processes add 1,000 values each at once.
func TestProcesses(t *testing.T) {
	f := write(t, "")
	const processes = 8
	var wg sync.WaitGroup
	for p := range processes {
		wg.Go(func() {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "KV_TEST_ADD="+f.Path, fmt.Sprintf("KV_TEST_NAME=%d", p), fmt.Sprintf("KV_TEST_COUNT=%d", perProcess()))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	wg.Wait()
	kvtest.InOrder(t, values(t, f, "k"), processes, perProcess())
}

func TestLockThatWasRemoved(t *testing.T) {
	f := write(t, "")
	unlock, err := lock(ctx, f.Path, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	waiting := make(chan error, 1)
	go func() { waiting <- f.Append(ctx, "a", "x") }()
	time.Sleep(50 * time.Millisecond)
	if err := os.Remove(f.Path + ".lock"); err != nil {
		t.Skip(err) // not while it is open, on Windows
	}
	unlock()
	if err := <-waiting; err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(f.Path + ".lock"); err != nil {
		t.Errorf("the waiting writer used a lock that nobody else sees: %v", err)
	}
}
