package kv

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/goplay-engine/goplay/cmd/storage/internal/kvtest"
)

func openGroup(t *testing.T, f File, limit int64) *Group {
	t.Helper()
	g, err := OpenGroup(ctx, f, limit, Watch{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g
}

func groupValues(t *testing.T, g *Group, key string) (v []string) {
	t.Helper()
	if err := g.View(func(d *Data) { v = d.Values(key) }); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestGroupBesideProcess has callers of a Group and another process add to one file, while others read.
func TestGroupBesideProcess(t *testing.T) {
	f := write(t, "")
	g := openGroup(t, f, 0)
	const callers = 16
	each := perProcess() / 5
	stop := make(chan struct{})
	var readers, writers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for last := 0; ; {
				select {
				case <-stop:
					return
				default:
				}
				n := len(groupValues(t, g, "k"))
				if n < last {
					t.Errorf("%d values after %d", n, last)
				}
				last = n
			}
		})
	}
	writers.Go(func() {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "KV_TEST_ADD="+f.Path, "KV_TEST_NAME=process", fmt.Sprintf("KV_TEST_COUNT=%d", each))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
	for c := range callers {
		writers.Go(func() {
			for i := range each {
				n, err := g.Add(ctx, "k", fmt.Sprintf("%d-%d", c, i))
				if err != nil {
					t.Error(err)
					return
				}
				if i%50 == 0 {
					// what is acknowledged is in the file, at the place that was told
					d, err := f.Load()
					if err != nil {
						t.Error(err)
						return
					}
					if v := d.Values("k"); len(v) < n || v[n-1] != fmt.Sprintf("%d-%d", c, i) {
						t.Errorf("value %d of the file is another", n)
					}
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	kvtest.InOrder(t, values(t, f, "k"), callers+1, each)
	kvtest.InOrder(t, groupValues(t, g, "k"), callers+1, each)
}

func TestGroupSeesOtherFiles(t *testing.T) {
	f := write(t, `{"a": ["x"]}`)
	g := openGroup(t, f, 0)
	if err := os.WriteFile(f.Path, []byte(`{"a": ["x", "y"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := groupValues(t, g, "a"); !slices.Equal(got, []string{"x", "y"}) {
		t.Errorf("values %q", got)
	}
	if err := os.WriteFile(f.Path, []byte(`{"a": ["x", "y"`), 0o600); err != nil {
		t.Fatal(err)
	}
	var damage *DamagedError
	if err := g.View(func(*Data) {}); !errors.As(err, &damage) {
		t.Errorf("error %v", err)
	}
	if _, err := g.Add(ctx, "a", "z"); !errors.As(err, &damage) {
		t.Errorf("error %v", err)
	}
	if b, _ := os.ReadFile(f.Path); string(b) != `{"a": ["x", "y"` {
		t.Errorf("the damaged file is now %s", b)
	}
	if err := os.Remove(f.Path); err != nil {
		t.Fatal(err)
	}
	if n, err := g.Add(ctx, "a", "z"); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if got := values(t, f, "a"); !slices.Equal(got, []string{"z"}) {
		t.Errorf("values %q", got)
	}
}

func TestGroupLimit(t *testing.T) {
	g := openGroup(t, write(t, ""), 100)
	if _, err := g.Add(ctx, "a", strings.Repeat("x", 100)); !errors.Is(err, ErrFull) {
		t.Errorf("error %v, want ErrFull", err)
	}
	if _, err := g.Add(ctx, "a", "x"); err != nil {
		t.Error(err)
	}
	if got := groupValues(t, g, "a"); !slices.Equal(got, []string{"x"}) {
		t.Errorf("values %q", got)
	}
}

// TestGroupFailedWrite makes a write fail: nothing of it may stay in memory.
func TestGroupFailedWrite(t *testing.T) {
	f := write(t, `{"a": ["x"]}`)
	g := openGroup(t, f, 0)
	// a folder of this name with something in it cannot be removed
	if err := os.MkdirAll(f.Path+".tmp/x", 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Add(ctx, "a", "lost"); err == nil {
		t.Error("no error")
	}
	if got := groupValues(t, g, "a"); !slices.Equal(got, []string{"x"}) {
		t.Errorf("values %q", got)
	}
	if err := os.RemoveAll(f.Path + ".tmp"); err != nil {
		t.Fatal(err)
	}
	if n, err := g.Add(ctx, "a", "y"); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if got := groupValues(t, g, "a"); !slices.Equal(got, []string{"x", "y"}) {
		t.Errorf("values %q", got)
	}
}

func TestGroupClosed(t *testing.T) {
	g, err := OpenGroup(ctx, write(t, ""), 0, Watch{})
	if err != nil {
		t.Fatal(err)
	}
	g.Close()
	if _, err := g.Add(ctx, "a", "x"); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v, want ErrClosed", err)
	}
}
