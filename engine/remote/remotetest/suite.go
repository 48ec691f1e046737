package remotetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
)

// Run puts sessions made by open through the suite. The sessions must be with
// this machine, so that the suite can look at the effects.
func Run(t *testing.T, open func(t *testing.T) remote.Session) {
	tests := []struct {
		name string
		f    func(t *testing.T, s remote.Session)
	}{
		{"Values", testValues}, {"Context", testContext}, {"Blob", testBlob},
		{"Concurrent", testConcurrent}, {"Big", testBig}, {"Panic", testPanic},
		{"Cancel", testCancel}, {"CancelKillsGroup", testCancelKillsGroup},
		{"Exec", testExec}, {"ExecCancel", testExecCancel},
		{"PutGet", testPutGet}, {"PutFails", testPutFails}, {"PutCancel", testPutCancel},
		{"GetFails", testGetFails}, {"StreamsTogether", testStreamsTogether},
		{"TempDir", testTempDir}, {"Async", testAsync}, {"AsyncLimit", testAsyncLimit},
		{"AsyncBadID", testAsyncBadID}, {"UnsendableArgs", testUnsendable}, {"Closed", testClosed},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t)
			defer s.Close()
			tc.f(t, s)
		})
	}
}

func ctx(t *testing.T) context.Context {
	c, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t.Cleanup(cancel)
	return c
}

func do(t *testing.T, s remote.Session, mod string, kv ...value.Value) *value.Dict {
	t.Helper()
	r, err := s.Do(ctx(t), &remote.Request{Module: mod, Args: value.DictOf(kv...)})
	if err != nil {
		t.Fatalf("%s: %v", mod, err)
	}
	return r.Result
}

func testValues(t *testing.T, s remote.Session) {
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	in := value.DictOf("s", "stray \xff byte, ünïcode", "u", value.Unsafe("{{ x }}"), "i", int64(-1<<62), "big", huge,
		"f", 1.5, "t", true, "n", nil, "l", value.NewList(int64(1), value.NewList(), "x"), "tup", value.Tuple{int64(1), "a"},
		"d", value.DictOf("z", int64(1), "a", int64(2), int64(3), "int key"))
	r, err := s.Do(ctx(t), &remote.Request{Module: "echo", Args: in})
	if err != nil {
		t.Fatal(err)
	}
	got := r.Result.At("args")
	if g, w := value.Repr(got), value.Repr(in); g != w {
		t.Errorf("got %s\nwant %s", g, w)
	}
}

func testContext(t *testing.T, s remote.Session) {
	r, err := s.Do(ctx(t), &remote.Request{Module: "echo", Check: true, Diff: true, NoLog: true, Verbosity: 3,
		Env: []string{"A=b", "C=d"}, RemoteUser: "ops", Tmpdir: "/tmp"})
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range map[string]string{"check": "True", "diff": "True", "no_log": "True", "verbosity": "3", "env": "['A=b', 'C=d']", "user": "ops"} {
		if got := value.Str(r.Result.At(k)); got != want {
			t.Errorf("%s: %s, want %s", k, got, want)
		}
	}
}

func testBlob(t *testing.T, s remote.Session) {
	blob := random(remote.BlobMax)
	r, err := s.Do(ctx(t), &remote.Request{Module: "echo", Blob: blob})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(r.Blob, blob) {
		t.Error("the blob did not come back whole")
	}
}

func random(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	r.Read(b)
	return b
}

func testConcurrent(t *testing.T, s remote.Session) {
	began := time.Now()
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if i%2 == 0 {
				do(t, s, "sleep", "for", "300ms")
				return
			}
			got := do(t, s, "echo", "i", int64(i)).At("args")
			if value.Repr(got) != fmt.Sprintf("{'i': %d}", i) {
				t.Errorf("answer of another request: %s", value.Repr(got))
			}
		}()
	}
	wg.Wait()
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("25 requests of 300 ms took %s: not side by side", d)
	}
}

func testBig(t *testing.T, s remote.Session) {
	got, _ := value.Text(do(t, s, "big", "size", int64(20<<20)).At("text"))
	if len(got) != 20<<20 {
		t.Errorf("%d bytes came back", len(got))
	}
}

func testPanic(t *testing.T, s remote.Session) {
	d := do(t, s, "panic")
	if msg := value.Str(d.At("msg")); !strings.Contains(msg, "on purpose") || d.At("failed") != true {
		t.Errorf("got %s", value.Repr(d))
	}
	do(t, s, "echo")
}

func testCancel(t *testing.T, s remote.Session) {
	c, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := s.Do(c, &remote.Request{Module: "sleep", Args: value.DictOf("for", "30s")})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if d := time.Since(began); d > 2*time.Second {
		t.Errorf("cancelling took %s", d)
	}
	do(t, s, "echo")
}

func testCancelKillsGroup(t *testing.T, s remote.Session) {
	mark := filepath.Join(t.TempDir(), "pids")
	c, cancel := context.WithCancel(context.Background())
	go func() { waitFile(mark, 2); cancel() }()
	_, err := s.Do(c, &remote.Request{Module: "sh", Args: value.DictOf("cmd",
		"echo $$ >"+mark+"; (trap '' TERM; exec sh -c 'echo $$ >>"+mark+"; sleep 60') & wait; sleep 60")})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	checkGone(t, mark)
}

