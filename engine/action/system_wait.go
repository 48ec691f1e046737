package action

import (
	"fmt"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

// waitForConnection polls a host until a module runs on it.
func waitForConnection(c *Context) (*value.Dict, error) {
	o, err := intArgs("wait_for_connection", c.Args, map[string]int64{"connect_timeout": 5, "delay": 0, "sleep": 1, "timeout": 600})
	if err != nil {
		return nil, err
	}
	if c.Task.Check {
		return value.DictOf("skipped", true, "changed", false), nil
	}
	start := time.Now()
	if err := rest(c, time.Duration(o["delay"])*time.Second); err != nil {
		return nil, err
	}
	_ = c.Reset()
	err = until(c, start.Add(time.Duration(o["timeout"])*time.Second), func(int) time.Duration { return time.Duration(o["sleep"]) * time.Second }, func() error {
		r, err := c.Module("ansible.builtin.ping", value.DictOf(), nil)
		if err == nil && value.Str(r.At("ping")) != "pong" {
			err = fmt.Errorf("ping test failed: %s", value.Str(r.At("msg")))
		}
		return err
	})
	d := value.DictOf("changed", false, "elapsed", int64(time.Since(start).Seconds()))
	if err != nil {
		if c.Err() != nil {
			return nil, c.Err()
		}
		d.Set("failed", true)
		d.Set("msg", "timed out waiting for ping module test: "+err.Error())
	}
	return d, nil
}

// until calls try until it succeeds or the time is up; after a failure the
// connection is closed, so that the next try makes a new one.
func until(c *Context, end time.Time, pause func(try int) time.Duration, try func() error) error {
	for n := 0; ; n++ {
		err := try()
		if err == nil {
			return nil
		}
		if c.Err() != nil {
			return c.Err()
		}
		if !time.Now().Before(end) {
			return err
		}
		_ = c.Reset()
		if err := rest(c, min(pause(n), time.Until(end)+time.Millisecond)); err != nil {
			return err
		}
	}
}

// rest waits, or less when the task is cancelled.
func rest(c *Context, d time.Duration) error {
	if d <= 0 {
		return c.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-c.Done():
		return c.Err()
	}
}
