// Package web offers a storage over HTTP: the interface described in openapi.json, the page for people, health,
// metrics and the access log. All addresses that it hands out are relative, so that it works below a prefix.
//
// It imports kv and nothing of the engine.
package web

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/goplay-engine/goplay/cmd/storage/internal/kv"
)

// Options of a Server.
type Options struct {
	File      kv.File
	Limit     int64 // bytes beyond which the file does not grow, 0 for no limit
	BodyLimit int64 // bytes of a request's body
	AccessLog bool
	Log       *slog.Logger
	timeouts  *timeouts // nil for the usual ones
	// Follow, if set, is the address of the server whose copy this one is; see Follow.
	Follow string
}

// Server answers requests for one storage.
type Server struct {
	opts     Options
	group    *kv.Group
	registry *prometheus.Registry
	metrics  *metrics
	routes   map[string]route
	stopping atomic.Bool
	follower *follower // nil unless the server follows another
}

// timeouts of a connection. A client that is slower is cut off.
type timeouts struct {
	header time.Duration // of a request
	read   time.Duration // of headers and body
	write  time.Duration // from the headers' end to the last byte of the answer
	idle   time.Duration // between two requests
}

var usual = timeouts{header: 5 * time.Second, read: 20 * time.Second, write: time.Minute, idle: 90 * time.Second}

const headerLimit = 16 << 10 // bytes

// New opens the storage.
func New(ctx context.Context, opts Options) (*Server, error) {
	s := &Server{opts: opts, registry: prometheus.NewRegistry()}
	s.metrics = newMetrics(s.registry, s)
	group, err := kv.OpenGroup(ctx, opts.File, opts.Limit, s.metrics.watch())
	if err != nil {
		return nil, err
	}
	s.group = group
	if opts.Follow != "" {
		if s.follower, err = newFollower(opts, s.metrics); err != nil {
			group.Close()
			return nil, err
		}
	}
	s.routes = s.table()
	return s, nil
}

// Close closes the storage of a server that never served.
func (s *Server) Close() { s.group.Close() }

// Serve answers on a listener until ctx ends; then it finishes the requests under way, for at most grace, and closes
// the storage.
func (s *Server) Serve(ctx context.Context, l net.Listener, grace time.Duration) error {
	limits := s.opts.timeouts
	if limits == nil {
		limits = &usual
	}
	server := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: limits.header,
		ReadTimeout:       limits.read,
		WriteTimeout:      limits.write,
		IdleTimeout:       limits.idle,
		MaxHeaderBytes:    headerLimit,
		ErrorLog:          slog.NewLogLogger(s.opts.Log.Handler(), slog.LevelWarn),
	}
	defer s.group.Close()
	if s.follower != nil {
		background, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() { defer close(done); s.follower.run(background) }()
		defer func() { stop(); <-done }()
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	s.opts.Log.Info("stopping", "grace", grace.String())
	end, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := server.Shutdown(end); err != nil {
		s.opts.Log.Warn("requests were cut off", "error", err.Error())
		_ = server.Close()
	}
	return nil
}
