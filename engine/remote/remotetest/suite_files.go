package remotetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goplay-engine/goplay/engine/remote"
)

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
		c, cancel := context.WithTimeout(context.Background(), time.Minute)
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
