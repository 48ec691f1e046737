//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// command is one thing to measure.
type command struct {
	args []string
	env  []string
	do   func() error // instead of args
}

func (b *bench) play() command { return command{args: []string{b.goplay, "-i", inventory, playbook}} }

func ansible() command { return command{args: []string{"ansible-playbook", "-i", inventory, playbook}} }

// tuned is what Ansible's documentation advises for speed: pipelining, and a fork for each host.
func tuned() command {
	c := ansible()
	c.env = []string{"ANSIBLE_PIPELINING=True", fmt.Sprintf("ANSIBLE_FORKS=%d", hosts)}
	return c
}

// floor is what no provisioning can do without: the package manager and the services, host by host at once, in
// the order of the playbook.
func floor() command {
	return command{do: func() error {
		if err := everywhere("dnf -q -y install nginx && systemctl enable -q --now nginx && systemctl reload nginx", "web1", "web2"); err != nil {
			return err
		}
		if err := everywhere("dnf -q -y install haproxy && systemctl enable -q --now haproxy && systemctl reload haproxy", "ha1", "ha2"); err != nil {
			return err
		}
		// without a configuration keepalived does not report that it is ready
		return everywhere(`dnf -q -y install keepalived
printf 'vrrp_instance x {\n interface host0\n virtual_router_id 9\n priority 9\n virtual_ipaddress {\n 10.10.1.99/24\n }\n}\n' >/etc/keepalived/keepalived.conf
systemctl enable -q --now keepalived && systemctl reload keepalived`, "ha1", "ha2")
	}}
}

func everywhere(script string, names ...string) error {
	errs := make([]error, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() {
			if out, err := exec.Command("lab/lab", "ssh", name, script).CombinedOutput(); err != nil {
				errs[i] = fmt.Errorf("%s: %w\n%s", name, err, out)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// run runs the command and returns its duration and the peak memory of its largest process in KiB.
func (c command) run() (took time.Duration, peak int64, err error) {
	start := time.Now()
	if c.do != nil {
		err = c.do()
		return time.Since(start), 0, err
	}
	cmd := exec.Command(c.args[0], c.args[1:]...)
	cmd.Env = append(os.Environ(), c.env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	took = time.Since(start)
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w\n%s", strings.Join(c.args, " "), err, out.Bytes())
	}
	return took, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss, nil
}
