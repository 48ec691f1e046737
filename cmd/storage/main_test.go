package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/goplay-engine/goplay/cmd/storage/internal/kv"
	"github.com/goplay-engine/goplay/cmd/storage/internal/kvtest"
)

// TestMain makes the test program answer as storage when a test starts it as such.
func TestMain(m *testing.M) {
	if os.Getenv("STORAGE_TEST_RUN") != "" {
		main()
	}
	os.Exit(m.Run())
}

// program prepares storage as a process of its own.
func program(file string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "STORAGE_TEST_RUN=1", "STORAGE_FILE="+file)
	return cmd
}

func temp(t *testing.T) string { return filepath.Join(t.TempDir(), "storage.data") }

func TestCommand(t *testing.T) {
	file := temp(t)
	t.Setenv("STORAGE_FILE", file)
	damaged := filepath.Join(t.TempDir(), "damaged")
	if err := os.WriteFile(damaged, []byte("{\"a\": [\"x\"],\n \"b\": 7}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		code   int
		stdout string
		stderr string // in it
	}{
		{[]string{"--key", "a"}, 0, "\n", ""},
		{[]string{"--key", "a", "--val", "1"}, 0, "", ""},
		{[]string{"--key", "a"}, 0, "1\n", ""},
		{[]string{"--val", "", "--key", "a"}, 0, "", ""},
		{[]string{"--key=a", "--val=-x"}, 0, "", ""},
		{[]string{"--key", "a", "--val", "--key"}, 0, "", ""},
		{[]string{"--key", "a", "--val", "é, b", "--val", "c"}, 0, "", ""},
		{[]string{"--key", "a"}, 0, "1, , -x, --key, é, b, c\n", ""},
		{[]string{"--key", "b"}, 0, "\n", ""},
		{nil, 2, "", "--key is missing"},
		{[]string{"--val", "x"}, 2, "", "--key is missing"},
		{[]string{"--key", ""}, 2, "", "--key is empty"},
		{[]string{"--key"}, 2, "", "--key"},
		{[]string{"--key", "a", "--val"}, 2, "", "--val"},
		{[]string{"--key", "a", "b"}, 2, "", `unexpected argument "b"`},
		{[]string{"--nope"}, 2, "", "--nope"},
		{[]string{"-key", "a"}, 2, "", "did you mean --key?"},
		{[]string{"--key", "a", "--val", "\xff"}, 2, "", `"\xff" is not UTF-8`},
		{[]string{"--key", "a", "--file", ""}, 2, "", "--file is empty"},
		{[]string{"serve", "x"}, 2, "", "unexpected argument"},
		{[]string{"serve", "--max-body", "lots"}, 2, "", "--max-body"},
		{[]string{"serve", "--max-file", "99999999999GiB"}, 2, "", "too large"},
		{[]string{"serve", "--listen", "nowhere"}, 1, "", "nowhere"},
		{[]string{"serve", "--follow", "nowhere"}, 1, "", "--follow nowhere"},
		{[]string{"--key", "a", "--file", damaged}, 1, "", `damaged and is left as it is: line 2, column 7 (byte 19): expected a list of strings under the key "b", found a number`},
		{[]string{"--key", "a", "--val", "x", "--file", damaged}, 1, "", "line 2, column 7"},
		{[]string{"serve", "--file", damaged}, 1, "", "line 2, column 7"},
		{[]string{"--key", "a", "--val", "x", "--file", filepath.Join(t.TempDir(), "no", "file")}, 1, "", "no such folder"},
		{[]string{"--key", "a", "--file", t.TempDir()}, 1, "", "not a regular file, but a folder"},
	} {
		var stdout, stderr bytes.Buffer
		code := run(c.args, &stdout, &stderr)
		if code != c.code || stdout.String() != c.stdout || !strings.Contains(stderr.String(), c.stderr) || (c.stderr == "") != (stderr.Len() == 0) {
			t.Errorf("%q: exit code %d, stdout %q, stderr %q\nwant %d, %q, %q", c.args, code, stdout.String(), stderr.String(), c.code, c.stdout, c.stderr)
		}
		if lines := strings.Count(stderr.String(), "\n"); code != 0 && lines != 1 {
			t.Errorf("%q: %d lines of error", c.args, lines)
		}
		if code == 2 && !strings.Contains(stderr.String(), "(usage: storage --key") {
			t.Errorf("%q: no usage", c.args)
		}
	}
	for _, args := range [][]string{{"--help"}, {"serve", "-h"}} {
		var stdout, stderr bytes.Buffer
		if code := run(args, &stdout, &stderr); code != 0 || stderr.Len() > 0 || !strings.Contains(stdout.String(), "STORAGE_FILE") {
			t.Errorf("%q: exit code %d, %s%s", args, code, stdout.String(), stderr.String())
		}
	}
}

// TestOrdinaryTrouble has what users do not cause: a full disk, no permission, standard output that cannot be written.
func TestOrdinaryTrouble(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a Unix shell")
	}
	file := temp(t)
	if out, err := program(file, "--key", "a", "--val", strings.Repeat("x", 5000)).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	before, _ := os.ReadFile(file)
	shell := func(script string) (string, int) {
		cmd := exec.Command("sh", "-c", script, "sh", os.Args[0])
		cmd.Env = program(file).Env
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	out, code := shell(`ulimit -f 1; exec "$1" --key a --val y`)
	if code != 1 || strings.Count(out, "\n") != 1 || !strings.Contains(out, "file too large") {
		t.Errorf("no room: exit code %d, %q", code, out)
	}
	if runtime.GOOS == "linux" {
		if out, code := shell(`"$1" --key a >/dev/full`); code != 1 || !strings.Contains(out, "no space left") {
			t.Errorf("/dev/full: exit code %d, %q", code, out)
		}
	}
	after, _ := os.ReadFile(file)
	if !bytes.Equal(before, after) {
		t.Error("a failed write changed the file")
	}
	if entries, _ := os.ReadDir(filepath.Dir(file)); len(entries) != 2 {
		t.Errorf("a failed write leaves files: %v", entries)
	}
	if os.Geteuid() == 0 {
		return // root may write everything
	}
	if err := os.Chmod(file, 0o400); err != nil {
		t.Fatal(err)
	}
	if out, code := shell(`exec "$1" --key a --val y`); code != 1 || !strings.Contains(out, "permission denied") {
		t.Errorf("no permission: exit code %d, %q", code, out)
	}
}

// TestCommandsAtOnce starts the command 8 times at once, again and again.
func TestCommandsAtOnce(t *testing.T) {
	file := temp(t)
	each := 50
	if testing.Short() {
		each = 10
	}
	var wg sync.WaitGroup
	for p := range 8 {
		wg.Go(func() {
			for i := range each {
				if out, err := program(file, "--key", "k", "--val", fmt.Sprintf("%d-%d", p, i)).CombinedOutput(); err != nil {
					t.Errorf("%v %s", err, out)
				}
			}
		})
	}
	wg.Wait()
	kvtest.InOrder(t, stored(t, file, "k"), 8, each)
}

func stored(t *testing.T, file, key string) []string {
	t.Helper()
	d, err := kv.File{Path: file}.Load()
	if err != nil {
		t.Fatal(err)
	}
	return d.Values(key)
}

func kills() int {
	if testing.Short() {
		return 10
	}
	return 100
}

// TestKilledCommand kills the command at random moments: what it had acknowledged stays, and the file is whole.
func TestKilledCommand(t *testing.T) {
	file := temp(t)
	if out, err := program(file, "--key", "other", "--val", "x").CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	var done []string
	// How long a command takes depends on the machine and on what else it does: the span in which it is killed
	// grows until commands end before and shrinks until they do not.
	span := time.Millisecond
	killed := 0
	for i := range kills() {
		value := strconv.Itoa(i)
		cmd := program(file, "--key", "k", "--val", value)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rand.N(span))
		_ = cmd.Process.Kill()
		if cmd.Wait() == nil {
			done = append(done, value)
			span = max(span*2/3, time.Microsecond)
		} else {
			killed++
			span = span * 3 / 2
		}
		wantHeld(t, stored(t, file, "k"), done)
	}
	t.Logf("%d killed, %d done", killed, len(done))
	if killed == 0 {
		t.Error("no command was killed")
	}
}

