//go:build linux

package labtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// nodeVars reach node1, the host that is given bad input.
const nodeVars = ` ansible_host=10.10.1.101 ansible_user=root ansible_ssh_private_key_file=%[1]s/lab/.work/id_ed25519` +
	` ansible_ssh_common_args='-o UserKnownHostsFile=%[1]s/lab/.work/known_hosts -o IdentitiesOnly=yes -o ConnectTimeout=4'`

// one makes sure that a fresh node1 is there, and returns a folder with an inventory for it.
func one(t *testing.T) string {
	t.Helper()
	if state != "node1" {
		fresh(t, "el", "node1")
		state = "node1"
	}
	dir := t.TempDir()
	write(t, dir, "hosts.ini", "node1"+fmt.Sprintf(nodeVars, top)+"\n")
	return dir
}

func write(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// tasks turns an indented list of tasks into a play on node1.
func tasks(list string) string {
	return "- hosts: all\n  gather_facts: false\n  tasks:\n" + indent(list, "    ")
}

func indent(text, by string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.Trim(text, "\n") + "\n") {
		b.WriteString(by + line)
	}
	return b.String()
}

// badCase is one thing a user may do wrong.
type badCase struct {
	name  string
	play  string   // the playbook
	args  []string // further arguments
	vars  string   // what the inventory says besides how to reach node1
	code  int
	says  []string // words of the message
	never []string // what must not be shown
}

var badCases = []badCase{
	{
		name: "unreachable host", vars: "ansible_host=10.10.1.99", play: tasks("- ping:"), code: 4,
		says: []string{"UNREACHABLE", "10.10.1.99"},
	},
	{
		name: "refused port", vars: "ansible_port=2222", play: tasks("- ping:"), code: 4,
		says: []string{"UNREACHABLE", "onnection refused"},
	},
	{
		name: "wrong key", vars: "ansible_ssh_private_key_file='{{ inventory_dir }}/other_key'", play: tasks("- ping:"), code: 4,
		says: []string{"UNREACHABLE", "denied"},
	},
	{
		name: "changed host key", vars: `ansible_ssh_common_args='-o UserKnownHostsFile={{ inventory_dir }}/other_known_hosts'`, play: tasks("- ping:"), code: 4,
		says: []string{"UNREACHABLE", "key"},
	},
	{
		name: "unknown host key", vars: `ansible_ssh_common_args='-o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes'`, play: tasks("- ping:"), code: 4,
		says: []string{"UNREACHABLE", "key"},
	},
	{
		name: "wrong sudo password", vars: "ansible_user=ops ansible_become_password=not-this-one", args: []string{"-b"}, play: tasks("- ping:"), code: 2,
		says: []string{"Incorrect sudo password"}, never: []string{"not-this-one"},
	},
	{
		name: "no sudo password", vars: "ansible_user=ops", args: []string{"-b"}, play: tasks("- ping:"), code: 2,
		says: []string{"Missing sudo password"},
	},
	{
		name: "undefined variable in a template", play: tasks("- template: {src: t.j2, dest: /etc/bad.conf}"), code: 2,
		says: []string{"no_such_variable", "undefined"},
	},
	{
		name: "broken YAML", play: "- hosts: all\n  tasks:\n    - debug: {msg: 'a\n   - x: [\n", code: 4,
		says: []string{"play.yml", "line"},
	},
	{
		name: "unknown module", play: tasks("- pingg:"), code: 4,
		says: []string{"pingg"},
	},
	{
		name: "unknown parameter", play: tasks("- file: {path: /tmp/x, stat: touch}"), code: 2,
		says: []string{"Unsupported parameters", "stat"},
	},
	{
		name: "missing parameter", play: tasks("- file: {state: touch}"), code: 2,
		says: []string{"missing required arguments", "path"},
	},
	{
		name: "package that does not exist", play: tasks("- dnf: {name: no-such-package}"), code: 2,
		says: []string{"no-such-package"},
	},
	{
		name: "service that does not exist", play: tasks("- service: {name: no-such-service, state: started}"), code: 2,
		says: []string{"Could not find the requested service no-such-service"},
	},
	{
		name: "missing playbook", play: "", code: 1,
		says: []string{"play.yml", "could not be found"},
	},
	{
		name: "command that does not exist", play: tasks("- command: no-such-command"), code: 2,
		says: []string{"No such file or directory", "no-such-command"},
	},
	{
		name: "folder of the file missing", play: tasks("- copy: {content: x, dest: /no/such/folder/file}"), code: 2,
		says: []string{"/no/such/folder"},
	},
}

func TestBadInput(t *testing.T) {
	dir := one(t)
	before := snap(t, "node1")
	for _, c := range badCases {
		t.Run(c.name, func(t *testing.T) {
			fleet++
			dir := filepath.Join(dir, strings.ReplaceAll(c.name, " ", "-"))
			inv := "node1" + fmt.Sprintf(nodeVars, top)
			if c.vars != "" {
				inv += " " + c.vars // the later of two settings counts
			}
			write(t, dir, "hosts.ini", inv+"\n")
			write(t, dir, "t.j2", "{{ no_such_variable }}\n")
			otherKeys(t, dir)
			play := filepath.Join(dir, "play.yml")
			if c.play != "" {
				write(t, dir, "play.yml", c.play)
			}
			o := run(t, append([]string{"-i", filepath.Join(dir, "hosts.ini"), play}, c.args...)...)
			if o.code != c.code {
				t.Errorf("exit code %d, want %d", o.code, c.code)
			}
			for _, word := range c.says {
				if !strings.Contains(o.text(), word) {
					t.Errorf("the message lacks %q", word)
				}
			}
			for _, word := range append(c.never, "panic:", "goroutine ", "Traceback") {
				if strings.Contains(o.text(), word) {
					t.Errorf("the output holds %q", word)
				}
			}
			if o.took.Seconds() > 20 {
				t.Errorf("it took %v", o.took)
			}
			if t.Failed() {
				t.Logf("output:\n%s", o.text())
			}
		})
	}
	for _, d := range differences(before, snap(t, "node1")) {
		t.Errorf("bad input changed the host: %s", d)
	}
	wantClean(t, "node1")
}

// otherKeys writes a user key that no host knows and a known_hosts that names another host's key.
func otherKeys(t *testing.T, dir string) {
	t.Helper()
	key := filepath.Join(dir, "other_key")
	mustRun(t, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
	pub, err := os.ReadFile(key + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "other_known_hosts", "10.10.1.101 "+string(pub))
}
