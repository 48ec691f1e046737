//go:build linux

package labtest

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// step is a task that must fail with a message that says why.
type step struct {
	name string // of the task
	task string // module and parameters; {d} is the folder
	says string // words of the message, separated by |; the situation's own when empty
}

// writers are the modules that write a file or more, each with more than a block.
var writers = []step{
	{name: "copy", task: "copy: {content: '{{ much }}', dest: '{d}/f'}"},
	{name: "copy a new file", task: "copy: {content: '{{ much }}', dest: '{d}/new'}"},
	{name: "copy with backup", task: "copy: {content: '{{ much }}', dest: '{d}/f', backup: true}"},
	{name: "copy on the host", task: "copy: {src: /srv/hostile/big, remote_src: true, dest: '{d}/big'}"},
	{name: "template", task: "template: {src: much.j2, dest: '{d}/f'}"},
	{name: "lineinfile", task: "lineinfile: {path: '{d}/f', line: '{{ much }}'}"},
	{name: "blockinfile", task: "blockinfile: {path: '{d}/f', block: '{{ much }}'}"},
	{name: "replace", task: "replace: {path: '{d}/f', regexp: b, replace: '{{ much }}'}"},
	{name: "ini_file", task: "community.general.ini_file: {path: '{d}/f', section: a, option: c, value: '{{ much }}'}"},
	{name: "assemble", task: "assemble: {src: /srv/hostile, dest: '{d}/f'}"},
	{name: "archive", task: "community.general.archive: {path: /srv/hostile, dest: '{d}/a.tar', format: tar}"},
	{name: "get_url", task: "get_url: {url: 'file:///srv/hostile/big', dest: '{d}/g'}"},
	{name: "uri", task: "uri: {url: 'file:///srv/hostile/big', dest: '{d}/u'}"},
	{name: "htpasswd", task: "community.general.htpasswd: {path: '{d}/ht', name: some, password: thing}"},
	{name: "authorized_key", task: "ansible.posix.authorized_key: {user: root, path: '{d}/ak', manage_dir: false, key: '" + someKey + "'}"},
	{name: "known_hosts", task: "known_hosts: {path: '{d}/kh', name: h, key: 'h " + someKey + "'}"},
	{name: "cron", task: "cron: {cron_file: '{d}/cr', user: root, name: x, job: '{{ much }}'}"},
	{name: "sysctl", task: "ansible.posix.sysctl: {name: net.ipv4.ip_forward, value: '1', sysctl_file: '{d}/sc', reload: false}"},
	{name: "yum_repository", task: "yum_repository: {name: foo, description: '{{ much }}', baseurl: 'http://x/', reposdir: '{d}'}"},
	{name: "pam_limits", task: "community.general.pam_limits: {domain: x, limit_type: soft, limit_item: core, value: '1', dest: '{d}/f'}"},
	{name: "mount", task: "ansible.posix.mount: {path: /mnt/x, src: tmpfs, fstype: tmpfs, state: present, fstab: '{d}/fstab'}"},
}

// makers change the tree without needing room for content.
var makers = []step{
	{name: "make a folder", task: "file: {path: '{d}/dir/a', state: directory}"},
	{name: "touch", task: "file: {path: '{d}/touched', state: touch}"},
	{name: "change a mode", task: "file: {path: '{d}/f', mode: '0600'}"},
	{name: "link", task: "file: {path: '{d}/l2', src: f, state: link}"},
	{name: "remove", task: "file: {path: '{d}/f', state: absent}"},
	{name: "unpack", task: "unarchive: {src: /srv/hostile.tar, remote_src: true, dest: '{d}'}", says: "{d}|not writable"},
	{name: "tempfile", task: "tempfile: {path: '{d}', state: directory}"},
	{name: "copy a tree on the host", task: "copy: {src: /srv/hostile/, remote_src: true, dest: '{d}/tree'}"},
}

const someKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0000000000000000000000000000000000000000000"

const hostileSetup = `umount /mnt/full /mnt/ro 2>/dev/null
mkdir -p /mnt/full /mnt/ro /srv/hostile && mount -t tmpfs -o size=128k tmpfs /mnt/full && mount -t tmpfs tmpfs /mnt/ro
for d in /mnt/full /mnt/ro; do printf '[a]\nb = 1\n' >$d/f; ln -s f $d/l; done
head -c 100000 /dev/zero | tr '\0' A >/srv/hostile/big; tar -C /srv -cf /srv/hostile.tar hostile
dd if=/dev/zero of=/mnt/full/fill bs=4k 2>/dev/null; mount -o remount,ro /mnt/ro`

