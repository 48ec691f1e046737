package remote_test

import (
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/remote/remotetest"
)

func TestMain(m *testing.M) {
	remote.HelperMain(remotetest.Runner)
	os.Exit(m.Run())
}

func TestDirect(t *testing.T) {
	remotetest.Run(t, func(t *testing.T) remote.Session {
		return remote.Isolate(remote.NewDirect(remotetest.Runner, remote.SelfCommand(), t.TempDir()))
	})
}

// openHelper starts this binary as a helper on plain pipes.
func openHelper(t *testing.T) (*remote.Client, *exec.Cmd) {
	t.Helper()
	self := remote.SelfCommand()
	cmd := exec.Command(self[0], append(self[1:], "serve", t.TempDir())...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = w, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() { cmd.Process.Kill(); r.Close() })
	c, err := remote.NewClient("h1", remote.Pipe{R: io.Reader(r), W: in,
		Wait: func() string { cmd.Wait(); return "" }, Kill: func() { cmd.Process.Kill() }}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c, cmd
}

func TestHelper(t *testing.T) {
	remotetest.Run(t, func(t *testing.T) remote.Session { c, _ := openHelper(t); return c })
}
