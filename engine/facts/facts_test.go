package facts

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goplay-engine/goplay/engine/value"
)

// fixture writes files under a fresh root; keys are absolute paths.
func fixture(t *testing.T, files map[string]string) *host {
	t.Helper()
	root := t.TempDir()
	for p, s := range files {
		full := filepath.Join(root, p)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return &host{ctx: context.Background(), root: root, opt: Options{Root: root, Timeout: time.Second}}
}

func TestDistribution(t *testing.T) {
	for _, c := range []struct {
		name                                               string
		files                                              map[string]string
		distribution, version, major, release, family, mgr string
		path, variety                                      string
	}{
		{"CentOS Stream 9", map[string]string{
			"/etc/os-release":     "NAME=\"CentOS Stream\"\nVERSION=\"9\"\nID=\"centos\"\nID_LIKE=\"rhel fedora\"\nVERSION_ID=\"9\"\n",
			"/etc/centos-release": "CentOS Stream release 9\n", "/etc/redhat-release": "CentOS Stream release 9\n", "/usr/bin/dnf": "", "/usr/bin/apt-get": "",
		}, "CentOS", "9", "9", "Stream", "RedHat", "dnf", "/etc/centos-release", "CentOS"},
		{"CentOS 7", map[string]string{
			"/etc/os-release":     "NAME=\"CentOS Linux\"\nVERSION=\"7 (Core)\"\nID=\"centos\"\nVERSION_ID=\"7\"\n",
			"/etc/centos-release": "CentOS Linux release 7.9.2009 (Core)\n", "/etc/redhat-release": "CentOS Linux release 7.9.2009 (Core)\n",
			"/usr/bin/yum": "",
		}, "CentOS", "7.9", "7", "Core", "RedHat", "yum", "/etc/redhat-release", "RedHat"},
		{"Rocky 9", map[string]string{
			"/etc/os-release":     "NAME=\"Rocky Linux\"\nVERSION=\"9.3 (Blue Onyx)\"\nID=\"rocky\"\nVERSION_ID=\"9.3\"\n",
			"/etc/redhat-release": "Rocky Linux release 9.3 (Blue Onyx)\n", "/usr/bin/dnf": "",
		}, "Rocky", "9.3", "9", "Blue Onyx", "RedHat", "dnf", "/etc/redhat-release", "RedHat"},
		{"AlmaLinux 8", map[string]string{
			"/etc/os-release":     "NAME=\"AlmaLinux\"\nVERSION=\"8.9 (Midnight Oncilla)\"\nID=\"almalinux\"\nVERSION_ID=\"8.9\"\n",
			"/etc/redhat-release": "AlmaLinux release 8.9 (Midnight Oncilla)\n",
		}, "AlmaLinux", "8.9", "8", "Midnight Oncilla", "RedHat", "unknown", "/etc/redhat-release", "RedHat"},
		{"RHEL 8", map[string]string{
			"/etc/os-release":     "NAME=\"Red Hat Enterprise Linux\"\nVERSION=\"8.4 (Ootpa)\"\nID=\"rhel\"\nVERSION_ID=\"8.4\"\n",
			"/etc/redhat-release": "Red Hat Enterprise Linux release 8.4 (Ootpa)\n", "/usr/bin/dnf": "", "/usr/bin/yum": "",
		}, "RedHat", "8.4", "8", "Ootpa", "RedHat", "dnf", "/etc/redhat-release", "RedHat"},
		{"Fedora 41", map[string]string{
			"/etc/os-release":     "NAME=\"Fedora Linux\"\nVERSION=\"41 (Server Edition)\"\nID=fedora\nVERSION_ID=41\nVERSION_CODENAME=\"\"\n",
			"/etc/redhat-release": "Fedora release 41 (Forty One)\n", "/usr/bin/dnf": "", "/usr/bin/dnf5": "",
		}, "Fedora", "41", "41", "", "RedHat", "dnf5", "/etc/redhat-release", "RedHat"},
		{"Amazon 2", map[string]string{
			"/etc/os-release":     "NAME=\"Amazon Linux\"\nVERSION=\"2\"\nID=\"amzn\"\nVERSION_ID=\"2\"\n",
			"/etc/system-release": "Amazon Linux release 2 (Karoo)\n", "/usr/bin/yum": "",
		}, "Amazon", "2", "2", "NA", "RedHat", "yum", "/etc/os-release", "Amazon"},
		{"Debian 12", map[string]string{
			"/etc/os-release":     "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n",
			"/etc/debian_version": "12.11\n", "/usr/bin/apt-get": "",
		}, "Debian", "12.11", "12", "bookworm", "Debian", "apt", "/etc/os-release", "Debian"},
		{"Ubuntu 22.04", map[string]string{
			"/etc/os-release":     "PRETTY_NAME=\"Ubuntu 22.04.3 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"22.04\"\nVERSION=\"22.04.3 LTS (Jammy Jellyfish)\"\nVERSION_CODENAME=jammy\nID=ubuntu\nID_LIKE=debian\n",
			"/etc/debian_version": "bookworm/sid\n", "/usr/bin/apt-get": "",
		}, "Ubuntu", "22.04", "22", "jammy", "Debian", "apt", "/etc/os-release", "Debian"},
		{"openSUSE Leap", map[string]string{
			"/etc/os-release": "NAME=\"openSUSE Leap\"\nVERSION=\"15.5\"\nID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\nVERSION_ID=\"15.5\"\n", "/usr/bin/zypper": "",
		}, "openSUSE Leap", "15.5", "15", "5", "Suse", "zypper", "/etc/os-release", "SUSE"},
		{"Alpine", map[string]string{
			"/etc/os-release": "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.19.1\n", "/etc/alpine-release": "3.19.1\n", "/sbin/apk": "",
		}, "Alpine", "3.19.1", "3", "NA", "Alpine", "apk", "/etc/alpine-release", "Alpine"},
		{"Arch", map[string]string{"/etc/os-release": "NAME=\"Arch Linux\"\nID=arch\nBUILD_ID=rolling\n", "/etc/arch-release": "", "/usr/bin/pacman": ""},
			"Archlinux", "rolling", "rolling", "NA", "Archlinux", "pacman", "/etc/arch-release", "Archlinux"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := fixture(t, c.files)
			d := h.distro()
			d.Set("pkg_mgr", findPkgMgr(h))
			for k, want := range map[string]string{
				"distribution": c.distribution, "distribution_version": c.version, "distribution_major_version": c.major,
				"distribution_release": c.release, "os_family": c.family, "pkg_mgr": c.mgr, "distribution_file_path": c.path,
				"distribution_file_variety": c.variety,
			} {
				if got := value.Str(d.At(k)); got != want {
					t.Errorf("%s = %q, want %q", k, got, want)
				}
			}
		})
	}
}

