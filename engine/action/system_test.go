package action

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
)

// restarting is a host that goes away at the reboot and comes back later with
// another boot id.
type restarting struct{ asked, down int }

func (h *restarting) module(name string, args *value.Dict, _ []byte) (*value.Dict, error) {
	cmd := value.Str(args.At("_raw_params"))
	switch {
	case strings.Contains(cmd, "shutdown"):
		h.down = 2
		return nil, &remote.UnreachableError{Host: "h", Msg: "connection closed"}
	case h.down > 0:
		h.down--
		h.asked++
		return nil, &remote.UnreachableError{Host: "h", Msg: "no route to host"}
	case name == "ansible.builtin.ping":
		return value.DictOf("ping", "pong"), nil
	case cmd == "whoami":
		return value.DictOf("rc", int64(0), "stdout", "root"), nil
	}
	id := "first"
	if h.asked > 0 {
		id = "second"
	}
	return value.DictOf("rc", int64(0), "stdout", id), nil
}

func testContext(h *restarting, args *value.Dict) *Context {
	return &Context{Context: context.Background(), Args: args, Module: h.module, Reset: func() error { return nil }}
}

func TestReboot(t *testing.T) {
	h := &restarting{}
	d, err := reboot(testContext(h, value.DictOf("reboot_timeout", int64(120))))
	if err != nil || d.At("rebooted") != true || d.At("changed") != true || d.At("failed") != nil || h.asked != 2 {
		t.Errorf("got %s, %v, asked %d times", value.Repr(d), err, h.asked)
	}
	c := testContext(&restarting{}, value.DictOf())
	c.Host.Local = true
	if d, _ := reboot(c); d.At("failed") != true {
		t.Error("the controller would have been rebooted")
	}
	d, err = reboot(testContext(&restarting{}, value.DictOf("reboot_timeuot", "1")))
	if err != nil || d.At("failed") != true || !strings.Contains(value.Str(d.At("msg")), "Invalid options for reboot: reboot_timeuot") {
		t.Errorf("an unknown option was taken: %s, %v", value.Repr(d), err)
	}
}

func TestWaitForConnection(t *testing.T) {
	d, err := waitForConnection(testContext(&restarting{down: 1}, value.DictOf("timeout", "60")))
	if err != nil || d.At("failed") != nil {
		t.Errorf("got %s, %v", value.Repr(d), err)
	}
	start := time.Now()
	d, err = waitForConnection(testContext(&restarting{down: 1 << 30}, value.DictOf("timeout", "1")))
	if err != nil || d.At("failed") != true || time.Since(start) > 30*time.Second {
		t.Errorf("got %s, %v after %s", value.Repr(d), err, time.Since(start))
	}
}
