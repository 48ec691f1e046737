package connect

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/engine/remote"
)

// TestLocalBecome takes another identity on this machine, which only root can
// do without a password.
func TestLocalBecome(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root")
	}
	o := newOpener(t)
	tmp := fmt.Sprint("/tmp/.goplay-test-nobody-", os.Getpid())
	for _, b := range []Become{
		{Method: "sudo", User: "nobody"},
		{Method: "su", User: "nobody", Flags: "-s /bin/sh"},
		{Method: "sudo", User: localUser()},
	} {
		if _, err := exec.LookPath(b.Method); err != nil {
			continue
		}
		s, err := o.Open(context.Background(), Target{Name: "localhost", Connection: "local", Become: b, RemoteTmp: tmp})
		if err != nil {
			t.Errorf("%+v: %v", b, err)
			continue
		}
		x, err := s.Exec(context.Background(), &remote.Exec{Argv: []string{"id", "-un"}})
		if err != nil || strings.TrimSpace(string(x.Stdout)) != b.User {
			t.Errorf("%+v: %v %s", b, err, x.Stdout)
		}
		if err := echo(s); err != nil {
			t.Error(err)
		}
		if b.User != "nobody" {
			continue
		}
		r, err := o.Raw(context.Background(), Target{Name: "localhost", Connection: "local", Become: b}, "id -un; cat", []byte("x\n"))
		if err != nil || !strings.HasPrefix(string(r.Stdout), "nobody\n") {
			t.Errorf("%+v raw: %v %+v", b, err, r)
		}
	}
	o.Close()
	for _, d := range (&startScript{login: localUser()}).sharedDirs() {
		os.Remove(d + "/" + cacheName(o.Builds[0]))
	}
	os.RemoveAll(tmp)
}
