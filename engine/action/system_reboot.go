package action

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/remote"
	"github.com/goplay-engine/goplay/engine/value"
)

// intArgs reads whole numbers, giving the defaults for what is not there and
// refusing names it does not know.
func intArgs(action string, args *value.Dict, defaults map[string]int64, others ...string) (map[string]int64, error) {
	known := map[string]bool{}
	for _, o := range others {
		known[o] = true
	}
	var unknown []string
	out := map[string]int64{}
	for k, v := range defaults {
		out[k], known[k] = v, true
	}
	for k, v := range args.All() {
		name := value.Str(k)
		if !known[name] {
			unknown = append(unknown, name)
			continue
		}
		if _, isInt := defaults[name]; !isInt || v == nil {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(value.Str(v)), 64)
		if err != nil {
			return nil, fmt.Errorf("argument '%s' is of type %s and we were unable to convert to int: %s", name, value.TypeName(v), value.Str(v))
		}
		out[name] = int64(n)
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("Invalid options for %s: %s", action, strings.Join(unknown, ","))
	}
	return out, nil
}

// reboot restarts a host and waits until it is back.
func reboot(c *Context) (*value.Dict, error) {
	if c.Host.Local {
		return value.DictOf("changed", false, "elapsed", int64(0), "rebooted", false, "failed", true,
			"msg", "Running reboot with local connection would reboot the control node."), nil
	}
	if c.Task.Check {
		return value.DictOf("changed", true, "elapsed", int64(0), "rebooted", true), nil
	}
	o, err := intArgs("reboot", c.Args, map[string]int64{"connect_timeout": 0, "pre_reboot_delay": 0, "post_reboot_delay": 0, "reboot_timeout": 600},
		"msg", "test_command", "boot_time_command", "search_paths", "reboot_command")
	if err != nil {
		return value.DictOf("changed", false, "failed", true, "msg", err.Error()), nil
	}
	text := func(name, def string) string {
		if v, ok := c.Args.GetStr(name); ok && v != nil && value.Str(v) != "" {
			return value.Str(v)
		}
		return def
	}
	bootCommand := text("boot_time_command", "cat /proc/sys/kernel/random/boot_id")
	r, before, err := output(c, bootCommand)
	if r != nil && err != nil {
		return value.DictOf("changed", false, "reboot", false, "failed", true, "msg", fmt.Sprintf("reboot: failed to get host boot time info, rc: %s, stdout: %s, stderr: %s",
			value.Str(r.At("rc")), value.Str(r.At("stdout")), value.Str(r.At("stderr")))), nil
	} else if err != nil {
		return nil, fmt.Errorf("Failed to get host boot time info: %w", err)
	}
	start := time.Now()
	command := text("reboot_command", "")
	if command == "" {
		command = shutdownCommand(c.Args.At("search_paths"), o["pre_reboot_delay"], text("msg", "Reboot initiated by Ansible"))
	}
	r, err = c.Module("ansible.builtin.shell", value.DictOf("_raw_params", command), nil)
	switch {
	case err != nil && !remote.IsUnreachable(err):
		return nil, fmt.Errorf("Reboot command failed: %w", err)
	case err == nil && strings.HasPrefix(value.Str(r.At("stderr")), noShutdown):
		return nil, errors.New(strings.TrimSpace(value.Str(r.At("stderr"))))
	case err == nil && value.Truth(r.At("failed")):
		d := value.DictOf("changed", false, "rebooted", false, "elapsed", int64(time.Since(start).Seconds()), "start", start.UTC().Format("2006-01-02T15:04:05.000000"), "failed", true,
			"msg", fmt.Sprintf("Reboot command failed. Error was: '%s, %s'", strings.TrimSpace(value.Str(r.At("stdout"))), strings.TrimSpace(or(value.Str(r.At("stderr")), value.Str(r.At("msg"))))))
		return d, nil
	}
	_ = c.Reset()
	if err := rest(c, time.Duration(o["post_reboot_delay"])*time.Second); err != nil {
		return nil, err
	}
	limit := o["reboot_timeout"]
	fail := func(what string) (*value.Dict, error) {
		if c.Err() != nil {
			return nil, c.Err()
		}
		return value.DictOf("changed", false, "rebooted", true, "elapsed", int64(time.Since(start).Seconds()), "failed", true,
			"msg", fmt.Sprintf("Timed out waiting for %s (timeout=%d)", what, limit)), nil
	}
	pause := func(n int) time.Duration { return time.Duration(min(1<<min(n, 4), 12)) * time.Second }
	end := time.Now().Add(time.Duration(limit) * time.Second)
	err = until(c, end, pause, func() error {
		_, now, err := output(c, bootCommand)
		if err == nil && now == before {
			err = errors.New("boot time has not changed")
		}
		return err
	})
	if err != nil {
		return fail("last boot time check")
	}
	err = until(c, end, pause, func() error { _, _, err := output(c, text("test_command", "whoami")); return err })
	if err != nil {
		return fail("post-reboot test command")
	}
	return value.DictOf("changed", true, "rebooted", true, "elapsed", int64(time.Since(start).Seconds())), nil
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// output runs a command line on the host and returns its result and what it prints.
func output(c *Context, command string) (*value.Dict, string, error) {
	r, err := c.Module("ansible.builtin.shell", value.DictOf("_raw_params", command), nil)
	if err != nil {
		return nil, "", err
	}
	if value.Truth(r.At("failed")) || value.Str(r.At("rc")) != "0" {
		return r, "", fmt.Errorf("%s: return code %s, %s", command, value.Str(r.At("rc")), strings.TrimSpace(or(value.Str(r.At("stderr")), value.Str(r.At("msg")))))
	}
	return r, strings.TrimSpace(value.Str(r.At("stdout"))), nil
}

const noShutdown = "Unable to find command \"shutdown\" in search paths: "

// shutdownCommand finds shutdown where the reference looks for it; small
// systems (BusyBox) have only reboot. The delay is rounded down to minutes.
func shutdownCommand(paths value.Value, delay int64, msg string) string {
	dirs := []string{"/sbin", "/bin", "/usr/sbin", "/usr/bin", "/usr/local/sbin"}
	if l, ok := paths.(*value.List); ok && l.Len() > 0 {
		dirs = nil
		for _, e := range l.Items {
			dirs = append(dirs, value.Str(e))
		}
	}
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
	var words, shown []string
	for _, d := range dirs {
		words, shown = append(words, quote(d)), append(shown, "'"+d+"'")
	}
	return fmt.Sprintf(`for d in %s; do if [ -x "$d/shutdown" ]; then exec "$d/shutdown" -r %d %s; fi; done; `+
		`for d in %s; do if [ -x "$d/reboot" ]; then exec "$d/reboot"; fi; done; echo %s >&2; exit 1`,
		strings.Join(words, " "), delay/60, quote(msg), strings.Join(words, " "), quote(noShutdown+"["+strings.Join(shown, ", ")+"]"))
}
