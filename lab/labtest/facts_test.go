//go:build linux

package labtest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// sameFacts are the facts that roles use, by how often; each has the reference's value on the same host.
var sameFacts = strings.Fields(`local distribution os_family distribution_major_version distribution_release hostname fqdn default_ipv4
architecture distribution_version service_mgr system pkg_mgr domain python virtualization_type selinux nodename
virtualization_role all_ipv4_addresses memtotal_mb processor_vcpus lsb user_id all_ipv6_addresses kernel python_version
default_ipv6 machine system_capabilities_enforced cmdline processor_cores processor_count dns user_gid lo
system_capabilities system_vendor product_name processor user_uid distribution_file_variety user_dir devices
proc_cmdline product_version form_factor processor_nproc product_serial userspace_architecture userspace_bits machine_id
swaptotal_mb distribution_file_path fips bios_date bios_version user_gecos user_shell effective_user_id effective_group_id
real_user_id real_group_id kernel_version host0 distribution_file_parsed apparmor selinux_python_present is_chroot
processor_threads_per_core processor_vcpus board_name board_vendor chassis_vendor device_links gather_subset iscsi_iqn
ssh_host_key_ed25519_public ssh_host_key_ed25519_public_keytype ssh_host_key_rsa_public ssh_host_key_ecdsa_public lvm`)

// otherFacts are compared as far as they can be, for the reason given.
var otherFacts = map[string]struct {
	reason string
	same   func(ref, got any) bool
}{
	"env":                       {"ssh gives each connection its own port, and the reference a terminal", sameButKeys("SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY", "TERM")},
	"date_time":                 {"time goes on", sameKeys},
	"interfaces":                {"the reference has no order", sameSet},
	"virtualization_tech_guest": {"the reference has no order", sameSet},
	"virtualization_tech_host":  {"the reference has no order", sameSet},
	"mounts":                    {"free space changes; dump and passno of what is not in fstab came after ansible-core 2.14", sameMounts},
	"memory_mb":                 {"free memory changes", sameKeys},
	"uptime_seconds":            {"time goes on", func(_, got any) bool { return got.(float64) > 0 }},
}

func sameButKeys(keys ...string) func(ref, got any) bool {
	return func(ref, got any) bool {
		r, g := ref.(map[string]any), got.(map[string]any)
		for _, k := range keys {
			delete(r, k)
			delete(g, k)
		}
		return reflect.DeepEqual(r, g)
	}
}

func sameKeys(ref, got any) bool {
	r, ok := ref.(map[string]any)
	g, ok2 := got.(map[string]any)
	if !ok || !ok2 || len(r) != len(g) {
		return false
	}
	for k := range r {
		if _, ok := g[k]; !ok {
			return false
		}
	}
	return true
}

func sameSet(ref, got any) bool {
	sorted := func(v any) []string {
		var s []string
		for _, e := range v.([]any) {
			s = append(s, e.(string))
		}
		slices.Sort(s)
		return s
	}
	return slices.Equal(sorted(ref), sorted(got))
}

func sameMounts(ref, got any) bool {
	r, g := ref.([]any), got.([]any)
	for i := range r {
		if i >= len(g) {
			return false
		}
		a, b := r[i].(map[string]any), g[i].(map[string]any)
		for _, k := range []string{"mount", "device", "fstype", "options", "uuid", "block_size", "block_total", "size_total", "inode_total"} {
			if !reflect.DeepEqual(a[k], b[k]) {
				return false
			}
		}
	}
	return len(r) == len(g)
}

const localFactFiles = `mkdir -p /etc/ansible/facts.d && cd /etc/ansible/facts.d
printf '{"a": 1, "b": {"c": [1, 2]}, "n": null, "f": 1.50}' >json.fact
printf '[sec]\nKey = Val\nx=1\n[other]\ny = a=b ; c\n' >ini.fact
printf '#!/bin/sh\necho "{\\"exe\\": true}"\n' >exe.fact; printf '#!/bin/sh\necho "[s]"; echo k=v\n' >exeini.fact
printf '#!/bin/sh\necho oops >&2; exit 3\n' >bad.fact; chmod +x exe.fact exeini.fact bad.fact
: >empty.fact; printf '[1, 2]' >list.fact; printf '"text"' >str.fact`

