package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/goplay-engine/goplay/cmd/storage/internal/kv"
)

// FuzzRequest sends whatever net/http takes for a request: the server must not fail at it, and an error must be a
// problem.
func FuzzRequest(f *testing.F) {
	for _, s := range []string{
		"GET /keys/a%2Fb HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /keys?limit=3&after=a HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /keys/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"value\": \"\\ud8\"}",
		"POST /keys/%ff HTTP/1.1\r\nHost: x\r\nContent-Type: application/json;charset=\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
		"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET http://x/storage.data HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"\r\nRange: bytes=9-1\r\n\r\n",
	} {
		f.Add([]byte(s))
	}
	s, err := New(context.Background(), Options{
		File:      kv.File{Path: filepath.Join(f.TempDir(), "storage.data")},
		Limit:     64 << 10,
		BodyLimit: 4 << 10,
		AccessLog: true,
		Log:       slog.New(slog.DiscardHandler),
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(s.Close)
	h := s.Handler()
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			t.Skip()
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != http.StatusInsufficientStorage {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		kind := w.Header().Get("Content-Type")
		byContent := w.Code == http.StatusPreconditionFailed || w.Code == http.StatusRequestedRangeNotSatisfiable // http.ServeContent's
		if w.Code >= 400 && kind != "application/problem+json" && !byContent {
			t.Errorf("%d as %q", w.Code, kind)
		}
		if (kind == "application/json" || kind == "application/problem+json") && w.Code != http.StatusPartialContent && !byContent && !json.Valid(w.Body.Bytes()) && w.Body.Len() > 0 {
			t.Errorf("no JSON: %s", w.Body)
		}
	})
}
