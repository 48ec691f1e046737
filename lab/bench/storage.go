//go:build linux

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	storageReads   = 5000.0 // a second
	storageWrites  = 1000.0 // a second, acknowledged and on the disk
	storageClients = 64     // connections
	storageTime    = 3 * time.Second
)

// storage measures bin/storage beside bin/goplay, on the disk that this checkout lies on, with clients on the same
// processors: reads and writes of an empty storage and of larger ones.
func storage(b *bench) (out []figure, err error) {
	for _, c := range []struct {
		keys, each int
		goals      bool
	}{{1, 0, true}, {100, 80, true}, {1000, 100, true}, {10000, 100, false}} {
		figures, err := storageOf(filepath.Join(filepath.Dir(b.goplay), "storage"), c.keys, c.each, c.goals)
		if err != nil {
			return nil, err
		}
		out = append(out, figures...)
	}
	return out, nil
}

// storageOf measures a storage that begins with so many keys and values in each.
func storageOf(program string, keys, each int, goals bool) ([]figure, error) {
	dir, err := os.MkdirTemp(filepath.Dir(program), "storage-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "storage.data")
	if err := fill(file, keys, each); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	server := exec.Command(program, "serve", "--listen", "127.0.0.1:0", "--file", file)
	server.Stderr = log
	if err := server.Start(); err != nil {
		return nil, err
	}
	defer func() { _ = server.Process.Kill(); _ = server.Wait() }()
	address, err := listening(log.Name())
	if err != nil {
		return nil, err
	}
	get := func(i int) string { return fmt.Sprintf("GET /keys/key-%d HTTP/1.1\r\nHost: x\r\n\r\n", i%keys) }
	body := `{"value": "a value of some 30 characters."}`
	post := func(i int) string {
		return fmt.Sprintf("POST /keys/key-%d HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", i%keys, len(body), body)
	}
	// an empty storage answers its first reads with 404, which costs the same
	reads, err := underLoad(address, get)
	if err != nil {
		return nil, err
	}
	writes, err := underLoad(address, post)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%d values: ", keys*each)
	return []figure{
		reads.rate(name+"reads a second", storageReads, goals),
		writes.rate(name+"writes a second", storageWrites, goals),
		{name: name + "99 % of writes within", value: fmt.Sprintf("%.0f ms", writes.p99.Seconds()*1000)},
	}, nil
}

func (r rates) rate(name string, goal float64, has bool) figure {
	f := figure{name: name, value: fmt.Sprintf("%.0f", r.perSecond)}
	if has {
		f.goal, f.missed = fmt.Sprintf("%.0f", goal), r.perSecond < goal
	}
	return f
}

// fill writes a storage as another program would.
func fill(file string, keys, each int) error {
	data := map[string][]string{}
	for k := range keys {
		list := make([]string, each)
		for i := range list {
			list[i] = fmt.Sprintf("value %d of some 30 characters", i)
		}
		data["key-"+strconv.Itoa(k)] = list
	}
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// listening waits until the server's log tells its address.
func listening(log string) (string, error) {
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		text, err := os.ReadFile(log)
		if err != nil {
			return "", err
		}
		for line := range strings.Lines(string(text)) {
			var entry struct{ Msg, Address string }
			if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "listening" {
				return entry.Address, nil
			}
		}
	}
	text, _ := os.ReadFile(log)
	return "", fmt.Errorf("storage does not start: %s", text)
}

type rates struct {
	perSecond float64
	p99       time.Duration
}

// underLoad sends requests over storageClients connections for storageTime, each connection one after the other.
func underLoad(address string, request func(i int) string) (rates, error) {
	var wg sync.WaitGroup
	took := make([][]time.Duration, storageClients)
	errs := make([]error, storageClients)
	start := time.Now()
	for c := range storageClients {
		wg.Go(func() { took[c], errs[c] = requests(address, c*1009, start.Add(storageTime), request) })
	}
	wg.Wait()
	elapsed := time.Since(start)
	for _, err := range errs {
		if err != nil {
			return rates{}, err
		}
	}
	all := slices.Concat(took...)
	if len(all) == 0 {
		return rates{}, fmt.Errorf("no answers")
	}
	slices.Sort(all)
	return rates{float64(len(all)) / elapsed.Seconds(), all[len(all)*99/100]}, nil
}

// requests sends one request after the other until the end. It reads as little of the answers as it can, since it
// works on the same processors as the server.
func requests(address string, first int, end time.Time, request func(i int) string) (took []time.Duration, err error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 64<<10)
	for i := first; ; i++ {
		begin := time.Now()
		if begin.After(end) {
			return took, nil
		}
		if _, err := io.WriteString(conn, request(i)); err != nil {
			return nil, err
		}
		status, err := in.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(status, []byte("HTTP/1.1 20")) && !bytes.HasPrefix(status, []byte("HTTP/1.1 404")) {
			return nil, fmt.Errorf("answer %q", status)
		}
		length := 0
		for {
			line, err := in.ReadSlice('\n')
			if err != nil {
				return nil, err
			}
			if len(line) <= 2 {
				break
			}
			if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
				if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
					return nil, err
				}
			}
		}
		if _, err := in.Discard(length); err != nil {
			return nil, err
		}
		took = append(took, time.Since(begin))
	}
}
