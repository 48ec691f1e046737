package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goplay-engine/goplay/cmd/storage/internal/kv"
)

// start starts a server on a fresh file and returns its address.
func start(t *testing.T, change func(*Options)) (s *Server, address, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "storage.data")
	opts := Options{File: kv.File{Path: file}, BodyLimit: 1 << 20, Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&opts)
	}
	s, err := New(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l, time.Minute) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s, "http://" + l.Addr().String(), file
}

type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends one request; header holds "Name: value".
func ask(t *testing.T, method, url, body string, header ...string) answer {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(b)}
}

const asJSON = "Content-Type: application/json"

func TestRequests(t *testing.T) {
	_, url, _ := start(t, nil)
	for _, c := range []struct {
		name, method, path, body string
		header                   []string
		status                   int
		want                     string // in the body
	}{
		{"unknown key", "GET", "/keys/a", "", nil, 404, "no such key"},
		{"no keys", "GET", "/keys", "", nil, 200, `{"keys": [], "total": 0}`},
		{"add", "POST", "/keys/a", `{"value": "x"}`, []string{asJSON}, 201, `{"key": "a", "value": "x", "count": 1}`},
		{"add the empty value", "POST", "/keys/a", `{"value": ""}`, []string{"Content-Type: application/json; charset=UTF-8"}, 201, `"count": 2`},
		{"add an escape", "POST", "/keys/a", `{"value": "\u00e9\n<b>"}`, []string{asJSON}, 201, `"value": "é\n<b>", "count": 3`},
		{"read", "GET", "/keys/a", "", nil, 200, `{"key": "a", "values": ["x", "", "é\n<b>"]}`},
		{"head", "HEAD", "/keys/a", "", nil, 200, ""},
		{"a slash in the key", "POST", "/keys/a%2Fb%20%C3%A9", `{"value": "y"}`, []string{asJSON}, 201, `"key": "a/b é"`},
		{"read it", "GET", "/keys/a%2fb%20%c3%a9", "", nil, 200, `["y"]`},
		{"list", "GET", "/keys", "", nil, 200, `{"keys": [{"key": "a", "count": 3}, {"key": "a/b é", "count": 1}], "total": 2}`},
		{"list a page", "GET", "/keys?limit=1", "", nil, 200, `{"keys": [{"key": "a", "count": 3}], "total": 2, "after": "a"}`},
		{"list the next", "GET", "/keys?limit=1&after=a", "", nil, 200, `{"keys": [{"key": "a/b é", "count": 1}], "total": 2}`},
		{"limit is no number", "GET", "/keys?limit=x", "", nil, 400, "limit"},
		{"limit too large", "GET", "/keys?limit=1001", "", nil, 400, "limit"},
		{"after unknown", "GET", "/keys?after=zzz", "", nil, 400, "after"},
		{"bad query", "GET", "/keys?a=%zz", "", nil, 400, "query"},
		{"no body", "POST", "/keys/a", "", []string{asJSON}, 400, "end of the file"},
		{"malformed", "POST", "/keys/a", `{"value": "x"`, []string{asJSON}, 400, "line 1, column 14"},
		{"a number", "POST", "/keys/a", `{"value": 3}`, []string{asJSON}, 400, "found a number"},
		{"null", "POST", "/keys/a", `{"value": null}`, []string{asJSON}, 400, "found null"},
		{"a list", "POST", "/keys/a", `["x"]`, []string{asJSON}, 400, "found a list"},
		{"two values", "POST", "/keys/a", `{"value": "x", "value": "y"}`, []string{asJSON}, 400, "twice"},
		{"another field", "POST", "/keys/a", `{"value": "x", "key": "y"}`, []string{asJSON}, 400, "nothing else"},
		{"a name in capitals", "POST", "/keys/a", `{"Value": "x"}`, []string{asJSON}, 400, "nothing else"},
		{"text after it", "POST", "/keys/a", `{"value": "x"} x`, []string{asJSON}, 400, "nothing after"},
		{"not UTF-8", "POST", "/keys/a", "{\"value\": \"\xff\"}", []string{asJSON}, 400, "0xFF"},
		{"a deep body", "POST", "/keys/a", strings.Repeat("[", 100000), []string{asJSON}, 400, "found a list"},
		{"no content type", "POST", "/keys/a", `{"value": "x"}`, nil, 415, "application/json"},
		{"a form", "POST", "/keys/a", `value=x`, []string{"Content-Type: application/x-www-form-urlencoded"}, 415, "application/json"},
		{"another charset", "POST", "/keys/a", `{"value": "x"}`, []string{"Content-Type: application/json; charset=latin1"}, 415, "UTF-8"},
		{"compressed", "POST", "/keys/a", `x`, []string{asJSON, "Content-Encoding: gzip"}, 415, "compressed"},
		{"a huge body", "POST", "/keys/a", `{"value": "` + strings.Repeat("x", 2<<20) + `"}`, []string{asJSON}, 413, "1048576"},
		{"a long key", "POST", "/keys/" + strings.Repeat("k", 1025), `{"value": "x"}`, []string{asJSON}, 400, "1024"},
		{"a key that is no UTF-8", "GET", "/keys/%ff", "", nil, 400, "UTF-8"},
		{"unknown address", "GET", "/nope", "", nil, 404, "nothing at this address"},
		{"an empty key", "GET", "/keys/", "", nil, 404, "nothing at this address"},
		{"below a key", "GET", "/keys/a/b", "", nil, 404, "nothing at this address"},
		{"two slashes", "GET", "//keys", "", nil, 404, "nothing at this address"},
		{"metrics in disguise", "GET", "/%6detrics", "", nil, 404, "nothing at this address"},
		{"delete", "DELETE", "/keys/a", "", nil, 405, "GET, HEAD, OPTIONS, POST"},
		{"post to the list", "POST", "/keys", "", nil, 405, "GET, HEAD, OPTIONS"},
		{"post to the page", "POST", "/", "", nil, 405, "GET"},
		{"a method of one's own", "BREW", "/healthz", "", nil, 405, "GET"},
		{"options", "OPTIONS", "/keys/a", "", nil, 204, ""},
		{"health", "GET", "/healthz", "", nil, 200, `"active"`},
		{"metrics", "GET", "/metrics", "", nil, 200, "storage_values 4"},
		{"the file", "GET", "/storage.data", "", nil, 200, "\"a\": [\"x\", \"\", \"é\\n<b>\"],\n"},
		{"the page", "GET", "/", "", nil, 200, "<h1>Storage</h1>"},
		{"nothing was added by mistake", "GET", "/keys", "", nil, 200, `"count": 3}, {"key": "a/b é", "count": 1}], "total": 2}`},
	} {
		got := ask(t, c.method, url+c.path, c.body, c.header...)
		if got.status != c.status || !strings.Contains(got.body, c.want) {
			t.Errorf("%s: %d %s\nwant %d with %s", c.name, got.status, got.body, c.status, c.want)
		}
		if c.status == 405 || c.status == 204 {
			if allow := got.header.Get("Allow"); !strings.Contains(allow, "GET, HEAD, OPTIONS") {
				t.Errorf("%s: Allow %q", c.name, allow)
			}
		}
		if c.status >= 400 {
			var p struct {
				Title, Detail string
				Status        int
			}
			if err := json.Unmarshal([]byte(got.body), &p); err != nil || p.Status != c.status || p.Title == "" || p.Detail == "" ||
				got.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s: not a problem: %s %s", c.name, got.header.Get("Content-Type"), got.body)
			}
		}
	}
	got := ask(t, "POST", url+"/keys/x:y", `{"value": "x"}`, asJSON)
	if at := got.header.Get("Location"); at != "./x:y" {
		t.Errorf("Location %q", at)
	}
	page := ask(t, "GET", url+"/", "")
	if ask(t, "GET", url+"/", "", "If-None-Match: "+page.header.Get("ETag")).status != 304 {
		t.Error("the page is sent again to who has it")
	}
	if !strings.Contains(page.header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Error("the page has no policy")
	}
}

