//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"
)

const (
	inventory = "inventory/hosts.ini"
	playbook  = "playbooks/nginx_haproxy_ha.yml"
	hosts     = 4

	wantDefault = 25.0        // times faster than ansible-playbook's defaults, unchanged run
	wantTuned   = 15.0        // times faster than ansible-playbook with pipelining and enough forks
	wantFloor   = time.Second // above package manager and services, first run
)

func (b *bench) play() command { return command{args: []string{b.goplay, "-i", inventory, playbook}} }

func ansible() command { return command{args: []string{"ansible-playbook", "-i", inventory, playbook}} }

// tuned is what Ansible's documentation advises for speed: pipelining, and a fork for each host.
func tuned() command {
	c := ansible()
	c.env = []string{"ANSIBLE_PIPELINING=True", fmt.Sprintf("ANSIBLE_FORKS=%d", hosts)}
	return c
}

// stand measures the shipped playbook on the lab's four hosts: the first run on fresh hosts, and the unchanged
// second run.
func stand(b *bench) ([]figure, error) {
	if err := exec.Command("lab/lab", "up").Run(); err != nil {
		return nil, fmt.Errorf("lab up: %w", err)
	}
	var first, firstAnsible, alone costs
	for i := range b.firsts {
		fmt.Fprintf(os.Stderr, "first runs, %d of %d\n", i+1, b.firsts)
		for _, m := range []struct {
			command
			into *costs
		}{{floor(), &alone}, {b.play(), &first}, {ansible(), &firstAnsible}} {
			if out, err := exec.Command("lab/lab", "reset").CombinedOutput(); err != nil {
				return nil, fmt.Errorf("lab reset: %w\n%s", err, out)
			}
			time.Sleep(time.Second) // let the hosts come to rest
			took, err := m.run()
			if err != nil {
				return nil, err
			}
			*m.into = append(*m.into, took)
		}
	}
	// the hosts are provisioned now; one run each to fill caches on both sides
	for _, c := range []command{b.play(), ansible(), tuned()} {
		if _, err := c.run(); err != nil {
			return nil, err
		}
	}
	var again, againAnsible, againTuned costs
	for i := range b.pairs {
		fmt.Fprintf(os.Stderr, "unchanged runs, %d of %d\n", i+1, b.pairs)
		for _, m := range []struct {
			command
			into *costs
		}{{b.play(), &again}, {ansible(), &againAnsible}, {tuned(), &againTuned}} {
			took, err := m.run()
			if err != nil {
				return nil, err
			}
			*m.into = append(*m.into, took)
		}
	}
	s, a, t := again.median(), againAnsible.median(), againTuned.median()
	out := []figure{
		{name: "unchanged run, goplay", value: seconds(s.wall)},
		{name: "unchanged run, ansible-playbook", value: seconds(a.wall)},
		{name: "unchanged run, ansible-playbook, tuned", value: seconds(t.wall)},
		times("times faster than ansible-playbook", a.wall, s.wall, wantDefault),
		times("times faster than tuned", t.wall, s.wall, wantTuned),
		{name: "peak memory, goplay", value: mebibytes(s.peak)},
		{name: "peak memory, ansible-playbook (one process)", value: mebibytes(a.peak)},
	}
	if b.firsts > 0 {
		f, fl := first.median().wall, alone.median().wall
		out = append(out,
			figure{"first run, goplay", seconds(f), fmt.Sprintf("floor + %g s", wantFloor.Seconds()), f > fl+wantFloor},
			figure{name: "first run, packages and services alone", value: seconds(fl)},
			figure{name: "first run, ansible-playbook", value: seconds(firstAnsible.median().wall)})
	}
	return out, nil
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
