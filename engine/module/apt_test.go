package module

import "testing"

// The order is dpkg --compare-versions'.
func TestDebVersionCompare(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"1.0", "1.0", 0}, {"1.0", "1.0-0", 0}, {"1.0~rc1", "1.0", -1}, {"1:0.9", "2.0", 1}, {"2.36-9+deb12u10", "2.36-9+deb12u9", 1},
		{"1.10", "1.9", 1}, {"1.0a", "1.0+", -1}, {"7.88.1-10", "7.88.1-9", 1}, {"1.0-1", "1.0-1~bpo12+1", 1}, {"09", "9", 0},
	} {
		got := debVersionCompare(c.a, c.b)
		if got > 0 {
			got = 1
		} else if got < 0 {
			got = -1
		}
		if got != c.want {
			t.Errorf("%s ? %s: got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestDpkgStatus(t *testing.T) {
	db := parseDpkg([]byte(`Package: nginx
Status: install ok installed
Architecture: amd64
Version: 1.22.1-9
Provides: httpd, nginx-abi (= 1.22)
Description: server
 Version: not this one

Package: old
Status: deinstall ok config-files
Version: 1

Package: held
Status: hold ok installed
Architecture: all
Version: 2
`))
	if p := db.find("nginx"); p == nil || !p.Installed() || p.Version != "1.22.1-9" {
		t.Errorf("nginx: %+v", p)
	}
	if p := db.find("old"); p == nil || p.Installed() || p.Status != "config-files" {
		t.Errorf("old: %+v", p)
	}
	if p := db.find("held:amd64"); p == nil || !p.Installed() {
		t.Errorf("held: %+v", p)
	}
	if p := db.find("nginx:i386"); p != nil {
		t.Errorf("nginx:i386: %+v", p)
	}
	if p := db.providers("nginx-abi"); len(p) != 1 || p[0].Name != "nginx" {
		t.Errorf("providers: %v", p)
	}
}

func TestAptPolicyAndSpec(t *testing.T) {
	m := parsePolicies("gptest-a:\n  Installed: 1.0\n  Candidate: 2.0\n  Version table:\n     2.0 500\n        500 file:/x ./ Packages\n *** 1.0 500\n" +
		"        500 file:/x ./ Packages\n        100 /var/lib/dpkg/status\nvirt:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n")
	a := m["gptest-a"]
	if a.candidate != "2.0" || len(a.versions) != 2 || a.versions[1] != "1.0" || m["virt"].candidate != "" {
		t.Errorf("got %+v", m)
	}
	for spec, want := range map[string]string{"a=1.*": "1.0", "a>=1.5": "2.0", "a=9": "", "a": "2.0"} {
		if got := bestVersion(parseAptSpec(spec), a.versions); got != want {
			t.Errorf("%s: got %q, want %q", spec, got, want)
		}
	}
}

func TestAptPlan(t *testing.T) {
	for line, want := range map[string]bool{"0 upgraded, 0 newly installed, 0 to remove and 3 not upgraded.\n": true,
		"Done\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n":  true,
		"Done\n10 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n": false} {
		if aptIdle(line) != want {
			t.Errorf("%q", line)
		}
	}
	out := "Reading package lists...\nBuilding dependency tree...\nReading state information...\nThe following NEW packages will be installed:\n  a\n" +
		"0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.\nNeed to get 0 B\n"
	want := "The following NEW packages will be installed:\n  a\n0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded."
	if got := aptPlan(out); got != want {
		t.Errorf("got %q", got)
	}
}
