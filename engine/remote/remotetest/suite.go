package remotetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
		{"TempDir", testTempDir}, {"Async", testAsync}, {"AsyncPlace", testAsyncPlace}, {"AsyncLimit", testAsyncLimit},
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
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if i%2 == 0 { // 25 requests that wait for each other
				if d := do(t, s, "meet", "n", int64(25)); d.At("met") != true {
					t.Errorf("not side by side: %s", value.Repr(d))
				}
				return
			}
			got := do(t, s, "echo", "i", int64(i)).At("args")
			if value.Repr(got) != fmt.Sprintf("{'i': %d}", i) {
				t.Errorf("answer of another request: %s", value.Repr(got))
			}
		}()
	}
	wg.Wait()
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
	if d := time.Since(began); d > 20*time.Second { // the module sleeps for 30
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
	for range 6000 {
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
	if errors.Is(err, fs.ErrNotExist) {
		return // ended before it could write its id
	} else if err != nil {
		t.Fatal(err)
	}
	for _, pid := range strings.Fields(string(b)) {
		gone := false
		for range 3000 {
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
	if r, err = s.Exec(ctx(t), &remote.Exec{Argv: []string{"/bin/sh", "-c", "echo up; sleep 60 &"}}); err != nil || string(r.Stdout) != "up\n" {
		t.Errorf("daemon: %v, %v", r, err)
	}
	if d := time.Since(began); d > 30*time.Second {
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

func (slowReader) Read(p []byte) (int, error) { time.Sleep(5 * time.Millisecond); return len(p), nil }

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
