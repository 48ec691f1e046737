//go:build linux

// Command bench measures goplay beside ansible-playbook on the lab's four hosts, in the same run: the first
// run on fresh hosts, the unchanged second run, peak memory, and what the remote helper weighs. Run it with
// `make bench`; it exits 1 when a figure misses its goal.
//
// It drives programs only and imports nothing of the engine.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

const (
	inventory = "inventory/hosts.ini"
	playbook  = "playbooks/nginx_haproxy_ha.yml"
	hosts     = 4
)

// goals of the figures.
const (
	wantDefault = 25.0 // times faster than ansible-playbook's defaults, unchanged run
	wantTuned   = 15.0 // times faster than ansible-playbook with pipelining and enough forks
	wantFloor   = 1.0  // seconds above package manager and services, first run
	wantHelper  = 3.0  // MiB, compressed
)

func main() {
	pairs := flag.Int("pairs", 5, "`number` of pairs of runs; the medians count")
	firsts := flag.Int("first", 3, "`number` of first runs on fresh hosts")
	goplay := flag.String("goplay", "bin/goplay", "the goplay `program`")
	flag.Parse()
	b := bench{goplay: *goplay}
	if err := b.measure(*pairs, *firsts); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	if !b.report(os.Stdout) {
		os.Exit(1)
	}
}

type bench struct {
	goplay string

	second, ansible, tuned []time.Duration
	first, firstAnsible    []time.Duration
	floor                  []time.Duration
	memory, memoryAnsible  []int64 // KiB
	helpers                map[string]int64
}

func (b *bench) measure(pairs, firsts int) error {
	if err := exec.Command("lab/lab", "up").Run(); err != nil {
		return fmt.Errorf("lab up: %w", err)
	}
	for i := range firsts {
		fmt.Fprintf(os.Stderr, "first runs, %d of %d\n", i+1, firsts)
		if err := b.firstRuns(); err != nil {
			return err
		}
	}
	// the hosts are provisioned now; one run each to fill caches on both sides
	for _, c := range []command{b.play(), ansible(), tuned()} {
		if _, _, err := c.run(); err != nil {
			return err
		}
	}
	for i := range pairs {
		fmt.Fprintf(os.Stderr, "unchanged runs, %d of %d\n", i+1, pairs)
		for _, m := range []struct {
			command
			times  *[]time.Duration
			memory *[]int64
		}{{b.play(), &b.second, &b.memory}, {ansible(), &b.ansible, &b.memoryAnsible}, {tuned(), &b.tuned, nil}} {
			took, peak, err := m.run()
			if err != nil {
				return err
			}
			*m.times = append(*m.times, took)
			if m.memory != nil {
				*m.memory = append(*m.memory, peak)
			}
		}
	}
	b.helpers = map[string]int64{}
	files, _ := filepath.Glob("engine/remote/helper/*.zst")
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			b.helpers[strings.TrimSuffix(filepath.Base(f), ".zst")] = info.Size()
		}
	}
	return nil
}

// firstRuns measures one provisioning of fresh hosts by each, and the floor.
func (b *bench) firstRuns() error {
	for _, m := range []struct {
		command
		times *[]time.Duration
	}{{floor(), &b.floor}, {b.play(), &b.first}, {ansible(), &b.firstAnsible}} {
		if out, err := exec.Command("lab/lab", "reset").CombinedOutput(); err != nil {
			return fmt.Errorf("lab reset: %w\n%s", err, out)
		}
		time.Sleep(time.Second) // let the hosts come to rest
		took, _, err := m.run()
		if err != nil {
			return err
		}
		*m.times = append(*m.times, took)
	}
	return nil
}

func median[T int64 | time.Duration](v []T) T {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

func (b *bench) report(w *os.File) (good bool) {
	good = true
	line := func(name, value, goal string, ok bool) {
		mark := ""
		if goal != "" {
			mark = "  (goal: " + goal + ")"
			if !ok {
				mark += "  MISSED"
				good = false
			}
		}
		fmt.Fprintf(w, "%-44s %12s%s\n", name, value, mark)
	}
	sec := func(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }
	ratio := func(a, b time.Duration) float64 { return a.Seconds() / b.Seconds() }
	s, a, t := median(b.second), median(b.ansible), median(b.tuned)
	fmt.Fprintf(w, "%d hosts, medians of %d, %d processors, load average %s\n\n", hosts, len(b.second), runtime.NumCPU(), load())
	line("unchanged run, goplay", sec(s), "", true)
	line("unchanged run, ansible-playbook", sec(a), "", true)
	line("unchanged run, ansible-playbook, tuned", sec(t), "", true)
	line("times faster than ansible-playbook", fmt.Sprintf("%.1f", ratio(a, s)), fmt.Sprintf("%.0f", wantDefault), ratio(a, s) >= wantDefault)
	line("times faster than tuned", fmt.Sprintf("%.1f", ratio(t, s)), fmt.Sprintf("%.0f", wantTuned), ratio(t, s) >= wantTuned)
	if len(b.first) > 0 {
		f, fl := median(b.first), median(b.floor)
		line("first run, goplay", sec(f), fmt.Sprintf("floor + %.0f s", wantFloor), f.Seconds() <= fl.Seconds()+wantFloor)
		line("first run, packages and services alone", sec(fl), "", true)
		line("first run, ansible-playbook", sec(median(b.firstAnsible)), "", true)
	}
	line("peak memory, goplay", fmt.Sprintf("%.1f MiB", float64(median(b.memory))/1024), "", true)
	line("peak memory, ansible-playbook (one process)", fmt.Sprintf("%.1f MiB", float64(median(b.memoryAnsible))/1024), "", true)
	for _, name := range slices.Sorted(mapKeys(b.helpers)) {
		mib := float64(b.helpers[name]) / (1 << 20)
		line("helper "+name+", compressed", fmt.Sprintf("%.2f MiB", mib), fmt.Sprintf("%.0f MiB", wantHelper), mib <= wantHelper)
	}
	return good
}

func mapKeys(m map[string]int64) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func load() string {
	b, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(b), " ")
	return first
}