// waitFile waits until a file has n lines.
func waitFile(name string, n int) bool {
	for range 500 {
		b, _ := os.ReadFile(name)
		if bytes.Count(b, []byte("\n")) >= n {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

// checkGone reports processes whose ids are in a file and that still run.
func checkGone(t *testing.T, name string) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range strings.Fields(string(b)) {
		gone := false
		for range 300 {
			st, err := os.ReadFile("/proc/" + pid + "/stat")
			if err != nil || strings.Contains(string(st), ") Z ") {
				gone = true
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if !gone {
			t.Errorf("process %s is left over", pid)
		}
	}
}

func testExec(t *testing.T, s remote.Session) {
	dir := t.TempDir()
	r, err := s.Exec(ctx(t), &remote.Exec{Argv: []string{"/bin/sh", "-c", "cat; pwd; echo $V; echo err >&2; exit 7"},
		Stdin: []byte("in\x00put\n"), Env: []string{"V=val"}, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if want := "in\x00put\n" + dir + "\nval\n"; r.RC != 7 || string(r.Stdout) != want || string(r.Stderr) != "err\n" {
		t.Errorf("rc %d, stdout %q, stderr %q", r.RC, r.Stdout, r.Stderr)
	}
	if r, err = s.Exec(ctx(t), &remote.Exec{Argv: []string{"/bin/sh", "-c", "kill -9 $$"}}); err != nil || r.RC != -9 {
		t.Errorf("killed by 9: %v, %v", r, err)
	}
	if _, err = s.Exec(ctx(t), &remote.Exec{Argv: []string{"/no/such/program"}}); !errors.Is(err, fs.ErrNotExist) || remote.IsUnreachable(err) {
		t.Errorf("missing program: %v", err)
	}
	// A daemon that keeps the pipe open does not hold the answer up for ever.
	began := time.Now()
	if r, err = s.Exec(ctx(t), &remote.Exec{Argv: []string{"/bin/sh", "-c", "echo up; sleep 20 &"}}); err != nil || string(r.Stdout) != "up\n" {
		t.Errorf("daemon: %v, %v", r, err)
	}
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("daemon: waited %s", d)
	}
}

func testExecCancel(t *testing.T, s remote.Session) {
	mark := filepath.Join(t.TempDir(), "pids")
	c, cancel := context.WithCancel(context.Background())
	go func() { waitFile(mark, 1); cancel() }()
	if _, err := s.Exec(c, &remote.Exec{Argv: []string{"/bin/sh", "-c", "echo $$ >" + mark + "; sleep 60"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	checkGone(t, mark)
}

func testPutGet(t *testing.T, s remote.Session) {
	for _, size := range []int{0, 1, 32 << 10, 5<<20 + 17} {
		want := random(size)
		p := filepath.Join(t.TempDir(), "f")
		if err := s.PutFile(ctx(t), p, bytes.NewReader(want), int64(size), 0o640); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(p)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes arrived as %d (%v)", size, len(got), err)
		}
		if st, _ := os.Stat(p); st.Mode().Perm() != 0o640 {
			t.Errorf("mode %v", st.Mode())
		}
		var b bytes.Buffer
		if err := s.GetFile(ctx(t), p, &b); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), want) {
			t.Errorf("%d bytes came back as %d", size, b.Len())
		}
	}
}

func noFiles(t *testing.T, dir string) {
	t.Helper()
	l, _ := os.ReadDir(dir)
	for _, e := range l {
		t.Errorf("%s is left in the folder", e.Name())
	}
}

func testPutFails(t *testing.T, s remote.Session) {
	dir := t.TempDir()
	err := s.PutFile(ctx(t), dir+"/no/such", strings.NewReader("x"), 1, 0o600)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: %v", err)
	}
	// A large one fails early, in the middle of the transfer.
	if err := s.PutFile(ctx(t), dir+"/no/such", bytes.NewReader(random(8<<20)), 8<<20, 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder, large: %v", err)
	}
	if err := s.PutFile(ctx(t), dir+"/short", strings.NewReader("only this"), 1<<20, 0o600); err == nil || remote.IsUnreachable(err) {
		t.Errorf("source that ends early: %v", err)
	}
	bad := errors.New("disk error")
	if err := s.PutFile(ctx(t), dir+"/bad", io.MultiReader(bytes.NewReader(random(100<<10)), errReader{bad}), 1<<20, 0o600); !errors.Is(err, bad) {
		t.Errorf("source that fails: %v", err)
	}
	noFiles(t, dir)
	do(t, s, "echo")
}

type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }

type slowReader struct{}

func (slowReader) Read(p []byte) (int, error) { time.Sleep(5 * time.Millisecond); return len(p), nil }

func testPutCancel(t *testing.T, s remote.Session) {
	dir := t.TempDir()
	c, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if err := s.PutFile(c, dir+"/f", slowReader{}, 1<<40, 0o600); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	noFiles(t, dir)
	do(t, s, "echo")
}

func testGetFails(t *testing.T, s remote.Session) {
	if err := s.GetFile(ctx(t), "/no/such/file", io.Discard); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	if err := s.GetFile(ctx(t), "/tmp", io.Discard); err == nil || !strings.Contains(err.Error(), "directory") {
		t.Errorf("folder: %v", err)
	}
	p := filepath.Join(t.TempDir(), "f")
	os.WriteFile(p, random(8<<20), 0o600)
	bad := errors.New("disk full")
	if err := s.GetFile(ctx(t), p, errWriter{bad}); !errors.Is(err, bad) {
		t.Errorf("sink that fails: %v", err)
	}
	do(t, s, "echo")
}

type errWriter struct{ err error }

func (e errWriter) Write([]byte) (int, error) { return 0, e.err }

// testStreamsTogether: a stream whose taker is slow holds up nobody.
func testStreamsTogether(t *testing.T, s remote.Session) {
	p := filepath.Join(t.TempDir(), "f")
	want := random(6 << 20)
	os.WriteFile(p, want, 0o600)
	pr, pw := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- s.GetFile(ctx(t), p, pw); pw.Close() }()
	for i := range 20 {
		c, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		if _, err := s.Do(c, &remote.Request{Module: "echo"}); err != nil {
			t.Fatalf("request %d behind a stream: %v", i, err)
		}
		cancel()
	}
	got, _ := io.ReadAll(pr)
	if err := <-done; err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func testTempDir(t *testing.T, s remote.Session) {
	d, err := s.TempDir(ctx(t))
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := s.TempDir(ctx(t)); again != d {
		t.Errorf("two folders: %s and %s", d, again)
	}
	st, err := os.Stat(d)
	if err != nil || st.Mode().Perm() != 0o700 {
		t.Fatalf("%v %v", st, err)
	}
	if err := s.PutFile(ctx(t), d+"/f", strings.NewReader("x"), 1, 0o600); err != nil {
		t.Error(err)
	}
	s.Close()
	if _, err := os.Stat(d); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is there after Close", d)
	}
}

func async(t *testing.T, s remote.Session, dir, mod string, limit int, kv ...value.Value) *value.Dict {
	t.Helper()
	r, err := s.Do(ctx(t), &remote.Request{Module: mod, Args: value.DictOf(kv...), Async: &remote.Async{JobID: "j1.2", Dir: dir, Limit: limit}})
	if err != nil {
		t.Fatal(err)
	}
	return r.Result
}

// jobFile waits for a status file to say that the job has finished.
func jobFile(t *testing.T, name string) *value.Dict {
	t.Helper()
	for range 1000 {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		v, err := value.ParseJSON(b)
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if d := v.(*value.Dict); value.Str(d.At("finished")) == "1" {
			return d
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the job does not finish")
	return nil
}

func testAsync(t *testing.T, s remote.Session) {
	dir := t.TempDir()
	began := time.Now()
	d := async(t, s, dir, "sh", 30, "cmd", "sleep 1; echo done")
	if g, w := value.Repr(d), "{'changed': True, 'started': 1, 'finished': 0, 'ansible_job_id': 'j1.2', 'results_file': '"+dir+"/j1.2'}"; g != w {
		t.Errorf("got %s, want %s", g, w)
	}
	if time.Since(began) > 900*time.Millisecond {
		t.Error("waited for the job")
	}
	s.Close() // the job outlives the session
	if got := jobFile(t, dir+"/j1.2"); value.Str(got.At("out")) != "done\n" || value.Str(got.At("ansible_job_id")) != "j1.2" {
		t.Errorf("got %s", value.Repr(got))
	}
}

func testAsyncLimit(t *testing.T, s remote.Session) {
	dir := t.TempDir()
	mark := filepath.Join(t.TempDir(), "pids")
	async(t, s, dir, "sh", 1, "cmd", "echo $$ >"+mark+"; sleep 60")
	got := jobFile(t, dir+"/j1.2")
	if got.At("failed") != true || !strings.Contains(value.Str(got.At("msg")), "time limit of 1 seconds") {
		t.Errorf("got %s", value.Repr(got))
	}
	checkGone(t, mark)
}

func testAsyncBadID(t *testing.T, s remote.Session) {
	_, err := s.Do(ctx(t), &remote.Request{Module: "echo", Async: &remote.Async{JobID: "../../x", Dir: t.TempDir()}})
	if err == nil || remote.IsUnreachable(err) {
		t.Errorf("got %v", err)
	}
}

func testUnsendable(t *testing.T, s remote.Session) {
	_, err := s.Do(ctx(t), &remote.Request{Module: "echo", Args: value.DictOf("x", &value.Undefined{Name: "nope"})})
	if err == nil || !strings.Contains(err.Error(), "'nope' is undefined") {
		t.Errorf("got %v", err)
	}
}

func testClosed(t *testing.T, s remote.Session) {
	s.Close()
	if _, err := s.Do(ctx(t), &remote.Request{Module: "echo"}); err == nil {
		t.Error("a closed session answers")
	}
	s.Close()
}