func TestBodyWithoutLength(t *testing.T) {
	_, url, _ := start(t, func(o *Options) { o.BodyLimit = 1000 })
	body := io.MultiReader(strings.NewReader(`{"value": "`), strings.NewReader(strings.Repeat("x", 2000))) // sent in chunks
	resp, err := http.Post(url+"/keys/a", "application/json", body)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 413 {
		t.Errorf("status %d", resp.StatusCode)
	}
}

// TestSlowClients holds connections open that send nearly nothing; others are served meanwhile.
func TestSlowClients(t *testing.T) {
	_, url, _ := start(t, func(o *Options) {
		o.timeouts = &timeouts{header: 3 * time.Second, read: 4 * time.Second, write: 2 * time.Minute, idle: 2 * time.Minute}
	})
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			if i%2 == 0 {
				fmt.Fprint(conn, "GET /keys HT")
			} else {
				fmt.Fprintf(conn, "POST /keys/slow HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
			}
			_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
			b, err := io.ReadAll(conn)
			if err != nil {
				t.Errorf("the server keeps a slow client: %v", err)
			}
			if i%2 == 1 && !strings.HasPrefix(string(b), "HTTP/1.1 408 ") {
				t.Errorf("a slow body is answered with %.40q", b)
			}
		})
	}
	for range 20 {
		begin := time.Now()
		if got := ask(t, "POST", url+"/keys/quick", `{"value": "x"}`, asJSON); got.status != 201 {
			t.Errorf("status %d", got.status)
		}
		if took := time.Since(begin); took > 30*time.Second {
			t.Errorf("slow clients make a quick one wait for %v", took)
		}
	}
	wg.Wait()
	if got := ask(t, "GET", url+"/keys/slow", ""); got.status != 404 {
		t.Errorf("a body that never came: status %d", got.status)
	}
}

