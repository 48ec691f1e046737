package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goplay-engine/goplay/cmd/storage/internal/kv"
)

// benchmark lets 64 callers send one kind of request to the handler; `make bench` measures the program with its
// connections.
func benchmark(b *testing.B, method, body string, want int) {
	s, err := New(context.Background(), Options{
		File:      kv.File{Path: filepath.Join(b.TempDir(), "storage.data")},
		BodyLimit: 1 << 20,
		Log:       slog.New(slog.DiscardHandler),
		AccessLog: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if _, err := s.group.Add(context.Background(), "k", "v"); err != nil {
		b.Fatal(err)
	}
	h := s.Handler()
	b.SetParallelism(32)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r := httptest.NewRequest(method, "/keys/k", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != want {
				b.Errorf("%d %s", w.Code, w.Body)
				return
			}
		}
	})
}

func BenchmarkRead(b *testing.B) { benchmark(b, http.MethodGet, "", http.StatusOK) }

// BenchmarkAdd counts values that are on the disk.
func BenchmarkAdd(b *testing.B) { benchmark(b, http.MethodPost, `{"value": "v"}`, http.StatusCreated) }
