package module

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goplay-engine/goplay/engine/pyre"
	"github.com/goplay-engine/goplay/engine/value"
)

type waitForArgs struct {
	Host           string   `arg:"host,default=127.0.0.1" doc:"Name or address to wait for."`
	Timeout        int      `arg:"timeout,default=300" doc:"Seconds to wait at most."`
	ConnectTimeout int      `arg:"connect_timeout,default=5" doc:"Seconds to wait for one connection."`
	Delay          int      `arg:"delay,default=0" doc:"Seconds to wait before the first try."`
	Port           *int     `arg:"port" doc:"Port to poll."`
	States         []string `arg:"active_connection_states" default:"ESTABLISHED,FIN_WAIT1,FIN_WAIT2,SYN_RECV,SYN_SENT,TIME_WAIT" doc:"Connection states that count as active when draining."`
	Path           *Path    `arg:"path" doc:"File that must exist, or not, before going on."`
	SearchRegex    *string  `arg:"search_regex" doc:"Expression to match in the file or the connection."`
	State          string   `arg:"state,default=started,choices=absent|drained|present|started|stopped" doc:"What to wait for."`
	ExcludeHosts   []string `arg:"exclude_hosts" doc:"Hosts whose connections do not count when draining."`
	Sleep          int      `arg:"sleep,default=1" doc:"Seconds between tries."`
	Msg            *string  `arg:"msg" doc:"Message of the failure, instead of the usual one."`
}

var waitForDef = &Def{
	Name:  "ansible.builtin.wait_for",
	Short: "Waits for a condition before continuing",
	Check: CheckNone,
	Args:  func() any { return &waitForArgs{} },
	Run: func(c *Context, a any) *Result {
		w := &waiter{Context: c, waitForArgs: a.(*waitForArgs), start: time.Now()}
		r, err := w.run()
		if err != nil {
			return FailErr(err).Set("elapsed", elapsed(w.start))
		}
		return r.Set("elapsed", elapsed(w.start))
	},
}

type waiter struct {
	*Context
	*waitForArgs
	start  time.Time
	until  time.Time
	re     *pyre.Regexp
	groups []value.Value
	named  *value.Dict
}

// The numbers that /proc/net/tcp gives the states.
var tcpStates = map[string]string{"ESTABLISHED": "01", "SYN_SENT": "02", "SYN_RECV": "03", "FIN_WAIT1": "04", "FIN_WAIT2": "05", "TIME_WAIT": "06"}

func (w *waiter) run() (*Result, error) {
	switch {
	case w.Port != nil && w.Path != nil:
		return nil, Errorf("port and path parameter can not both be passed to wait_for")
	case w.Path != nil && w.State == "stopped":
		return nil, Errorf("state=stopped should only be used for checking a port in the wait_for module")
	case w.Path != nil && w.State == "drained":
		return nil, Errorf("state=drained should only be used for checking a port in the wait_for module")
	case w.ExcludeHosts != nil && w.State != "drained":
		return nil, Errorf("exclude_hosts should only be with state=drained")
	}
	for _, s := range w.States {
		if tcpStates[s] == "" {
			return nil, Errorf(fmt.Sprintf("unknown active_connection_state (%s) defined", s))
		}
	}
	if w.SearchRegex != nil {
		var err error
		if w.re, err = compile("search_regex", *w.SearchRegex, pyre.Multiline|pyre.ASCII); err != nil {
			return nil, err
		}
	}
	w.groups, w.named = []value.Value{}, value.NewDict()
	if err := w.sleep(time.Duration(w.Delay) * time.Second); err != nil {
		return nil, err
	}
	w.until = time.Now().Add(time.Duration(w.Timeout) * time.Second)
	if w.Port == nil && w.Path == nil && w.State != "drained" {
		if err := w.sleep(time.Until(w.end())); err != nil {
			return nil, err
		}
		return w.done(), nil
	}
	ready, late := w.condition()
	for {
		ok, err := ready()
		if err != nil {
			return nil, err
		}
		if ok {
			return w.done(), nil
		}
		if time.Now().After(w.end()) {
			break
		}
		if err := w.sleep(min(time.Duration(w.Sleep)*time.Second, time.Until(w.end())+time.Millisecond)); err != nil {
			return nil, err
		}
		if !time.Now().Before(w.end()) {
			break
		}
	}
	if w.waitForArgs.Msg != nil && *w.waitForArgs.Msg != "" {
		late = *w.waitForArgs.Msg
	}
	return nil, Errorf(late)
}

func (w *waiter) end() time.Time { return w.until }

func (w *waiter) done() *Result {
	r := OK().Set("state", w.State).Set("match_groups", value.NewList(w.groups...)).Set("match_groupdict", w.named)
	r.Set("port", nil).Set("path", nil).Set("search_regex", nil)
	if w.Port != nil {
		r.Set("port", *w.Port)
	}
	if w.Path != nil {
		r.Set("path", string(*w.Path))
	}
	if w.SearchRegex != nil {
		r.Set("search_regex", *w.SearchRegex)
	}
	return r
}

