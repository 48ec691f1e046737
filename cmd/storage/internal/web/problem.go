package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"syscall"

	"github.com/goplay-engine/goplay/cmd/storage/internal/kv"
)

// problem answers with an error as RFC 9457 has it.
func problem(w http.ResponseWriter, status int, detail string) {
	body, _ := json.Marshal(struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}{"about:blank", http.StatusText(status), status, detail})
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

// failed answers with what went wrong in the storage. Names of files stay in the log.
func (s *Server) failed(w http.ResponseWriter, r *http.Request, err error) {
	status, detail := s.explain(err)
	if !errors.Is(err, kv.ErrFull) {
		s.opts.Log.Error("storage", "method", r.Method, "error", err.Error())
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	problem(w, status, detail)
}

func (s *Server) explain(err error) (status int, detail string) {
	var damage *kv.SyntaxError
	switch {
	case errors.As(err, &damage):
		return http.StatusInternalServerError, "The storage's file is damaged: " + damage.Error() + "."
	case errors.Is(err, kv.ErrFull):
		return http.StatusInsufficientStorage, "The storage is full; the value was not added."
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return http.StatusInsufficientStorage, "The server's disk is full; the value was not added."
	case errors.Is(err, kv.ErrBusy), errors.Is(err, kv.ErrClosed):
		return http.StatusServiceUnavailable, "The storage is busy; the value was not added."
	}
	return http.StatusInternalServerError, "The storage's file cannot be read or written; the server's log says why."
}
