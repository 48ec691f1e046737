//go:build linux

package labtest

import (
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestRoundTrips puts a slow line between the program and the host: a task that changes nothing may cost one
// round trip, and a whole connection only a few.
func TestRoundTrips(t *testing.T) {
	if isRef {
		t.Skip("the reference needs many")
	}
	dir := one(t)
	const delay = 50 * time.Millisecond // a round trip takes twice as long
	port := slowLine(t, "10.10.1.101:22", delay)
	write(t, dir, "hosts.ini", "node1"+fmt.Sprintf(nodeVars, top)+
		fmt.Sprintf(" ansible_host=127.0.0.1 ansible_port=%d ansible_ssh_common_args='-o HostKeyAlias=10.10.1.101 -o UserKnownHostsFile=%s'\n",
			port, filepath.Join(top, "lab/.work/known_hosts")))
	measure := func(n int) time.Duration {
		o := play(t, dir, strings.Repeat("- file: {path: /etc, state: directory}\n", n))
		if o.code != 0 {
			t.Fatalf("exit code %d:\n%s", o.code, o.text())
		}
		return o.took
	}
	measure(1) // uploads the helper
	perTask := time.Hour
	for range 5 { // the machine may be busy with something else
		few, many := measure(5), measure(25)
		perTask = min(perTask, (many-few)/20)
		t.Logf("a task takes %v, 5 tasks with the connection %v, at a round trip of %v", perTask, few, 2*delay)
		if perTask <= 2*delay*13/10 {
			break
		}
	}
	if perTask > 2*delay*13/10 {
		t.Errorf("a task that changes nothing takes %v, want one round trip of %v", perTask, 2*delay)
	}
}

// slowLine forwards a local port to a server, each byte a delay late, and returns the port.
func slowLine(t *testing.T, server string, delay time.Duration) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", server)
			if err != nil {
				in.Close()
				return
			}
			go late(in, out, delay)
			go late(out, in, delay)
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

type piece struct {
	due  time.Time
	data []byte
}

func late(from io.Reader, to io.WriteCloser, delay time.Duration) {
	line := make(chan piece, 10000)
	go func() {
		defer close(line)
		buf := make([]byte, 64<<10)
		for {
			n, err := from.Read(buf)
			if n > 0 {
				line <- piece{time.Now().Add(delay), append([]byte(nil), buf[:n]...)}
			}
			if err != nil {
				return
			}
		}
	}()
	defer to.Close()
	for p := range line {
		time.Sleep(time.Until(p.due))
		if _, err := to.Write(p.data); err != nil {
			return
		}
	}
}
