package remotetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
)

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
	for range 6000 {
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
	goOn := filepath.Join(t.TempDir(), "go") // the job ends when this file is there: whoever waited for it would hang
	d := async(t, s, dir, "sh", 120, "cmd", "until [ -e '"+goOn+"' ]; do sleep 0.1; done; echo done")
	if g, w := value.Repr(d), "{'failed': 0, 'started': 1, 'finished': 0, 'ansible_job_id': 'j1.2', 'results_file': '"+dir+"/j1.2', 'changed': True}"; g != w {
		t.Errorf("got %s, want %s", g, w)
	}
	s.Close() // the job outlives the session
	if err := os.WriteFile(goOn, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := jobFile(t, dir+"/j1.2"); value.Str(got.At("out")) != "done\n" || value.Str(got.At("ansible_job_id")) != "j1.2" {
		t.Errorf("got %s", value.Repr(got))
	}
}

// testAsyncPlace: a job works in the folder of other tasks, under a umask of its own.
func testAsyncPlace(t *testing.T, s remote.Session) {
	dir := t.TempDir()
	want := value.Str(do(t, s, "sh", "cmd", "pwd").At("out")) + "0022\n"
	async(t, s, dir, "sh", 30, "cmd", "pwd; umask")
	if got := value.Str(jobFile(t, dir+"/j1.2").At("out")); got != want {
		t.Errorf("got %q, want %q", got, want)
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