func TestDamagedFile(t *testing.T) {
	_, url, file := start(t, nil)
	if err := os.WriteFile(file, []byte(`{"a": [1]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, status := range map[string]int{"/keys/a": 500, "/keys": 500, "/healthz": 503} {
		if got := ask(t, "GET", url+path, ""); got.status != status || !strings.Contains(got.body, "line 1, column 8") || strings.Contains(got.body, file) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if got := ask(t, "POST", url+"/keys/a", `{"value": "x"}`, asJSON); got.status != 500 {
		t.Errorf("status %d", got.status)
	}
	if err := os.WriteFile(file, []byte(`{"a": ["1"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, "GET", url+"/keys/a", ""); got.status != 200 || !strings.Contains(got.body, `["1"]`) {
		t.Errorf("after the repair: %d %s", got.status, got.body)
	}
}

func TestFull(t *testing.T) {
	_, url, _ := start(t, func(o *Options) { o.Limit = 60 })
	if got := ask(t, "POST", url+"/keys/a", `{"value": "`+strings.Repeat("x", 60)+`"}`, asJSON); got.status != 507 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// TestStandby has a standby copy a server, keep its copy when the server comes back with less, and take up
// again.
func TestStandby(t *testing.T) {
	_, active, file := start(t, nil)
	var log lockedBuffer
	_, standby, _ := start(t, func(o *Options) { o.Follow = active; o.Log = slog.New(slog.NewJSONHandler(&log, nil)) })
	add := func(v string) {
		if got := ask(t, "POST", active+"/keys/a", `{"value": "`+v+`"}`, asJSON); got.status != 201 {
			t.Fatalf("status %d", got.status)
		}
	}
	arrives := func(want string) {
		t.Helper()
		for end := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
			got := ask(t, "GET", standby+"/keys/a", "")
			if strings.Contains(got.body, want) {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("the standby answers %s, want %s", got.body, want)
			}
		}
	}
	add("1")
	arrives(`["1"]`)
	if got := ask(t, "POST", standby+"/keys/a", `{"value": "x"}`, asJSON); got.status != 503 || got.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := ask(t, "GET", standby+"/healthz", ""); !strings.Contains(got.body, "standby") {
		t.Errorf("health: %s", got.body)
	}
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(2 * time.Minute); !strings.Contains(log.String(), "lacks"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no word of the empty server: %s", log.String())
		}
	}
	arrives(`["1"]`)
	if err := os.WriteFile(file, []byte(`{"a": ["1", "2"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	arrives(`["1", "2"]`)
	add("3")
	arrives(`["1", "2", "3"]`)
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestAccessLog(t *testing.T) {
	var log lockedBuffer
	_, url, _ := start(t, func(o *Options) { o.AccessLog = true; o.Log = slog.New(slog.NewJSONHandler(&log, nil)) })
	ask(t, "GET", url+"/healthz", "")
	ask(t, "GET", url+"/keys/a%0Ab", "", "X-Forwarded-For: 10.0.0.7", "User-Agent: te\"st")
	for end := time.Now().Add(30 * time.Second); !strings.Contains(log.String(), "te\\\"st") && time.Now().Before(end); {
		time.Sleep(time.Millisecond) // the line comes after the answer
	}
	lines := bufio.NewScanner(strings.NewReader(log.String()))
	var seen []string
	for lines.Scan() {
		var entry struct {
			Msg, Method, Path string
			Status            int
			Seconds           float64
			Remote            string
			For               string `json:"forwarded_for"`
		}
		if err := json.Unmarshal(lines.Bytes(), &entry); err != nil {
			t.Fatalf("%v: %s", err, lines.Bytes())
		}
		seen = append(seen, fmt.Sprint(entry.Msg, entry.Method, entry.Path, entry.Status, entry.For, entry.Seconds > 0, entry.Remote != ""))
	}
	if strings.Contains(log.String(), "healthz") {
		t.Error("a health check that went well is logged")
	}
	if want := fmt.Sprint("request", "GET", "/keys/a%0Ab", 404, "10.0.0.7", true, true); !slices.Contains(seen, want) {
		t.Errorf("log %q lacks %q", seen, want)
	}
}

func TestPanicIsAnswered(t *testing.T) {
	s, _, _ := start(t, nil)
	s.routes["/boom"] = route{"/boom", map[string]http.HandlerFunc{"GET": func(http.ResponseWriter, *http.Request) { panic("boom") }}}
	rec := httptest.NewRecorder()
	s.Handler().ServeHTTP(rec, httptest.NewRequest("GET", "/boom", nil))
	if rec.Code != 500 || !strings.Contains(rec.Body.String(), `"status":500`) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}
