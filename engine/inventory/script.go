package inventory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

// scriptTimeout ends a script that hangs.
const scriptTimeout = 10 * time.Minute

// pluginScript runs an executable source with --list, and with --host for each
// host where its answer has no _meta.
func (inv *Inventory) pluginScript(src string) error {
	st, err := os.Stat(src)
	if err != nil || st.IsDir() || !executable(src, st) {
		return errSkip
	}
	v, err := inv.runScript(src, "--list")
	if err != nil {
		return err
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return fmt.Errorf("failed to parse executable inventory script results from %s: needs to be a json dict", src)
	}
	var meta *value.Dict
	for k, e := range d.All() {
		name := value.Str(k)
		if name == "_meta" {
			if m, ok := e.(*value.Dict); ok {
				meta, _ = m.At("hostvars").(*value.Dict)
			}
			continue
		}
		if err := inv.scriptGroup(name, e); err != nil {
			return err
		}
	}
	hasMeta := d.Has("_meta")
	for _, n := range append([]string(nil), inv.hnames...) {
		h := inv.hosts[n]
		if h.Source != src {
			continue
		}
		vars, _ := meta.At(n).(*value.Dict)
		if !hasMeta || meta == nil {
			if vars, err = inv.scriptHost(src, n); err != nil {
				return err
			}
		}
		for k, v := range vars.All() {
			inv.setVar(h.Vars, value.Str(k), v, value.Pos{File: src})
		}
	}
	// hostvars may speak of hosts that an earlier source named.
	for k, v := range meta.All() {
		h := inv.hosts[value.Str(k)]
		vars, ok := v.(*value.Dict)
		if h == nil || h.Source == src || !ok {
			continue
		}
		for k, v := range vars.All() {
			inv.setVar(h.Vars, value.Str(k), v, value.Pos{File: src})
		}
	}
	return nil
}

func (inv *Inventory) runScript(src string, args ...string) (value.Value, error) {
	ctx, cancel := context.WithTimeout(context.Background(), scriptTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, src, args...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	cmd.Dir = inv.opts.Dir
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			return nil, fmt.Errorf("problem running %s %s (%w)", src, strings.Join(args, " "), err)
		}
		return nil, fmt.Errorf("Inventory script (%s) had an execution error: %s", src, errOut.String())
	}
	if len(bytes.TrimSpace(out.Bytes())) == 0 {
		return value.NewDict(), nil
	}
	v, err := value.ParseJSON(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("failed to parse executable inventory script results from %s: %w", src, err)
	}
	return v, nil
}

func (inv *Inventory) scriptHost(src, host string) (*value.Dict, error) {
	v, err := inv.runScript(src, "--host", host)
	if err != nil {
		return nil, err
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return nil, fmt.Errorf("could not parse post variable response: %s %s", src, host)
	}
	return d, nil
}

func (inv *Inventory) scriptGroup(name string, v value.Value) error {
	g := inv.addGroup(name)
	d, ok := v.(*value.Dict)
	switch {
	case !ok:
		d = value.DictOf("hosts", v)
	case !d.Has("hosts") && !d.Has("vars") && !d.Has("children"):
		d = value.DictOf("hosts", value.NewList(name), "vars", d)
	}
	if h, ok := d.GetStr("hosts"); ok {
		l, ok := h.(*value.List)
		if !ok {
			return fmt.Errorf("You defined a group '%s' with bad data for the host list:\n %s", name, value.Repr(d))
		}
		for _, e := range l.Items {
			if _, err := inv.addHost(value.Str(e), g.Name, 0); err != nil {
				return err
			}
		}
	}
	if v, ok := d.GetStr("vars"); ok {
		vars, ok := v.(*value.Dict)
		if !ok {
			return fmt.Errorf("You defined a group '%s' with bad data for variables:\n %s", name, value.Repr(d))
		}
		for k, e := range vars.All() {
			if err := inv.setGroupVar(g, value.Str(k), e, value.Pos{}); err != nil {
				return err
			}
		}
	}
	if kids, ok := d.At("children").(*value.List); ok && name != "_meta" {
		for _, e := range kids.Items {
			c := inv.addGroup(value.Str(e))
			if err := inv.addChild(g.Name, c.Name); err != nil {
				return err
			}
		}
	}
	return nil
}
