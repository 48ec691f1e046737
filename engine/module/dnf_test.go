package module

import (
	"slices"
	"testing"
)

// The table is what dnf 4 printed for these transactions.
func TestDNFPlan(t *testing.T) {
	plan := parseDNFPlan(`Dependencies resolved.
================================================================================
 Package        Architecture  Version                Repository           Size
================================================================================
Upgrading:
 labdemo        noarch        2.0-1.el9              lab                 6.4 k
Installing:
 nginx          x86_64        2:1.22.1-1.el9         lab                 500 k
Installing dependencies:
 a-package-with-a-very-long-name
                x86_64        1.0-1.el9              a-long-repository    12 k
     replacing  old.noarch 1.0-1
Removing:
 empty          noarch        1.0-1                  @lab                 0
 haproxy        x86_64        2.6.12-1.el9           @lab                1.2 M

Transaction Summary
================================================================================
Install  2 Packages
`)
	got := plan.results([]rpmPackage{{"labdemo", "0", "1.0", "1.el9", "noarch"}, {"labdemo-extra", "0", "1.0", "1.el9", "noarch"}}, false)
	want := []string{"Installed: nginx-2:1.22.1-1.el9.x86_64", "Installed: a-package-with-a-very-long-name-1.0-1.el9.x86_64",
		"Installed: labdemo-2.0-1.el9.noarch", "Removed: labdemo-1.0-1.el9.noarch", "Removed: old-1.0-1.noarch", "Removed: empty-1.0-1.noarch", "Removed: haproxy-2.6.12-1.el9.x86_64"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// The order is rpmdev-vercmp's.
func TestRPMCompareEVR(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"1.0-1", "1.0-1", 0}, {"1:1.0-1", "2.0-1", 1}, {"1.0", "1.0-5", 0}, {"1.0~rc1-1", "1.0-1", -1}, {"1.0^git1-1", "1.0-1", 1},
		{"1.0.1", "1.0", 1}, {"2.6.12-1.el9", "2.6.9-3.el9", 1}, {"1.0a", "1.0b", -1}, {"1.0a", "1.0.1", -1}, {"010", "9", 1},
	} {
		if got := rpmCompareEVR(c.a, c.b); sign(got) != c.want {
			t.Errorf("%s ? %s: got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
