package report

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// Cow draws banners with the program cowsay.
type Cow struct {
	Path  string   // the program
	Which string   // the cow, or "random"
	Allow []string // cows of a random choice; empty: all there are
}

// FindCow looks for cowsay in its usual places, or takes the path given; nil
// where there is none.
func FindCow(path string) *Cow {
	for _, p := range []string{path, "/usr/bin/cowsay", "/usr/games/cowsay", "/usr/local/bin/cowsay", "/opt/local/bin/cowsay"} {
		if fi, err := os.Stat(p); p != "" && err == nil && fi.Mode().IsRegular() {
			return &Cow{Path: p}
		}
		if path != "" {
			break
		}
	}
	return nil
}

// Say returns the drawn banner.
func (c *Cow) Say(text string) (string, bool) {
	if strings.Contains(text, ": [") {
		text = strings.TrimSuffix(strings.ReplaceAll(text, "[", ""), "]")
	}
	args := []string{"-W", "60"}
	if which := c.pick(); which != "" {
		args = append(args, "-f", which)
	}
	out, err := exec.Command(c.Path, append(args, text)...).Output()
	return string(out) + "\n", err == nil
}

func (c *Cow) pick() string {
	if c.Which != "random" {
		return c.Which
	}
	list, err := exec.Command(c.Path, "-l").Output()
	if err != nil {
		return ""
	}
	var all []string
	for _, w := range strings.Fields(string(list)) {
		if len(c.Allow) == 0 || slices.Contains(c.Allow, w) {
			all = append(all, w)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return all[rand.IntN(len(all))]
}