// What the reference gathers for each subset, as collectors.
func TestSubsets(t *testing.T) {
	min := "apparmor caps cmdline date_time distribution dns env fips local lsb platform pkg_mgr python selinux service_mgr ssh_pub_keys systemd user"
	for _, c := range []struct{ subset, want string }{
		{"!all", min},
		{"!hardware", min},
		{"!min", ""},
		{"!all,!min", ""},
		{"!all,!min,network", "distribution network platform"},
		{"!all,!min,default_ipv4", "distribution network platform"},
		{"!all,!min,service_mgr", "distribution platform service_mgr"},
		{"!all,!min,user_dir", "user"},
		{"!all,!hardware,!min,mounts", "hardware platform"},
		{"!all,!nothing,!min,dns", "dns"},
	} {
		got, err := chooseCollectors(strings.Split(c.subset, ","))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range got {
			names = append(names, e.name)
		}
		want := strings.Fields(c.want)
		slices.Sort(names)
		slices.Sort(want)
		if !slices.Equal(names, want) {
			t.Errorf("%s: got %v, want %v", c.subset, names, want)
		}
	}
	if _, err := chooseCollectors([]string{"netwrk"}); err == nil || !strings.HasPrefix(err.Error(), "Bad subset 'netwrk' given to Ansible. gather_subset options allowed: all, ") {
		t.Errorf("unknown subset: %v", err)
	}
}

func TestLocalFacts(t *testing.T) {
	h := fixture(t, map[string]string{
		"/f/ini.fact":  "[general]\nName = Web 1\nrole: front\n\n[DEFAULT]\nzone=a\n",
		"/f/json.fact": `{"a": [1, 2]}`, "/f/bad.fact": "neither",
	})
	h.opt.FactPath = "/f"
	d := value.NewDict()
	localFacts(h, d)
	l := d.At("local").(*value.Dict)
	if got := value.Repr(l.At("ini")); got != "{'general': {'name': 'Web 1', 'role': 'front', 'zone': 'a'}}" {
		t.Errorf("ini: %s", got)
	}
	if got := value.Repr(l.At("json")); got != "{'a': [1, 2]}" {
		t.Errorf("json: %s", got)
	}
	if got := value.Str(l.At("bad")); !strings.HasPrefix(got, "error loading facts as JSON or ini - please check content: ") || len(h.warnings) != 1 {
		t.Errorf("bad: %s, warnings %v", got, h.warnings)
	}
}

