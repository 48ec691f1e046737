//go:build linux

// Command conform records what ansible-playbook answers to the conformance cases of engine/module/conform on lab
// hosts. Run it inside the lab: `lab/lab run go run ./lab/conform [NAME...]`; node1 is CentOS, node2 and node3 Debian, all with
// what lab/conform/prepare adds. Cases that run anywhere are recorded on node2, those that change a Debian host on node3.
//
// It drives programs and imports engine/module/conform only.
package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/goplay-engine/goplay/engine/module/conform"
)

const (
	own   = "10.10.1.254:0"
	jobs  = 4 // files at once
	hosts = "ansible_user=root ansible_ssh_private_key_file=%s/lab/.work/id_ed25519 ansible_python_interpreter=/usr/bin/python3 ansible_host="
)

func main() {
	program := flag.String("program", "ansible-playbook", "`program` that runs the playbooks")
	show := flag.Bool("compare", false, "compare with what is recorded instead of recording")
	at := flag.String("at", "", "`address` of the lab host to use instead of the usual ones")
	flag.Parse()
	if err := record(*program, *at, *show, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "conform:", err)
		os.Exit(1)
	}
}

func record(program, at string, compare bool, names []string) error {
	files, err := conform.Files(names...)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", own)
	if err != nil && !slices.ContainsFunc(files, func(f *conform.File) bool { return f.Where != "local" }) {
		l, err = net.Listen("tcp", "127.0.0.1:0") // outside the lab
	}
	if err != nil {
		return err
	}
	go func() { _ = http.Serve(l, conform.Handler()) }()
	top, err := os.Getwd()
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "conform")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	errs := make([]error, len(files))
	var wg sync.WaitGroup
	slots := make(chan struct{}, jobs)
	hosts := map[string]*sync.Mutex{"deb": {}, "el": {}} // changed by one at a time
	for i, f := range files {
		if m := hosts[f.Where]; m != nil {
			wg.Go(func() {
				m.Lock()
				defer m.Unlock()
				errs[i] = one(f, program, at, top, work, "http://"+l.Addr().String(), compare)
			})
			continue
		}
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			errs[i] = one(f, program, at, top, work, "http://"+l.Addr().String(), compare)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// one runs the cases of a file and records or compares the answers.
func one(f *conform.File, program, at, top, work, url string, compare bool) error {
	address := map[string]string{"": "10.10.1.102", "deb": "10.10.1.103", "el": "10.10.1.101"}[f.Where]
	if at != "" {
		address = at
	}
	p := conform.Place{Local: work, Dir: "/tmp/conform", URL: url, Host: fmt.Sprintf(hosts, top) + address}
	if f.Where == "local" {
		p.Dir, p.Host = filepath.Join(work, "dir"), "ansible_connection=local ansible_python_interpreter=/usr/bin/python3"
	}
	cases := f.Recordable()
	if compare {
		cases = f.Cases
	}
	if len(cases) == 0 {
		return nil
	}
	got, err := f.Execute(p, cases, func(playbook, inventory string) error {
		cmd := exec.Command(program, "-i", inventory, playbook)
		cmd.Env = append(os.Environ(), "ANSIBLE_CONFIG="+filepath.Join(work, "none.cfg"), "ANSIBLE_HOST_KEY_CHECKING=0", "ANSIBLE_PIPELINING=1", "ANSIBLE_NOCOLOR=1",
			"LC_ALL=C.UTF-8", "ANSIBLE_SSH_CONTROL_PATH_DIR="+filepath.Join(work, "cp"), // other fleets have the same addresses
			"ANSIBLE_SSH_ARGS=-o ControlMaster=auto -o ControlPersist=30s -o UserKnownHostsFile=/dev/null", "ANSIBLE_DEPRECATION_WARNINGS=0")
		out, err := cmd.CombinedOutput()
		if err := os.WriteFile(filepath.Join(os.TempDir(), "conform-"+f.Name+".log"), out, 0o600); err != nil {
			return err
		}
		if err != nil {
			return fmt.Errorf("%s: %s: %w\n%s", program, f.Name, err, tail(out))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if compare {
		d := differences(f, got)
		fmt.Printf("%s: %d of %d cases differ\n", f.Name, len(d), len(got))
		return errors.Join(d...)
	}
	text, err := conform.Format(got)
	if err != nil {
		return err
	}
	fmt.Println(f.Name, len(got))
	return os.WriteFile("engine/module/conform/testdata/"+f.Name+".json", text, 0o644)
}

func differences(f *conform.File, got map[string]*conform.Answer) []error {
	want, err := f.Recorded()
	if err != nil {
		return []error{err}
	}
	var out []error
	for _, c := range f.Cases {
		if want[c.Name] == nil && c.Documented == "" {
			out = append(out, fmt.Errorf("%s: %s: nothing recorded", f.Name, c.Name))
		} else if d := c.Compare(got[c.Name], want[c.Name]); len(d) > 0 {
			out = append(out, fmt.Errorf("%s: %s\n  %s", f.Name, c.Name, strings.Join(d, "\n  ")))
		}
	}
	return out
}

func tail(out []byte) []byte { return out[max(0, len(out)-3000):] }
