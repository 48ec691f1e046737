package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// route is what can be done at one address.
type route struct {
	name    string // for metrics
	methods map[string]http.HandlerFunc
}

const keysPrefix = "/keys/"

// clientGone stands in log and metrics for a request whose client did not wait for the answer.
const clientGone = 499

func (s *Server) table() map[string]route {
	get := func(h http.HandlerFunc) map[string]http.HandlerFunc { return map[string]http.HandlerFunc{"GET": h} }
	routes := map[string]route{
		"/keys":         {"/keys", get(s.listKeys)},
		keysPrefix:      {"/keys/{key}", map[string]http.HandlerFunc{"GET": s.readKey, "POST": s.addValue}},
		"/storage.data": {"/storage.data", get(s.readFile)},
		"/healthz":      {"/healthz", get(s.health)},
		"/metrics":      {"/metrics", get(s.metrics.handler(s.registry))},
	}
	for path, h := range assets() {
		routes[path] = route{path, get(h)}
	}
	return routes
}

// Handler answers everything that the server offers.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		out := &recorder{ResponseWriter: w}
		rt := s.find(r.URL)
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				s.opts.Log.Error("panic", "path", r.URL.Path, "cause", p)
				if out.status == 0 {
					problem(out, http.StatusInternalServerError, "The server failed at this request.")
				}
			}
			if out.status == 0 {
				out.status = clientGone
			}
			took := time.Since(start)
			s.metrics.request(rt.name, r.Method, out.status, took)
			if out.status >= 400 || !routine(rt, out.status) {
				s.access(r, out, took)
			}
		}()
		s.dispatch(out, r, rt)
	})
}

// routine tells whether a request is one of those that machines send every second or so.
func routine(rt route, status int) bool {
	return rt.name == "/healthz" || rt.name == "/metrics" || rt.name == "/storage.data" && status == http.StatusNotModified
}

// find returns the route of an address, with no methods where there is none. It looks at the address as written: a
// balancer that keeps users from an address judges it by that, too.
func (s *Server) find(u *url.URL) route {
	path := u.EscapedPath()
	if key, ok := strings.CutPrefix(path, keysPrefix); ok {
		if key != "" && !strings.Contains(key, "/") {
			return s.routes[keysPrefix]
		}
	} else if rt, ok := s.routes[path]; ok {
		return rt
	}
	return route{name: "other"}
}

func (s *Server) dispatch(w http.ResponseWriter, r *http.Request, rt route) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	if rt.methods == nil {
		problem(w, http.StatusNotFound, "There is nothing at this address; openapi.json lists what there is.")
		return
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet // net/http leaves the body out
	}
	if handle, ok := rt.methods[method]; ok {
		handle(w, r)
		return
	}
	allow := []string{http.MethodOptions}
	for m := range rt.methods {
		if allow = append(allow, m); m == http.MethodGet {
			allow = append(allow, http.MethodHead)
		}
	}
	slices.Sort(allow)
	h.Set("Allow", strings.Join(allow, ", "))
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	problem(w, http.StatusMethodNotAllowed, "This address knows "+strings.Join(allow, ", ")+" only.")
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// access writes one line of the access log.
func (s *Server) access(r *http.Request, w *recorder, took time.Duration) {
	if !s.opts.AccessLog {
		return
	}
	s.opts.Log.Info("request",
		"method", r.Method,
		"path", r.URL.EscapedPath(),
		"status", w.status,
		"bytes", w.bytes,
		"seconds", took.Seconds(),
		"remote", r.RemoteAddr,
		"forwarded_for", r.Header.Get("X-Forwarded-For"),
		"user_agent", r.UserAgent(),
	)
}
