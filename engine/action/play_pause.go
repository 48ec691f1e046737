package action

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/module"
	"github.com/goplay-engine/goplay/engine/value"
)

// pause waits for a time, or for the person at the terminal.
func pause(c *Context) (*value.Dict, error) {
	start := time.Now()
	for _, k := range c.Args.Keys() {
		switch n := value.Str(k); n {
		case "echo", "minutes", "prompt", "seconds":
		default:
			return nil, fmt.Errorf("Unsupported parameters for (%s) module: %s. Supported parameters include: echo, minutes, prompt, seconds.", c.Action, n)
		}
	}
	if c.Args.At("minutes") != nil && c.Args.At("seconds") != nil {
		return nil, fmt.Errorf("parameters are mutually exclusive: minutes|seconds")
	}
	seconds, timed := 0.0, false
	for _, k := range []string{"minutes", "seconds"} {
		v, ok := c.Args.GetStr(k)
		if !ok || v == nil {
			continue
		}
		f, err := strconv.ParseFloat(strings.TrimSpace(value.Str(v)), 64)
		if err != nil {
			return nil, fmt.Errorf("argument '%s' is of type %s and we were unable to convert to int: %s cannot be converted to an int", k, "<class '"+pyClass(v)+"'>", "<class '"+pyClass(v)+"'>")
		}
		timed = true
		seconds = float64(int(f))
		if k == "minutes" {
			seconds = float64(int(f)) * 60
		}
	}
	if timed && seconds < 1 {
		seconds = 1
	}
	echo := true
	if v := c.Args.At("echo"); v != nil {
		b, err := module.ParseBool(v)
		if err != nil {
			return nil, fmt.Errorf("argument 'echo' is of type <class '%s'> and we were unable to convert to bool: %w", pyClass(v), err)
		}
		echo = b
	}
	prompt := ""
	if v, ok := c.Args.GetStr("prompt"); ok && v != nil {
		prompt = value.Str(v)
	}
	d := value.DictOf("changed", false, "rc", int64(0), "stderr", "", "stdout", "", "start", stamp(start), "stop", nil, "delta", nil, "echo", echo, "user_input", "")
	ask := ""
	limit := time.Duration(seconds) * time.Second
	hidden := ""
	if !echo {
		hidden = " (output is hidden)"
	}
	title := "[" + c.TaskName + "]\n"
	switch {
	case timed && c.Say != nil:
		c.Say(fmt.Sprintf("Pausing for %d seconds%s", int(seconds), hidden))
		c.Say("(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)\r")
		if prompt != "" {
			ask = title + prompt + hidden + ":\n"
		}
	case !timed:
		text := "Press enter to continue, Ctrl+C to interrupt"
		if prompt != "" {
			text = prompt
		}
		ask = title + text + hidden + ":\n"
	}
	end := Pause{NoTTY: true}
	var err error
	if c.Input != nil {
		end, err = c.Input.Pause(c, ask, !echo, limit)
	} else if timed {
		err = rest(c, limit)
	}
	switch {
	case err != nil:
		return nil, err
	case end.Abort:
		return nil, errors.New("user requested abort!")
	case end.NoTTY && !timed:
		c.Warn("Not waiting for response to prompt as stdin is not interactive")
	}
	d.Set("user_input", value.Unsafe(end.Line))
	took := time.Since(start)
	d.Set("stop", stamp(time.Now()))
	d.Set("delta", int64(took.Seconds()))
	unit, n := "minutes", round2(took.Minutes())
	if c.Args.Has("seconds") {
		unit, n = "seconds", round2(took.Seconds())
	}
	d.Set("stdout", fmt.Sprintf("Paused for %s %s", value.FormatFloat(n), unit))
	return d, nil
}

func round2(f float64) float64 {
	s := strconv.FormatFloat(f, 'f', 2, 64)
	r, _ := strconv.ParseFloat(s, 64)
	return r
}

func stamp(t time.Time) string { return t.Format("2006-01-02 15:04:05.000000") }

// pyClass names a value's type as Python's type() does.
func pyClass(v value.Value) string {
	if _, ok := value.Text(v); ok {
		return "str"
	}
	return value.TypeName(v)
}
