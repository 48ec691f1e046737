//go:build linux

package labtest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

const address = "10.10.1.100"

// get asks a web server once, on a connection of its own.
func get(url, user, password string) (code int, body string) {
	return getWithin(10*time.Second, url, user, password)
}

func getWithin(limit time.Duration, url, user, password string) (code int, body string) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, ""
	}
	if user != "" {
		req.SetBasicAuth(user, password)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: (&net.Dialer{}).DialContext}}
	resp, err := client.Do(req)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, ""
	}
	return resp.StatusCode, string(b)
}

// whoAnswers returns "Server N" of the web server that answered through the virtual address.
func whoAnswers() string { return whoAnswersWithin(500 * time.Millisecond) }

func whoAnswersWithin(limit time.Duration) string {
	code, body := getWithin(limit, "http://"+address+"/", "", "")
	if code != 200 || !strings.Contains(body, "Hello, World!") {
		return ""
	}
	if _, after, ok := strings.Cut(body, "<p>"); ok {
		who, _, _ := strings.Cut(after, "</p>")
		return who
	}
	return ""
}

func holds(t *testing.T, host string) bool {
	t.Helper()
	return strings.Contains(on(t, host, "ip -brief address show"), address+"/")
}

// requests asks in a loop until stop is called, which returns the longest time without an answer.
func requests() (stop func() (longest time.Duration, asked int)) {
	done, result := make(chan struct{}), make(chan time.Duration, 1)
	asked := 0
	go func() {
		last, longest := time.Now(), time.Duration(0)
		for {
			select {
			case <-done:
				result <- max(longest, time.Since(last))
				return
			case <-time.After(20 * time.Millisecond):
			}
			asked++
			if whoAnswers() != "" {
				longest = max(longest, time.Since(last))
				last = time.Now()
			}
		}
	}()
	return func() (time.Duration, int) { close(done); return <-result, asked }
}

// TestFailover stops HAProxy on the master, then cuts the master's power, with users asking meanwhile. keepalived counts
// seconds, in which the machine may be busy with something else: one of three rounds has to be as quick as it promises.
func TestFailover(t *testing.T) {
	provisioned(t)
	if !eventually(30e9, func() bool { return holds(t, "ha1") && whoAnswers() != "" }) {
		t.Fatal("ha1 does not hold the address at the start")
	}
	for name, c := range map[string]struct {
		fail, repair func()
		back         time.Duration
	}{
		"HAProxy stops": {
			func() { on(t, "ha1", "systemctl stop haproxy") },
			func() { on(t, "ha1", "systemctl start haproxy") },
			6 * time.Second,
		},
		"power off": {
			func() { lab(t, "off", "ha1") },
			func() { lab(t, "on", "ha1") },
			10 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var slow []string
			for range 3 {
				slow = nil
				within := func(limit time.Duration, what string, ok func() bool) {
					t.Helper()
					start := time.Now()
					if !eventually(time.Minute, ok) {
						t.Fatal(what, "not even after a minute")
					}
					if took := time.Since(start); took > limit {
						slow = append(slow, fmt.Sprint(what, " only after ", took.Round(10*time.Millisecond)))
					}
				}
				stop := requests()
				c.fail()
				within(5*time.Second, "ha2 holds the address", func() bool { return holds(t, "ha2") })
				within(time.Second, "answers through ha2", func() bool { return whoAnswers() != "" })
				c.repair()
				within(c.back, "the address is back at ha1", func() bool { return holds(t, "ha1") && !holds(t, "ha2") })
				longest, asked := stop()
				t.Logf("%d requests, longest time without an answer %v", asked, longest.Round(10*time.Millisecond))
				// three advertisements of 1 s and the skew of priority 100
				if longest > 4500*time.Millisecond {
					slow = append(slow, fmt.Sprint("no answer for ", longest, ", want at most keepalived's detection time"))
				}
				wantService(t)
				if slow == nil {
					return
				}
				t.Log(slow)
			}
			t.Error(slow)
		})
	}
}