// factsOf gathers with a program and returns the facts without their prefix.
func factsOf(t *testing.T, prog, inv string) map[string]any {
	t.Helper()
	dir := t.TempDir()
	out := filepath.Join(dir, "facts.json")
	o := runProgram(t, prog, nil, "-i", inv, write(t, dir, "play.yml", tasks(`
- setup:
  register: f
- copy: {content: "{{ f.ansible_facts | to_json }}", dest: "`+out+`"}
  delegate_to: localhost
`)))
	if o.code != 0 {
		t.Fatalf("exit code %d\n%s", o.code, o.text())
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	facts := map[string]any{}
	for k, v := range all {
		facts[strings.TrimPrefix(k, "ansible_")] = v
	}
	return facts
}

// TestFacts gathers facts of one host with both programs.
func TestFacts(t *testing.T) {
	ansible, err := exec.LookPath("ansible-playbook")
	if err != nil || isRef {
		t.Skip("nothing to compare with")
	}
	dir := one(t)
	on(t, "node1", localFactFiles)
	defer on(t, "node1", "rm -rf /etc/ansible")
	inv := filepath.Join(dir, "hosts.ini")
	compareFacts(t, factsOf(t, ansible, inv), factsOf(t, program, inv))
	wantClean(t, "node1")
}

// compareFacts tells where facts differ from the reference's.
func compareFacts(t *testing.T, ref, got map[string]any) {
	t.Helper()
	for _, k := range sameFacts {
		if !reflect.DeepEqual(ref[k], got[k]) {
			t.Errorf("%s: got %v, want %v", k, got[k], ref[k])
		}
	}
	for k, o := range otherFacts {
		if !o.same(ref[k], got[k]) {
			t.Errorf("%s (%s): got %v, want %v", k, o.reason, got[k], ref[k])
		}
	}
	for k := range ref {
		if _, ok := got[k]; !ok && k != "discovered_interpreter_python" { // goplay looks for Python only when a module needs it
			t.Errorf("%s is missing", k)
		}
	}
}

// oddStates gives a host what few have: a bridge with addresses under labels and in
// several networks, pairs of devices, bind mounts and names with spaces, options of
// the resolver, keys of more kinds.
const oddStates = `ip link add br0 type bridge; ip addr add 192.168.50.1/24 dev br0; ip addr add 192.168.50.2/24 dev br0 label br0:1
ip addr add 192.168.51.1/25 dev br0; ip addr add 192.168.60.1/24 dev br0 label br0:2; ip link set br0 up
ip link add v0 type veth peer name v1; ip link set v0 master br0; ip link set v0 up; ip link set v1 up mtu 1400
ip tuntap add tun0 mode tun; ip addr add 10.9.0.1 peer 10.9.0.2 dev tun0; ip link set tun0 up; ip addr add 10.255.0.1/32 dev lo
mkdir -p /srv/a /srv/b "/srv/sp ace"; mount --bind /srv/a /srv/b; mount -t tmpfs -o size=1m none "/srv/sp ace"
cp /etc/resolv.conf /root/resolv.conf
printf 'search a.example b.example\nnameserver 1.1.1.1\nnameserver 2001:db8::53\noptions ndots:2 timeout:3 rotate\nsortlist 10.0.0.0/8\n# c\n' >/etc/resolv.conf
mkdir -p /etc/ansible/facts.d; printf '{"hidden": 1}' >/etc/ansible/facts.d/.hid.fact; printf '{"a": 1}' >/etc/ansible/facts.d/a.fact`

const evenStates = `umount /srv/b "/srv/sp ace"; rm -rf /srv/a /srv/b "/srv/sp ace" /etc/ansible; cp /root/resolv.conf /etc/resolv.conf; rm /root/resolv.conf
ip link del br0; ip link del v0; ip link del tun0; ip addr del 10.255.0.1/32 dev lo`

// TestOddFacts is TestFacts on a host in unusual states.
func TestOddFacts(t *testing.T) {
	ansible, err := exec.LookPath("ansible-playbook")
	if err != nil || isRef {
		t.Skip("nothing to compare with")
	}
	dir := one(t)
	on(t, "node1", oddStates)
	defer on(t, "node1", evenStates)
	inv := filepath.Join(dir, "hosts.ini")
	ref, got := factsOf(t, ansible, inv), factsOf(t, program, inv)
	compareFacts(t, ref, got)
	for _, k := range []string{"br0", "br0_1", "br0_2", "v0", "v1", "tun0"} {
		if !reflect.DeepEqual(ref[k], got[k]) {
			t.Errorf("%s: got %v, want %v", k, got[k], ref[k])
		}
	}
}

// hang mounts a file system whose server never answers.
const hang = `cat >/root/hang.py <<'END'
import ctypes, os, time
if not os.path.exists('/dev/fuse'):
    os.mknod('/dev/fuse', 0o20600, os.makedev(10, 229))
os.makedirs('/mnt/hang', exist_ok=True)
fd = os.open('/dev/fuse', os.O_RDWR)
opts = 'fd=%d,rootmode=40000,user_id=0,group_id=0' % fd
ctypes.CDLL(None).mount(b'server:/hang', b'/mnt/hang', b'fuse', 0, opts.encode())
time.sleep(300)
END
setsid python3 /root/hang.py >/dev/null 2>&1 </dev/null &
for i in $(seq 100); do grep -q server:/hang /proc/mounts && break; sleep 0.1; done; grep -c server:/hang /proc/mounts`

// TestHangingMount gathers facts where a mount's server does not answer.
func TestHangingMount(t *testing.T) {
	dir := one(t)
	if out := on(t, "node1", hang); !strings.HasSuffix(strings.TrimSpace(out), "1") {
		t.Skipf("no FUSE here: %s", out)
	}
	defer on(t, "node1", "umount -f /mnt/hang; pkill -f hang.p[y]; rm -rf /root/hang.py /mnt/hang")
	o := play(t, dir, `
- setup: {gather_timeout: 2}
- debug: msg="{{ ansible_facts.mounts | selectattr('mount', 'equalto', '/mnt/hang') | map(attribute='note') | first }}"
- setup: {gather_subset: ['!all', network]}
`)
	if o.code != 0 || !strings.Contains(o.stdout, "Timed out while attempting to get extra information") {
		t.Errorf("exit code %d\n%s", o.code, o.text())
	}
	if o.took > time.Minute {
		t.Errorf("it took %v", o.took)
	}
}
