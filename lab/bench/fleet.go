//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	fleetSmall, fleetLarge = 1000, 10000
	fleetTasks             = 11 // of the longer play; the shorter has one

	wantFleetCPU    = 500 * time.Millisecond // goplay, fleetSmall hosts, one task
	wantFleetEach   = 25.0                   // microseconds of processor time for each further host and task
	wantFleetLinear = 11.0                   // times the processor time for ten times the hosts
)

// fleet measures what a controller spends on a host and a task when no host has to be reached. The reference is
// measured on fleetSmall hosts and one task only: the rest would take it half an hour.
func fleet(b *bench) ([]figure, error) {
	dir, err := os.MkdirTemp("", "bench-fleet")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	run := func(program string, hosts, tasks, repeat int) (cost, error) {
		args := []string{program}
		for name, text := range map[string]string{
			"hosts": fmt.Sprintf("h[1:%d]\n", hosts),
			"play.yml": "- hosts: all\n  gather_facts: false\n  tasks:\n" +
				strings.Repeat("    - debug:\n        msg: \"{{ inventory_hostname }} is here\"\n", tasks),
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				return cost{}, err
			}
		}
		all, err := command{args: append(args, "-i", filepath.Join(dir, "hosts"), filepath.Join(dir, "play.yml"))}.repeat(repeat)
		return all.median(), err
	}
	var small, large, long, ansible cost
	for _, m := range []struct {
		into                 *cost
		program              string
		hosts, tasks, repeat int
	}{
		{&small, b.goplay, fleetSmall, 1, b.pairs},
		{&large, b.goplay, fleetLarge, 1, b.pairs},
		{&long, b.goplay, fleetLarge, fleetTasks, 1},
		{&ansible, "ansible-playbook", fleetSmall, 1, 1},
	} {
		if *m.into, err = run(m.program, m.hosts, m.tasks, m.repeat); err != nil {
			return nil, err
		}
	}
	more := float64(fleetLarge * (fleetTasks - 1)) // hosts times tasks that the longer play adds
	each := float64((long.cpu - large.cpu).Microseconds()) / more
	linear := large.cpu.Seconds() / small.cpu.Seconds()
	return []figure{
		atMost("1,000 hosts, goplay, processor time", small.cpu, wantFleetCPU),
		{name: "1,000 hosts, goplay", value: seconds(small.wall)},
		{name: "1,000 hosts, goplay, peak memory", value: mebibytes(small.peak)},
		{name: "1,000 hosts, ansible-playbook, processor time", value: seconds(ansible.cpu)},
		{name: "1,000 hosts, ansible-playbook", value: seconds(ansible.wall)},
		{name: "1,000 hosts, ansible-playbook, largest process", value: mebibytes(ansible.peak)},
		times("times less processor time", ansible.cpu, small.cpu, 0),
		times("times faster", ansible.wall, small.wall, 0),
		{name: "10,000 hosts, goplay, processor time", value: seconds(large.cpu)},
		{name: "10,000 hosts, goplay", value: seconds(large.wall)},
		{name: "10,000 hosts, goplay, peak memory", value: mebibytes(large.peak)},
		{"times the processor time of 1,000 hosts", fmt.Sprintf("%.1f", linear), fmt.Sprintf("%.0f", wantFleetLinear), linear > wantFleetLinear},
		{name: "10,000 hosts, 11 tasks, goplay", value: seconds(long.wall)},
		{"processor time of a further host and task", fmt.Sprintf("%.1f µs", each), fmt.Sprintf("at most %.0f µs", wantFleetEach), each > wantFleetEach},
		{name: "peak memory of a further host", value: fmt.Sprintf("%.1f KiB", float64(large.peak-small.peak)/(fleetLarge-fleetSmall))},
		{name: "peak memory of a further host and task", value: fmt.Sprintf("%.2f KiB", float64(long.peak-large.peak)/more)},
	}, nil
}
