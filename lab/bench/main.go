//go:build linux

// Command bench measures goplay, beside ansible-playbook in the same run where there is something to compare.
// Run it with `make bench`; it exits 1 when a figure misses its goal. One file holds one measurement; a new one
// adds a file and its line in table.go.
//
// It drives programs only and imports nothing of the engine.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

func main() {
	var b bench
	flag.IntVar(&b.pairs, "pairs", 5, "`number` of pairs of runs; the medians count")
	flag.IntVar(&b.firsts, "first", 3, "`number` of first runs on fresh hosts")
	flag.StringVar(&b.goplay, "goplay", "bin/goplay", "the goplay `program`")
	flag.BoolVar(&b.whole, "whole", false, "have ansible-playbook copy the whole tree of modules, which takes it up to half an hour")
	only := flag.String("only", "", "measure these alone: `names` between commas of "+strings.Join(names(), ", "))
	flag.Parse()
	good, err := b.measure(*only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
	if err != nil || !good {
		os.Exit(1)
	}
}

// bench is what every measurement knows of this run.
type bench struct {
	goplay        string
	pairs, firsts int
	whole         bool
}

func (b *bench) measure(only string) (good bool, err error) {
	wanted := strings.FieldsFunc(only, func(r rune) bool { return r == ',' })
	for _, name := range wanted {
		if !slices.Contains(names(), name) {
			return false, fmt.Errorf("no measurement %q; there are %s", name, strings.Join(names(), ", "))
		}
	}
	fmt.Printf("%d processors, load average %s\n", runtime.NumCPU(), load())
	good = true
	for _, m := range measurements {
		if len(wanted) > 0 && !slices.Contains(wanted, m.name) {
			continue
		}
		figures, err := m.take(b)
		if err != nil {
			return false, fmt.Errorf("%s: %w", m.name, err)
		}
		fmt.Printf("\n%s: %s\n", m.name, m.about)
		for _, f := range figures {
			good = f.print(os.Stdout) && good
		}
	}
	return good, nil
}

func names() (out []string) {
	for _, m := range measurements {
		out = append(out, m.name)
	}
	return out
}

func load() string {
	b, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(b), " ")
	return first
}