// wantHeld checks that the acknowledged values are there, in their order.
func wantHeld(t *testing.T, values, acknowledged []string) {
	t.Helper()
	for _, want := range acknowledged {
		i := slices.Index(values, want)
		if i < 0 {
			t.Fatalf("%s was acknowledged and is lost", want)
		}
		values = values[i+1:]
	}
}

// server starts storage serve and returns its address.
func server(t *testing.T, file string) (cmd *exec.Cmd, address string) {
	t.Helper()
	cmd = program(file, "serve", "--listen", "127.0.0.1:0", "--access-log=false")
	t.Cleanup(func() {
		if cmd.ProcessState == nil && cmd.Process != nil {
			_ = cmd.Process.Kill()
		}
	})
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		var entry struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &entry) == nil && entry.Msg == "listening" {
			go func() { _, _ = io.Copy(io.Discard, log) }()
			return cmd, "http://" + entry.Address
		}
		t.Log(lines.Text())
	}
	t.Fatal("the server does not start")
	return nil, ""
}

// post adds a value and reports whether it was acknowledged.
func post(ctx context.Context, client *http.Client, address, key, value string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/keys/"+key, strings.NewReader(`{"value": "`+value+`"}`))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	return resp.StatusCode == http.StatusCreated
}

// TestKilledServer kills the server at random moments while clients add values.
func TestKilledServer(t *testing.T) {
	file := temp(t)
	const clients = 8
	done := make([][]string, clients)
	next := make([]int, clients)
	for round := range kills() {
		cmd, address := server(t, file)
		ctx, cancel := context.WithCancel(context.Background())
		transport := &http.Transport{}
		client := &http.Client{Transport: transport}
		var wg sync.WaitGroup
		first := make(chan struct{}) // closed when the first value is acknowledged
		var once sync.Once
		for c := range clients {
			wg.Go(func() {
				for ctx.Err() == nil {
					value := strconv.Itoa(next[c])
					next[c]++
					if post(ctx, client, address, strconv.Itoa(c), value) {
						done[c] = append(done[c], value)
						once.Do(func() { close(first) })
					}
				}
			})
		}
		if round == 0 { // a slow machine would acknowledge nothing in any round
			select {
			case <-first:
			case <-time.After(time.Minute):
			}
		}
		time.Sleep(time.Duration(10_000+rand.IntN(60_000)) * time.Microsecond)
		_ = cmd.Process.Kill()
		cancel()
		wg.Wait()
		_ = cmd.Wait()
		transport.CloseIdleConnections()
		for c := range clients {
			wantHeld(t, stored(t, file, strconv.Itoa(c)), done[c])
		}
	}
	total := 0
	for _, d := range done {
		total += len(d)
	}
	t.Logf("%d values acknowledged over %d kills", total, kills())
	if total == 0 {
		t.Error("nothing was acknowledged")
	}
}