// condition gives the test to repeat and the message when it never comes true.
func (w *waiter) condition() (func() (bool, error), string) {
	where := ""
	if w.Port != nil {
		where = fmt.Sprintf("%s:%d", w.Host, *w.Port)
	}
	switch {
	case w.State == "drained":
		return w.drained, fmt.Sprintf("Timeout when waiting for %s to drain", where)
	case w.Path != nil && w.State == "absent":
		return func() (bool, error) {
			_, err := os.Stat(string(*w.Path))
			return notExist(err), nil
		}, fmt.Sprintf("Timeout when waiting for %s to be absent.", *w.Path)
	case w.Path != nil && w.re != nil:
		return w.inFile, fmt.Sprintf("Timeout when waiting for search string %s in %s", *w.SearchRegex, *w.Path)
	case w.Path != nil:
		return func() (bool, error) {
			_, err := os.Stat(string(*w.Path))
			if err != nil && !notExist(err) && !errors.Is(err, os.ErrPermission) {
				return false, Errorf(fmt.Sprintf("Failed to stat %s, %s", *w.Path, strerror(err)))
			}
			return err == nil, nil
		}, fmt.Sprintf("Timeout when waiting for file %s", *w.Path)
	case w.State == "absent" || w.State == "stopped":
		return func() (bool, error) {
			conn, err := w.dial()
			if err == nil {
				conn.Close()
			}
			return err != nil, nil
		}, fmt.Sprintf("Timeout when waiting for %s to stop.", where)
	case w.re != nil:
		return w.inStream, fmt.Sprintf("Timeout when waiting for search string %s in %s", *w.SearchRegex, where)
	}
	return func() (bool, error) {
		conn, err := w.dial()
		if err == nil {
			conn.Close()
		}
		return err == nil, nil
	}, fmt.Sprintf("Timeout when waiting for %s", where)
}

func (w *waiter) dial() (net.Conn, error) {
	wait := min(time.Duration(w.ConnectTimeout)*time.Second, max(time.Until(w.end()), time.Second))
	d := net.Dialer{Timeout: wait}
	return d.DialContext(w, "tcp", net.JoinHostPort(w.Host, strconv.Itoa(*w.Port)))
}

func (w *waiter) match(text string) bool {
	m, err := w.re.Search(text)
	if err != nil || m == nil {
		return false
	}
	for i := 1; i <= w.re.NumGroups(); i++ {
		if s, ok := m.Group(i); ok {
			w.groups = append(w.groups, s)
		} else {
			w.groups = append(w.groups, nil)
		}
	}
	for _, n := range w.re.GroupNames() {
		if n == "" {
			continue
		}
		if s, ok := m.Named(n); ok {
			w.named.Set(n, s)
		} else {
			w.named.Set(n, nil)
		}
	}
	return true
}

func (w *waiter) inFile() (bool, error) {
	data, err := readFile(string(*w.Path))
	return err == nil && w.match(string(data)), nil
}

// inStream reads what the server says until it matches.
func (w *waiter) inStream() (bool, error) {
	conn, err := w.dial()
	if err != nil {
		return false, nil
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(w.end())
	var text []byte
	buf := make([]byte, 1024)
	for len(text) < 64<<20 {
		n, err := conn.Read(buf)
		text = append(text, buf[:n]...)
		if n > 0 && w.match(string(text)) {
			return true, nil
		}
		if err != nil || w.Err() != nil {
			return false, nil
		}
	}
	return false, nil
}

// drained tells whether no active connection to the port is left.
func (w *waiter) drained() (bool, error) {
	hosts, err := net.DefaultResolver.LookupHost(w, w.Host)
	if err != nil {
		return false, Errorf(fmt.Sprintf("%s cannot be resolved: %s", w.Host, err))
	}
	all := slices.Contains(hosts, "0.0.0.0") || slices.Contains(hosts, "::")
	var exclude []string
	for _, h := range w.ExcludeHosts {
		if ips, err := net.DefaultResolver.LookupHost(w, h); err == nil {
			exclude = append(exclude, ips...)
		}
	}
	active := map[string]bool{}
	for _, s := range w.States {
		active[tcpStates[s]] = true
	}
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(file)
		if err != nil {
			continue
		}
		sc := bufio.NewScanner(f)
		for sc.Scan() {
			p := strings.Fields(sc.Text())
			if len(p) < 4 || !active[p[3]] {
				continue
			}
			local, port := procAddr(p[1])
			peer, _ := procAddr(p[2])
			if w.Port == nil || port != *w.Port || !all && !slices.Contains(hosts, local) || slices.Contains(exclude, peer) {
				continue
			}
			f.Close()
			return false, nil
		}
		f.Close()
	}
	return true, nil
}

// procAddr reads an address of /proc/net/tcp: hexadecimal, each 32 bits in the
// host's byte order, here little endian.
func procAddr(s string) (string, int) {
	a, p, _ := strings.Cut(s, ":")
	port, _ := strconv.ParseInt(p, 16, 32)
	b, err := hex.DecodeString(a)
	if err != nil {
		return "", 0
	}
	for i := 0; i+3 < len(b); i += 4 {
		b[i], b[i+1], b[i+2], b[i+3] = b[i+3], b[i+2], b[i+1], b[i]
	}
	return net.IP(b).String(), int(port)
}
