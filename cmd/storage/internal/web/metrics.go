package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/goplay-engine/goplay/cmd/storage/internal/kv"
)

// metrics are what Prometheus may ask for. Durations are in seconds.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	commits  *prometheus.CounterVec
	commit   prometheus.Histogram
	batch    prometheus.Histogram
	reloads  *prometheus.CounterVec
	copies   *prometheus.CounterVec
	copied   prometheus.Gauge
}

func newMetrics(reg *prometheus.Registry, s *Server) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	m := &metrics{
		requests: counter("storage_http_requests_total", "Requests answered.", "route", "method", "code"),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "storage_http_request_seconds",
			Help:    "Time from a request's headers to the end of the answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 30},
		}, []string{"route", "method"}),
		commits: counter("storage_commits_total", "Writes of the file, each with the values that waited for it.", "result"),
		commit: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "storage_commit_seconds",
			Help:    "Time of a write, from the lock to the disk.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 30},
		}),
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "storage_commit_values",
			Help:    "Values added by a write.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 13),
		}),
		reloads: counter("storage_reloads_total", "Times the file was read again, after another process had written it.", "result"),
		copies:  counter("storage_copies_total", "Times a standby asked the active server for its file.", "result"),
		copied: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "storage_copied_timestamp_seconds",
			Help: "When a standby last knew that it had what the active server had, as Unix time.",
		}),
	}
	gauge := func(name, help string, of func(*kv.Data) int64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() (v float64) {
			_ = s.group.View(func(d *kv.Data) { v = float64(of(d)) })
			return v
		})
	}
	reg.MustRegister(m.requests, m.seconds, m.commits, m.commit, m.batch, m.reloads,
		gauge("storage_keys", "Keys in the storage.", func(d *kv.Data) int64 { return int64(d.Len()) }),
		gauge("storage_values", "Values in the storage, of all keys.", func(d *kv.Data) int64 { return int64(d.Total()) }),
		gauge("storage_file_bytes", "Size of the storage's file.", (*kv.Data).Bytes),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	if s.opts.Follow != "" {
		reg.MustRegister(m.copies, m.copied)
	}
	return m
}

func (m *metrics) handler(reg *prometheus.Registry) http.HandlerFunc {
	return promhttp.HandlerFor(reg, promhttp.HandlerOpts{}).ServeHTTP
}

func (m *metrics) request(route, method string, status int, took time.Duration) {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
	default:
		method = "other" // whoever asks must not make up series
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route, method).Observe(took.Seconds())
}

func (m *metrics) watch() kv.Watch {
	return kv.Watch{
		Commit: func(values int, took time.Duration, err error) {
			m.commits.WithLabelValues(result(err)).Inc()
			m.commit.Observe(took.Seconds())
			m.batch.Observe(float64(values))
		},
		Reload: func(_ time.Duration, err error) { m.reloads.WithLabelValues(result(err)).Inc() },
	}
}

func result(err error) string {
	if err != nil {
		return "error"
	}
	return "ok"
}