// The texts are capsh's for these sets.
func TestCapText(t *testing.T) {
	for status, want := range map[string]string{
		"CapInh:\t0\nCapPrm:\t000001fffeffffff\nCapEff:\t000001fffeffffff\n": "=ep cap_sys_resource-ep",
		"CapInh:\t0\nCapPrm:\t000001ffffffffff\nCapEff:\t000001ffffffffff\n": "=ep",
		"CapInh:\t0\nCapPrm:\t0\nCapEff:\t0\n":                               "=",
		"CapInh:\t3000\nCapPrm:\t3000\nCapEff:\t3000\n":                      "cap_net_admin,cap_net_raw=eip",
		"CapInh:\t0\nCapPrm:\t3000\nCapEff:\t3000\n":                         "cap_net_admin,cap_net_raw=ep",
	} {
		h := fixture(t, map[string]string{"/proc/self/status": status})
		if got := capText(h); got != want {
			t.Errorf("%q: got %q, want %q", status, got, want)
		}
	}
}

func TestClock(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zone database")
	}
	t.Setenv("TZ", "")
	d := clock(time.Date(2026, 1, 3, 4, 5, 6, 7008000, zone))
	for k, want := range map[string]string{
		"weeknumber": "00", "weekday": "Saturday", "weekday_number": "6", "iso8601_micro": "2026-01-03T03:05:06.007008Z",
		"iso8601_basic": "20260103T040506007008", "tz": "CET", "tz_dst": "CEST", "tz_offset": "+0100",
	} {
		if got := value.Str(d.At(k)); got != want {
			t.Errorf("%s = %q, want %q", k, got, want)
		}
	}
}

// The zone is the one that the host has now, not the one that it had when the process began.
func TestZone(t *testing.T) {
	t.Setenv("TZ", "")
	h := fixture(t, map[string]string{"/etc/localtime": ""})
	for _, name := range []string{"Asia/Tokyo", "America/New_York"} {
		data, err := os.ReadFile("/usr/share/zoneinfo/" + name)
		if err != nil {
			t.Skip("no time zone database")
		}
		if err := os.WriteFile(h.path("/etc/localtime"), data, 0o644); err != nil {
			t.Fatal(err)
		}
		want, _ := time.LoadLocation(name)
		now := time.Date(2026, 1, 3, 4, 5, 6, 0, time.UTC)
		if got := now.In(h.zone()).Format(time.RFC3339); got != now.In(want).Format(time.RFC3339) {
			t.Errorf("%s: got %s", name, got)
		}
	}
	h.opt.Env = []string{"TZ=:Asia/Tokyo"}
	if got := h.zone().String(); got != "Asia/Tokyo" {
		t.Errorf("TZ of the task: %s", got)
	}
}

func TestFullName(t *testing.T) {
	h := fixture(t, map[string]string{"/etc/hosts": "127.0.0.1 localhost\n127.0.1.1 web1.example.com web1\n10.0.0.5 db\n"})
	for name, want := range map[string]string{"web1": "web1.example.com", "db": "db", "none": "none"} {
		if got := h.fullName(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestMountOfBoundFolder(t *testing.T) {
	h := fixture(t, map[string]string{
		"/proc/self/mounts":    "/dev/vda / ext4 rw,relatime 0 0\n/dev/vda /mnt/a\\040b ext4 rw,relatime 0 0\nproc /proc proc rw 0 0\nnas:/x /gone nfs rw 0 0\n",
		"/proc/self/mountinfo": "27 1 254:0 / / rw - ext4 /dev/vda rw\n87 27 254:0 /srv /mnt/a\\040b rw - ext4 /dev/vda rw\n",
	})
	l := mounts(h)
	if l.Len() != 3 {
		t.Fatalf("got %d mounts", l.Len())
	}
	m := l.Items[1].(*value.Dict)
	if got := value.Str(m.At("mount")) + "|" + value.Str(m.At("options")); got != "/mnt/a b|rw,relatime,bind" {
		t.Errorf("got %s", got)
	}
}

func TestFilter(t *testing.T) {
	got, _, err := Gather(context.Background(), Options{Subset: []string{"!all"}, Filter: []string{"ansible_user*", "kernel"}})
	if err != nil {
		t.Fatal(err)
	}
	for k := range got.All() {
		s := value.Str(k)
		if !strings.HasPrefix(s, "ansible_user") && s != "ansible_kernel" {
			t.Errorf("%s passed the filter", s)
		}
	}
	if !got.Has("ansible_kernel") {
		t.Error("facts are missing")
	}
}