// wantFailures runs the steps as one play and wants each to fail as it says.
func wantFailures(t *testing.T, inventory, d, says string, steps []step) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "much.j2", strings.Repeat("much ", 2000))
	var b strings.Builder
	b.WriteString("- hosts: all\n  gather_facts: false\n  vars:\n    much: \"{{ 'much ' * 2000 }}\"\n  tasks:\n")
	for _, s := range steps {
		fmt.Fprintf(&b, "    - name: %s\n      %s\n      ignore_errors: true\n", s.name, strings.ReplaceAll(s.task, "{d}", d))
	}
	o := run(t, "-i", inventory, write(t, dir, "play.yml", b.String()))
	if o.code != 0 {
		t.Errorf("exit code %d:\n%s", o.code, o.text())
	}
	for _, word := range []string{"panic:", "goroutine ", "Traceback", "module bug", "MODULE FAILURE"} {
		if strings.Contains(o.text(), word) {
			t.Errorf("the output holds %q", word)
		}
	}
	for _, s := range steps {
		_, part, _ := strings.Cut(o.stdout, "TASK ["+s.name+"] ")
		part, _, _ = strings.Cut(part, "\nTASK [")
		if !strings.Contains(part, "fatal: ") {
			t.Errorf("%s did not fail: %s", s.name, part)
			continue
		}
		want := s.says
		if want == "" {
			want = says
		}
		for _, word := range strings.Split(strings.ReplaceAll(want, "{d}", d), "|") {
			if !strings.Contains(part, word) {
				t.Errorf("%s: the message lacks %q: %s", s.name, word, part)
			}
		}
	}
}

// TestHostileDisk has every module that writes files meet a full and a read-only file system.
func TestHostileDisk(t *testing.T) {
	dir := one(t)
	defer on(t, "node1", "umount /mnt/full /mnt/ro; rm -rf /mnt/full /mnt/ro /srv/hostile /srv/hostile.tar")
	on(t, "node1", hostileSetup)
	inv := filepath.Join(dir, "hosts.ini")
	wantFailures(t, inv, "/mnt/full", "{d}/|No space left on device", writers)
	wantFailures(t, inv, "/mnt/ro", "/mnt/ro|Read-only file system", writers[:len(writers)-10])
	wantFailures(t, inv, "/mnt/ro", "/mnt/ro|Read-only file system", makers)
	for _, d := range []string{"/mnt/full", "/mnt/ro"} {
		if got := on(t, "node1", "cat "+d+"/f; ls -A "+d+" | grep -v fill"); got != "[a]\nb = 1\nf\nl\n" {
			t.Errorf("%s is not as it was: %s", d, got)
		}
	}
	wantClean(t, "node1")
}

// denied are tasks that need root, run as a user without it.
var denied = []step{
	{name: "user", task: "user: {name: someone}", says: "Permission denied"},
	{name: "group", task: "group: {name: some}", says: "Permission denied"},
	{name: "install", task: "dnf: {name: haproxy}", says: "root"},
	{name: "remove a package", task: "dnf: {name: bash, state: absent}", says: "root"},
	{name: "hostname", task: "hostname: {name: other}", says: "name"},
	{name: "copy", task: "copy: {content: x, dest: /etc/x}", says: "/etc|ermission denied"},
	{name: "lineinfile", task: "lineinfile: {path: /etc/passwd, line: x}", says: "/etc|ermission denied"},
	{name: "read a secret", task: "slurp: {src: /etc/shadow}", says: "/etc/shadow|not readable"},
	{name: "fetch a secret", task: "fetch: {src: /etc/shadow, dest: /tmp/never, flat: true}", says: "/etc/shadow|ermission denied"},
	{name: "another's crontab", task: "cron: {name: x, job: x, user: root}", says: "crontab"},
	{name: "cron.d", task: "cron: {name: x, job: x, user: root, cron_file: x}", says: "ermission denied"},
	{name: "mount", task: "ansible.posix.mount: {path: /mnt, src: tmpfs, fstype: tmpfs, state: mounted}", says: "ermission denied"},
	{name: "sysctl", task: "ansible.posix.sysctl: {name: net.ipv4.ip_forward, value: '1'}", says: "ermission denied"},
	{name: "start a service", task: "systemd: {name: systemd-journald, state: restarted}", says: "systemd-journald"},
	{name: "enable a service", task: "systemd: {name: systemd-networkd, enabled: true}", says: "systemd-networkd"},
	{name: "another's keys", task: "ansible.posix.authorized_key: {user: root, key: '" + someKey + "'}", says: "ermission denied"},
	{name: "yum_repository", task: "yum_repository: {name: foo, description: d, baseurl: 'http://x/'}", says: "ermission denied"},
	{name: "time zone", task: "community.general.timezone: {name: Europe/Berlin}", says: "zone"},
	{name: "unpack", task: "unarchive: {src: /etc/hosts, remote_src: true, dest: /etc}", says: "/etc"},
	{name: "owner", task: "file: {path: /home/ops, owner: root}", says: "chown failed|not permitted"},
	{name: "download", task: "get_url: {url: 'file:///etc/hosts', dest: /etc/h2}", says: "/etc|not writable"},
	{name: "folder", task: "file: {path: /etc/some/dir, state: directory}", says: "/etc/some|ermission denied"},
	{name: "remove", task: "file: {path: /etc/hosts, state: absent}", says: "/etc/hosts|ermission denied"},
}

