//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// command is one thing to measure.
type command struct {
	args []string
	env  []string
	do   func() error // instead of args
}

// cost is what a command took: time on the clock, processor time of it and its children, and the peak memory of
// its largest process in KiB.
type cost struct {
	wall, cpu time.Duration
	peak      int64
}

func (c command) run() (cost, error) {
	start := time.Now()
	if c.do != nil {
		err := c.do()
		return cost{wall: time.Since(start)}, err
	}
	cmd := exec.Command(c.args[0], c.args[1:]...)
	cmd.Env = append(os.Environ(), c.env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	took := time.Since(start)
	if err != nil {
		return cost{}, fmt.Errorf("%s: %w\n%s", strings.Join(c.args, " "), err, out.Bytes())
	}
	state := cmd.ProcessState
	return cost{took, state.UserTime() + state.SystemTime(), state.SysUsage().(*syscall.Rusage).Maxrss}, nil
}

// costs are those of repeated runs.
type costs []cost

// repeat runs the command n times.
func (c command) repeat(n int) (out costs, err error) {
	for range n {
		one, err := c.run()
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// median is the median of each part by itself.
func (c costs) median() cost {
	var wall, cpu []time.Duration
	var peak []int64
	for _, one := range c {
		wall, cpu, peak = append(wall, one.wall), append(cpu, one.cpu), append(peak, one.peak)
	}
	return cost{median(wall), median(cpu), median(peak)}
}