// TestServerAtOnce has 8 clients add 1,000 values each while a command adds some, and stops the server then.
func TestServerAtOnce(t *testing.T) {
	file := temp(t)
	cmd, address := server(t, file)
	each, own := 1000, 40
	if testing.Short() {
		each = 100
	}
	var wg sync.WaitGroup
	for c := range 8 {
		wg.Go(func() {
			for i := range each {
				if !post(context.Background(), http.DefaultClient, address, "k", fmt.Sprintf("%d-%d", c, i)) {
					t.Errorf("client %d: value %d was not acknowledged", c, i)
					return
				}
			}
		})
	}
	wg.Go(func() {
		for i := range own {
			if out, err := program(file, "--key", "own", "--val", fmt.Sprintf("x-%d", i)).CombinedOutput(); err != nil {
				t.Errorf("%v %s", err, out)
			}
		}
	})
	wg.Wait()
	if runtime.GOOS == "windows" {
		_ = cmd.Process.Kill() // there is no SIGTERM
		_ = cmd.Wait()
	} else {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server ends with %v", err)
		}
	}
	kvtest.InOrder(t, stored(t, file, "k"), 8, each)
	kvtest.InOrder(t, stored(t, file, "own"), 1, own)
}

// TestGracefulEnd stops a server while a request is under way: it is answered.
func TestGracefulEnd(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGTERM")
	}
	file := temp(t)
	cmd, address := server(t, file)
	conn, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	fmt.Fprint(conn, "POST /keys/k HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 17\r\n\r\n{\"value\": ")
	resp, err := http.ReadResponse(answers, nil) // now it has arrived
	if err != nil || resp.StatusCode != http.StatusContinue {
		t.Fatal(resp, err)
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
		if err != nil {
			break
		}
		c.Close()
		if time.Now().After(end) {
			t.Error("it still takes connections")
			break
		}
	}
	fmt.Fprint(conn, "\"last\"}")
	resp, err = http.ReadResponse(answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Body.Close(); resp.StatusCode != 201 {
		t.Errorf("status %d", resp.StatusCode)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ends with %v", err)
	}
	if got := stored(t, file, "k"); !slices.Equal(got, []string{"last"}) {
		t.Errorf("values %q", got)
	}
}
