//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const wantListing = time.Second

// listing measures loading and listing a large inventory file.
func listing(b *bench) (out []figure, err error) {
	dir, err := os.MkdirTemp("", "bench-listing")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var text strings.Builder
	for g := range 1000 {
		fmt.Fprintf(&text, "[g%03d]\n", g)
		for h := range 10 {
			fmt.Fprintf(&text, "h%03d-%d ansible_host=10.0.%d.%d rack=%d\n", g, h, g/4, g%4*10+h, g%40)
		}
		fmt.Fprintf(&text, "[g%03d:vars]\nsite=s%d\n", g, g%7)
	}
	file := filepath.Join(dir, "hosts")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		return nil, err
	}
	for _, how := range []string{"--list", "--graph"} {
		mine, err := command{args: []string{b.goplay, "inventory", "-i", file, how}}.repeat(b.pairs)
		if err != nil {
			return nil, err
		}
		theirs, err := command{args: []string{"ansible-inventory", "-i", file, how}}.run()
		if err != nil {
			return nil, err
		}
		m := mine.median()
		out = append(out, atMost(how+", goplay", m.wall, wantListing),
			figure{name: how + ", goplay, peak memory", value: mebibytes(m.peak)},
			figure{name: how + ", ansible-inventory", value: seconds(theirs.wall)},
			figure{name: how + ", ansible-inventory, peak memory", value: mebibytes(theirs.peak)},
			times(how+", times faster", theirs.wall, m.wall, 0))
	}
	return out, nil
}
