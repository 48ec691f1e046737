package tool

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// Messages as argparse has them.
func TestParseFlags(t *testing.T) {
	for args, want := range map[string]string{
		"--inv h --lis": "",
		"-vvvih":        "",
		"--l":           "ambiguous option: --l could match --limit, --list",
		"--nope":        "unrecognized arguments: --nope",
		"--listings":    "unrecognized arguments: --listings (did you mean --list?)",
		"-z":            "unrecognized arguments: -z",
		"-i":            "argument -i/--inventory: expected one argument",
		"--forks=x":     "argument -f/--forks: invalid int value: 'x'",
		"--list=true":   "argument --list: ignored explicit argument 'true'",
		"-- --nope":     "",
	} {
		fs := pflag.NewFlagSet("x", pflag.ContinueOnError)
		fs.StringP("inventory", "i", "", "")
		fs.String("inventory-file", "", "")
		_ = fs.MarkHidden("inventory-file")
		fs.Bool("list", false, "")
		fs.String("limit", "", "")
		fs.IntP("forks", "f", 5, "")
		fs.CountP("verbose", "v", "")
		if got := ParseFlags(fs, strings.Fields(args)); got != want {
			t.Errorf("%s: %q, want %q", args, got, want)
		}
	}
}
