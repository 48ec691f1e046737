package action

import (
	"path/filepath"
	"testing"

	"github.com/goplay-engine/goplay/engine/jinja/templar"
	"github.com/goplay-engine/goplay/engine/value"
)

// Where fetched files go; a path that a host made up does not lead out of dest.
func TestFetchDest(t *testing.T) {
	base := t.TempDir()
	cases := []struct {
		src, dest string
		flat      bool
		want      string // below base; "" is refused
	}{
		{"/etc/motd", "d", false, "d/h/etc/motd"},
		{"/etc/../motd", "d/", false, "d/h/motd"},
		{"motd", "d", false, "d/h/motd"},
		{"../motd", "d", false, "d/motd"},
		{"../../motd", "d", false, ""},
		{"/../../../../etc/motd", "d", false, ""},
		{"../../etc/motd", "d/", true, "d/motd"},
		{"/etc/..", "d/", true, ""},
		{"/etc/motd", "d/name", true, "d/name"},
	}
	e := templar.NewEngine(templar.Options{})
	for _, c := range cases {
		x := &Context{Host: Host{Name: "h"}, Args: value.DictOf("flat", c.flat), Templar: e.New(nil, templar.Scope{Basedir: base})}
		got, msg := fetchDest(x, c.src, c.dest)
		if (msg != "") != (c.want == "") || c.want != "" && got != filepath.Join(base, c.want) {
			t.Errorf("%s to %s: got %s %s, want %s", c.src, c.dest, got, msg, c.want)
		}
	}
}