// TestDenied runs tasks that need root as a user who is not.
func TestDenied(t *testing.T) {
	dir := one(t)
	before := snap(t, "node1")
	inv := write(t, dir, "ops.ini", "node1"+fmt.Sprintf(nodeVars, top)+" ansible_user=ops\n")
	wantFailures(t, inv, "", "", denied)
	for _, d := range differences(before, snap(t, "node1")) {
		t.Errorf("the host changed: %s", d)
	}
}

// holdLock holds a lock of the package manager as another program would.
const holdLock = `setsid python3 -c "import fcntl,time;f=open('%s','a');fcntl.lockf(f,fcntl.LOCK_EX);open('/run/held','w');time.sleep(%d)" >/dev/null 2>&1 </dev/null &
until [ -e /run/held ]; do sleep 0.1; done; rm /run/held`

// TestLockedRPM finds the package database locked: who holds it is said after lock_timeout.
func TestLockedRPM(t *testing.T) {
	dir := one(t)
	inv := filepath.Join(dir, "hosts.ini")
	on(t, "node1", fmt.Sprintf(holdLock, "/var/lib/rpm/.rpm.lock", 600))
	defer on(t, "node1", "pkill -f rpm.loc[k]")
	wantFailures(t, inv, "", "/var/lib/rpm/.rpm.lock is held by|python3|waited 2 seconds", []step{
		{name: "dnf", task: "dnf: {name: haproxy, lock_timeout: 2}"},
		{name: "yum", task: "yum: {name: haproxy, lock_timeout: 2}"},
		{name: "package", task: "package: {name: haproxy, state: present, lock_timeout: 2}"},
	})
	on(t, "node1", "pkill -f rpm.loc[k]; while pgrep -f rpm.loc[k] >/dev/null; do sleep 0.1; done;"+fmt.Sprintf(holdLock, "/var/lib/rpm/.rpm.lock", 3))
	if o := play(t, dir, "- dnf: {name: haproxy, lock_timeout: 60}"); o.code != 0 {
		t.Errorf("it does not wait: %s", o.text())
	}
}

// TestLockedAPT does the same with dpkg's and apt's locks, and kills dpkg half-way.
func TestLockedAPT(t *testing.T) {
	fresh(t, "deb", "node1")
	dir := t.TempDir()
	inv := write(t, dir, "hosts.ini", "node1"+fmt.Sprintf(nodeVars, top)+"\n")
	on(t, "node1", `mkdir -p /tmp/pk/DEBIAN; cd /tmp
printf 'Package: slowpkg\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n' >pk/DEBIAN/control
printf '#!/bin/sh\nsleep 600\n' >pk/DEBIAN/postinst; chmod 755 pk/DEBIAN/postinst; dpkg-deb -b pk slow.deb >/dev/null
setsid dpkg -i slow.deb >/dev/null 2>&1 </dev/null &
until pgrep -x sleep >/dev/null; do sed 10q /proc/stat >/dev/null; done # its script runs`)
	wantFailures(t, inv, "", "/var/lib/dpkg/lock-frontend is held by process|dpkg -i|waited 1 seconds", []step{
		{name: "install", task: "apt: {name: labdemo, lock_timeout: 1}"},
		{name: "remove", task: "apt: {name: tzdata, state: absent, lock_timeout: 1}"},
		{name: "a file", task: "apt: {deb: /tmp/slow.deb, lock_timeout: 1}"},
		{name: "upgrade", task: "apt: {upgrade: dist, lock_timeout: 1}"},
		{name: "package", task: "package: {name: labdemo, state: present, lock_timeout: 1}"},
		{name: "selection", task: "dpkg_selections: {name: tzdata, selection: hold}", says: "locked by another process"},
	})
	on(t, "node1", "pkill -9 -x dpkg; pkill -9 -x sleep; while pgrep -x dpkg >/dev/null; do sleep 0.1; done")
	wantFailures(t, inv, "", "dpkg was interrupted|dpkg --configure -a", []step{{name: "after a killed dpkg", task: "apt: {name: labdemo}"}})
	if got := on(t, "node1", "dpkg -s labdemo 2>/dev/null | grep Status"); strings.Contains(got, "ok") {
		t.Errorf("something was done: %s", got)
	}
}
