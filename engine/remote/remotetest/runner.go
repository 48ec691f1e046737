// Package remotetest is the conformance suite that every kind of session
// passes, with the small modules it needs. A test binary that uses it calls
// remote.HelperMain(remotetest.Runner) in TestMain, so that it can be its own
// helper.
//
// It imports engine/remote, engine/module and engine/value.
package remotetest

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
)

var meeting struct {
	sync.Mutex
	n   int
	all chan struct{}
}

// met waits until n requests have come here, or the request is cancelled.
func met(c *module.Context, n int) bool {
	meeting.Lock()
	if meeting.n == 0 {
		meeting.all = make(chan struct{})
	}
	all := meeting.all
	if meeting.n++; meeting.n == n {
		meeting.n = 0
		close(all)
	}
	meeting.Unlock()
	select {
	case <-all:
		return true
	case <-c.Done():
		return false
	}
}

// Runner runs the suite's modules.
func Runner(c *module.Context, name string, args *value.Dict) (*value.Dict, []byte) {
	text := func(k string) string { s, _ := value.Text(args.At(k)); return s }
	switch name {
	case "echo": // what came in, and the context
		return value.DictOf("args", args, "check", c.Check, "diff", c.Diff, "no_log", c.NoLog,
			"verbosity", int64(c.Verbosity), "env", value.From(c.Env), "user", c.RemoteUser,
			"blob", int64(len(c.Blob)), "pid", int64(os.Getpid()), "uid", int64(os.Getuid())), c.Blob
	case "sleep":
		d, _ := time.ParseDuration(text("for"))
		select {
		case <-time.After(d):
			return value.DictOf("slept", true), nil
		case <-c.Done():
			return value.DictOf("failed", true, "msg", "cancelled"), nil
		}
	case "meet": // returns when so many requests are under way
		n, _ := args.At("n").(int64)
		return value.DictOf("met", met(c, int(n))), nil
	case "sh": // a command whose process group dies with the request
		cmd := exec.Command("/bin/sh", "-c", text("cmd"))
		out := &strings.Builder{}
		cmd.Stdout, cmd.Stderr = out, out
		err := remote.RunGroup(c, cmd)
		return value.DictOf("out", out.String(), "failed", err != nil), nil
	case "big":
		n, _ := args.At("size").(int64)
		return value.DictOf("text", strings.Repeat("x", int(n))), nil
	case "panic":
		panic("on purpose " + strconv.Itoa(1))
	case "deaf": // cannot be cancelled
		time.Sleep(30 * time.Second)
	case "exit":
		os.Exit(3)
	}
	return value.DictOf("failed", true, "msg", "no module "+name), nil
}
